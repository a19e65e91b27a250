-- Conditional Access Weakened, then a Weak Sign-In (ed3f709c-9978-4224-810f-70196f48e364)
-- severity: high, risk score 73
-- ATT&CK: TA0005, T1556, T1556.009, TA0001, T1078, T1078.004
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "@timestamp") AS event_id
  FROM (
    SELECT
      *,
      event.dataset = 'azure.auditlogs'
      AND UPPER(event.outcome) = 'SUCCESS'
      AND (
        UPPER(azure.auditlogs.operation_name) IN ('UPDATE CONDITIONAL ACCESS POLICY', 'DELETE CONDITIONAL ACCESS POLICY')
        AND NOT CONTAINS(azure.auditlogs.operation_name, 'ı')
      ) AS is_stage_1,
      event.dataset = 'azure.signinlogs'
      AND UPPER(event.outcome) = 'SUCCESS'
      AND azure.signinlogs.properties.authentication_requirement = 'singleFactorAuthentication'
      AND azure.signinlogs.properties.device_detail.is_compliant = FALSE
      AND LENGTH(
        LIST_FILTER(
          "user".roles,
          LAMBDA v : CASE
            WHEN UPPER(v) LIKE '%ADMINISTRATOR%'
            THEN NOT CONTAINS(v, 'ı') OR REGEXP_MATCHES(v, 'Administrator', 'is')
          END
        )
      ) > 0 AS is_stage_2
    FROM events
  ) AS marked
  WHERE
    is_stage_1 OR is_stage_2
), stage_1 AS (
  /* any where event.dataset == "azure.auditlogs" and event.outcome : "success" and azure.auditlogs.operation_name in~ ("upd… */
  SELECT
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_1 AND NOT "@timestamp" IS NULL
), stage_2 AS (
  /* any where event.dataset == "azure.signinlogs" and event.outcome : "success" and azure.signinlogs.properties.authenticat… */
  SELECT
    "@timestamp" AS event_time,
    event_id
  FROM candidates
  WHERE
    is_stage_2 AND NOT "@timestamp" IS NULL
), matched_2 AS (
  /* stage_2 after the latest stage_1, maxspan=30m */
  SELECT
    event_time,
    event_id,
    previous_id_1 AS id_1,
    event_id AS id_2
  FROM (
    SELECT
      event_time,
      event_id,
      kind,
      LAG(id_1) OVER w AS previous_id_1,
      LAG(start_time) OVER w AS previous_start_time
    FROM (
      SELECT
        event_time,
        event_id,
        1 AS kind,
        event_time AS start_time,
        event_id AS id_1
      FROM stage_1
      UNION ALL
      SELECT
        event_time,
        event_id,
        0 AS kind,
        NULL,
        NULL
      FROM stage_2
    ) AS merged
    WINDOW w AS (ORDER BY event_time, event_id, kind)
  ) AS pairs
  WHERE
    kind = 0 AND event_time <= previous_start_time + INTERVAL '30' MINUTE
), results AS (
  /* in the order of the last event, then key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY event_time, event_id) AS _sequence,
    id_1,
    id_2
  FROM matched_2
), members AS (
  /* one row an event */
  SELECT
    _sequence,
    stage_number AS _stage,
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
  candidates.*
  EXCLUDE (is_stage_1, is_stage_2, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
