-- Potential Non-Standard Port HTTP/HTTPS connection (b416db99-975e-451d-bcbb-f715df5ecb91)
-- severity: low, risk score 21
-- ATT&CK: TA0011, T1571, T1071, T1071.001, T1573, T1573.001, T1573.002
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'network')
  AND UPPER(process.name) IN ('HTTP', 'HTTPS')
  AND NOT COALESCE(destination.port IN (80, 443), FALSE)
  AND event.action IN ('connection_attempted', 'connection_accepted')
  AND NOT COALESCE(
    destination.ip = '127.0.0.1'
    OR CASE
      WHEN REGEXP_MATCHES(destination.ip, '^[0:]+:ffff:', 'i')
      THEN CASE
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
      END = '00000000000000000000ffff7f000001'
      ELSE FALSE
    END,
    FALSE
  )
ORDER BY
  "@timestamp"
