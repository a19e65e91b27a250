"""The audit log of Linux: the lines of one event, told by its serial number, as one JSON object.

`type=SYSCALL msg=audit(1714557600.123:77): arch=c000003e syscall=59 … exe="/usr/bin/id"` and the lines with the same
serial become `{"serial": "77", "time": "1714557600.123", "kind": "execve", "SYSCALL": {…}, "EXECVE": {…}, …}`. Values that
auditd writes in hexadecimal are decoded; `args` has the arguments of EXECVE in order.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator

_LINE = re.compile(
    r"(?:node=(\S+) )?type=([A-Z_0-9]+|UNKNOWN\[\d+\]) msg=audit\((\d+\.\d+):(\d+)\): ?"
)
_PAIR = re.compile(r"([\w\-\[\]]+)=(\"[^\"]*\"|'[^']*'|\S*)")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_ENCODED = frozenset(
    {"acct", "cmd", "comm", "cwd", "data", "exe", "name", "path", "proctitle", "vm", "key"}
)
_ARGUMENT = re.compile(r"a(\d+)(?:\[(\d+)\])?")
_OPEN = 1_000
"""Events whose last line may still come: auditd writes those of several processors in one another."""
_NONE = frozenset({"?", "(null)", "(none)", "4294967295"})

Record = dict[str, object]

_X86_64 = (
    "0 read 1 write 2 open 3 close 9 mmap 10 mprotect 41 socket 42 connect 43 accept 49 bind 50 listen 56 clone "
    "57 fork 58 vfork 59 execve 62 kill 72 fcntl 76 truncate 77 ftruncate 82 rename 83 mkdir 84 rmdir 85 creat 86 link "
    "87 unlink 88 symlink 90 chmod 91 fchmod 92 chown 93 fchown 94 lchown 101 ptrace 105 setuid 106 setgid 113 setreuid "
    "114 setregid 117 setresuid 119 setresgid 132 utime 133 mknod 155 pivot_root 157 prctl 161 chroot 165 mount "
    "166 umount2 169 reboot 170 sethostname 175 init_module 176 delete_module 188 setxattr 246 kexec_load 257 openat "
    "258 mkdirat 259 mknodat 260 fchownat 263 unlinkat 264 renameat 265 linkat 266 symlinkat 268 fchmodat 272 unshare "
    "280 utimensat 288 accept4 308 setns 310 process_vm_readv 311 process_vm_writev 313 finit_module 316 renameat2 "
    "319 memfd_create 320 kexec_file_load 321 bpf 322 execveat"
)
_AARCH64 = (
    "33 mknodat 34 mkdirat 35 unlinkat 36 symlinkat 37 linkat 38 renameat 39 umount2 40 mount 41 pivot_root 51 chroot "
    "52 fchmod 53 fchmodat 54 fchownat 55 fchown 56 openat 57 close 63 read 64 write 97 unshare 104 kexec_load "
    "105 init_module 106 delete_module 117 ptrace 129 kill 142 reboot 143 setregid 144 setgid 145 setreuid 146 setuid "
    "147 setresuid 149 setresgid 161 sethostname 167 prctl 198 socket 200 bind 201 listen 202 accept 203 connect "
    "220 clone 221 execve 222 mmap 226 mprotect 242 accept4 268 setns 270 process_vm_readv 271 process_vm_writev "
    "273 finit_module 276 renameat2 279 memfd_create 280 bpf 281 execveat 294 kexec_file_load"
)


def _table(words: str) -> dict[str, str]:
    parts = words.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


_SYSCALLS = {"c000003e": _table(_X86_64), "c00000b7": _table(_AARCH64)}
"""By the number of the processor's kind. Names in the line itself (enriched logs) go before."""


def is_audit_line(line: str) -> bool:
    """Whether the line is one of an audit log.

    >>> is_audit_line("type=CWD msg=audit(1714557600.123:77): cwd=/"), is_audit_line("type=CWD")
    (True, False)
    """
    return _LINE.match(line) is not None


def audit_events(lines: Iterable[str]) -> Iterator[Record | str]:
    """The events, in the order of their first lines; a line that is none of an audit log as it is."""
    waiting: dict[tuple[str, str, str], Record] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            if line.strip() and line.strip() != "----":  # `ausearch` writes these between events
                yield line
            continue
        node, kind, time, serial = (found[1] or "", found[2], found[3], found[4])
        key = (node, time, serial)
        if kind == "EOE":
            if key in waiting:
                yield _whole(waiting.pop(key))
            continue
        if key not in waiting:
            waiting[key] = {"serial": serial, "time": time, **({"node": node} if node else {})}
        _add(waiting[key], kind, _values(kind, line[found.end() :]))
        if len(waiting) > _OPEN:
            yield _whole(waiting.pop(next(iter(waiting))))
    yield from map(_whole, waiting.values())


def _add(event: Record, kind: str, values: dict[str, str]) -> None:
    event.setdefault("type", kind)
    known = event.get(kind)
    if kind == "PATH":
        paths = event.setdefault("PATH", [])
        assert isinstance(paths, list)  # noqa: S101 - made here
        paths.append(values)
    elif isinstance(known, dict):
        known.update(values)  # EXECVE with many arguments takes several lines
    else:
        event[kind] = values


def _values(kind: str, text: str) -> dict[str, str]:
    """Names and values, those in hexadecimal decoded: but for the arguments of SYSCALL, which are numbers."""
    found: dict[str, str] = {}
    for name, value in _PAIR.findall(text.replace("\x1d", " ")):
        is_argument = kind == "EXECVE" and _ARGUMENT.fullmatch(name)
        if value.startswith("'"):
            found.update(_values(kind, value[1:-1]))
        elif value.startswith('"'):
            found[name] = value[1:-1]
        elif (name in _ENCODED or is_argument) and _HEX.fullmatch(value):
            found[name] = _decoded(value)
        elif is_argument or value not in _NONE:
            found[name] = value
    return found


def _decoded(value: str) -> str:
    return bytes.fromhex(value).decode("utf-8", "replace").rstrip("\0").replace("\0", " ")


def _whole(event: Record) -> Record:
    """The event with the name of its system call, its arguments, its file and its address."""
    call = event.get("SYSCALL")
    if isinstance(call, dict):
        number = str(call.get("syscall", ""))
        names = _SYSCALLS.get(str(call.get("arch", "")), {})
        call["name"] = call.get("SYSCALL") or names.get(number, number)
    event["kind"] = call["name"] if isinstance(call, dict) else event["type"]
    execve = event.get("EXECVE")
    if isinstance(execve, dict):
        event["args"] = _arguments(execve)
        event["command_line"] = " ".join(_arguments(execve))
    paths = event.get("PATH")
    if isinstance(paths, list):
        chosen = [
            path for path in paths if path.get("nametype") not in ("PARENT", "UNKNOWN")
        ] or paths
        event["target"] = chosen[-1]
    address = event.get("SOCKADDR")
    if isinstance(address, dict):
        event["remote"] = _address(str(address.get("saddr", "")))
    return event


def _arguments(execve: dict[str, str]) -> list[str]:
    """a0, a1 …; a long one stands in pieces: a1[0], a1[1] …"""
    pieces: dict[int, list[tuple[int, str]]] = {}
    for name, value in execve.items():
        if found := _ARGUMENT.fullmatch(name):
            pieces.setdefault(int(found[1]), []).append((int(found[2] or 0), value))
    return ["".join(piece for _, piece in sorted(each)) for _, each in sorted(pieces.items())]


def _address(saddr: str) -> dict[str, str]:
    """The address and port of a `sockaddr` in hexadecimal: of IPv4 and IPv6; nothing of others."""
    data = bytes.fromhex(saddr) if _HEX.fullmatch(saddr) else b""
    family = int.from_bytes(data[:2], "little")
    port = str(int.from_bytes(data[2:4], "big"))
    if family == 2 and len(data) >= 8:
        return {"ip": str(ipaddress.ip_address(data[4:8])), "port": port}
    if family == 10 and len(data) >= 24:
        return {"ip": str(ipaddress.ip_address(data[8:24])), "port": port}
    return {}
