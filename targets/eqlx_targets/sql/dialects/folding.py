"""How an engine's own lowering of letters becomes Unicode's simple folding (spec §3, §13.2)."""

from __future__ import annotations

from collections.abc import Iterable

from eqlx.patterns.folding import Folding, fold

_FREE = "ς"
"""What `İ` may become before the lowering: the letter itself has become `σ` by then."""


def folded_after(
    translate: str, lower: str, missed: Iterable[tuple[int, int]], more: str = ""
) -> str:
    """A template of `$s`: characters that the engine's lowering leaves apart from what they fold to
    (`missed`: first and last code points, `more`: single ones) are replaced before it."""
    apart = [chr(code) for first, last in missed for code in range(first, last + 1)] + list(more)
    merged = "".join(fold(character, Folding.UNICODE) for character in apart)
    return f"{lower}({translate}($s, 'İ{''.join(apart)}', '{_FREE}{merged}'))"
