-- LSASS Memory Dumped through comsvcs.dll (e5be5ced-d1a9-4c3a-95ba-777bf4657551)
-- severity: high, risk score 73
-- ATT&CK: TA0006, T1003, T1003.001, TA0005, T1218, T1218.011
-- fidelity: equivalent
-- - assuming: every field of the rule is mapped, the optional ones (`?f`) too
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'process')
  AND host.os.type = 'windows'
  AND ARRAY_CONTAINS(event.type, 'start')
  AND (
    process.name ILIKE 'rundll32.exe'
    OR process.pe.original_file_name = 'RUNDLL32.EXE'
  )
  AND UPPER(process.command_line) LIKE '%COMSVCS%'
  AND REGEXP_MATCHES(process.command_line, 'MiniDump|#24|#-65512|#\+24', 'is')
ORDER BY
  "@timestamp"
