-- Cron Entry Written Shortly after an Inbound Connection (53c74db5-e912-4559-9e53-4c52457313bb)
-- severity: high, risk score 73
-- ATT&CK: TA0003, T1053, T1053.003, TA0002
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'network')
      AND host.os.type = 'linux'
      AND event.action = 'connection_accepted'
      AND NOT COALESCE(
        REGEXP_FULL_MATCH(
          source.ip,
          '127\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
        )
        OR CASE
          WHEN REGEXP_MATCHES(source.ip, '^(?:[0:]+:ffff:|[0:])', 'i')
          THEN LIST_TRANSFORM(
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
            LAMBDA a : a BETWEEN '00000000000000000000ffff7f000000' AND '00000000000000000000ffff7fffffff'
            OR a = '00000000000000000000000000000001'
          )[1]
          ELSE FALSE
        END,
        FALSE
      ) AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'file')
      AND event.action IN ('creation', 'rename', 'overwrite')
      AND (
        file.path LIKE '/etc/cron%' OR file.path LIKE '/var/spool/cron/%'
      ) AS is_stage_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2
), stage_1 AS (
  /* network where host.os.type == "linux" and event.action == "connection_accepted" and not cidrMatch(source.ip, "127.0.0.0… */
  SELECT
    process.entity_id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT process.entity_id IS NULL AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* file where event.action in ("creation", "rename", "overwrite") and (startsWith(file.path, "/etc/cron") or startsWith(fi… */
  SELECT
    process.entity_id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT process.entity_id IS NULL AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=30s */
  SELECT
    key_1,
    event_time,
    event_id,
    previous_id_1 AS id_1,
    event_id AS id_2
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        1 AS kind,
        event_time AS start_time,
        event_id AS id_1
      FROM stage_1
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL
      FROM stage_2
    ) AS merged
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '30' SECOND
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id, key_1 NULLS FIRST) AS _sequence,
    key_1,
    id_1,
    id_2
  FROM matched_2
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
    key_1 AS _key_1,
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
  candidates.*
  EXCLUDE (is_stage_1, is_stage_2, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
