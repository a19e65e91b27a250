-- Download from a Bare Address (854ce3e9-1f78-4de4-b355-7e51043f9b7c)
-- severity: medium, risk score 47
-- ATT&CK: TA0011, T1105
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'process')
  AND ARRAY_CONTAINS(event.type, 'start')
  AND (
    (
      UPPER(process.name) IN ('CERTUTIL.EXE', 'POWERSHELL.EXE', 'BITSADMIN.EXE', 'MSHTA.EXE')
      AND NOT CONTAINS(process.name, 'ı')
    )
    OR process.name ILIKE 'curl%'
    OR process.name ILIKE 'wget%'
  )
  AND (
    TRY(
      REGEXP_FULL_MATCH(
        CASE
          WHEN process.command_line = '' OR 'http://' = '' OR '/' = ''
          THEN process.command_line
          WHEN STRPOS(LOWER(process.command_line), LOWER('http://')) = 0
          OR STRPOS(
            SUBSTRING(
              LOWER(process.command_line),
              STRPOS(LOWER(process.command_line), LOWER('http://')) + LENGTH('http://')
            ),
            LOWER('/')
          ) = 0
          THEN ''
          ELSE SUBSTRING(
            process.command_line,
            STRPOS(LOWER(process.command_line), LOWER('http://')) + LENGTH('http://'),
            STRPOS(
              SUBSTRING(
                LOWER(process.command_line),
                STRPOS(LOWER(process.command_line), LOWER('http://')) + LENGTH('http://')
              ),
              LOWER('/')
            ) - 1
          )
        END,
        '[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?'
      )
    )
    OR TRY(
      REGEXP_MATCHES(
        CASE
          WHEN process.command_line = '' OR 'https://' = '' OR '/' = ''
          THEN process.command_line
          WHEN STRPOS(process.command_line, 'https://') = 0
          OR STRPOS(
            SUBSTRING(
              process.command_line,
              STRPOS(process.command_line, 'https://') + LENGTH('https://')
            ),
            '/'
          ) = 0
          THEN ''
          ELSE SUBSTRING(
            process.command_line,
            STRPOS(process.command_line, 'https://') + LENGTH('https://'),
            STRPOS(
              SUBSTRING(
                process.command_line,
                STRPOS(process.command_line, 'https://') + LENGTH('https://')
              ),
              '/'
            ) - 1
          )
        END,
        '^[^\n\r\x{85}\x{2028}\x{2029}]*:[^\n\r\x{85}\x{2028}\x{2029}][^\n\r\x{85}\x{2028}\x{2029}]*$',
        's'
      )
    )
  )
  AND NOT COALESCE(
    TRY(
      CASE
        WHEN process.command_line = '' OR 'http://' = '' OR '/' = ''
        THEN process.command_line
        WHEN STRPOS(process.command_line, 'http://') = 0
        OR STRPOS(
          SUBSTRING(process.command_line, STRPOS(process.command_line, 'http://') + LENGTH('http://')),
          '/'
        ) = 0
        THEN ''
        ELSE SUBSTRING(
          process.command_line,
          STRPOS(process.command_line, 'http://') + LENGTH('http://'),
          STRPOS(
            SUBSTRING(process.command_line, STRPOS(process.command_line, 'http://') + LENGTH('http://')),
            '/'
          ) - 1
        )
      END
    ) = '127.0.0.1',
    FALSE
  )
ORDER BY
  "@timestamp"
