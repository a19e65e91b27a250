-- First Inventory Calls of an AWS Key (afb84285-86cc-46e5-b665-1e3b57480780)
-- severity: low, risk score 21
-- ATT&CK: TA0007, T1580
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  event.dataset = 'aws.cloudtrail'
  AND aws.cloudtrail.error_code IN ('AccessDenied', 'UnauthorizedOperation')
  AND REGEXP_FULL_MATCH(event.action, '(?:List|Describe|Get)(?s:.)+')
  AND NOT COALESCE(aws.cloudtrail.user_identity.invoked_by LIKE '%.amazonaws.com', FALSE)
ORDER BY
  "@timestamp"
LIMIT 3
