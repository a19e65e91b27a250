"""The known name that a person most likely meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that is nearest to `name` in spelling, letter case aside, if any is near.

    >>> nearest("elasticsaerch", ["sql", "elasticsearch"])
    'elasticsearch'
    >>> nearest("x", ["sql"]) is None
    True
    """
    import difflib

    folded = {item.lower(): item for item in known}
    found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
