-- File Times Set Back (293993ec-7d79-4f90-ad4e-8e1d0683b1d3)
-- severity: medium, risk score 47
-- ATT&CK: TA0005, T1070, T1070.006
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'file')
  AND LENGTH(LIST_FILTER(event.type, LAMBDA v : v IN ('creation', 'change'))) > 0
  AND (
    UPPER(file.extension) IN ('EXE', 'DLL', 'SYS', 'PS1', 'SH', 'DYLIB')
    AND NOT CONTAINS(file.extension, 'ı')
  )
  AND (
    file.created < CAST('1999-12-31 23:59:59' AS TIMESTAMP)
    OR file.mtime = CAST('1980-01-01 00:00:00' AS TIMESTAMP)
  )
  AND NOT COALESCE(
    CASE
      WHEN LOWER(UPPER(process.name)) IN ('winrar.exe', 'unzip', 'tar', 'bsdtar', 'dpkg', 'rpm')
      THEN NOT REGEXP_MATCHES(process.name, '[İı]')
    END
    OR process.name ILIKE '7z%.exe',
    FALSE
  )
ORDER BY
  "@timestamp"
