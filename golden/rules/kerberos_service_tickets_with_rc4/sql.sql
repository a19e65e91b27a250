-- Several Kerberos Service Tickets Requested with RC4 (5e1e1031-a6a3-4e83-88cb-42d41cfd0572)
-- severity: medium, risk score 47
-- ATT&CK: TA0006, T1558, T1558.003
-- fidelity: equivalent
-- - assuming: runtime-error-becomes-no-match: where Elasticsearch would fail the whole request (overflow, division by zero, a text that is no number), the condition does not match
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
      ARRAY_CONTAINS(event.category, 'iam')
      AND event.code = '4769'
      AND event.outcome = 'success'
      AND TRY(
        CASE
          WHEN STARTS_WITH(winlog.event_data."TicketEncryptionType", '0x')
          THEN CAST(CASE
            WHEN winlog.event_data."TicketEncryptionType" IS NULL
            THEN NULL
            WHEN NOT REGEXP_FULL_MATCH(winlog.event_data."TicketEncryptionType", '(?:0x)?[+-]?[0123456789abcdefABCDEF]+')
            THEN CAST('no number: ' || winlog.event_data."TicketEncryptionType" AS BIGINT)
            ELSE CAST((
              CASE
                WHEN STARTS_WITH(REGEXP_REPLACE(winlog.event_data."TicketEncryptionType", '^0x', ''), '-')
                THEN -1
                ELSE 1
              END
            ) * LIST_REDUCE(
              LIST_TRANSFORM(
                STR_SPLIT(
                  LOWER(
                    REGEXP_REPLACE(REGEXP_REPLACE(winlog.event_data."TicketEncryptionType", '^0x', ''), '^[+-]', '')
                  ),
                  ''
                ),
                LAMBDA c : CAST(STRPOS('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS INT128)
              ),
              LAMBDA p, q : p * CAST(16 AS INT128) + q
            ) AS BIGINT)
          END AS DOUBLE)
          ELSE CASE
            WHEN REGEXP_FULL_MATCH(
              winlog.event_data."TicketEncryptionType",
              '[\x00- ]*[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)[\x00- ]*'
            )
            THEN CAST(REGEXP_EXTRACT(
              winlog.event_data."TicketEncryptionType",
              '[+-]?(?:NaN|Infinity|[0-9.]+(?:[eE][+-]?[0-9]+)?)'
            ) AS DOUBLE)
            WHEN winlog.event_data."TicketEncryptionType" IS NULL
            THEN NULL
            ELSE CAST('no number: ' || winlog.event_data."TicketEncryptionType" AS DOUBLE)
          END
        END
      ) = 23
      AND NOT COALESCE(winlog.event_data."ServiceName" LIKE '%$', FALSE)
      AND NOT COALESCE(winlog.event_data."ServiceName" = 'krbtgt', FALSE) AS is_stage_1
    FROM events
  ) AS marked
  WHERE
    is_stage_1
), stage_1 AS (
  /* iam where event.code == "4769" and event.outcome == "success" and number(winlog.event_data.TicketEncryptionType) == 23 … */
  SELECT
    winlog.computer_name AS key_1,
    "canonical source.ip" AS key_2,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1
    AND NOT winlog.computer_name IS NULL
    AND NOT "canonical source.ip" IS NULL
    AND NOT "@timestamp" IS NULL
), matched_3 AS (
  /* 3 stage_1 in a row, maxspan=2m */
  SELECT
    key_1,
    key_2,
    event_time,
    event_id,
    event_id_2_before AS id_1,
    event_id_1_before AS id_2,
    event_id AS id_3
  FROM (
    SELECT
      key_1,
      key_2,
      event_time,
      event_id,
      LAG(event_id, 2) OVER w AS event_id_2_before,
      LAG(event_id) OVER w AS event_id_1_before,
      LAG(event_time, 2) OVER w AS event_time_2_before
    FROM stage_1
    WINDOW w AS (PARTITION BY key_1, key_2 ORDER BY event_time, event_id)
  ) AS runs
  WHERE
    NOT event_id_2_before IS NULL
    AND event_time <= event_time_2_before + INTERVAL '2' MINUTE
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id, key_1 NULLS FIRST, key_2 NULLS FIRST) AS _sequence,
    key_1,
    key_2,
    id_1,
    id_2,
    id_3
  FROM matched_3
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
    key_1 AS _key_1,
    key_2 AS _key_2,
    CASE stage_number WHEN 0 THEN id_1 WHEN 1 THEN id_2 WHEN 2 THEN id_3 END AS _event_id
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
  ) AS stages
)
SELECT
  members._sequence,
  members._stage,
  members._key_1,
  members._key_2,
  candidates.*
  EXCLUDE (is_stage_1, "canonical source.ip", event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
