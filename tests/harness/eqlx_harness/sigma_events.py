"""Events of ECS made whole, and written as the logs of Sigma's taxonomy hold them.

Written from what Sysmon, Sysmon for Linux and Elastic's agent document of their fields, and from the
specification of the project; not from `taxonomy.tsv`, which it judges. `whole` makes of an event that
names some fields a plausible one, which has what such an event always has (None where what it says
cannot be: a name that is not that of its path). `written` gives the log source and the row.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from zlib import crc32

ACTIONS = {
    ("process", "start"): {"start", "exec", "exec_event", "executed", "process_started", "ProcessRollup2", "created-process", "Process Create (rule: ProcessCreate)"},
    ("process", "end"): {"end", "terminated-process", "process_stopped", "Process terminated (rule: ProcessTerminate)"},
    ("file", "creation"): {"creation", "file_create_event", "File created (rule: FileCreate)"},
    ("file", "deletion"): {"deletion", "deleted", "File Delete archived (rule: FileDelete)"},
    ("file", "change"): {"overwrite", "modification", "updated", "rename", "renamed", "file_rename_event"},
    ("network", "start"): {"connection_attempted", "connection_accepted", "connected-to", "accepted-connection-from", "ipv4_connection_attempt_event", "ipv4_connection_accept_event"},
    ("network", "protocol"): {"lookup_requested", "lookup_result", "Dns query (rule: DnsQuery)"},
    ("registry", "creation"): {"creation", "create"},
    ("registry", "change"): {"modification", "change", "Registry value set (rule: RegistryEvent)"},
    ("registry", "deletion"): {"deletion"},
    ("library", "start"): {"load", "Image loaded (rule: ImageLoad)"},
    ("driver", "start"): {"load", "Driver loaded (rule: DriverLoad)"},
}  # fmt: skip
USUAL = {
    ("process", "start"): "start", ("process", "end"): "end", ("file", "creation"): "creation", ("file", "deletion"): "deletion",
    ("file", "change"): "overwrite", ("network", "start"): "connection_attempted", ("network", "protocol"): "lookup_requested",
    ("registry", "creation"): "creation", ("registry", "change"): "modification", ("registry", "deletion"): "deletion",
    ("library", "start"): "load", ("driver", "start"): "load",
}  # fmt: skip
"""An action that such events have, where none is said."""

LOGS = {
    ("process", "start"): "process_creation", ("process", "end"): "process_termination", ("file", "creation"): "file_event",
    ("file", "deletion"): "file_delete", ("file", "change"): "file_event", ("network", "start"): "network_connection",
    ("network", "protocol"): "dns_query", ("registry", "creation"): "registry_add", ("registry", "change"): "registry_set",
    ("registry", "deletion"): "registry_delete", ("library", "start"): "image_load", ("driver", "start"): "driver_load",
}  # fmt: skip
WINDOWS_ALONE = ("registry", "library", "driver")
SIDS = {"S-1-5-18": ("SYSTEM", "0x3e7"), "S-1-5-19": ("LOCAL SERVICE", "0x3e5"), "S-1-5-20": ("NETWORK SERVICE", "0x3e4")}  # fmt: skip
ROOTS = (("HKEY_LOCAL_MACHINE\\", "HKLM\\"), ("HKLM\\", "HKLM\\"), ("\\REGISTRY\\MACHINE\\", "HKLM\\"), ("HKEY_USERS\\", "HKU\\"), ("HKU\\", "HKU\\"), ("\\REGISTRY\\USER\\", "HKU\\"))  # fmt: skip


_LISTS = ("process.args", "process.parent.args", "event.type", "event.category")


class ImplausibleError(Exception):
    """No event says this."""


def whole(flat: dict[str, list], words: str) -> dict[str, list] | None:
    """The event with what such events always have; None where what it says cannot be. `words` is the
    text of the rule: an event that says no action has one by which the rule calls its kind, if any."""
    event = {name: list(values) for name, values in flat.items()}
    try:
        os = one(event, "host.os.type", "windows")
        need(os in ("windows", "linux", "macos"))
        need("event.code" not in event and "winlog.event_id" not in event)  # records of Windows
        category, kind = _kind(event, os, words)
        separator, home = ("\\", "C:\\d\\") if os == "windows" else ("/", "/d/")
        if category == "driver":  # the kernel loads it
            need(one(event, "process.name", "System") == "System")
            need(one(event, "process.executable", "System") == "System")
        _program(event, "process", separator, home, "x0.exe" if os == "windows" else "x0")
        need(not any(_on_volume(v) for n in ("process", "process.parent") for v in event.get(f"{n}.executable", [])))  # fmt: skip
        if (category, kind) == ("process", "start"):
            _program(
                event, "process.parent", separator, home, "p0.exe" if os == "windows" else "p0"
            )
        if category == "file":
            _path(event, "file.path", "file.name", separator, home, "f0.bin")
            name = one(event, "file.name")
            has = "." in name[1:]
            _extension(event, name.rpartition(".")[2] if has else None)
        if category in ("library", "driver"):
            _path(event, "dll.path", "dll.name", separator, home, "l0.dll")
            event.setdefault("file.path", event["dll.path"])
            event.setdefault("file.name", event["dll.name"])
            of_file, of_dll = (one(event, f"{n}.code_signature.status") for n in ("file", "dll"))
            need(of_file is None or of_dll in (None, of_file))
            need(of_file is None or "dll.code_signature.trusted" not in event)
            need(
                event["file.path"] == event["dll.path"] and event["file.name"] == event["dll.name"]
            )
        if category == "registry":
            _registry(event)
        if (category, kind) == ("network", "start"):
            _connection(event)
        if (category, kind) == ("network", "protocol"):
            need(not any(name.startswith(("destination.", "source.")) for name in event))
        _user(event, os)
        _hashes(event)
        _identity(event, category, kind)
        need(all(len(v) == 1 for name, v in event.items() if name not in _LISTS))
        dataset = one(event, "data_stream.dataset", one(event, "event.dataset"))
        need(dataset is None or dataset.startswith("endpoint.events."))
    except ImplausibleError:
        return None
    return event


def _on_volume(path):
    """Whether a path is of a kind that only the kernel of Windows writes."""
    return path.lower().startswith("\\device\\harddiskvolume")


def need(condition: object) -> None:
    if not condition:
        raise ImplausibleError


def one(event: dict[str, list], name: str, default=None):
    """The one value of a field, made the default where there is none."""
    values = event.get(name)
    if not values:
        if default is not None:
            event[name] = [default]
        return default
    need(len(values) == 1)
    return values[0]


def _kind(event, os, words):
    category = one(event, "event.category", "process")
    types = event.get("event.type", [])
    action = one(event, "event.action")
    kinds = [
        (c, kind) for (c, kind), actions in ACTIONS.items()
        if c == category and (not types or kind in types) and (action is None or action in actions)
    ]  # fmt: skip
    need(kinds)
    need(os == "windows" or category not in WINDOWS_ALONE)
    category, kind = kinds[0]
    if "dns.question.name" in event and ("network", "protocol") in kinds:
        kind = "protocol"
    need(set(types) <= {kind, "connection", "info"})
    if not types:
        event["event.type"] = [kind]
    usual = (
        "exec" if (category, kind, os) == ("process", "start", "linux") else USUAL[category, kind]
    )
    if kind == "start" and category == "network" and one(event, "network.direction") in ("ingress", "incoming"):  # fmt: skip
        usual = "connection_accepted"
    named = sorted(a for a in ACTIONS[category, kind] if f'"{a}"' in words)
    one(event, "event.action", usual if usual in named or not named else named[0])
    return category, kind


def _path(event, path_name, name_name, separator, home, usual):
    path, name = one(event, path_name), one(event, name_name)
    if path is None:
        name = usual if name is None else name
        need(name and separator not in name)
        path = home + name
    own = path.rpartition(separator)[2]
    need(own and (name is None or name == own))
    event[path_name], event[name_name] = [path], [own]


def _extension(event, found):
    asked = one(event, "file.extension")
    if asked is not None and asked != found:
        need(found in (None, "bin") and event["file.name"] == ["f0.bin"])
        event["file.name"] = [f"f0.{asked}"]
        event["file.path"] = [event["file.path"][0][: -len("f0.bin")] + f"f0.{asked}"]
    elif found is not None:
        event["file.extension"] = [found]


def _program(event, prefix, separator, home, usual):
    _path(event, f"{prefix}.executable", f"{prefix}.name", separator, home, usual)
    line, args = one(event, f"{prefix}.command_line"), event.get(f"{prefix}.args", [])
    need(all(isinstance(arg, str) and arg and not set("\"'") & set(arg) for arg in args))
    name = event[f"{prefix}.name"][0]
    if line is None:
        first = [] if args and args[0].rpartition(separator)[2] == name else [name]
        args = [*first, *args]
    else:
        args = line.split() + [arg for arg in args if arg not in line.split()]
        need(line == " ".join(line.split()))
    count = one(event, f"{prefix}.args_count")
    if count is not None:
        need(isinstance(count, int) and len(args) <= count <= 99)
        args += ["w"] * (count - len(args))
    event[f"{prefix}.args"] = args
    event[f"{prefix}.args_count"] = [len(args)]
    shown = [f'"{arg}"' if " " in arg else arg for arg in args] if separator == "\\" else args
    event[f"{prefix}.command_line"] = [" ".join(shown)]


def _registry(event):
    path, key, value = (one(event, f"registry.{n}") for n in ("path", "key", "value"))
    if path is None:
        key = key or "HKLM\\Software\\K0"
        path = f"{key}\\{value or 'V0'}"
    own_key, _, own_value = path.rpartition("\\")
    need(key in (None, own_key) and value in (None, own_value))
    need(any(path.upper().startswith(root) for root, _ in ROOTS))
    event["registry.path"], event["registry.key"], event["registry.value"] = [path], [own_key], [own_value]  # fmt: skip
    if "change" in event["event.type"]:
        one(event, "registry.data.strings", "text")


def _connection(event):
    for name, usual in (("destination", "203.0.113.7"), ("source", "10.1.2.3")):
        address = str(one(event, f"{name}.ip", usual))
        try:
            need(str(ip_address(address)) == address and "::ffff" not in address)
        except ValueError as error:
            raise ImplausibleError from error
        one(event, f"{name}.port", 4444)
    accepted = "accept" in event["event.action"][0]
    direction = one(event, "network.direction", "ingress" if accepted else "egress")
    need(direction in (("ingress", "incoming") if accepted else ("egress", "outgoing")))
    one(event, "network.transport", "tcp")


def _identity(event, category, kind):
    """Every event is of a machine and, but for drivers, of a process, which has an id of the sensor's
    and a number: one number for one id."""
    if not any(event.get(name) for name in MACHINES):
        event["host.id"] = ["host-w"]
    for prefix in ("process", "process.parent"):
        if category == "driver" or (prefix == "process.parent" and (category, kind) != ("process", "start")):  # fmt: skip
            continue
        pid = one(event, f"{prefix}.pid")
        entity = one(event, f"{prefix}.entity_id", f"{prefix}-{pid or 'w'}")
        need(pid is None or isinstance(pid, int))
        event[f"{prefix}.pid"] = [numbered(entity) if pid is None else pid]


def numbered(entity):
    """The number of a process of which nothing but the sensor's id is known."""
    return crc32(str(entity).encode()) % 1_000_000


MACHINES = ("host.id", "agent.id", "winlog.computer_name", "host.name", "host.hostname")
"""What tells machines apart, in the order of what names one for certain."""


def machine(event):
    """The name of the machine: its own where the event says it."""
    own = _get(event, "winlog.computer_name")
    return own or next(f"h-{event[name][0]}" for name in MACHINES if event.get(name))


HASHES = {"md5": 32, "sha1": 40, "sha256": 64}
"""Hexadecimal digits of each."""


def _hashes(event):
    """A hash is of its length and of hexadecimal digits, or a sensor made it not."""
    for name, values in event.items():
        _, is_hash, kind = name.rpartition(".hash.")
        if is_hash and kind in HASHES:
            digits = f"[0-9A-Fa-f]{{{HASHES[kind]}}}"
            need(all(re.fullmatch(digits, str(value)) for value in values))


def _user(event, os):
    name, number, domain = (one(event, f"user.{n}") for n in ("name", "id", "domain"))
    if os == "windows":
        known = {sid: name for sid, (name, _) in SIDS.items()}
        number = number or {n: s for s, n in known.items()}.get(name, "S-1-5-21-1-2-3-1001")
        need(str(number).startswith("S-1-"))
        name = name or known.get(number, "alice")
        need((name == known[number]) if number in known else name not in known.values())
        domain = domain or ("NT AUTHORITY" if number in known else "CORP")
        need("\\" not in name + domain and (domain == "NT AUTHORITY") == (number in known))
        event["user.domain"] = [domain]
    else:
        number = number or ("0" if name == "root" else "1000")
        name = name or ("root" if number == "0" else "alice")
        need((number == "0") == (name == "root") and str(number).isdigit())
    event["user.name"], event["user.id"] = [name], [number]


# --- as it is logged --------------------------------------------------------------------------


def written(event: dict[str, list]) -> tuple[str, str, dict] | None:
    """(product, category, row) of a whole event; None where no log of the taxonomy holds it."""
    os = event["host.os.type"][0]
    category = event["event.category"][0]
    kind = next(kind for kind in event["event.type"] if (category, kind) in LOGS)
    log = LOGS[category, kind]
    if log == "dns_query" and os != "windows":
        return None
    action = event["event.action"][0]
    if (
        log == "file_event"
        and os == "windows"
        and action in ("rename", "renamed", "file_rename_event")
    ):
        log = "file_rename"
    row = _common(event, os, log)
    match log:
        case "process_creation":
            row |= _creation(event, os)
        case "file_event" | "file_delete" | "file_rename":
            row["TargetFilename"] = event["file.path"][0]
            if log == "file_rename":
                row["SourceFilename"] = _get(event, "file.Ext.original.path")
                _named_alike(event, row)
        case "network_connection":
            row |= {
                "DestinationIp": event["destination.ip"][0], "DestinationPort": event["destination.port"][0],
                "SourceIp": event["source.ip"][0], "SourcePort": event["source.port"][0],
                "Initiated": "false" if "accept" in action else "true", "Protocol": event["network.transport"][0],
                "DestinationHostname": _get(event, "destination.domain"),
            }  # fmt: skip
        case "dns_query":
            row["QueryName"] = _get(event, "dns.question.name") or "q0.example"
            found = event.get("dns.resolved_ip", [])
            row["QueryResults"] = "".join(f"::ffff:{address};" for address in found) or "-"
        case "image_load" | "driver_load":
            row |= _library(event)
        case _ if log.startswith("registry_"):
            row |= _value(event, log)
    return os, log, {name: value for name, value in row.items() if value is not None}


def _get(event, name):
    values = event.get(name)
    return values[0] if values else None


def _common(event, os, log):
    if log == "driver_load":
        return {"Computer": machine(event)}
    name, domain = event["user.name"][0], _get(event, "user.domain")
    return {
        "Image": event["process.executable"][0], "ProcessId": _get(event, "process.pid"),
        "ProcessGuid": _get(event, "process.entity_id"), "Computer": machine(event),
        "User": f"{domain}\\{name}" if os == "windows" else name,
    }  # fmt: skip


def _creation(event, os):
    number = event["user.id"][0]
    folder = _get(event, "process.working_directory")
    if folder is not None and os == "windows" and not folder.endswith("\\"):
        folder += "\\"
    hashes = [f"{n.upper()}={_get(event, f'process.hash.{n}')}" for n in ("md5", "sha1", "sha256") if _get(event, f"process.hash.{n}")]  # fmt: skip
    level = _get(event, "process.Ext.token.integrity_level_name")
    level = level or _get(event, "winlog.event_data.IntegrityLevel")
    return {
        "CommandLine": event["process.command_line"][0],
        "ParentImage": event["process.parent.executable"][0],
        "ParentCommandLine": event["process.parent.command_line"][0],
        "ParentProcessId": _get(event, "process.parent.pid"),
        "ParentProcessGuid": _get(event, "process.parent.entity_id"),
        "OriginalFileName": _get(event, "process.pe.original_file_name") if os == "windows" else None,
        "CurrentDirectory": folder,
        "LogonId": SIDS.get(number, ("", "0x12345"))[1] if os == "windows" else None,
        "Hashes": ",".join(hashes) or None,
        "IntegrityLevel": level.capitalize() if level else None,
    }  # fmt: skip


def _library(event):
    status = _get(event, "dll.code_signature.status") or _get(event, "file.code_signature.status")
    trusted, signed = (_get(event, f"dll.code_signature.{n}") for n in ("trusted", "exists"))
    names = {
        "trusted": "Valid",
        "Valid": "Valid",
        "errorExpired": "Expired",
        "errorRevoked": "Revoked",
    }
    shown = names.get(status, "Unavailable") if status else None
    if trusted is not None:
        shown = "Valid" if trusted else (shown if shown and shown != "Valid" else "Unavailable")
    hashes = [f"{n.upper()}={_get(event, f'dll.hash.{n}')}" for n in ("md5", "sha1", "sha256") if _get(event, f"dll.hash.{n}")]  # fmt: skip
    return {
        "ImageLoaded": event["dll.path"][0], "SignatureStatus": shown,
        "Signed": None if signed is None else str(bool(signed)).lower(),
        "Signature": _get(event, "dll.code_signature.subject_name") or _get(event, "file.code_signature.subject_name"),
        "OriginalFileName": _get(event, "dll.pe.original_file_name"), "Hashes": ",".join(hashes) or None,
    }  # fmt: skip


def _value(event, log):
    path = event["registry.path"][0]
    root, short = next((r, s) for r, s in ROOTS if path.upper().startswith(r))
    shown = short + path[len(root) :]
    for number in "123":
        shown = shown.replace(f"\\ControlSet00{number}\\", "\\CurrentControlSet\\")
    row = {"TargetObject": shown}
    if log == "registry_set":
        text = str(event["registry.data.strings"][0])
        digits = text.lower().removeprefix("0x")
        base = 16 if text.lower().startswith("0x") else 10
        try:
            number = int(digits, base)
        except ValueError:
            number = -1
        row["Details"] = f"DWORD (0x{number:08x})" if 0 <= number < 1 << 32 else text
    return row


def _named_alike(event, row):
    """The earlier name of a file, by its path."""
    name, extension = (_get(event, f"file.Ext.original.{n}") for n in ("name", "extension"))
    if row["SourceFilename"] is None and name is not None:
        row["SourceFilename"] = "C:\\d\\" + name
    elif row["SourceFilename"] is None and extension is not None:
        row["SourceFilename"] = f"C:\\d\\o0.{extension}"
