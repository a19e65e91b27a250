-- Long Names in DNS Queries (3c003cb4-bd50-45a8-9f7f-0a9b72084705)
-- severity: medium, risk score 47
-- ATT&CK: TA0011, T1071, T1071.004, T1572
-- fidelity: equivalent
-- - assuming: no position cuts a character beyond U+FFFF in two: SQL has no half characters
SELECT
  *
FROM (
  SELECT
    *
  FROM events
  WHERE
    ARRAY_CONTAINS(event.category, 'network')
    AND network.protocol = 'dns'
    AND dns.question.type IN ('TXT', 'NULL', 'CNAME', 'MX')
    AND LENGTH(dns.question.name) + LENGTH(REGEXP_EXTRACT_ALL(dns.question.name, '[\x{10000}-\x{10FFFF}]')) > 100
    AND TRY(
      LIST_TRANSFORM(
        [
          LIST_TRANSFORM(
            [REGEXP_REPLACE(dns.question.name, '([\x{10000}-\x{10FFFF}])', '\1\1', 'g')],
            LAMBDA u : LIST_TRANSFORM(
              [0],
              LAMBDA p : LIST_TRANSFORM(
                [
                  LIST_TRANSFORM(
                    [
                      COALESCE(
                        CASE
                          WHEN CONTAINS(dns.question.name, '.')
                          THEN STRPOS(dns.question.name, '.') - 1 + LENGTH(
                            REGEXP_EXTRACT_ALL(
                              SUBSTRING(dns.question.name, 1, STRPOS(dns.question.name, '.') - 1),
                              '[\x{10000}-\x{10FFFF}]'
                            )
                          )
                        END,
                        LENGTH(u)
                      )
                    ],
                    LAMBDA e : CASE WHEN e < 0 THEN GREATEST(e + LENGTH(u), 0) ELSE LEAST(e, LENGTH(u)) END
                  )[1]
                ],
                LAMBDA q : CASE
                  WHEN dns.question.name IS NULL
                  THEN NULL
                  WHEN p >= q
                  THEN ''
                  WHEN LENGTH(u) = LENGTH(dns.question.name)
                  THEN SUBSTRING(dns.question.name, p + 1, q - p)
                  ELSE SUBSTRING(
                    dns.question.name,
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
        ],
        LAMBDA s : LENGTH(s) + LENGTH(REGEXP_EXTRACT_ALL(s, '[\x{10000}-\x{10FFFF}]'))
      )[1]
    ) >= 40
    AND NOT COALESCE(
      CASE
        WHEN dns.question.name ILIKE '%.in-addr.arpa'
        THEN NOT CONTAINS(RIGHT(dns.question.name, 13), 'İ')
      END,
      FALSE
    )
    AND NOT COALESCE(UPPER(dns.question.name) ILIKE '%.akadns.net', FALSE)
  ORDER BY
    "@timestamp" DESC NULLS FIRST
  LIMIT 50
) AS matches
ORDER BY
  "@timestamp"
