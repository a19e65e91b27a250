-- Launch Item That Pretends to Be Apple's (08073853-899b-409c-829c-46d04fde1c54)
-- severity: medium, risk score 47
-- ATT&CK: TA0003, T1543, T1543.001, T1543.004, TA0005, T1036, T1036.005
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'file')
  AND host.os.type = 'macos'
  AND ARRAY_CONTAINS(event.type, 'creation')
  AND (
    file.path LIKE '/Library/LaunchAgents/%'
    OR file.path LIKE '/Library/LaunchDaemons/%'
    OR file.path LIKE '/Users/%/Library/LaunchAgents/%'
  )
  AND (
    REGEXP_FULL_MATCH(
      file.name,
      'com\.apple\.[a-z]+\.0*(?:[0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3})\.plist'
    )
    OR REGEXP_FULL_MATCH(
      file.name,
      '(?:(?:(?:0[1-9a-f]|[1-9a-f][0-9a-f])[0-9a-f]|00[1-9a-f])[0-9a-f]|000[1-9a-f])[0-9a-f]{8,28}\.[Pp][Ll][Ii][Ssſ][Tt]'
    )
  )
  AND NOT COALESCE(process.executable IN ('/usr/sbin/installer', '/usr/libexec/xpcproxy'), FALSE)
ORDER BY
  "@timestamp"
