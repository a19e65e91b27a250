-- Three Questions about the Domain on One Host (278688ba-be0e-46fb-ae2a-4996005e90b0)
-- severity: medium, risk score 47
-- ATT&CK: TA0007, T1033, T1482, T1087, T1087.002
-- fidelity: exact
WITH candidates AS (
  /* every event that a stage matches, numbered in order */
  SELECT
    *,
    ROW_NUMBER() OVER () AS event_id
  FROM (
    SELECT
      *,
      ARRAY_CONTAINS(event.category, 'process')
      AND host.os.type = 'windows'
      AND ARRAY_CONTAINS(event.type, 'start')
      AND (
        process.name ILIKE 'whoami.exe' AND NOT CONTAINS(process.name, 'İ')
      ) AS is_term_1,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND UPPER(process.name) = 'NLTEST.EXE'
      AND LENGTH(
        LIST_FILTER(
          process.args,
          LAMBDA v : CASE
            WHEN UPPER(v) IN ('/DOMAIN_TRUSTS', '/ALL_TRUSTS')
            THEN NOT CONTAINS(v, 'ı')
          END
        )
      ) > 0 AS is_term_2,
      ARRAY_CONTAINS(event.category, 'process')
      AND ARRAY_CONTAINS(event.type, 'start')
      AND LOWER(process.name) IN ('net.exe', 'net1.exe')
      AND LENGTH(LIST_FILTER(process.args, LAMBDA v : v ILIKE 'group')) > 0
      AND LENGTH(
        LIST_FILTER(
          process.args,
          LAMBDA v : CASE
            WHEN v ILIKE '%admin%'
            THEN NOT CONTAINS(v, 'İ') OR REGEXP_MATCHES(v, 'admin', 'is')
          END
        )
      ) > 0 AS is_term_3
    FROM events
  ) AS marked
  WHERE
    is_term_1 OR is_term_2 OR is_term_3
), term_1 AS (
  /* process where host.os.type == "windows" and event.type == "start" and process.name : "whoami.exe" */
  SELECT
    host.id AS key_1,
    "user".name AS key_2,
    event_id
  FROM candidates
  WHERE
    is_term_1 AND NOT host.id IS NULL AND NOT "user".name IS NULL
), first_1 AS (
  /* no more than 3 a key are needed */
  SELECT
    key_1,
    key_2,
    event_id
  FROM (
    SELECT
      key_1,
      key_2,
      event_id,
      ROW_NUMBER() OVER (PARTITION BY key_1, key_2 ORDER BY event_id) AS place
    FROM term_1
  ) AS placed
  WHERE
    place <= 3
), term_2 AS (
  /* process where event.type == "start" and process.name : "nltest.exe" and process.args : ("/domain_trusts", "/all_trusts") */
  SELECT
    host.id AS key_1,
    "user".name AS key_2,
    event_id
  FROM candidates
  WHERE
    is_term_2 AND NOT host.id IS NULL AND NOT "user".name IS NULL
), first_2 AS (
  /* no more than 3 a key are needed */
  SELECT
    key_1,
    key_2,
    event_id
  FROM (
    SELECT
      key_1,
      key_2,
      event_id,
      ROW_NUMBER() OVER (PARTITION BY key_1, key_2 ORDER BY event_id) AS place
    FROM term_2
  ) AS placed
  WHERE
    place <= 3
), term_3 AS (
  /* process where event.type == "start" and process.name : ("net.exe", "net1.exe") and process.args : "group" and process.a… */
  SELECT
    host.id AS key_1,
    "user".name AS key_2,
    event_id
  FROM candidates
  WHERE
    is_term_3 AND NOT host.id IS NULL AND NOT "user".name IS NULL
), first_3 AS (
  /* no more than 3 a key are needed */
  SELECT
    key_1,
    key_2,
    event_id
  FROM (
    SELECT
      key_1,
      key_2,
      event_id,
      ROW_NUMBER() OVER (PARTITION BY key_1, key_2 ORDER BY event_id) AS place
    FROM term_3
  ) AS placed
  WHERE
    place <= 3
), chosen AS (
  /* different events a key, the first choice in row order */
  SELECT
    key_1,
    key_2,
    id_1,
    id_2,
    id_3
  FROM (
    SELECT
      first_1.key_1 AS key_1,
      first_1.key_2 AS key_2,
      first_1.event_id AS id_1,
      first_2.event_id AS id_2,
      first_3.event_id AS id_3,
      ROW_NUMBER() OVER (
        PARTITION BY first_1.key_1, first_1.key_2
        ORDER BY first_1.event_id, first_2.event_id, first_3.event_id
      ) AS place
    FROM first_1
    JOIN first_2
      ON (
        first_2.key_1 IS NOT DISTINCT FROM first_1.key_1
      )
      AND (
        first_2.key_2 IS NOT DISTINCT FROM first_1.key_2
      )
      AND first_2.event_id <> first_1.event_id
    JOIN first_3
      ON (
        first_3.key_1 IS NOT DISTINCT FROM first_1.key_1
      )
      AND (
        first_3.key_2 IS NOT DISTINCT FROM first_1.key_2
      )
      AND first_3.event_id <> first_1.event_id
      AND first_3.event_id <> first_2.event_id
  ) AS choices
  WHERE
    place <= 1
), results AS (
  /* in the order of the key */
  SELECT
    ROW_NUMBER() OVER (ORDER BY key_1 NULLS FIRST, key_2 NULLS FIRST, id_1, id_2, id_3) AS _sequence,
    key_1,
    key_2,
    id_1,
    id_2,
    id_3
  FROM chosen
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
  EXCLUDE (is_term_1, is_term_2, is_term_3, event_id)
FROM members
JOIN candidates
  ON event_id = members._event_id
ORDER BY
  members._sequence,
  members._stage
