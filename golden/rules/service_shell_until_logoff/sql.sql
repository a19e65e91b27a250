-- Shell by a New Service in a Remote Logon Session (aa0fec20-5720-4238-96a9-a12c521362d4)
-- severity: high, risk score 73
-- ATT&CK: TA0008, T1021, T1021.002, TA0002, T1569, T1569.002
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'authentication')
      AND event.action = 'logged-out'
      AND winlog.logon.type ILIKE 'Network' AS is_until_events,
      ARRAY_CONTAINS(event.category, 'authentication')
      AND host.os.type = 'windows'
      AND event.action = 'logged-in'
      AND event.outcome = 'success'
      AND winlog.logon.type ILIKE 'Network'
      AND COALESCE(
        REGEXP_FULL_MATCH(
          source.ip,
          '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
        )
        OR (
          REGEXP_FULL_MATCH(
            source.ip,
            '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
          )
          AND CASE
            WHEN CONTAINS(source.ip, '::')
            THEN LENGTH(REGEXP_EXTRACT_ALL(source.ip, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(source.ip, '[.]')) // 3 <= 7
            ELSE LENGTH(REGEXP_EXTRACT_ALL(source.ip, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(source.ip, '[.]')) // 3 = 8
          END
        ),
        FALSE
      ) AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND (
        UPPER(process.parent.name) = 'SERVICES.EXE'
        AND NOT CONTAINS(process.parent.name, 'ı')
      )
      AND (
        (
          UPPER(process.executable) LIKE '_:\WINDOWS\%.EXE'
          AND (
            NOT CONTAINS(process.executable, 'ı')
            OR REGEXP_MATCHES(process.executable, '^.:\\Windows\\.*\.exe$', 'is')
          )
        )
        OR (
          process.executable ILIKE '\\%\ADMIN$\%'
          AND (
            NOT CONTAINS(process.executable, 'İ')
            OR REGEXP_MATCHES(process.executable, '^\\\\.*\\ADMIN\$\\', 'is')
          )
        )
      )
      AND NOT COALESCE(
        CASE
          WHEN UPPER(process.executable) LIKE '_:\WINDOWS\SYSTEM32\%'
          OR UPPER(process.executable) LIKE '_:\WINDOWS\SERVICING\%'
          THEN NOT CONTAINS(process.executable, 'ı')
          OR REGEXP_MATCHES(process.executable, '^.:\\Windows\\System32\\|^.:\\Windows\\servicing\\', 'is')
        END,
        FALSE
      ) AS is_stage_2,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND UPPER(process.name) IN ('CMD.EXE', 'POWERSHELL.EXE', 'PWSH.EXE')
      AND NOT COALESCE(process.parent.name ILIKE 'explorer.exe', FALSE) AS is_stage_3
    FROM events
  ) AS marked
  WHERE
    is_until_events OR is_stage_1 OR is_stage_2 OR is_stage_3
), until_events AS (
  /* until authentication where event.action == "logged-out" and winlog.logon.type : "Network" */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_until_events AND NOT "@timestamp" IS NULL
), stage_1 AS (
  /* authentication where host.os.type == "windows" and event.action == "logged-in" and event.outcome == "success" and winlo… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* process where event.type == "start" and process.parent.name : "services.exe" and process.executable : ("?:\\Windows\\*.… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=5m, no until_events between */
  SELECT
    key_1,
    event_time,
    event_id,
    previous_start_time AS start_time,
    previous_id_1 AS id_1,
    event_id AS id_2
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      kind,
      LAG(start_time) OVER w AS previous_start_time,
      LAG(id_1) OVER w AS previous_id_1
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
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        2 AS kind,
        NULL,
        NULL
      FROM until_events
    ) AS merged
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '5' MINUTE
), stage_3 AS (
  /* process where event.type == "start" and process.name : ("cmd.exe", "powershell.exe", "pwsh.exe") and not process.parent… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_3 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_3 AS (
  /* stage_3 after the latest matched_2, maxspan=5m, no until_events between */
  SELECT
    key_1,
    event_time,
    event_id,
    previous_id_1 AS id_1,
    previous_id_2 AS id_2,
    event_id AS id_3
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(id_2) OVER w AS previous_id_2,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        1 AS kind,
        start_time,
        id_1,
        id_2
      FROM matched_2
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL,
        NULL
      FROM stage_3
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        2 AS kind,
        NULL,
        NULL,
        NULL
      FROM until_events
    ) AS merged
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '5' MINUTE
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id, key_1 NULLS FIRST) AS _sequence,
    key_1,
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
  candidates.*
  EXCLUDE (is_until_events, is_stage_1, is_stage_2, is_stage_3, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
