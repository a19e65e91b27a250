"""Keys, values and data of the registry, as Sysmon writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eqlx.ir import nodes as ir
from eqlx.patterns.wildcard import Piece, Wild, Wildcard
from eqlx_targets.sigma.conditions import literally
from eqlx_targets.sigma.rewrites.subject import (
    Rewritten,
    Subject,
    UnsuitedError,
    joined_pieces,
    same,
)

_HIVES = ("HKEY_LOCAL_MACHINE\\", "HKLM\\", "\\REGISTRY\\MACHINE\\", "REGISTRY\\MACHINE\\", "MACHINE\\", "HKEY_USERS\\", "HKU\\", "\\REGISTRY\\USER\\", "REGISTRY\\USER\\", "USER\\", "HKCU\\", "HKEY_CURRENT_USER\\")  # fmt: skip


def hive(subject: Subject) -> Rewritten:
    if isinstance(subject.leaf, ir.RegexMatch):
        message = "the root of the registry cannot be left out of a regular expression"
        raise UnsuitedError(message)
    patterns, case = subject.patterns()
    return Rewritten(subject.like(map(_without_hive, patterns), case))


def key(subject: Subject) -> Rewritten:
    patterns, case = subject.patterns()
    written = (joined_pieces((*_without_hive(p).pieces, "\\", Wild.ANY_RUN)) for p in patterns)
    return Rewritten(subject.like(written, case))


def _without_hive(pattern: Wildcard) -> Wildcard:
    first, *rest = pattern.pieces or ("",)
    if not isinstance(first, str):
        return joined_pieces(_control_sets(pattern.pieces))
    root = next((hive for hive in _HIVES if first.upper().startswith(hive)), None)
    if root is None:
        message = f"`{pattern.text}` starts at no root of the registry that is known"
        raise UnsuitedError(message)
    left = (f"\\{first[len(root) :]}", *rest)
    return joined_pieces((Wild.ANY_RUN, *_control_sets(left)))


_CONTROL_SET = re.compile(r"\\ControlSet00\d(?=\\|\Z)", re.IGNORECASE)


def _control_sets(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Sysmon writes `CurrentControlSet` for the control set of any number."""
    for piece in pieces:
        if isinstance(piece, str) and piece.lower().endswith("\\controlset"):
            yield piece[: -len("ControlSet")]
            yield Wild.ANY_RUN
            yield "ControlSet"
        elif isinstance(piece, str):
            yield _CONTROL_SET.sub(r"\\CurrentControlSet", piece)
        else:
            yield piece


def details(subject: Subject) -> Rewritten:
    if isinstance(subject.leaf, ir.RegexMatch):
        return same(subject)
    patterns, case = subject.patterns()
    written: list[Wildcard] = []
    for pattern in patterns:
        text = pattern.text.lower()
        number = int(text, 0) if _is_number(text) else None
        if number is not None and number < 1 << 32:
            written.append(literally(f"DWORD (0x{number:08x})"))
        written.append(pattern)
    return Rewritten(subject.like(written, case))


def _is_number(text: str) -> bool:
    digits = text.removeprefix("0x")
    allowed = "0123456789abcdef" if text.startswith("0x") else "0123456789"
    leading = not text.startswith("0x") and len(text) > 1 and text[0] == "0"
    return 0 < len(digits) <= 10 and not leading and all(c in allowed for c in digits)
