-- Uncommon Destination Port Connection by Web Server (bad15c6c-dfef-4f62-967c-881828d326c1)
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
  AND event.action = 'connection_attempted'
  AND (
    "user".name IN (
      'apache',
      'www-data',
      'httpd',
      'nginx',
      'lighttpd',
      'tomcat',
      'tomcat8',
      'tomcat9',
      'ftp',
      'ftpuser',
      'ftpd'
    )
    OR "user".id IN ('99', '33', '498', '48')
  )
  AND (
    process.name IN (
      'apache',
      'nginx',
      'apache2',
      'httpd',
      'lighttpd',
      'caddy',
      'node',
      'mongrel_rails',
      'java',
      'gunicorn',
      'uwsgi',
      'openresty',
      'cherokee',
      'h2o',
      'resin',
      'puma',
      'unicorn',
      'traefik',
      'tornado',
      'hypercorn',
      'daphne',
      'twistd',
      'yaws',
      'webfsd',
      'httpd.worker',
      'flask',
      'rails',
      'mongrel'
    )
    OR process.name LIKE 'php-%'
    OR process.name LIKE 'python%'
    OR process.name LIKE 'ruby%'
    OR process.name LIKE 'perl%'
  )
  AND network.direction = 'egress'
  AND COALESCE(
    REGEXP_FULL_MATCH(
      destination.ip,
      '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
    )
    OR (
      REGEXP_FULL_MATCH(
        destination.ip,
        '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
      )
      AND CASE
        WHEN CONTAINS(destination.ip, '::')
        THEN LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[.]')) // 3 <= 7
        ELSE LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[^:]+')) + LENGTH(REGEXP_EXTRACT_ALL(destination.ip, '[.]')) // 3 = 8
      END
    ),
    FALSE
  )
  AND NOT COALESCE(destination.port IN (80, 443, 8080, 8443, 8000, 8888, 3128, 3306), FALSE)
  AND NOT COALESCE(
    REGEXP_FULL_MATCH(
      destination.ip,
      '127\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
    )
    OR CASE
      WHEN REGEXP_MATCHES(destination.ip, '^(?:[0:]+:ffff:|[0:]|fe[89ab]|ff)', 'i')
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
        LAMBDA a : a BETWEEN '00000000000000000000ffff7f000000' AND '00000000000000000000ffff7fffffff'
        OR a = '00000000000000000000000000000001'
        OR a BETWEEN 'fe800000000000000000000000000000' AND 'febfffffffffffffffffffffffffffff'
        OR a BETWEEN 'ff000000000000000000000000000000' AND 'ffffffffffffffffffffffffffffffff'
      )[1]
      ELSE FALSE
    END,
    FALSE
  )
ORDER BY
  "@timestamp"
