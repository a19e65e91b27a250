-- Download Made Executable and Run on Linux (c83cbf68-92ae-42f5-ac62-49f5fe7ef080)
-- severity: high, risk score 73
-- ATT&CK: TA0002, T1059, T1059.004, TA0011, T1105
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
      ARRAY_CONTAINS(event.category, 'process')
      AND host.os.type = 'linux'
      AND ARRAY_CONTAINS(event.type, 'start')
      AND process.name IN ('curl', 'wget', 'ftpget', 'tftp')
      AND LENGTH(
        LIST_FILTER(
          process.args,
          LAMBDA v : v IN ('-O', '-o') OR v LIKE 'http%' OR v LIKE 'ftp%' OR v LIKE '%.sh'
        )
      ) > 0 AS is_stage_1,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND process.name = 'chmod'
      AND LENGTH(
        LIST_FILTER(
          process.args,
          LAMBDA v : REGEXP_FULL_MATCH(v, '\+x|[agou]+\+[rwx]*x[rwx]*|0?[0-7]*[1357][0-7]{0,2}')
        )
      ) > 0 AS is_stage_2,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND (
        process.executable LIKE '/tmp/%'
        OR process.executable LIKE '/var/tmp/%'
        OR process.executable LIKE '/dev/shm/%'
        OR process.executable LIKE '/run/user/%'
      ) AS is_stage_3
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2 OR is_stage_3
), stage_1 AS (
  /* process where host.os.type == "linux" and event.type == "start" and process.name in ("curl", "wget", "ftpget", "tftp") … */
  SELECT
    host.id AS key_1,
    container.id AS key_2,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* process where event.type == "start" and process.name == "chmod" and process.args regex """\+x|[ugoa]+\+[rwx]*x[rwx]*|0?… */
  SELECT
    host.id AS key_1,
    container.id AS key_2,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=1m */
  SELECT
    key_1,
    key_2,
    event_time,
    event_id,
    previous_start_time AS start_time,
    previous_id_1 AS id_1,
    event_id AS id_2
  FROM (
    SELECT
      key_1,
      key_2,
      event_time,
      event_id,
      kind,
      LAG(start_time) OVER w AS previous_start_time,
      LAG(id_1) OVER w AS previous_id_1
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
), stage_3 AS (
  /* process where event.type == "start" and process.executable like ("/tmp/ *", "/var/tmp/ *", "/dev/shm/ *", "/run/user/ *") */
  SELECT
    host.id AS key_1,
    container.id AS key_2,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_3 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_3 AS (
  /* stage_3 after the latest matched_2, maxspan=1m */
  SELECT
    key_1,
    key_2,
    event_time,
    event_id,
    previous_id_1 AS id_1,
    previous_id_2 AS id_2,
    event_id AS id_3
  FROM (
    SELECT
      key_1,
      key_2,
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(id_2) OVER w AS previous_id_2,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        key_1,
        key_2,
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
        key_2,
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL,
        NULL
      FROM stage_3
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
  EXCLUDE (is_stage_1, is_stage_2, is_stage_3, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
