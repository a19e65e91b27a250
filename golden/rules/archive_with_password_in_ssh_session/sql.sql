-- Archive with a Password Made in an SSH Session (6537ee51-b39f-4280-bb17-b701a7d4d45e)
-- severity: low, risk score 21
-- ATT&CK: TA0009, T1560, T1560.001
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'process')
  AND host.os.type = 'linux'
  AND ARRAY_CONTAINS(event.type, 'start')
  AND process.entry_leader.entry_meta.type = 'sshd'
  AND (
    (
      process.name IN ('zip', '7z', '7za', 'rar')
      AND LENGTH(
        LIST_FILTER(
          process.args,
          LAMBDA v : v = '-e' OR v LIKE '-p%' OR v LIKE '--password%' OR v LIKE '-hp%'
        )
      ) > 0
    )
    OR (
      process.name = 'tar'
      AND LENGTH(
        LIST_FILTER(process.args, LAMBDA v : v IN ('/home', '/root', '/etc', '/var/www'))
      ) > 0
    )
  )
  AND NOT COALESCE(process.working_directory LIKE '/var/backups%', FALSE)
ORDER BY
  "@timestamp"
