-- Recovery Switched Off, then Many Files Renamed (6b47a9a1-873a-44fb-8407-2f760b64ccb0)
-- severity: critical, risk score 99
-- ATT&CK: TA0040, T1490, T1486
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'process')
      AND host.os.type = 'windows'
      AND ARRAY_CONTAINS(event.type, 'start')
      AND REGEXP_MATCHES(
        process.command_line,
        'vssadmin.*delete.*shadows|wmic.*shadowcopy.*delete|bcdedit.*recoveryenabled.*no|wbadmin.*delete.*catalog',
        'is'
      ) AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'file')
      AND event.action = 'rename'
      AND NOT file."Ext".original.name IS NULL
      AND REGEXP_FULL_MATCH(file.extension, '[0-9a-z]{4,10}')
      AND NOT COALESCE(
        UPPER(file.extension) IN ('DOCX', 'XLSX', 'PPTX', 'HTML', 'JSON', 'TEMP', 'PART', 'CRDOWNLOAD'),
        FALSE
      ) AS is_stage_2,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND (
        CASE
          WHEN process.name ILIKE 'wbengine.exe'
          THEN NOT CONTAINS(process.name, 'İ')
        END
        OR process.name ILIKE 'veeam%.exe'
      ) AS is_missing_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2 OR is_missing_2
), stage_1 AS (
  /* process where host.os.type == "windows" and event.type == "start" and process.command_line : ("*vssadmin*delete*shadows… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* file where event.action == "rename" and file.Ext.original.name != null and file.extension regex~ "[a-z0-9]{4,10}" and n… */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=5m */
  SELECT
    key_1,
    event_time,
    event_id,
    previous_start_time AS start_time,
    previous_id_1 AS id_1,
    previous_time_1 AS time_1,
    event_id AS id_2,
    event_time AS time_2
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      kind,
      LAG(start_time) OVER w AS previous_start_time,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(time_1) OVER w AS previous_time_1
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        1 AS kind,
        event_time AS start_time,
        event_id AS id_1,
        event_time AS time_1
      FROM stage_1
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL,
        NULL
      FROM stage_2
    ) AS merged
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '5' MINUTE
), matched_6 AS (
  /* 5 stage_2 in a row, maxspan=5m */
  SELECT
    key_1,
    event_time,
    event_id,
    id_1_4_before AS id_1,
    event_id_4_before AS id_2,
    event_id_3_before AS id_3,
    event_id_2_before AS id_4,
    event_id_1_before AS id_5,
    event_id AS id_6,
    time_1_4_before AS time_1,
    event_time_4_before AS time_2
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      LAG(id_1, 4) OVER w AS id_1_4_before,
      LAG(event_id, 4) OVER w AS event_id_4_before,
      LAG(event_id, 3) OVER w AS event_id_3_before,
      LAG(event_id, 2) OVER w AS event_id_2_before,
      LAG(event_id) OVER w AS event_id_1_before,
      LAG(time_1, 4) OVER w AS time_1_4_before,
      LAG(event_time, 4) OVER w AS event_time_4_before,
      LAG(start_time, 4) OVER w AS start_time_4_before
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        at_start_time AS start_time,
        at_id_1 AS id_1,
        at_id_2 AS id_2,
        at_time_1 AS time_1,
        at_time_2 AS time_2
      FROM (
        SELECT
          key_1,
          event_time,
          event_id,
          kind,
          LEAD(start_time) OVER w AS at_start_time,
          LEAD(id_1) OVER w AS at_id_1,
          LEAD(id_2) OVER w AS at_id_2,
          LEAD(time_1) OVER w AS at_time_1,
          LEAD(time_2) OVER w AS at_time_2
        FROM (
          SELECT
            key_1,
            event_time,
            event_id,
            0 AS kind,
            NULL AS start_time,
            NULL AS id_1,
            NULL AS id_2,
            NULL AS time_1,
            NULL AS time_2
          FROM stage_2
          UNION ALL
          SELECT
            key_1,
            event_time,
            event_id,
            1,
            start_time,
            id_1,
            id_2,
            time_1,
            time_2
          FROM matched_2
        ) AS merged
        WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
      ) AS events
      WHERE
        kind = 0
    ) AS entered
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id)
  ) AS runs
  WHERE
    NOT start_time_4_before IS NULL
    AND event_time <= start_time_4_before + INTERVAL '5' MINUTE
), missing_2 AS (
  /* process where event.type == "start" and process.name : ("wbengine.exe", "veeam*.exe") */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_missing_2 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_1_2 AS (
  /* none of missing_2 in between */
  SELECT
    key_1,
    event_time,
    event_id,
    id_1,
    id_2,
    id_3,
    id_4,
    id_5,
    id_6,
    time_1,
    time_2
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      id_1,
      id_2,
      id_3,
      id_4,
      id_5,
      id_6,
      time_1,
      time_2,
      missing_ms,
      MIN(missing_ms) OVER (
        PARTITION BY key_1
        ORDER BY at_ms
        RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS missing_after_ms
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        id_1,
        id_2,
        id_3,
        id_4,
        id_5,
        id_6,
        time_1,
        time_2,
        EPOCH_MS(DATE_TRUNC('MILLISECONDS', time_1)) AS at_ms,
        NULL AS missing_ms
      FROM matched_6
      UNION ALL
      SELECT
        key_1,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        EPOCH_MS(DATE_TRUNC('MILLISECONDS', event_time)),
        EPOCH_MS(DATE_TRUNC('MILLISECONDS', event_time))
      FROM missing_2
    ) AS merged
  ) AS gaps
  WHERE
    missing_ms IS NULL
    AND COALESCE(missing_after_ms >= EPOCH_MS(DATE_TRUNC('MILLISECONDS', time_2)), TRUE)
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
    id_6
  FROM matched_1_2
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
    key_1 AS _key_1,
    CASE stage_number
      WHEN 0
      THEN id_1
      WHEN 2
      THEN id_2
      WHEN 3
      THEN id_3
      WHEN 4
      THEN id_4
      WHEN 5
      THEN id_5
      WHEN 6
      THEN id_6
    END AS _event_id
  FROM results
  CROSS JOIN (
    SELECT
      0 AS stage_number
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
  ) AS stages
)
SELECT
  members._sequence,
  members._stage,
  members._key_1,
  candidates.*
  EXCLUDE (is_stage_1, is_stage_2, is_missing_2, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
