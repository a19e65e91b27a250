-- CloudTrail Stopped and Not Started Again before a Deletion (99a7c0b6-0ea5-4b47-be44-e31685eec3ee)
-- severity: critical, risk score 99
-- ATT&CK: TA0005, T1562, T1562.008, TA0040, T1485
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      event.provider = 'cloudtrail.amazonaws.com' AND event.action = 'StartLogging' AS is_until_events,
      event.dataset = 'aws.cloudtrail'
      AND event.provider = 'cloudtrail.amazonaws.com'
      AND event.action IN ('StopLogging', 'DeleteTrail', 'UpdateTrail')
      AND event.outcome = 'success' AS is_stage_1,
      event.dataset = 'aws.cloudtrail'
      AND event.outcome = 'success'
      AND (
        event.action = 'ScheduleKeyDeletion'
        OR event.action LIKE 'Delete%'
        OR event.action LIKE 'Terminate%'
      )
      AND NOT COALESCE(event.action = 'DeleteTrail', FALSE) AS is_stage_2
    FROM events
  ) AS marked
  WHERE
    is_until_events OR is_stage_1 OR is_stage_2
), until_events AS (
  /* until any where event.provider == "cloudtrail.amazonaws.com" and event.action == "StartLogging" */
  SELECT
    cloud.account.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_until_events AND NOT "@timestamp" IS NULL
), stage_1 AS (
  /* any where event.dataset == "aws.cloudtrail" and event.provider == "cloudtrail.amazonaws.com" and event.action in ("Stop… */
  SELECT
    cloud.account.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT cloud.account.id IS NULL AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* any where event.dataset == "aws.cloudtrail" and event.outcome == "success" and event.action like ("Delete*", "Terminate… */
  SELECT
    cloud.account.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT cloud.account.id IS NULL AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, no until_events between */
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
      LAG(kind) OVER w AS previous_kind
    FROM (
      SELECT
        key_1,
        event_time,
        event_id,
        1 AS kind,
        event_id AS id_1
      FROM stage_1
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        0 AS kind,
        NULL
      FROM stage_2
      UNION ALL
      SELECT
        key_1,
        event_time,
        event_id,
        2 AS kind,
        NULL
      FROM until_events
    ) AS merged
    WINDOW w AS (PARTITION BY key_1 ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND previous_kind = 1
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
  EXCLUDE (is_until_events, is_stage_1, is_stage_2, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
