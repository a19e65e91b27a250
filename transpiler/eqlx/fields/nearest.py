"""The known field names that an unknown name may be meant to be."""

from __future__ import annotations

from collections.abc import Iterable

MAX_EDITS = 2
MIN_LENGTH = 4
"""Shorter names are so near to each other that a guess says nothing."""


def nearest(name: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """At most `limit` known names, the likeliest first; names of one kind of likeness only.

    The kinds, in this order: the same name in other letter case or with other separators; within
    two edits (a swap of neighbours is one); a segment cut short; the same last segment and most
    others.

    >>> nearest("process.nmae", ["process.name", "process.pid", "file.name"])
    ('process.name',)
    >>> nearest("proc.name", ["process.name", "process.pid"])
    ('process.name',)
    >>> nearest("parent.process.name", ["process.parent.name", "file.name"])
    ('process.parent.name',)
    """
    if len(name) < MIN_LENGTH:
        return ()
    known = [other for other in names if other != name]
    for kind in (_respelled, _mistyped, _shortened, _rearranged):
        if ranked := kind(name, known):
            best = sorted(ranked, key=lambda other: (ranked[other], len(other), other))
            return tuple(best[:limit])
    return ()


def is_misspelling(name: str, other: str) -> bool:
    """Whether `name` is surely meant to be `other`, and not a field of its own beside it: the same but
    for letter case and separators, or one edit in one segment. Names of integrations are near to each
    other, so much less counts than for a guess.

    >>> is_misspelling("process.nmae", "process.name"), is_misspelling("processname", "process.name")
    (True, True)
    >>> is_misspelling("user.ip", "user.id"), is_misspelling("file.drive1", "file.drive2")
    (False, False)
    """
    if _folded(name) == _folded(other):
        return True
    left, right = name.split("."), other.split(".")
    if len(left) != len(right):
        return False
    differing = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    if len(differing) != 1:
        return False
    written, meant = differing[0]
    if min(len(written), len(meant)) < MIN_LENGTH or not (written + meant).isalpha():
        return False
    if _plural(written, meant) or _plural(meant, written):
        return False
    # `ctime` and `mtime`, `ppid` and `pgid` are both right: one letter for another needs a long word.
    replaced = len(written) == len(meant) and sorted(written) != sorted(meant)
    return distance(written, meant) == 1 and not (replaced and len(written) < _LONG_WORD)


_LONG_WORD = 6


def _plural(one: str, many: str) -> bool:
    return one + "s" == many and not many.endswith("ss")


def _respelled(name: str, known: list[str]) -> dict[str, float]:
    folded = _folded(name)
    near = (other for other in known if abs(len(other) - len(name)) <= MAX_EDITS)
    return {other: 0 for other in near if _folded(other) == folded}


def _folded(name: str) -> str:
    return name.replace(".", "").replace("_", "").replace("-", "").lower()


def _mistyped(name: str, known: list[str]) -> dict[str, float]:
    third = len(name) // 3
    head, middle, tail = name[:third], name[third:-third], name[-third:]
    found: dict[str, float] = {}
    for other in known:
        # Of three pieces two edits touch at most two: the third stands in the other unchanged
        # (a swap across a cut is the exception, and costs a suggestion only).
        if abs(len(other) - len(name)) <= MAX_EDITS and (
            head in other or tail in other or middle in other
        ):
            edits = distance(name, other)
            if edits <= _budget(name, other):
                found[other] = edits
    return found


def _budget(name: str, other: str) -> int:
    """Two edits, but one where the segments that differ are short: `cmd` is not `end`."""
    left, right = name.split("."), other.split(".")
    if len(left) == len(right):
        differing = [min(len(a), len(b)) for a, b in zip(left, right, strict=True) if a != b]
        return MAX_EDITS if min(differing) >= 5 else 1
    return MAX_EDITS if len(name) >= 8 else 1


def _shortened(name: str, known: list[str]) -> dict[str, float]:
    segments = name.split(".")
    found: dict[str, float] = {}
    for other in known:
        if other[:2] == name[:2] and other.count(".") == len(segments) - 1:
            pairs = list(zip(segments, other.split("."), strict=True))
            if all(_cut_short(*sorted(pair, key=len)) for pair in pairs):
                found[other] = abs(len(other) - len(name))
    return found


def _cut_short(short: str, long: str) -> bool:
    return short == long or (len(short) >= 3 and long.startswith(short))


def _rearranged(name: str, known: list[str]) -> dict[str, float]:
    segments = name.split(".")
    found: dict[str, float] = {}
    for other in known:
        if other.endswith(segments[-1]) and (alike := _shared(segments, other.split("."))):
            found[other] = -alike
    best = min(found.values(), default=0)
    return {other: score for other, score in found.items() if score == best}


def _shared(segments: list[str], other: list[str]) -> float:
    """How alike two paths with one last segment are, 0 to 1; 0 for too little."""
    if segments[-1] != other[-1] or len(segments) < 2 or len(other) < 2:
        return 0
    common = len(set(segments) & set(other))
    score = 2 * common / (len(segments) + len(other))
    return score if common >= 2 and score >= 0.6 else 0


def distance(a: str, b: str) -> int:
    """Edits from `a` to `b`: insert, delete, replace, swap neighbours; 3 stands for more than 2.

    >>> distance("nmae", "name"), distance("name", "names"), distance("alpha", "omega")
    (1, 1, 3)
    """
    start = 0
    shortest = min(len(a), len(b))
    while start < shortest and a[start] == b[start]:
        start += 1
    end = 0
    while end < shortest - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[start : len(a) - end], b[start : len(b) - end]
    if not a or not b:
        return min(len(a) + len(b), MAX_EDITS + 1)
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > MAX_EDITS:
            return MAX_EDITS + 1
        before, last = last, row
    return min(last[-1], MAX_EDITS + 1)
