-- File Times Set Back (293993ec-7d79-4f90-ad4e-8e1d0683b1d3)
-- severity: medium, risk score 47
-- ATT&CK: TA0005, T1070, T1070.006
-- fidelity: approximate
-- - widens: letters beyond ASCII are folded too [unicode-case-folding]
-- - narrows: letters beyond ASCII are folded too [unicode-case-folding]
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'file')
  AND LENGTH(LIST_FILTER(event.type, LAMBDA v : v IN ('creation', 'change'))) > 0
  AND LOWER(file.extension) IN ('exe', 'dll', 'sys', 'ps1', 'sh', 'dylib')
  AND (
    file.created < CAST('1999-12-31 23:59:59' AS TIMESTAMP)
    OR file.mtime = CAST('1980-01-01 00:00:00' AS TIMESTAMP)
  )
  AND NOT COALESCE(
    LOWER(process.name) IN ('winrar.exe', 'unzip', 'tar', 'bsdtar', 'dpkg', 'rpm')
    OR process.name ILIKE '7z%.exe',
    FALSE
  )
ORDER BY
  "@timestamp"
