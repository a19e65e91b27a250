"""How an engine's own lowering of letters becomes Unicode's simple folding (spec §3, §13.2)."""

from __future__ import annotations

from collections.abc import Iterable

from eqlx.patterns.folding import Folding, fold

ICU_MISSES = (
    (0xB5, 0xB5),
    (0x17F, 0x17F),
    (0x345, 0x345),
    (0x3C2, 0x3C2),
    (0x3D0, 0x3D1),
    (0x3D5, 0x3D6),
    (0x3F0, 0x3F1),
    (0x3F5, 0x3F5),
    (0x1C80, 0x1C88),
    (0x1E9B, 0x1E9B),
    (0x1FBE, 0x1FBE),
    (0x1FD3, 0x1FD3),
    (0x1FE3, 0x1FE3),
    (0xFB05, 0xFB05),
)
"""Code points that ICU's lowering leaves apart from what they fold to. It makes of a `Σ` what stands
around it asks for, so that one is replaced as well."""
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
