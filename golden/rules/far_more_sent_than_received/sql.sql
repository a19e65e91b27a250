-- Far More Sent than Received (207b21d7-cedc-4d2e-abfb-f9462cdcba55)
-- severity: medium, risk score 47
-- ATT&CK: TA0010, T1048
-- fidelity: equivalent
-- - assuming: runtime-error-becomes-no-match: where Elasticsearch would fail the whole request (overflow, division by zero, a text that is no number), the condition does not match
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'network')
  AND event.action IN ('connection_closed', 'disconnect_received', 'network_flow')
  AND TRY(source.bytes - (
    10 * destination.bytes
  )) > 52428800
  AND source.bytes // 1048576 >= 50
  AND NOT COALESCE(destination.port % 1000 = 873, FALSE)
  AND destination.port > 0
  AND NOT COALESCE(
    REGEXP_FULL_MATCH(
      destination.ip,
      '10\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|172\.(?:1[6-9]|2[0-9]|3[0-1])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|192\.168\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|169\.254\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
    )
    OR CASE
      WHEN REGEXP_MATCHES(destination.ip, '^(?:[0:]+:ffff:|f[cd])', 'i')
      THEN LIST_TRANSFORM(
        [
          CASE
            WHEN REGEXP_FULL_MATCH(
              destination.ip,
              '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
            )
            THEN LIST_TRANSFORM(
              [
                REGEXP_REPLACE(
                  REGEXP_REPLACE(
                    CASE
                      WHEN CONTAINS(destination.ip, '.')
                      THEN REGEXP_REPLACE(destination.ip, '[0-9.]+$', '') || PRINTF(
                        '%02x%02x:%02x%02x',
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 1) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 2) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 3) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.', 4) AS INT)
                      )
                      ELSE destination.ip
                    END,
                    '([0-9a-fA-F]+)',
                    '000\1',
                    'g'
                  ),
                  '[0-9a-fA-F]*([0-9a-fA-F]{4})',
                  '\1',
                  'g'
                )
              ],
              LAMBDA g : CASE
                WHEN CONTAINS(g, '::')
                AND LENGTH(REPLACE(g, ':', '')) <= 28
                OR NOT CONTAINS(g, '::')
                AND LENGTH(REPLACE(g, ':', '')) = 32
                THEN LOWER(
                  REPLACE(REPLACE(g, '::', REPEAT('0', 32 - LENGTH(REPLACE(g, ':', '')))), ':', '')
                )
              END
            )[1]
          END
        ],
        LAMBDA a : a BETWEEN '00000000000000000000ffff0a000000' AND '00000000000000000000ffff0affffff'
        OR a BETWEEN '00000000000000000000ffffac100000' AND '00000000000000000000ffffac1fffff'
        OR a BETWEEN '00000000000000000000ffffc0a80000' AND '00000000000000000000ffffc0a8ffff'
        OR a BETWEEN '00000000000000000000ffffa9fe0000' AND '00000000000000000000ffffa9feffff'
        OR a BETWEEN 'fc000000000000000000000000000000' AND 'fdffffffffffffffffffffffffffffff'
      )[1]
      ELSE FALSE
    END,
    FALSE
  )
ORDER BY
  "@timestamp"
