"""WHERE clauses for shipped rules, as a careful engineer writes them for DuckDB and flat columns.

By the rule's path below `rules/`; after a `#`, the stage of a sequence (from 1) that is searched as
an event query. Each gives the same rows as the rule on the benchmark's events, which hold valid
addresses and no line ends; in general the hand-written forms are less exact.
"""

from __future__ import annotations

PRIVATE = r"10\.|172\.(1[6-9]|2[0-9]|3[01])\.|192\.168\."

CLAUSES = {
    "exfiltration/far_more_sent_than_received": rf"""list_contains("event.category", 'network')
        AND "event.action" IN ('connection_closed', 'disconnect_received', 'network_flow')
        AND "source.bytes" - 10 * "destination.bytes" > 52428800 AND "source.bytes" >= 52428800
        AND "destination.port" % 1000 <> 873 AND "destination.port" > 0
        AND NOT coalesce(regexp_matches("destination.ip",
            '^({PRIVATE}|169\.254\.|f[cd][0-9a-f]{{2}}:)'), false)""",
    "collection/archive_with_password_in_ssh_session": """list_contains("event.category", 'process')
        AND "host.os.type" = 'linux' AND list_contains("event.type", 'start')
        AND "process.entry_leader.entry_meta.type" = 'sshd'
        AND ("process.name" IN ('zip', '7z', '7za', 'rar') AND len(list_filter("process.args", LAMBDA a :
                a LIKE '-p%' OR a = '-e' OR a LIKE '--password%' OR a LIKE '-hp%')) > 0
            OR "process.name" = 'tar'
                AND list_has_any("process.args", ['/home', '/root', '/etc', '/var/www']))
        AND NOT coalesce("process.working_directory" LIKE '/var/backups%', false)""",
    "defense_evasion/document_with_two_extensions": """list_contains("event.category", 'process')
        AND "host.os.type" = 'windows' AND list_contains("event.type", 'start')
        AND (contains(lower("process.name"), '.pdf.') OR contains(lower("process.name"), '.docx.')
            OR contains(lower("process.name"), '.xlsx.') OR strpos("process.name", '     ') >= 2)
        AND lower(right("process.name", 4)) IN ('.exe', '.scr', '.com', '.bat')""",
    "defense_evasion/debugger_attached_to_its_parent": """list_contains("event.category", 'process')
        AND "host.os.type" = 'linux' AND list_contains("event.type", 'start')
        AND "process.name" IN ('gdb', 'strace', 'ltrace')
        AND contains("process.command_line", '-p ' || "process.parent.pid")
        AND NOT coalesce("process.parent.name" IN ('bash', 'zsh', 'sh', 'fish'), false)""",
    "defense_evasion/file_times_set_back": """list_contains("event.category", 'file')
        AND list_has_any("event.type", ['creation', 'change'])
        AND lower("file.extension") IN ('exe', 'dll', 'sys', 'ps1', 'sh', 'dylib')
        AND ("file.created" < TIMESTAMP '1999-12-31 23:59:59'
            OR "file.mtime" = TIMESTAMP '1980-01-01 00:00:00')
        AND NOT coalesce("process.name" ILIKE '7z%.exe' OR lower("process.name") IN
            ('winrar.exe', 'unzip', 'tar', 'bsdtar', 'dpkg', 'rpm'), false)""",
    "defense_evasion/okta_session_without_known_network": """"event.dataset" = 'okta.system'
        AND "event.outcome" = 'success' AND (lower("event.action") IN ('user.account.privilege.grant',
                'group.user_membership.add', 'system.api_token.create')
            OR "event.action" ILIKE 'policy.rule.%')
        AND ("okta.security_context.is_proxy" OR "source.as.number" > 0) IS NULL
        AND lower("okta.actor.alternate_id") <> 'system@okta.com'""",
    "persistence/uncommon_destination_port_connection_by_web_server": r"""
        list_contains("event.category", 'network') AND "host.os.type" = 'linux'
        AND list_contains("event.type", 'start') AND "event.action" = 'connection_attempted'
        AND ("user.name" IN ('apache', 'www-data', 'httpd', 'nginx', 'lighttpd', 'tomcat', 'tomcat8',
                'tomcat9', 'ftp', 'ftpuser', 'ftpd') OR "user.id" IN ('99', '33', '498', '48'))
        AND ("process.name" IN ('apache', 'nginx', 'apache2', 'httpd', 'lighttpd', 'caddy', 'node',
                'mongrel_rails', 'java', 'gunicorn', 'uwsgi', 'openresty', 'cherokee', 'h2o', 'resin',
                'puma', 'unicorn', 'traefik', 'tornado', 'hypercorn', 'daphne', 'twistd', 'yaws',
                'webfsd', 'httpd.worker', 'flask', 'rails', 'mongrel')
            OR regexp_matches("process.name", '^(php-|python|ruby|perl)'))
        AND "network.direction" = 'egress' AND "destination.ip" IS NOT NULL
        AND coalesce("destination.port" NOT IN (80, 443, 8080, 8443, 8000, 8888, 3128, 3306), true)
        AND "destination.ip" <> '::1'
        AND NOT regexp_matches("destination.ip", '^(127\.|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)', 'i')""",
    "persistence/launch_item_with_apple_name": r"""list_contains("event.category", 'file')
        AND "host.os.type" = 'macos' AND list_contains("event.type", 'creation')
        AND ("file.path" LIKE '/Library/LaunchAgents/%' OR "file.path" LIKE '/Library/LaunchDaemons/%'
            OR "file.path" LIKE '/Users/%/Library/LaunchAgents/%')
        AND (regexp_full_match("file.name", 'com\.apple\.[a-z]+\.0*[0-9]{1,4}\.plist')
            OR regexp_full_match("file.name", '(?i)[0-9a-f]{12,32}\.plist')
                AND NOT starts_with("file.name", '0000'))
        AND NOT coalesce("process.executable" IN
            ('/usr/sbin/installer', '/usr/libexec/xpcproxy'), false)""",
    "persistence/simple_http_web_server_connection": r"""list_contains("event.category", 'network')
        AND "host.os.type" = 'linux' AND list_contains("event.type", 'start')
        AND "event.action" = 'connection_accepted'
        AND (regexp_full_match("process.name", '(?i)php?[0-9]?\.?[0-9]{0,2}')
                AND "process.command_line" LIKE '%-S%'
            OR "process.name" LIKE 'python%' AND ("process.command_line" LIKE '%--cgi%'
                OR "process.command_line" LIKE '%CGIHTTPServer%'))""",
    "command_and_control/non_standard_port_http_https_connection": """
        list_contains("event.category", 'network') AND lower("process.name") IN ('http', 'https')
        AND coalesce("destination.port" NOT IN (80, 443), true)
        AND "event.action" IN ('connection_attempted', 'connection_accepted')
        AND coalesce("destination.ip" <> '127.0.0.1', true)""",
    "command_and_control/download_from_bare_address": r"""list_contains("event.category", 'process')
        AND list_contains("event.type", 'start')
        AND (lower("process.name") IN ('certutil.exe', 'powershell.exe', 'bitsadmin.exe', 'mshta.exe')
            OR "process.name" ILIKE 'curl%' OR "process.name" ILIKE 'wget%')
        AND (regexp_full_match(regexp_extract("process.command_line", '(?i)http://([^/]*)/', 1),
                '[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]+)?')
            OR regexp_matches("process.command_line", 'https://[^/]*:[^/]+/'))
        AND regexp_extract("process.command_line", 'http://([^/]*)/', 1) <> '127.0.0.1'""",
    "command_and_control/long_names_in_dns_queries": """list_contains("event.category", 'network')
        AND "network.protocol" = 'dns' AND "dns.question.type" IN ('TXT', 'NULL', 'CNAME', 'MX')
        AND length("dns.question.name") > 100
        AND (strpos("dns.question.name", '.') > 40 OR strpos("dns.question.name", '.') = 0)
        AND NOT "dns.question.name" ILIKE '%.in-addr.arpa'
        AND NOT "dns.question.name" ILIKE '%.akadns.net'""",
    "discovery/first_cloud_inventory_by_key": """"event.dataset" = 'aws.cloudtrail'
        AND "aws.cloudtrail.error_code" IN ('AccessDenied', 'UnauthorizedOperation')
        AND regexp_full_match("event.action", '(List|Describe|Get).+')
        AND NOT coalesce("aws.cloudtrail.user_identity.invoked_by" LIKE '%.amazonaws.com', false)""",
    "privilege_escalation/setuid_file_in_writable_folder": """list_contains("event.category", 'file')
        AND "host.os.type" = 'linux' AND list_has_any("event.type", ['creation', 'change'])
        AND "file.mode" >= '2000' AND "file.mode" < '8' AND length("file.mode") = 4
        AND ("file.directory" IN ('/tmp', '/var/tmp', '/dev/shm') OR "file.path" ILIKE '/home/%')
        AND "file.uid" = '0' AND "file.owner" IS NOT NULL""",
    "initial_access/root_sign_in_without_second_factor": """
        list_contains("event.category", 'authentication') AND "event.dataset" = 'aws.cloudtrail'
        AND "event.action" = 'ConsoleLogin' AND "event.outcome" = 'success'
        AND "aws.cloudtrail.user_identity.type" = 'Root'
        AND "aws.cloudtrail.console_login.additional_eventdata.mfa_used" IS DISTINCT FROM true""",
    "lateral_movement/ssh_to_server_past_the_jump_hosts": rf"""list_contains("event.category", 'network')
        AND "host.os.type" = 'linux' AND "event.action" = 'connection_accepted'
        AND "destination.port" = 22
        AND regexp_matches("source.ip", '^({PRIVATE}|fd[0-9a-f]{{2}}:)')
        AND NOT regexp_full_match("source.ip", '10\.20\.30\.(1[6-9]|2[0-3])')
        AND NOT starts_with("source.ip", '10.20.40.')""",
    "credential_access/keychain_copied_by_unsigned_process": """list_contains("event.category", 'file')
        AND "host.os.type" = 'macos'
        AND "event.action" IN ('open', 'modification', 'extended_attributes_delete')
        AND NOT "process.code_signature.trusted"
        AND ("file.name" IN ('login.keychain-db', 'System.keychain')
            OR "file.path" LIKE '/Users/%/Library/Keychains/%.keychain%')
        AND NOT coalesce(starts_with("process.executable", '/System/'), false)""",
    "credential_access/lsass_dump_through_comsvcs": r"""list_contains("event.category", 'process')
        AND "host.os.type" = 'windows' AND list_contains("event.type", 'start')
        AND (lower("process.name") = 'rundll32.exe' OR "process.pe.original_file_name" = 'RUNDLL32.EXE')
        AND contains(lower("process.command_line"), 'comsvcs')
        AND regexp_matches("process.command_line", '(?i)minidump|#24|#-65512|#\+24')""",
    "execution/office_program_starts_interpreter": """list_contains("event.category", 'process')
        AND "host.os.type" = 'windows' AND list_contains("event.type", 'start')
        AND lower("process.parent.name" || '>' || "process.name") IN ('winword.exe>powershell.exe',
            'winword.exe>cmd.exe', 'winword.exe>wscript.exe', 'winword.exe>mshta.exe',
            'excel.exe>powershell.exe', 'excel.exe>cmd.exe', 'excel.exe>wscript.exe',
            'excel.exe>mshta.exe', 'outlook.exe>powershell.exe', 'outlook.exe>wscript.exe',
            'outlook.exe>mshta.exe')
        AND length("process.command_line") > 20""",
    "lateral_movement/service_shell_until_logoff#2": r"""list_contains("event.category", 'process')
        AND list_contains("event.type", 'start') AND lower("process.parent.name") = 'services.exe'
        AND ("process.executable" ILIKE '_:\Windows\%.exe'
            OR "process.executable" ILIKE '\\%\ADMIN$\%')
        AND NOT ("process.executable" ILIKE '_:\Windows\System32\%'
            OR "process.executable" ILIKE '_:\Windows\servicing\%')""",
}
