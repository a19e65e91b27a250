-- Access Key Created for Another AWS User, then Used (210a735e-5504-491e-86ab-2864aee37436)
-- severity: medium, risk score 47
-- ATT&CK: TA0003, T1098, T1098.001
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      event.dataset = 'aws.cloudtrail'
      AND event.provider = 'iam.amazonaws.com'
      AND event.action = 'CreateAccessKey'
      AND event.outcome = 'success'
      AND CASE
        WHEN CONTAINS(aws.cloudtrail.request_parameters, "user".name)
        THEN STRPOS(aws.cloudtrail.request_parameters, "user".name) - 1 + LENGTH(
          REGEXP_EXTRACT_ALL(
            SUBSTRING(
              aws.cloudtrail.request_parameters,
              1,
              STRPOS(aws.cloudtrail.request_parameters, "user".name) - 1
            ),
            '[\x{10000}-\x{10FFFF}]'
          )
        )
      END IS NULL AS is_stage_1,
      event.dataset = 'aws.cloudtrail'
      AND event.action IN ('GetCallerIdentity', 'ListBuckets', 'GetAccountAuthorizationDetails')
      AND user_agent.original ILIKE '%boto%'
      AND aws.cloudtrail.user_identity.type = 'IAMUser' AS is_stage_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2
), stage_1 AS (
  /* any where event.dataset == "aws.cloudtrail" and event.provider == "iam.amazonaws.com" and event.action == "CreateAccess… */
  SELECT
    cloud.account.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT cloud.account.id IS NULL AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* any where event.dataset == "aws.cloudtrail" and event.action in ("GetCallerIdentity", "ListBuckets", "GetAccountAuthori… */
  SELECT
    cloud.account.id AS key_1,
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT cloud.account.id IS NULL AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=1h */
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
    kind = 0 AND event_time <= previous_start_time + INTERVAL '1' HOUR
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
