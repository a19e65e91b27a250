-- Host Falls Silent after Its Logging Was Stopped (ecd820a8-3373-4627-9b56-b86b3e93c72d)
-- severity: high, risk score 73
-- ATT&CK: TA0005, T1562, T1562.001, T1562.012
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
      AND host.os.type = 'linux'
      AND ARRAY_CONTAINS(event.type, 'start')
      AND process.name IN ('systemctl', 'service', 'auditctl', 'pkill')
      AND LENGTH(
        LIST_FILTER(process.args, LAMBDA v : v IN ('stop', 'disable', 'mask', '-e', '-9'))
      ) > 0
      AND LENGTH(
        LIST_FILTER(
          process.args,
          LAMBDA v : v IN ('auditd', 'auditd.service', 'rsyslog', 'rsyslog.service', '0')
        )
      ) > 0 AS is_stage_1,
      TRUE AS is_missing_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_missing_2
), stage_1 AS (
  /* process where host.os.type == "linux" and event.type == "start" and process.name in ("systemctl", "service", "auditctl"… */
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
), missing_2 AS (
  /* any where true */
  SELECT
    host.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_missing_2 AND NOT host.id IS NULL AND NOT "@timestamp" IS NULL
), matched_before AS (
  /* with the first after the sequence of missing_2 */
  SELECT
    key_1,
    event_time,
    event_id,
    id_1,
    time_1,
    missing_after_ms
  FROM (
    SELECT
      key_1,
      event_time,
      event_id,
      id_1,
      time_1,
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
      FROM missing_2
    ) AS merged
  ) AS gaps
  WHERE
    missing_ms IS NULL
), matched_alone AS (
  /* none of missing_2 within maxspan */
  SELECT
    key_1,
    event_time,
    event_id,
    id_1,
    time_1
  FROM matched_before
  WHERE
    missing_after_ms IS NULL
    OR missing_after_ms - EPOCH_MS(DATE_TRUNC('MILLISECONDS', time_1)) > 900000
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
    CASE stage_number WHEN 0 THEN id_1 END AS _event_id
  FROM results
  CROSS JOIN (
    SELECT
      0 AS stage_number
  ) AS stages
)
SELECT
  members._sequence,
  members._stage,
  members._key_1,
  candidates.*
  EXCLUDE (is_stage_1, is_missing_2, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
