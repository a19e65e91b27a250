-- Connection to an Address of a Dynamic DNS Name (d5d99a5e-1c75-4e34-94d5-9d9e27b580ad)
-- severity: medium, risk score 47
-- ATT&CK: TA0011, T1568
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    LIST_TRANSFORM(
      dns.resolved_ip,
      LAMBDA a : CASE
        WHEN REGEXP_FULL_MATCH(
          a,
          '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
        )
        THEN a
        ELSE LIST_TRANSFORM(
          [
            CASE
              WHEN REGEXP_FULL_MATCH(
                a,
                '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
              )
              THEN LIST_TRANSFORM(
                [
                  REGEXP_REPLACE(
                    REGEXP_REPLACE(
                      CASE
                        WHEN CONTAINS(a, '.')
                        THEN REGEXP_REPLACE(a, '[0-9.]+$', '') || PRINTF(
                          '%02x%02x:%02x%02x',
                          CAST(SPLIT_PART(REGEXP_EXTRACT(a, '[0-9.]+$'), '.', 1) AS INT),
                          CAST(SPLIT_PART(REGEXP_EXTRACT(a, '[0-9.]+$'), '.', 2) AS INT),
                          CAST(SPLIT_PART(REGEXP_EXTRACT(a, '[0-9.]+$'), '.', 3) AS INT),
                          CAST(SPLIT_PART(REGEXP_EXTRACT(a, '[0-9.]+$'), '.', 4) AS INT)
                        )
                        ELSE a
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
      END
    ) AS "canonical dns.resolved_ip",
    CASE
      WHEN REGEXP_FULL_MATCH(
        destination.ip,
        '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
      )
      THEN destination.ip
      ELSE LIST_TRANSFORM(
        [
          CASE
            WHEN REGEXP_FULL_MATCH(
              destination.ip,
              '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
            )
            THEN LIST_TRANSFORM(
              [
                REGEXP_REPLACE(
                  REGEXP_REPLACE(
                    CASE
                      WHEN CONTAINS(destination.ip, '.')
                      THEN REGEXP_REPLACE(destination.ip, '[0-9.]+$', '') || PRINTF(
                        '%02x%02x:%02x%02x',
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 1) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 2) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 3) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 4) AS INT)
                      )
                      ELSE destination.ip
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
    END AS "canonical destination.ip",
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'network')
      AND event.action = 'lookup_result'
      AND REGEXP_MATCHES(
        dns.question.name,
        '\.duckdns\.org$|\.ddns\.net$|\.no-ip\.|\.hopto\.org$|\.serveo\.net$',
        'is'
      )
      AND COALESCE(
        LENGTH(
          LIST_FILTER(
            dns.resolved_ip,
            LAMBDA v : REGEXP_FULL_MATCH(
              v,
              '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
            )
            OR (
              REGEXP_FULL_MATCH(
                v,
                '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
              )
              AND CASE
                WHEN CONTAINS(v, '::')
                THEN LENGTH(REGEXP_EXTRACT_ALL(v, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(v, '[.]')) // 3 <= 7
                ELSE LENGTH(REGEXP_EXTRACT_ALL(v, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(v, '[.]')) // 3 = 8
              END
            )
          )
        ) > 0,
        FALSE
      ) AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'network')
      AND event.action = 'connection_attempted'
      AND NOT COALESCE(destination.port = 53, FALSE) AS is_stage_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2
), stage_1 AS (
  /* network where event.action == "lookup_result" and dns.question.name : ("*.duckdns.org", "*.ddns.net", "*.no-ip.*", "*.h… */
  SELECT
    key_1,
    UNNEST(LIST_DISTINCT(key_2_values)) AS key_2,
    event_time,
    event_id
  FROM (
    SELECT
      process.entity_id AS key_1,
      "canonical dns.resolved_ip" AS key_2_values,
      "@timestamp" AS event_time,
      event_id
    FROM candidates
    WHERE
      is_stage_1 AND NOT process.entity_id IS NULL AND NOT "@timestamp" IS NULL
  ) AS spread
), stage_2 AS (
  /* network where event.action == "connection_attempted" and destination.port != 53 */
  SELECT
    process.entity_id AS key_1,
    "canonical destination.ip" AS key_2,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2
    AND NOT process.entity_id IS NULL
    AND NOT "canonical destination.ip" IS NULL
    AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=1m */
  SELECT
    key_1,
    key_2,
    event_time,
    event_id,
    previous_id_1 AS id_1,
    event_id AS id_2
  FROM (
    SELECT
      key_1,
      key_2,
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        key_1,
        key_2,
        event_time,
        event_id,
        1 AS kind,
        event_time AS start_time,
        event_id AS id_1
      FROM stage_1
      UNION ALL
      SELECT
        key_1,
        key_2,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL
      FROM stage_2
    ) AS merged
    WINDOW w AS (PARTITION BY key_1, key_2 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '1' MINUTE
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id, key_1 NULLS FIRST, key_2 NULLS FIRST) AS _sequence,
    key_1,
    key_2,
    id_1,
    id_2
  FROM matched_2
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
    key_1 AS _key_1,
    key_2 AS _key_2,
    CASE stage_number WHEN 0 THEN id_1 WHEN 1 THEN id_2 END AS _event_id
  FROM results
  CROSS JOIN (
    SELECT
      0 AS stage_number
    UNION ALL
    SELECT
      1
  ) AS stages
)
SELECT
  members._sequence,
  members._stage,
  members._key_1,
  members._key_2,
  candidates.*
  EXCLUDE (is_stage_1, is_stage_2, "canonical dns.resolved_ip", "canonical destination.ip", event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
