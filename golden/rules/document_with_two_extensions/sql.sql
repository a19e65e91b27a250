-- Program that Looks like a Document (96dbe3b2-a843-4efa-a8c5-2c7b8d787f1a)
-- severity: high, risk score 73
-- ATT&CK: TA0005, T1036, T1036.007, TA0002, T1204, T1204.002
-- fidelity: equivalent
-- - assuming: no position cuts a character beyond U+FFFF in two: SQL has no half characters
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'process')
  AND host.os.type = 'windows'
  AND ARRAY_CONTAINS(event.type, 'start')
  AND (
    COALESCE(process.name ILIKE '%.pdf.%', FALSE)
    OR COALESCE(process.name ILIKE '%.docx.%', FALSE)
    OR COALESCE(UPPER(process.name) LIKE '%.XLSX.%', FALSE)
    OR CASE
      WHEN CONTAINS(process.name, '     ')
      THEN STRPOS(process.name, '     ') - 1 + LENGTH(
        REGEXP_EXTRACT_ALL(
          SUBSTRING(process.name, 1, STRPOS(process.name, '     ') - 1),
          '[\x{10000}-\x{10FFFF}]'
        )
      )
    END >= 1
  )
  AND TRY(
    UPPER(
      CASE
        WHEN REGEXP_MATCHES(process.name, '[\x{10000}-\x{10FFFF}]')
        THEN LIST_TRANSFORM(
          [REGEXP_REPLACE(process.name, '([\x{10000}-\x{10FFFF}])', '\1\1', 'g')],
          LAMBDA u : LIST_TRANSFORM(
            [GREATEST(LENGTH(u) - 4, 0)],
            LAMBDA p : LIST_TRANSFORM(
              [LENGTH(u)],
              LAMBDA q : CASE
                WHEN process.name IS NULL
                THEN NULL
                WHEN p >= q
                THEN ''
                WHEN LENGTH(u) = LENGTH(process.name)
                THEN SUBSTRING(process.name, p + 1, q - p)
                ELSE SUBSTRING(
                  process.name,
                  (
                    p - LENGTH(REGEXP_EXTRACT_ALL(SUBSTRING(u, 1, p), '[\x{10000}-\x{10FFFF}]')) // 2
                  ) + 1,
                  (
                    q - LENGTH(REGEXP_EXTRACT_ALL(SUBSTRING(u, 1, q), '[\x{10000}-\x{10FFFF}]')) // 2
                  ) - (
                    p - LENGTH(REGEXP_EXTRACT_ALL(SUBSTRING(u, 1, p), '[\x{10000}-\x{10FFFF}]')) // 2
                  )
                )
              END
            )[1]
          )[1]
        )[1]
        ELSE RIGHT(process.name, 4)
      END
    ) IN ('.EXE', '.SCR', '.COM', '.BAT')
  )
ORDER BY
  "@timestamp"
