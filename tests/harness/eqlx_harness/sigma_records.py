"""Records of audit logs made whole, and written as the logs themselves hold them: CloudTrail, Azure's
sign-ins and activities, Microsoft 365, GitHub, Okta, Kubernetes, Windows' security and system logs,
Sysmon's accesses to processes, Linux's audit log.

Written from what the vendors document of their records and Elastic of its integrations; not from
`taxonomy.tsv`, which it judges. A field that stands nowhere here belongs to no record that is judged.
"""

from __future__ import annotations

import json
import re
from typing import Any

from eqlx_harness.sigma_events import ImplausibleError, machine, numbered, whole, written
from eqlx_harness.sigma_events import need as _need
from eqlx_harness.sigma_events import one as _one

Event = dict[str, list[Any]]
Row = dict[str, Any]


def logged(flat: Event, words: str) -> tuple[Event, tuple[str, str, Row]] | None:
    """The event made whole, and as its log holds it: (product, log, row); None where it cannot be or
    no log holds it. `words` is the text of the rule."""
    event = whole(flat, words)
    row = None if event is None else written(event)
    return recorded(flat, words) if event is None or row is None else (event, row)


def recorded(flat: Event, words: str) -> tuple[Event, tuple[str, str, Row]] | None:
    """The whole event and its record as (product, log, row); None where no log holds it. `words` is the
    text of the rule, which may name the data set that the event is silent on."""
    event = {name: list(values) for name, values in flat.items()}
    try:
        read = _reader(event, words)
        product, log, row = read(event)
        return event, (product, log, {n: v for n, v in row.items() if v is not None})
    except ImplausibleError:
        return None


def _reader(event, words):
    dataset = _one(event, "data_stream.dataset", _one(event, "event.dataset"))
    if dataset is None and "o365.audit" in words:
        dataset = "o365.audit"
    if dataset in CLOUDS:
        return CLOUDS[dataset]
    os = _one(event, "host.os.type")
    if os == "windows" and _one(event, "event.code") == "10":
        return _process_access
    if os == "windows":
        return _windows
    _need(os == "linux" and dataset is None)
    return _auditd


# --- clouds -----------------------------------------------------------------------------------


def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


COMMON = ("@timestamp", "data_stream.dataset", "event.dataset", "event.module", "event.kind", "event.category", "event.type", "event.id", "host.name")  # fmt: skip
"""What Elastic adds to every record; the host is that of its agent."""


def _named(event, names, prefixes=()):
    """Each field in the log's own name: of the table, or a prefix's with the rest in camel case."""
    row = {}
    for field, values in event.items():
        if field in COMMON or names.get(field) == "":
            continue
        _need(len(values) == 1)
        if field in names:
            found = names[field]
        else:
            prefix = next((p for p in prefixes if field.startswith(p)), None)
            _need(prefix)
            found = prefixes[prefix] + camel(field[len(prefix) :])
        _need(row.setdefault(found, values[0]) == values[0])
    return row


CLOUDTRAIL = {
    "event.action": "eventName", "event.provider": "eventSource", "user_agent.original": "userAgent",
    "source.ip": "sourceIPAddress", "source.address": "sourceIPAddress", "event.outcome": "",
    "aws.cloudtrail.error_code": "errorCode", "aws.cloudtrail.error_message": "errorMessage",
    "aws.cloudtrail.event_type": "eventType", "aws.cloudtrail.recipient_account_id": "recipientAccountId",
    "aws.cloudtrail.user_identity.arn": "userIdentity.arn", "aws.cloudtrail.user_identity.type": "userIdentity.type",
    "aws.cloudtrail.user_identity.access_key_id": "userIdentity.accessKeyId", "cloud.region": "awsRegion",
    "aws.cloudtrail.user_identity.invoked_by": "userIdentity.invokedBy", "user.name": "userIdentity.userName",
    "aws.cloudtrail.request_parameters": "",
}  # fmt: skip


def _cloudtrail(event):
    _one(event, "event.action", "DescribeInstances")
    _one(event, "event.provider", "ec2.amazonaws.com")
    _one(event, "source.ip", "198.51.100.9") if "source.address" not in event else None
    _one(event, "aws.cloudtrail.recipient_account_id", "111122223333")
    _one(event, "aws.cloudtrail.user_identity.access_key_id", "AKIAW")
    failed = "aws.cloudtrail.error_code" in event
    outcome = _one(event, "event.outcome", "failure" if failed else "success")
    _need(outcome in ("success", "failure") and (outcome == "failure" or not failed))
    if outcome == "failure":
        _one(event, "aws.cloudtrail.error_code", "AccessDenied")
    asked = _one(event, "aws.cloudtrail.request_parameters")
    row = _named(event, CLOUDTRAIL)
    if asked is not None:
        found = _object(str(asked))
        event["aws.cloudtrail.request_parameters"] = [_shown(found)]
        row["requestParameters"] = json.dumps(found, separators=(",", ":"))
        row |= {f"requestParameters.{key}": value for key, value in found.items() if isinstance(value, str)}  # fmt: skip
    return "aws", "cloudtrail", row


KEYS = ("attributeType", "attributeName", "add", "remove", "valuesToAdd", "Effect", "AWS", "authType", "masterUserPassword", "policyArn", "roleName", "instanceId")  # fmt: skip
"""Parameters of AWS's calls, as AWS spells them."""
_PIECE = re.compile(r"([\w:.-]+)=(\[[^\[\]]*\]|[^\s{},\[\]]*)|([^\s{},\[\]]+)")

_GLUED = re.compile(rf"((?:{'|'.join(KEYS)}|aws:\w+)=)")


def _object(text):
    """The parameters of a call in which the pieces of a text stand: `key=value`, `key=[value]`, and other
    words as values. A key without a value has an object, as it is in the calls of AWS."""
    text = _GLUED.sub(r" \1", text)
    found: dict[str, Any] = {}
    for number, (key, value, word) in enumerate(_PIECE.findall(text)):
        if word:
            found[f"k{number}"] = word
        elif ":" in key:  # a condition of a policy
            found.setdefault("Condition", {})[key] = value or "v"
        else:
            _need(key in KEYS and key not in found)
            values = value[1:-1].split(", ") if value.startswith("[") else value
            found[key] = values or {"items": "i"}
    return found


def _shown(value):
    """As Elastic's integration writes an object."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(v)}" for key, v in value.items()) + "}"
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)


SIGNINS = {
    "event.action": "operationName", "azure.signinlogs.operation_name": "operationName",
    "azure.signinlogs.category": "category", "azure.signinlogs.result_type": "ResultType",
    "azure.signinlogs.result_signature": "resultSignature", "source.ip": "properties.ipAddress",
    "user_agent.original": "properties.userAgent", "user.name": "properties.userPrincipalName",
    "user.id": "properties.userId",
}  # fmt: skip
ACTIVITIES = {
    "event.action": "operationName", "azure.activitylogs.operation_name": "operationName", "event.outcome": "",
    "source.ip": "callerIpAddress", "azure.activitylogs.identity.claims.appid": "identity.claims.appid",
}  # fmt: skip


def _signins(event):
    _one(event, "azure.signinlogs.category", "SignInLogs")
    _one(event, "user_agent.original", "Mozilla/5.0")
    return "azure", "signinlogs", _named(event, SIGNINS, {"azure.signinlogs.properties.": "properties."})  # fmt: skip


def _activities(event):
    _one(event, "azure.activitylogs.operation_name", "MICROSOFT.X/READ")
    return "azure", "activitylogs", _named(event, ACTIVITIES, {"azure.activitylogs.": ""})


M365 = {"event.action": "Operation", "user.id": "UserId", "related.user": "UserId", "source.ip": "ClientIP", "event.provider": "Workload", "user_agent.original": "UserAgent"}  # fmt: skip


def _m365(event):
    """Properties are a list of pairs of name and value, as the management API has them."""
    _one(event, "event.action", "FileAccessed")
    _one(event, "user.id", _one(event, "related.user", "w@example"))
    properties = {n: v for n, v in event.items() if n.startswith("o365.audit.ExtendedProperties.")}
    rest = {n: v for n, v in event.items() if n not in properties}
    own = {n: n.removeprefix("o365.audit.") for n in rest if n.startswith("o365.audit.")}
    row = _named(rest, M365 | own)
    if properties:
        pairs = [(name.rpartition(".")[2], value[0]) for name, value in properties.items()]
        row["ExtendedProperties.Name"] = [name for name, _ in pairs]
        row["ExtendedProperties.Value"] = [value for _, value in pairs]
    return "m365", "audit", row


def _github(event):
    """An action is `category.verb`, of which Elastic makes the type."""
    deleted = "deletion" in event.get("event.type", ())
    category = _one(event, "github.category")
    action = _one(
        event, "event.action", f"{category or 'repo'}.{'destroy' if deleted else 'create'}"
    )
    of, _, verb = action.partition(".")
    _need(
        category in (None, of)
        and ("event.type" not in event or deleted == (verb in ("destroy", "delete", "remove")))
    )
    event["github.category"] = [of]
    own = {n: n.removeprefix("github.") for n in event if n.startswith("github.")}
    names = {"event.action": "action", "user.name": "actor", "source.ip": "actor_ip", "user_agent.original": "user_agent"}  # fmt: skip
    return "github", "audit", _named(event, names | own)


def _kubernetes(event):
    own = {
        n: n.removeprefix("kubernetes.audit.").replace("authorization_k8s_io", "authorization.k8s.io")
        for n in event if n.startswith("kubernetes.audit.")
    }  # fmt: skip
    return "kubernetes", "application", _named(event, own | {"user.name": "user.username"})


GOOGLE = {
    "event.action": "eventName", "source.user.email": "actor.email", "user.email": "actor.email", "source.ip": "ipAddress",
    "google_workspace.drive.file.type": "doc_type", "google_workspace.drive.copy_type": "copy_type",
    "google_workspace.drive.owner_is_team_drive": "owner_is_team_drive", "google_workspace.token.client.id": "client_id",
}  # fmt: skip
"""Parameters of the events of the Reports API."""


def _google(event):
    drive = any(field.startswith("google_workspace.drive.") for field in event)
    _need(not drive or event["data_stream.dataset"] == ["google_workspace.drive"])
    return "gcp", "google_workspace.admin", _named(event, GOOGLE)


CLOUDS = {
    "google_workspace.drive": _google, "google_workspace.token": _google,
    "aws.cloudtrail": _cloudtrail, "azure.signinlogs": _signins, "azure.activitylogs": _activities,
    "o365.audit": _m365, "github.audit": _github, "kubernetes.audit_logs": _kubernetes,
}  # fmt: skip

# --- Windows ----------------------------------------------------------------------------------

CODES = {"4624": "logged-in", "4625": "logon-failed", "4672": "logged-in-special", "4697": "service-installed", "4728": "added-member-to-group", "4732": "added-member-to-group", "4756": "added-member-to-group", "5152": "windows-firewall-packet-drop", "5157": "windows-firewall-packet-block"}  # fmt: skip
"""How Elastic calls some codes of the security log."""
CATEGORIES = {"4624": "authentication", "4625": "authentication", "4672": "iam", "4728": "iam", "4732": "iam", "4738": "iam", "4756": "iam", "5152": "network", "5157": "network"}  # fmt: skip
"""And of what category it says they are."""
SYSTEM = ("7045",)
LOGONS = {"Interactive": 2, "Network": 3, "Batch": 4, "Service": 5, "Unlock": 7, "NetworkCleartext": 8, "NewCredentials": 9, "RemoteInteractive": 10, "CachedInteractive": 11}  # fmt: skip
MADE = ("NewUACList", "OldUACList")
"""Names that Elastic makes of the bits of a number."""


def _windows(event):
    code, action = _one(event, "event.code"), _one(event, "event.action")
    if code is None:
        code = next((c for c, a in CODES.items() if a == action), None)
    _need(code and str(code).isdigit())
    _need(CODES.get(code) in (None, action) or action is None)
    event["event.code"] = [code]
    _need(
        code not in CATEGORIES
        or _one(event, "event.category", CATEGORIES[code]) == CATEGORIES[code]
    )
    if code in CODES:
        event["event.action"] = [CODES[code]]
    event.setdefault("winlog.computer_name", [machine({"host.id": ["w"]} | event)])
    row: Row = {"EventID": int(code), "Computer": event["winlog.computer_name"][0]}
    _subject(event, code)
    for field, values in event.items():
        if field.startswith("winlog.event_data."):
            name = field.removeprefix("winlog.event_data.")
            if name == "PrivilegeList":
                row[name] = "\n\t\t\t".join(values)
            elif name in MADE:
                row[name.replace("UACList", "UacValue")] = f"0x{_bits(values):x}"
            else:
                _need(len(values) == 1)
                row[name] = values[0]
    _of_record(event, code, row)
    return "windows", "system" if code in SYSTEM else "security", row


BITS = {"USER_ACCOUNT_DISABLED": 0x1, "USER_PASSWORD_NOT_REQUIRED": 0x4, "USER_NORMAL_ACCOUNT": 0x10, "USER_DONT_EXPIRE_PASSWORD": 0x200}  # fmt: skip
"""Flags of accounts as the security log numbers them."""


def _bits(values):
    _need(all(value in BITS for value in values))
    return sum(BITS[value] for value in set(values))


def _subject(event, code):
    """Who did it: the subject of a record but for logons, of which it is the target."""
    prefix = "Target" if code in ("4624", "4625") else "Subject"
    for field, name in (("user.id", "UserSid"), ("user.name", "UserName")):
        own = f"winlog.event_data.{prefix}{name}"
        asked = _one(event, field, _one(event, own))
        if asked is not None:
            _need(_one(event, own, asked) == asked)


OF_RECORDS = ("user.id", "user.name", "process.pid", "process.name", "process.executable", "source.ip", "source.port", "group.id", "group.name", "winlog.logon.type", "winlog.computer_name", "winlog.process.pid", "event.code", "event.action", "event.outcome", "host.os.type", "host.id")  # fmt: skip


def _of_record(event, code, row):
    _need(all(n in OF_RECORDS or n in COMMON or n.startswith("winlog.event_data.") for n in event))
    pid = _one(event, "process.pid")
    if pid is not None:
        row["ProcessId"] = f"0x{pid:x}"
    name, path = _one(event, "process.name"), _one(event, "process.executable")
    if name is not None or path is not None:
        path = path or f"C:\\d\\{name}"
        own = path.rpartition("\\")[2]
        _need(name in (None, own))
        event["process.name"], event["process.executable"] = [own], [path]
        if code in ("5152", "5157"):  # the filtering platform writes device paths
            row["Application"] = "\\device\\harddiskvolume3" + path[2:]
        else:
            row["ProcessName"] = path
    for field, own in (("source.ip", "IpAddress"), ("source.port", "IpPort"), ("group.id", "TargetSid"), ("group.name", "TargetUserName")):  # fmt: skip
        value = _one(event, field)
        if value is not None:
            _need(row.setdefault(own, value) == value)
    logon = _one(event, "winlog.logon.type")
    if logon is not None:
        _need(logon in LOGONS)
        row["LogonType"] = LOGONS[logon]


def _process_access(event):
    name, path = _one(event, "process.name"), _one(event, "process.executable")
    path = path or f"C:\\d\\{name or 'x0.exe'}"
    own = path.rpartition("\\")[2]
    _need(name in (None, own))
    event["process.name"], event["process.executable"] = [own], [path]
    _need(_one(event, "event.category", "process") == "process")
    rest = {n: v for n, v in event.items() if not n.startswith(("process.", "winlog.event_data."))}
    _need(set(rest) <= {*COMMON, "event.code", "host.os.type", "event.action"})
    for field, usual in (("TargetImage", "C:\\d\\t0.exe"), ("GrantedAccess", "0x1410"), ("CallTrace", "C:\\WINDOWS\\SYSTEM32\\ntdll.dll+9d1e4")):  # fmt: skip
        _one(event, f"winlog.event_data.{field}", usual)
    row = {n.removeprefix("winlog.event_data."): v[0] for n, v in event.items() if n.startswith("winlog.event_data.")}  # fmt: skip
    return "windows", "process_access", row | {"SourceImage": path, "EventID": 10}


# --- Linux ------------------------------------------------------------------------------------

AUDITED = {"ssh_login": ("USER_LOGIN", None), "user_login": ("USER_LOGIN", None), "uid_change": ("SYSCALL", "setuid"), "killed-pid": ("SYSCALL", "kill")}  # fmt: skip
FIELDS = {"process.executable": "exe", "process.pid": "pid", "process.parent.pid": "ppid", "user.id": "uid", "user.name": "acct", "source.ip": "addr"}  # fmt: skip


def _auditd(event):
    kind, call = AUDITED.get(_one(event, "event.action"), (None, None))
    _need(kind)
    name, path = _one(event, "process.name"), _one(event, "process.executable")
    path = path or f"/d/{name or 'x0'}"
    _need(name in (None, path.rpartition("/")[2]))
    event["process.name"], event["process.executable"] = [path.rpartition("/")[2]], [path]
    if call is not None:
        _need(_one(event, "auditd.data.syscall", call) == call)
    outcome = _one(event, "event.outcome", "success")
    _need(outcome in ("success", "failure"))
    row = {"type": kind, "node": machine({"host.id": ["w"]} | event)}
    if kind == "SYSCALL":
        row["success"] = "yes" if outcome == "success" else "no"
    else:
        row["res"] = "success" if outcome == "success" else "failed"
    for field, values in event.items():
        if field.startswith("auditd.data."):
            row[field.removeprefix("auditd.data.")] = values[0]
        elif field in FIELDS:
            row[FIELDS[field]] = values[0]
        else:
            known = ("event.action", "event.outcome", "host.os.type", "host.id")
            _need(field in COMMON or field in known or field.startswith("process."))
    for of, name in (("process", "pid"), ("process.parent", "ppid")):
        entity = _one(event, f"{of}.entity_id")
        if entity is not None and name not in row:
            row[name] = numbered(entity)
    return "linux", "auditd", row
