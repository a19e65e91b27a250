"""The functions that scripts may need: constant text of ours, from `library.painless`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Section:
    """A function, and the others that it calls."""

    needs: tuple[str, ...]
    text: str


@cache
def sections() -> dict[str, Section]:
    """The functions by name, in order, without comments and on one line each.

    A section starts with `//: name`, followed by the names of those that it needs.
    """
    whole = files(__package__ or __name__).joinpath("library.painless").read_text("utf-8")
    found: dict[str, Section] = {}
    for part in re.split(r"(?m)^//: ", whole)[1:]:
        head, _, body = part.partition("\n")
        name, *needs = head.split()
        lines = [line.partition("//")[0].strip() for line in body.splitlines()]
        found[name] = Section(tuple(needs), " ".join(line for line in lines if line))
    return found


@cache
def functions(names: frozenset[str]) -> tuple[str, ...]:
    """The sources of the functions and of all that they need, in the order of the library."""
    known = sections()
    wanted, waiting = set(names), list(names)
    while waiting:
        for name in known[waiting.pop()].needs:
            if name not in wanted:
                wanted.add(name)
                waiting.append(name)
    return tuple(section.text for name, section in known.items() if name in wanted)
