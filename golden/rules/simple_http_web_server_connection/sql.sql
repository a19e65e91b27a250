-- Simple HTTP Web Server Connection (982e3a4f-6c30-4753-b0bc-011e706f58a7)
-- severity: low, risk score 21
-- ATT&CK: TA0003, T1505, T1505.003, TA0002, T1059, T1059.004, TA0011, T1071
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'network')
  AND host.os.type = 'linux'
  AND ARRAY_CONTAINS(event.type, 'start')
  AND event.action = 'connection_accepted'
  AND (
    (
      REGEXP_FULL_MATCH(process.name, '[Pp][Hh][Pp]?[0-9]?\.?[0-9]{0,2}')
      AND process.command_line LIKE '%-S%'
    )
    OR (
      process.name LIKE 'python%'
      AND (
        process.command_line LIKE '%--cgi%'
        OR process.command_line LIKE '%CGIHTTPServer%'
      )
    )
  )
ORDER BY
  "@timestamp"
