-- Driver Loaded without an Installer (de96e770-f633-4066-bdb3-50dc426498e0)
-- severity: high, risk score 73
-- ATT&CK: TA0004, T1068, TA0005, T1562, T1562.001
-- fidelity: equivalent
-- - assuming: every field of the rule is mapped, the optional ones (`?f`) too
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'driver')
      AND host.os.type = 'windows'
      AND event.action = 'load'
      AND dll.path LIKE '_:\%'
      AND NOT COALESCE(
        CASE
          WHEN UPPER(dll.path) LIKE '_:\WINDOWS\SYSTEM32\DRIVERS\%'
          OR UPPER(dll.path) LIKE '_:\WINDOWS\SYSTEM32\DRIVERSTORE\%'
          THEN NOT CONTAINS(dll.path, 'ı')
          OR REGEXP_MATCHES(
            dll.path,
            '^.:\\Windows\\System32\\drivers\\|^.:\\Windows\\System32\\DriverStore\\',
            'is'
          )
        END,
        FALSE
      )
      AND NOT dll.hash.sha256 IS NULL
      AND NOT COALESCE(dll.code_signature.subject_name = 'Microsoft Windows', FALSE) AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND (
        CASE
          WHEN LOWER(UPPER(process.name)) IN ('msiexec.exe', 'drvinst.exe', 'tiworker.exe', 'trustedinstaller.exe')
          THEN NOT REGEXP_MATCHES(process.name, '[İı]')
        END
        OR UPPER(process.name) LIKE 'SETUP%.EXE'
      ) AS is_missing_1
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_missing_1
), stage_1 AS (
  /* driver where host.os.type == "windows" and event.action == "load" and dll.path : "?:\\*" and not dll.path : ("?:\\Windo… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_1 AS (
  /* every event of the only stage */
  SELECT
    key_1,
    event_time,
    event_id,
    event_id AS id_1,
    event_time AS time_1
  FROM stage_1
), missing_1 AS (
  /* process where event.type == "start" and process.name : ("msiexec.exe", "drvinst.exe", "TiWorker.exe", "TrustedInstaller… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_missing_1 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_after AS (
  /* with the last before the sequence of missing_1 */
  SELECT
    key_1,
    event_time,
    event_id,
    id_1,
    time_1,
    missing_before_ms
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      id_1,
      time_1,
      missing_ms,
      MAX(missing_ms) OVER (
        PARTITION BY key_1
        ORDER BY at_ms
        RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS missing_before_ms
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        id_1,
        time_1,
        EPOCH_MS(DATE_TRUNC('MILLISECONDS', time_1)) AS at_ms,
        NULL AS missing_ms
      FROM matched_1
      UNION ALL
      SELECT
        key_1,
        NULL,
        NULL,
        NULL,
        NULL,
        EPOCH_MS(DATE_TRUNC('MILLISECONDS', event_time)),
        EPOCH_MS(DATE_TRUNC('MILLISECONDS', event_time))
      FROM missing_1
    ) AS merged
  ) AS gaps
  WHERE
    missing_ms IS NULL
), matched_alone AS (
  /* none of missing_1 within maxspan */
  SELECT
    key_1,
    event_time,
    event_id,
    id_1,
    time_1
  FROM matched_after
  WHERE
    missing_before_ms IS NULL
    OR EPOCH_MS(DATE_TRUNC('MILLISECONDS', time_1)) - missing_before_ms > 600000
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id, key_1 NULLS FIRST) AS _sequence,
    key_1,
    id_1
  FROM matched_alone
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
    key_1 AS _key_1,
    CASE stage_number WHEN 1 THEN id_1 END AS _event_id
  FROM results
  CROSS JOIN (
    SELECT
      1 AS stage_number
  ) AS stages
)
SELECT
  members._sequence,
  members._stage,
  members._key_1,
  candidates.*
  EXCLUDE (is_stage_1, is_missing_1, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
