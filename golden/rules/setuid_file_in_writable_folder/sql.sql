-- Setuid File in a Folder that Everybody Can Write to (4f3a84de-5313-4e47-a5c3-d12163ebab77)
-- severity: high, risk score 73
-- ATT&CK: TA0004, T1548, T1548.001
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'file')
  AND host.os.type = 'linux'
  AND LENGTH(LIST_FILTER(event.type, LAMBDA v : v IN ('creation', 'change'))) > 0
  AND file.mode >= '2000'
  AND file.mode < '8'
  AND LENGTH(file.mode) + LENGTH(REGEXP_EXTRACT_ALL(file.mode, '[\x{10000}-\x{10FFFF}]')) = 4
  AND (
    file.directory IN ('/tmp', '/var/tmp', '/dev/shm') OR file.path ILIKE '/home/%'
  )
  AND file.uid = '0'
  AND NOT file.owner IS NULL
ORDER BY
  "@timestamp"
