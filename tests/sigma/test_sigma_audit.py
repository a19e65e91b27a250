"""Events of Linux's audit log, records of Windows by their actions, and keys that logs write differently."""

from __future__ import annotations

import pytest

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.rule import Rule
from eqlx.source import Source, Span
from eqlx_targets.sigma.conditions import NOT_EMPTY, present
from eqlx_targets.sigma.target import TARGET

ON_LINUX = 'host.os.type == "linux" and '
EXEC = ON_LINUX + 'event.type == "start" and event.action == "exec" and process.name == "unshare"'
LOGIN = ON_LINUX + 'event.action in ("ssh_login", "user_login") and event.outcome == "failure"'


@pytest.fixture
def convert():
    def run(eql, **options):
        rule = Rule(Source("query", eql), name="a rule")
        return convert_rule(rule, TARGET, options=options, allow=frozenset())

    return run


@pytest.fixture
def documents(convert, read):
    def run(eql, **options):
        found = convert(eql, **options)
        assert found.artifact is not None, [d.message for d in found.diagnostics]
        return read(found.artifact.text)

    return run


def slugs(found):
    return {(loss.slug, loss.drift) for loss in found.artifact.fidelity.losses}


AUDITD = {"product": "linux", "service": "auditd"}


def test_a_failed_login_is_a_record_of_the_audit_log(documents) -> None:
    rule = f"sequence by host.id, source.ip, user.name with maxspan=30s [authentication where {LOGIN}] with runs=9"
    count, stage = documents(rule)
    assert stage["logsource"] == AUDITD
    assert stage["detection"]["selection"] == {
        "type": "USER_LOGIN", "res": "failed", "node": "?*", "acct": "?*",
    }  # fmt: skip
    assert stage["detection"]["filter_main_addr"] == {"addr": None}  # no pattern fits an address
    assert count["correlation"]["group-by"] == ["node", "addr", "acct"]


def test_a_changed_uid_is_a_system_call_that_succeeded(convert, documents) -> None:
    rule = f'process where {ON_LINUX} event.action == "uid_change" and user.id == "0" and process.name == "a"'
    (document,) = documents(rule)
    assert document["logsource"] == AUDITD
    assert document["detection"]["selection"] == {
        "type": "SYSCALL", "syscall": ["setuid", "setreuid", "setresuid"], "success": "yes",
        "uid": "0", "exe|endswith": "/a",
    }  # fmt: skip
    assert ("kind-by-convention", Drift.SHIFTS) in slugs(convert(rule))


def test_a_named_system_call_is_a_record_of_it(documents) -> None:
    rule = f'process where {ON_LINUX} auditd.data.syscall == "mprotect" and auditd.data.a2 == "7"'
    (document,) = documents(rule)
    assert document["logsource"] == AUDITD
    assert document["detection"]["selection"] == {
        "type": "SYSCALL",
        "syscall": "mprotect",
        "a2": "7",
    }


@pytest.mark.parametrize(
    "condition",
    [
        'event.action == "uid_change" and file.path == "/a"',
        'event.action == "uid_change" and process.args == "a"',
        'event.action == "uid_change" and process.parent.name == "a"',
    ],
)
def test_what_a_record_does_not_hold_is_refused(convert, condition) -> None:
    found = convert(f"process where {ON_LINUX} {condition}")
    assert found.artifact is None
    assert {d.code for d in found.diagnostics} == {"inexpressible"}


def test_a_login_of_no_known_system_is_none_of_linux(convert) -> None:
    found = convert(f"authentication where {LOGIN.removeprefix(ON_LINUX)}")
    assert found.artifact is None


def test_processes_join_by_number_where_ids_do_not(convert, documents) -> None:
    rule = (
        f"sequence by host.id, process.parent.entity_id with maxspan=1m [process where {EXEC}] "
        f'[process where {ON_LINUX} event.action == "uid_change" and user.id == "0"]'
    )
    join, *_ = documents(rule)
    (first, second) = join["correlation"]["aliases"].values()
    assert list(first.values()) == ["Computer", "node"]
    assert list(second.values()) == ["ParentProcessId", "ppid"]
    assert ("key-by-number", Drift.WIDENS) in slugs(convert(rule))


def test_ids_join_where_both_logs_have_them(convert, documents) -> None:
    network = 'network where host.os.type == "linux" and event.action == "connection_attempted"'
    rule = f"sequence by process.entity_id with maxspan=1m [process where {EXEC}] [{network}]"
    join, *_ = documents(rule)
    assert join["correlation"]["group-by"] == ["ProcessGuid"]
    assert "key-by-number" not in {slug for slug, _ in slugs(convert(rule))}


BY_PARENT = (
    f"sequence by host.id with maxspan=3s [process where {EXEC}] by process.entity_id "
    f'[network where {ON_LINUX} event.action == "connection_attempted"] by process.parent.entity_id'
)


def test_a_key_without_a_counterpart_stays_asked_for(convert) -> None:
    assert convert(BY_PARENT).artifact is None


def test_in_any_order_the_host_ties_events_too(convert, documents) -> None:
    join, *_ = documents(BY_PARENT, order="any")
    assert join["correlation"]["group-by"] == ["Computer"]
    assert ("unmapped-key", Drift.WIDENS) in slugs(convert(BY_PARENT, order="any"))


def test_exclusions_are_left_out_beside_exclusions(convert, documents) -> None:
    rule = (
        'sequence by process.entity_id with maxspan=5s [process where host.os.type == "windows" and '
        'event.type == "end" and process.code_signature.trusted != true and not process.executable : "a*"] '
        '[file where host.os.type == "windows" and event.type == "deletion" and file.extension : "exe"]'
    )
    _, ended, _ = documents(rule)
    assert ended["logsource"] == {"category": "process_termination", "product": "windows"}
    assert ended["detection"]["filter_main_img"] == {"Image|startswith": "a"}
    assert ("unmapped-exclusion", Drift.WIDENS) in slugs(convert(rule))


def test_an_action_of_windows_is_a_code_in_any_category(documents) -> None:
    (document,) = documents(
        'any where host.os.type == "windows" and event.action : "service-installed"'
    )
    assert document["logsource"] == {"product": "windows", "service": "security"}
    assert document["detection"]["selection"] == {"EventID": 4697}


def test_the_filtering_platform_names_programs_its_own_way(documents) -> None:
    action = 'event.action : "windows-firewall-packet-block" and process.name : "a.exe"'
    (document,) = documents(f'network where host.os.type == "windows" and {action}')
    assert document["detection"]["selection"] == {
        "EventID": 5157,
        "Application|endswith": "\\a.exe",
    }


def test_numbers_of_processes_in_records_are_hexadecimal(documents) -> None:
    rule = 'authentication where host.os.type == "windows" and event.action == "logged-in" and process.pid == 420'
    (document,) = documents(rule)
    assert document["detection"]["selection"] == {"EventID": 4624, "ProcessId": "0x1a4"}


@pytest.mark.parametrize(
    ("action", "field", "values"),
    [
        ("start", "LogonId", {"0x3e7", "0x3e5", "0x3e4"}),
        (
            "load",
            "User",
            {f"NT Authority\\{n}" for n in ("SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE")},
        ),
    ],
)
def test_an_account_of_a_person_is_none_of_the_systems(
    convert, documents, action, field, values
) -> None:
    category = "process" if action == "start" else "library"
    rule = (
        f'{category} where host.os.type == "windows" and event.action == "{action}" and process.name : "a.exe" and '
        'user.id : "S-1-5-21-*"'
    )
    (document,) = documents(rule)
    (excluded,) = (b for name, b in document["detection"].items() if name.startswith("filter_main"))
    assert set(excluded) == {field}
    assert {value.lower() for value in excluded[field]} == {value.lower() for value in values}
    assert ("account-of-a-person", Drift.WIDENS) in slugs(convert(rule))


DNS = "logs-network_traffic.dns-*"


def test_lookups_seen_in_the_network_have_a_log_source(read) -> None:
    query = 'network where network.protocol == "dns" and dns.question.type == "TXT" and length(dns.question.name) > 90'
    rule = Rule(Source("query", query), name="a rule", index=("packetbeat-*", DNS))
    found = convert_rule(rule, TARGET, options={}, allow=frozenset())
    assert found.artifact is not None
    (document,) = read(found.artifact.text)
    assert document["logsource"] == {"category": "dns"}
    assert set(document["detection"]["selection"]) == {"record_type", "query|re"}


def test_a_field_within_a_field(convert, documents) -> None:
    rule = (
        'process where host.os.type == "linux" and event.type == "start" and process.name == "gdb" and '
        'stringContains(process.command_line, concat("-p ", string(process.parent.pid)))'
    )
    (document,) = documents(rule)
    assert document["detection"]["selection"]["CommandLine|fieldref|contains"] == "ParentProcessId"
    assert document["detection"]["selection"]["CommandLine|contains"] == "-p "
    assert ("pieces-apart", Drift.WIDENS) in slugs(convert(rule))
    found = convert(rule.replace("process.parent.pid", "process.Ext.session"))
    assert found.artifact is None


PROCESS = 'process where host.os.type == "windows" and event.type == "start" and '


def test_no_null_is_asked_for_beside_a_test(documents) -> None:
    rule = PROCESS + 'process.command_line : "*x*" and process.command_line != null'
    (document,) = documents(rule)
    assert document["detection"] == {
        "selection": {"CommandLine|contains": "x"},
        "condition": "selection",
    }


def test_a_value_is_asked_for_as_most_back_ends_can_ask_it(convert, documents) -> None:
    rule = PROCESS + 'process.name : "a.exe" and process.command_line != null'
    (document,) = documents(rule)
    assert document["detection"] == {
        "selection": {"Image|endswith": "\\a.exe", "CommandLine": "?*"},
        "condition": "selection",
    }
    assert NOT_EMPTY in convert(rule).fidelity.assumptions


def test_an_excluded_null_among_alternatives_is_a_value_that_is_asked_for(documents) -> None:
    excluded = '(process.command_line == null or process.command_line : "b*")'
    (document,) = documents(PROCESS + f'process.name : "a.exe" and not {excluded}')
    assert document["detection"] == {
        "selection": {"Image|endswith": "\\a.exe", "CommandLine": "?*"},
        "filter_main_cli": {"CommandLine|startswith": "b"},
        "condition": "selection and not filter_main_cli",
    }


def test_a_missing_value_is_null(documents) -> None:
    (document,) = documents(PROCESS + 'process.name : "a.exe" and process.command_line == null')
    assert document["detection"]["selection"] == {"Image|endswith": "\\a.exe", "CommandLine": None}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (FieldType.KEYWORD, ir.Like),
        (FieldType.TEXT, ir.Like),
        (FieldType.LONG, ir.Compare),
        (FieldType.IP, ir.Not),
        (FieldType.DATE, ir.Not),
        (FieldType.BOOLEAN, ir.Not),
        (FieldType.DOUBLE, ir.Not),  # may be negative
    ],
)
def test_a_value_is_asked_for_by_what_the_field_holds(kind, asked) -> None:
    assert isinstance(present(ir.Field("f", type=kind), Span(0, 0)), asked)


def test_sensors_that_a_rule_tells_apart_are_said_once(documents) -> None:
    excluded = 'not (user.name : "bob" and not data_stream.dataset : "windows.sysmon_operational")'
    (document,) = documents(PROCESS + f'process.name : "a.exe" and {excluded}')
    assert document["detection"] == {
        "selection": {"Image|endswith": "\\a.exe"},
        "condition": "selection",
    }


def test_a_refusal_names_the_field_that_is_why(convert) -> None:
    both = 'data_stream.dataset == "windows.sysmon_operational" and data_stream.dataset == "crowdstrike.fdr"'
    (diagnostic,) = convert(PROCESS + f'process.name : "a.exe" and {both}').diagnostics
    assert diagnostic.message.startswith("`data_stream.dataset` with this value")


def test_parameters_of_cloudtrail_are_fields_by_their_keys(documents) -> None:
    call = 'any where event.dataset == "aws.cloudtrail" and event.action == "x" and '
    whole = "stringContains(aws.cloudtrail.request_parameters, "

    def blocks(text):
        (document,) = documents(call + whole + text + ")")
        return list(document["detection"].values())

    keyed = [
        {"requestParameters.authType|startswith": "NONE"},
        {"requestParameters": '*authType"*NONE*'},
    ]
    assert keyed in blocks('"authType=NONE"')
    assert any({"requestParameters.a": "b"} in b for b in blocks('"a=b,"') if isinstance(b, list))
    assert {"eventName": "x", "requestParameters|contains": "something"} in blocks('"something"')


def test_blocks_of_a_written_out_condition_are_named_by_what_they_hold(documents) -> None:
    either = (
        '((process.name : "a.exe" and not process.args : "x") or '
        '(process.name : "b.exe" and not process.args : "y"))'
    )
    (document,) = documents(PROCESS + either)
    assert document["detection"]["condition"] == (
        "(branch_img and not branch_cli) or (branch_img_2 and not branch_cli_2)"
    )


def test_flags_of_an_account_are_digits_of_a_hexadecimal_number(documents) -> None:
    """Elastic makes names of the bits; the log has the number: `0x210`."""
    rule = (
        'iam where host.os.type == "windows" and event.code == "4738" '
        'and winlog.event_data.NewUACList == "USER_DONT_EXPIRE_PASSWORD"'
    )
    (document,) = documents(rule)
    assert document["detection"]["selection"]["NewUacValue"] == [f"*{d}??" for d in "2367abef"]


def test_a_flag_without_a_number_is_refused(convert) -> None:
    rule = 'iam where host.os.type == "windows" and event.code == "4738" and winlog.event_data.NewUACList == "X"'
    assert convert(rule).artifact is None


M365 = 'any where data_stream.dataset == "o365.audit" and event.action == "UserLoggedIn" and '


def test_properties_of_microsoft_365_are_pairs(convert, documents) -> None:
    rule = f'{M365} o365.audit.ExtendedProperties.RequestType == "OAuth2:Token"'
    (document,) = documents(rule)
    assert document["detection"]["selection"]["ExtendedProperties.Value"] == "OAuth2:Token"
    assert ("taxonomy-paired", Drift.WIDENS) in slugs(convert(rule))


@pytest.mark.parametrize(
    "test",
    [
        "o365.audit.ExtendedProperties.RequestType == null",
        'o365.audit.ModifiedProperties.Device.NewValue == "a"',
    ],
)
def test_what_pairs_do_not_tell_is_refused(convert, test) -> None:
    assert convert(M365 + test, unmapped="error").artifact is None


def test_parameters_of_google_workspace_have_googles_names(documents) -> None:
    rule = (
        'file where data_stream.dataset == "google_workspace.drive" '
        'and google_workspace.drive.file.type == "form" and google_workspace.drive.copy_type == "external"'
    )
    (document,) = documents(rule)
    assert document["detection"]["selection"] == {"doc_type": "form", "copy_type": "external"}
