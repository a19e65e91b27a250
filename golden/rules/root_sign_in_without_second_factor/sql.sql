-- AWS Root Signs In without a Second Factor (98d5911f-6070-4343-b01c-69c1fa826038)
-- severity: critical, risk score 99
-- ATT&CK: TA0001, T1078, T1078.004
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'authentication')
  AND event.dataset = 'aws.cloudtrail'
  AND event.action = 'ConsoleLogin'
  AND event.outcome = 'success'
  AND aws.cloudtrail.user_identity.type = 'Root'
  AND NOT COALESCE(aws.cloudtrail.console_login.additional_eventdata.mfa_used = TRUE, FALSE)
ORDER BY
  "@timestamp"
