-- Password Spraying Followed by a Sign-In (728ff3b1-a8e2-4f4c-be2a-ba58f2f5e867)
-- severity: high, risk score 73
-- ATT&CK: TA0006, T1110, T1110.003, TA0001, T1078, T1078.004
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    CASE
      WHEN REGEXP_FULL_MATCH(
        source.ip,
        '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
      )
      THEN source.ip
      ELSE LIST_TRANSFORM(
        [
          CASE
            WHEN REGEXP_FULL_MATCH(
              source.ip,
              '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
            )
            THEN LIST_TRANSFORM(
              [
                REGEXP_REPLACE(
                  REGEXP_REPLACE(
                    CASE
                      WHEN CONTAINS(source.ip, '.')
                      THEN REGEXP_REPLACE(source.ip, '[0-9.]+$', '') || PRINTF(
                        '%02x%02x:%02x%02x',
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 1) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 2) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 3) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 4) AS INT)
                      )
                      ELSE source.ip
                    END,
                    '([0-9a-fA-F]+)',
                    '000\1',
                    'g'
                  ),
                  '[0-9a-fA-F]*([0-9a-fA-F]{4})',
                  '\1',
                  'g'
                )
              ],
              LAMBDA g : CASE
                WHEN CONTAINS(g, '::')
                AND LENGTH(REPLACE(g, ':', '')) <= 28
                OR NOT CONTAINS(g, '::')
                AND LENGTH(REPLACE(g, ':', '')) = 32
                THEN LOWER(
                  REPLACE(REPLACE(g, '::', REPEAT('0', 32 - LENGTH(REPLACE(g, ':', '')))), ':', '')
                )
              END
            )[1]
          END
        ],
        LAMBDA k : CASE
          WHEN k LIKE '00000000000000000000ffff%'
          THEN CONCAT_WS(
            '.',
            CAST('0x' || SUBSTRING(k, 25, 2) AS UTINYINT),
            CAST('0x' || SUBSTRING(k, 27, 2) AS UTINYINT),
            CAST('0x' || SUBSTRING(k, 29, 2) AS UTINYINT),
            CAST('0x' || SUBSTRING(k, 31, 2) AS UTINYINT)
          )
          ELSE RTRIM(REGEXP_REPLACE(k, '(.{4})', '\1:', 'g'), ':')
        END
      )[1]
    END AS "canonical source.ip",
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'authentication')
      AND event.dataset = 'okta.system'
      AND event.action = 'user.session.start'
      AND event.outcome = 'failure'
      AND okta.outcome.reason IN ('INVALID_CREDENTIALS', 'VERIFICATION_ERROR') AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'authentication')
      AND event.dataset = 'okta.system'
      AND event.action = 'user.session.start'
      AND event.outcome = 'success' AS is_stage_9
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_9
), stage_1 AS (
  /* authentication where event.dataset == "okta.system" and event.action == "user.session.start" and event.outcome == "fail… */
  SELECT
    "canonical source.ip" AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT "canonical source.ip" IS NULL AND NOT "@timestamp" IS NULL
), matched_8 AS (
  /* 8 stage_1 in a row, maxspan=10m */
  SELECT
    key_1,
    event_time,
    event_id,
    event_time_7_before AS start_time,
    event_id_7_before AS id_1,
    event_id_6_before AS id_2,
    event_id_5_before AS id_3,
    event_id_4_before AS id_4,
    event_id_3_before AS id_5,
    event_id_2_before AS id_6,
    event_id_1_before AS id_7,
    event_id AS id_8
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      LAG(event_time, 7) OVER w AS event_time_7_before,
      LAG(event_id, 7) OVER w AS event_id_7_before,
      LAG(event_id, 6) OVER w AS event_id_6_before,
      LAG(event_id, 5) OVER w AS event_id_5_before,
      LAG(event_id, 4) OVER w AS event_id_4_before,
      LAG(event_id, 3) OVER w AS event_id_3_before,
      LAG(event_id, 2) OVER w AS event_id_2_before,
      LAG(event_id) OVER w AS event_id_1_before
    FROM stage_1
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id)
  ) AS runs
  WHERE
    NOT event_id_7_before IS NULL
    AND event_time <= event_time_7_before + INTERVAL '10' MINUTE
), stage_9 AS (
  /* authentication where event.dataset == "okta.system" and event.action == "user.session.start" and event.outcome == "succ… */
  SELECT
    "canonical source.ip" AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_9 AND NOT "canonical source.ip" IS NULL AND NOT "@timestamp" IS NULL
), matched_9 AS (
  /* stage_9 after the latest matched_8, maxspan=10m */
  SELECT
    key_1,
    event_time,
    event_id,
    previous_id_1 AS id_1,
    previous_id_2 AS id_2,
    previous_id_3 AS id_3,
    previous_id_4 AS id_4,
    previous_id_5 AS id_5,
    previous_id_6 AS id_6,
    previous_id_7 AS id_7,
    previous_id_8 AS id_8,
    event_id AS id_9
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(id_2) OVER w AS previous_id_2,
      LAG(id_3) OVER w AS previous_id_3,
      LAG(id_4) OVER w AS previous_id_4,
      LAG(id_5) OVER w AS previous_id_5,
      LAG(id_6) OVER w AS previous_id_6,
      LAG(id_7) OVER w AS previous_id_7,
      LAG(id_8) OVER w AS previous_id_8,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        1 AS kind,
        start_time,
        id_1,
        id_2,
        id_3,
        id_4,
        id_5,
        id_6,
        id_7,
        id_8
      FROM matched_8
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL
      FROM stage_9
    ) AS merged
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '10' MINUTE
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id, key_1 NULLS FIRST) AS _sequence,
    key_1,
    id_1,
    id_2,
    id_3,
    id_4,
    id_5,
    id_6,
    id_7,
    id_8,
    id_9
  FROM matched_9
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
    key_1 AS _key_1,
    CASE stage_number
      WHEN 0
      THEN id_1
      WHEN 1
      THEN id_2
      WHEN 2
      THEN id_3
      WHEN 3
      THEN id_4
      WHEN 4
      THEN id_5
      WHEN 5
      THEN id_6
      WHEN 6
      THEN id_7
      WHEN 7
      THEN id_8
      WHEN 8
      THEN id_9
    END AS _event_id
  FROM results
  CROSS JOIN (
    SELECT
      0 AS stage_number
    UNION ALL
    SELECT
      1
    UNION ALL
    SELECT
      2
    UNION ALL
    SELECT
      3
    UNION ALL
    SELECT
      4
    UNION ALL
    SELECT
      5
    UNION ALL
    SELECT
      6
    UNION ALL
    SELECT
      7
    UNION ALL
    SELECT
      8
  ) AS stages
)
SELECT
  members._sequence,
  members._stage,
  members._key_1,
  candidates.*
  EXCLUDE (is_stage_1, is_stage_9, "canonical source.ip", event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
