-- Debugger Attached to Its Own Parent (7a45ff20-5049-4188-8961-957656007f07)
-- severity: medium, risk score 47
-- ATT&CK: TA0005, T1055, T1055.008, TA0004
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'process')
  AND host.os.type = 'linux'
  AND ARRAY_CONTAINS(event.type, 'start')
  AND process.name IN ('gdb', 'strace', 'ltrace')
  AND '-p ' || CAST(process.parent.pid AS TEXT) <> ''
  AND CONTAINS(process.command_line, '-p ' || CAST(process.parent.pid AS TEXT))
  AND NOT COALESCE(process.parent.name IN ('bash', 'zsh', 'sh', 'fish'), FALSE)
ORDER BY
  "@timestamp"
