-- Office Program Starts a Script Interpreter (3c42ccd0-f750-417e-840f-3505e5167b0f)
-- severity: medium, risk score 47
-- ATT&CK: TA0002, T1204, T1204.002, T1059, T1059.001, TA0001, T1566, T1566.001
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'process')
  AND host.os.type = 'windows'
  AND ARRAY_CONTAINS(event.type, 'start')
  AND (
    LOWER(UPPER(process.parent.name || '>' || process.name)) IN (
      'winword.exe>powershell.exe',
      'winword.exe>cmd.exe',
      'winword.exe>wscript.exe',
      'winword.exe>mshta.exe',
      'excel.exe>powershell.exe',
      'excel.exe>cmd.exe',
      'excel.exe>wscript.exe',
      'excel.exe>mshta.exe',
      'outlook.exe>powershell.exe',
      'outlook.exe>wscript.exe',
      'outlook.exe>mshta.exe'
    )
    AND NOT REGEXP_MATCHES(process.parent.name || '>' || process.name, '[İı]')
  )
  AND LENGTH(process.command_line) + LENGTH(REGEXP_EXTRACT_ALL(process.command_line, '[\x{10000}-\x{10FFFF}]')) > 20
ORDER BY
  "@timestamp"
