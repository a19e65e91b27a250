-- Okta Session Used without a Known Network (d9d6e031-af38-410b-9bef-dc677f41290f)
-- severity: medium, risk score 47
-- ATT&CK: TA0005, T1078, T1078.004, TA0003, T1098, T1098.003
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  event.dataset = 'okta.system'
  AND event.outcome = 'success'
  AND (
    (
      LOWER(UPPER(event.action)) IN (
        'user.account.privilege.grant',
        'group.user_membership.add',
        'system.api_token.create'
      )
      AND NOT REGEXP_MATCHES(event.action, '[İı]')
    )
    OR (
      event.action ILIKE 'policy.rule.%' AND NOT CONTAINS(LEFT(event.action, 12), 'İ')
    )
  )
  AND (
    okta.security_context.is_proxy = TRUE OR source."as".number > 0
  ) IS NULL
  AND NOT okta.actor.alternate_id IS NULL
  AND NOT COALESCE(UPPER(okta.actor.alternate_id) ILIKE 'system@okta.com', FALSE)
ORDER BY
  "@timestamp"
