-- Downloaded Program Run from the Downloads Folder (a66fb0c5-eeec-455e-b3dd-2c3d058a066c)
-- severity: medium, risk score 47
-- ATT&CK: TA0002, T1204, T1204.002
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'file')
      AND host.os.type = 'windows'
      AND LENGTH(LIST_FILTER(event.type, LAMBDA v : v IN ('creation', 'change'))) > 0
      AND (
        LOWER(UPPER(process.name)) IN ('chrome.exe', 'firefox.exe', 'msedge.exe', 'teams.exe', 'slack.exe')
        AND NOT REGEXP_MATCHES(process.name, '[İı]')
      )
      AND UPPER(file.path) LIKE '_:\USERS\%\DOWNLOADS\%'
      AND (
        UPPER(file.extension) IN ('EXE', 'SCR', 'COM', 'PIF')
        AND NOT CONTAINS(file.extension, 'ı')
      ) AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND (
        process.code_signature.exists = FALSE OR process.code_signature.trusted = FALSE
      ) AS is_stage_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2
), stage_1 AS (
  /* file where host.os.type == "windows" and event.type in ("creation", "change") and process.name : ("chrome.exe", "firefo… */
  SELECT
    host.id AS key_1,
    "user".id AS key_2,
    file.path AS key_3,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1
    AND NOT host.id IS NULL
    AND NOT "user".id IS NULL
    AND NOT file.path IS NULL
    AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* process where event.type == "start" and (process.code_signature.exists == false or process.code_signature.trusted == fa… */
  SELECT
    host.id AS key_1,
    "user".id AS key_2,
    process.executable AS key_3,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2
    AND NOT host.id IS NULL
    AND NOT "user".id IS NULL
    AND NOT process.executable IS NULL
    AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=10m */
  SELECT
    key_1,
    key_2,
    key_3,
    event_time,
    event_id,
    previous_id_1 AS id_1,
    event_id AS id_2
  FROM (
    SELECT
      key_1,
      key_2,
      key_3,
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        key_1,
        key_2,
        key_3,
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
        key_3,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL
      FROM stage_2
    ) AS merged
    WINDOW w AS (PARTITION BY key_1, key_2, key_3 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '10' MINUTE
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (
      ORDER BY event_time, event_id, key_1 NULLS FIRST, key_2 NULLS FIRST, key_3 NULLS FIRST
    ) AS _sequence,
    key_1,
    key_2,
    key_3,
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
    key_3 AS _key_3,
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
  members._key_3,
  candidates.*
  EXCLUDE (is_stage_1, is_stage_2, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
