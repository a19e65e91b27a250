-- Potential Non-Standard Port HTTP/HTTPS connection (b416db99-975e-451d-bcbb-f715df5ecb91)
-- severity: low, risk score 21
-- ATT&CK: TA0011, T1571, T1071, T1071.001, T1573, T1573.001, T1573.002
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'network')
  AND LOWER(process.name) IN ('http', 'https')
  AND NOT COALESCE(destination.port IN (80, 443), FALSE)
  AND event.action IN ('connection_attempted', 'connection_accepted')
  AND NOT COALESCE(
    destination.ip = '127.0.0.1'
    OR (
      REGEXP_MATCHES(destination.ip, '^[0:]+:ffff:', 'i')
      AND CASE
        WHEN REGEXP_FULL_MATCH(
          destination.ip,
          '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
        )
        AND CASE
          WHEN CONTAINS(destination.ip, '::')
          THEN LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[.]')) // 3 <= 7
          ELSE LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[.]')) // 3 = 8
        END
        THEN LIST_TRANSFORM(
          [
            LIST_TRANSFORM(
              STR_SPLIT(
                CASE
                  WHEN CONTAINS(destination.ip, '.')
                  THEN REGEXP_REPLACE(destination.ip, '[0-9.]+$', '') || REGEXP_REPLACE(
                    ARRAY_TO_STRING(
                      LIST_TRANSFORM(
                        STR_SPLIT(REGEXP_EXTRACT(destination.ip, '[0-9.]+$'), '.'),
                        LAMBDA o : LPAD(HEX(CAST(o AS BIGINT)), 2, '0')
                      ),
                      ''
                    ),
                    '^(.{4})',
                    '\1:'
                  )
                  ELSE destination.ip
                END,
                '::'
              ),
              LAMBDA p : REGEXP_REPLACE(REGEXP_REPLACE(p, '([0-9a-fA-F]+):?', '000\1;', 'g'), '0*([0-9a-fA-F]{4});', '\1', 'g')
            )
          ],
          LAMBDA g : LOWER(
            RPAD(g[1], CAST(32 - COALESCE(LENGTH(g[2]), 0) AS INT), '0') || COALESCE(g[2], '')
          )
        )[1]
      END = '00000000000000000000ffff7f000001'
    ),
    FALSE
  )
ORDER BY
  "@timestamp"
