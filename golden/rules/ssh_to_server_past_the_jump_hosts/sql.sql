-- SSH to a Server past the Jump Hosts (95802e33-7960-4045-9e53-6fbe383157cf)
-- severity: medium, risk score 47
-- ATT&CK: TA0008, T1021, T1021.004
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'network')
  AND host.os.type = 'linux'
  AND event.action = 'connection_accepted'
  AND destination.port = 22
  AND (
    REGEXP_FULL_MATCH(
      source.ip,
      '10\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|172\.(?:1[6-9]|2[0-9]|3[0-1])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|192\.168\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
    )
    OR CASE
      WHEN REGEXP_MATCHES(source.ip, '^(?:[0:]+:ffff:|fd)', 'i')
      THEN LIST_TRANSFORM(
        [
          CASE
            WHEN REGEXP_FULL_MATCH(
              source.ip,
              '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
            )
            THEN LIST_TRANSFORM(
              [
                REGEXP_REPLACE(
                  REGEXP_REPLACE(
                    CASE
                      WHEN CONTAINS(source.ip, '.')
                      THEN REGEXP_REPLACE(source.ip, '[0-9.]+$', '') || PRINTF(
                        '%02x%02x:%02x%02x',
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 1) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 2) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 3) AS INT),
                        CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 4) AS INT)
                      )
                      ELSE source.ip
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
        OR a BETWEEN 'fd000000000000000000000000000000' AND 'fdffffffffffffffffffffffffffffff'
      )[1]
      ELSE FALSE
    END
  )
  AND NOT COALESCE(
    CASE
      WHEN REGEXP_FULL_MATCH(
        source.ip,
        '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
      )
      THEN '00000000000000000000ffff' || PRINTF(
        '%02x%02x%02x%02x',
        CAST(SPLIT_PART(source.ip, '.', 1) AS INT),
        CAST(SPLIT_PART(source.ip, '.', 2) AS INT),
        CAST(SPLIT_PART(source.ip, '.', 3) AS INT),
        CAST(SPLIT_PART(source.ip, '.', 4) AS INT)
      )
      ELSE CASE
        WHEN REGEXP_FULL_MATCH(
          source.ip,
          '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
        )
        THEN LIST_TRANSFORM(
          [
            REGEXP_REPLACE(
              REGEXP_REPLACE(
                CASE
                  WHEN CONTAINS(source.ip, '.')
                  THEN REGEXP_REPLACE(source.ip, '[0-9.]+$', '') || PRINTF(
                    '%02x%02x:%02x%02x',
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 1) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 2) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 3) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 4) AS INT)
                  )
                  ELSE source.ip
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
    END >= '00000000000000000000ffff0a141e10'
    AND CASE
      WHEN REGEXP_FULL_MATCH(
        source.ip,
        '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}'
      )
      THEN '00000000000000000000ffff' || PRINTF(
        '%02x%02x%02x%02x',
        CAST(SPLIT_PART(source.ip, '.', 1) AS INT),
        CAST(SPLIT_PART(source.ip, '.', 2) AS INT),
        CAST(SPLIT_PART(source.ip, '.', 3) AS INT),
        CAST(SPLIT_PART(source.ip, '.', 4) AS INT)
      )
      ELSE CASE
        WHEN REGEXP_FULL_MATCH(
          source.ip,
          '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
        )
        THEN LIST_TRANSFORM(
          [
            REGEXP_REPLACE(
              REGEXP_REPLACE(
                CASE
                  WHEN CONTAINS(source.ip, '.')
                  THEN REGEXP_REPLACE(source.ip, '[0-9.]+$', '') || PRINTF(
                    '%02x%02x:%02x%02x',
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 1) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 2) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 3) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 4) AS INT)
                  )
                  ELSE source.ip
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
    END <= '00000000000000000000ffff0a141e17',
    FALSE
  )
  AND NOT COALESCE(
    REGEXP_FULL_MATCH(source.ip, '10\.20\.40\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])')
    OR CASE
      WHEN REGEXP_MATCHES(source.ip, '^[0:]+:ffff:', 'i')
      THEN CASE
        WHEN REGEXP_FULL_MATCH(
          source.ip,
          '(?:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::)?(?:(?:[0-9a-fA-F]{1,4}:)*(?:[0-9a-fA-F]{1,4}|(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}))?'
        )
        THEN LIST_TRANSFORM(
          [
            REGEXP_REPLACE(
              REGEXP_REPLACE(
                CASE
                  WHEN CONTAINS(source.ip, '.')
                  THEN REGEXP_REPLACE(source.ip, '[0-9.]+$', '') || PRINTF(
                    '%02x%02x:%02x%02x',
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 1) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 2) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 3) AS INT),
                    CAST(SPLIT_PART(REGEXP_EXTRACT(source.ip, '[0-9.]+$'), '.', 4) AS INT)
                  )
                  ELSE source.ip
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
      END BETWEEN '00000000000000000000ffff0a142800' AND '00000000000000000000ffff0a1428ff'
      ELSE FALSE
    END,
    FALSE
  )
ORDER BY
  "@timestamp"
