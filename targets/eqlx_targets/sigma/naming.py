"""Names of search identifiers, as SigmaHQ's authors give them: by what they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from eqlx_targets.sigma.tree import Block, Item, SearchMap

Maps = tuple[SearchMap, ...]

_WORDS = {
    "Image": "img",
    "OriginalFileName": "img",
    "SourceImage": "img",
    "CommandLine": "cli",
    "ParentImage": "parent",
    "ParentCommandLine": "parent",
    "TargetFilename": "path",
    "FileName": "path",
    "SourceFilename": "source",
    "CurrentDirectory": "dir",
    "User": "user",
    "LogonId": "user",
    "DestinationIp": "dst_ip",
    "DestinationHostname": "dst_host",
    "DestinationPort": "dst_port",
    "SourceIp": "src_ip",
    "SourcePort": "src_port",
    "TargetObject": "key",
    "ImageLoaded": "module",
    "QueryName": "query",
    "EventID": "event",
    "eventName": "event",
    "eventSource": "event",
}
_PATHS = frozenset(("Image", "ParentImage", "TargetFilename", "ImageLoaded", "SourceImage"))
_OPTIONAL = ("\\program files", "/applications/", "/opt/", "\\appdata\\")
"""Where software is that not every system has."""

_NO_WORD = re.compile(r"[^a-z0-9]+")


def selections(groups: Sequence[Maps]) -> list[Block]:
    """One block takes the bare name."""
    if len(groups) == 1:
        return [Block("selection", groups[0])]
    return _distinct("selection", [(_word(maps), maps) for maps in groups])


def filters(groups: Iterable[Maps]) -> list[Block]:
    """`filter_optional_…` for software that not every system has, `filter_main_…` for the rest."""
    main: list[tuple[str, Maps]] = []
    optional: list[tuple[str, Maps]] = []
    for maps in groups:
        (optional if _is_optional(maps) else main).append((_stem(maps) or _word(maps), maps))
    return [*_distinct("filter_main", main), *_distinct("filter_optional", optional)]


def branch(maps: Maps, taken: Sequence[str], *, by_content: bool) -> str:
    """A name for a block that a written-out condition refers to: `branch_img`, and the next `branch_img_2`;
    or a number alone. No `1 of selection_*` takes it in."""
    if not by_content:
        return f"branch_{len(taken) + 1}"
    name = f"branch_{_word(maps)}"
    numbered = (name, *(f"{name}_{number}" for number in range(2, len(taken) + 2)))
    return next(one for one in numbered if one not in taken)


def _distinct(prefix: str, rows: Sequence[tuple[str, Maps]]) -> list[Block]:
    counts = Counter(word for word, _ in rows)
    seen: Counter[str] = Counter()
    blocks = []
    for word, maps in rows:
        seen[word] += 1
        number = f"_{seen[word]}" if counts[word] > 1 else ""
        blocks.append(Block(f"{prefix}_{word}{number}", maps))
    return blocks


def _items(maps: Maps) -> tuple[Item, ...]:
    return tuple(item for search in maps for item in search)


def _word(maps: Maps) -> str:
    """What all fields of a block are about; `base` where they are about several things. A field that
    is only asked to be there names a block that has no other."""
    items = _items(maps)
    telling = [item for item in items if item.values != ("?*",)]
    words = dict.fromkeys(_of_field(item.field) for item in telling or items)
    return next(iter(words)) if len(words) == 1 else "base"


def _of_field(field: str) -> str:
    known = _WORDS.get(field)
    if known is not None:
        return known
    last = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field.rpartition(".")[2])
    return _NO_WORD.sub("_", last.lower()).strip("_") or "field"


def _texts(maps: Maps) -> tuple[str, ...]:
    return tuple(
        value
        for item in _items(maps)
        if item.field in _PATHS and "re" not in item.modifiers
        for value in item.values
        if isinstance(value, str)
    )


def _is_optional(maps: Maps) -> bool:
    paths = _texts(maps)
    return bool(paths) and all(any(p in path.lower() for p in _OPTIONAL) for path in paths)


def _stem(maps: Maps) -> str:
    """The name of the one program or file that a filter is about; empty where it is about several."""
    if any(item.field not in _PATHS for item in _items(maps)):
        return ""
    names = {re.split(r"[\\/]", path)[-1].lower() for path in _texts(maps)}
    stem = _NO_WORD.sub("_", next(iter(names)).partition(".")[0]) if len(names) == 1 else ""
    return stem.strip("_") if 2 < len(stem) <= 24 else ""
