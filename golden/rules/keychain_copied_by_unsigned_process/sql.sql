-- Keychain Database Opened by an Untrusted Program on macOS (788bc769-5dc0-40e9-96d3-cf9bafa200c9)
-- severity: high, risk score 73
-- ATT&CK: TA0006, T1555, T1555.001
-- fidelity: exact
SELECT
  *
FROM events
WHERE
  ARRAY_CONTAINS(event.category, 'file')
  AND host.os.type = 'macos'
  AND event.action IN ('open', 'modification', 'extended_attributes_delete')
  AND process.code_signature.trusted = FALSE
  AND (
    file.name IN ('login.keychain-db', 'System.keychain')
    OR file.path LIKE '/Users/%/Library/Keychains/%.keychain%'
  )
  AND NOT COALESCE(process.executable LIKE '/System/%', FALSE)
ORDER BY
  "@timestamp"
