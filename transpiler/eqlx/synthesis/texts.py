"""Texts inside and just outside of what a literal, a wildcard pattern or a text test accepts."""

from __future__ import annotations

from collections.abc import Iterator

from eqlx.ir.nodes import Case
from eqlx.patterns.folding import Folding, fold, forms
from eqlx.patterns.wildcard import Wild, Wildcard

Labelled = tuple[str, str]
"""What the text varies, and the text."""

SPECIAL = "_%\\^$.+()[]{}|*?'\"#"
"""Characters that some query language gives a meaning: each must stand for itself."""

_FILLERS = (("\\", "C:\\Windows"), ("/", "/opt/app"), (".", "report"), (" ", "tool"), ("-", "x"))


ODD_LETTERS = (
    ("k", "\u212a", "Kelvin sign"),
    ("s", "\u017f", "long s"),
    ("i", "\u0130", "dotted capital I"),
    ("i", "\u0131", "dotless i"),
)
"""What Unicode folding (k, s), or some engine's (i), takes for a letter of ASCII."""


def swapped(text: str) -> str:
    """The letters of ASCII in their other case."""
    return "".join(c.swapcase() if c.isascii() else c for c in text)


def near_misses(text: str) -> Iterator[Labelled]:
    """Texts one character off, each special character replaced by a plain one in turn."""
    if not text:
        yield "not empty", "x"
        return
    yield "one character more", text + "x"
    yield "one character before", "x" + text
    yield "last character gone", text[:-1]
    if len(text) > 1:
        yield "first character gone", text[1:]
    yield from off_inside(text)


def off_inside(text: str) -> Iterator[Labelled]:
    """One character of the text replaced; special ones too, which must stand for themselves."""
    for character in dict.fromkeys(c for c in text if c in SPECIAL):
        at = text.index(character)
        yield f"a letter in place of `{character}`", text[:at] + "x" + text[at + 1 :]
        if character in "\\%":
            yield f"without `{character}`", text[:at] + text[at + 1 :]
    letters = [i for i, c in enumerate(text) if c.isalnum()]
    if letters:
        at = letters[len(letters) // 2]
        other = "q" if text[at] not in "qQ" else "z"
        yield "one character changed", text[:at] + other + text[at + 1 :]


def literal_texts(text: str, case: Case) -> Iterator[Labelled]:
    """For equality with a text: itself, its letter case, one character off."""
    yield "the value itself", text
    yield from other_case(text, case)
    yield from near_misses(text)


def other_case(text: str, case: Case) -> Iterator[Labelled]:
    """Other letter case: all swapped, and (where case is ignored) letters beyond ASCII that some
    folding takes for letters of the text: engines differ there."""
    if swapped(text) != text:
        yield "other letter case", swapped(text)
    if case is not Case.SENSITIVE:
        for plain, odd, name in ODD_LETTERS:
            at = fold(text, Folding.ASCII).find(plain)
            if at >= 0:
                yield f"{name} for `{plain}`", text[:at] + odd + text[at + 1 :]
        for at, character in enumerate(text):
            others = [] if character.isascii() else forms(character, Folding.UNICODE)
            if len(others) > 1:
                other = next(form for form in others if form != character)
                yield f"`{other}` for `{character}`", text[:at] + other + text[at + 1 :]
                return


# --- wildcards ------------------------------------------------------------------------------------


def filled(pattern: Wildcard, run: str | None, one: str = "x") -> str:
    """A text of the pattern: `run` for each `*` (None: something that suits the place)."""
    parts: list[str] = []
    for place, piece in enumerate(pattern.pieces):
        match piece:
            case Wild.ANY_RUN:
                parts.append(_filler(pattern, place) if run is None else run)
            case Wild.ANY_ONE:
                parts.append(one)
            case str():
                parts.append(piece)
    return "".join(parts)


def _filler(pattern: Wildcard, place: int) -> str:
    """What a person would expect a `*` to stand for: a folder before `/a`, a word elsewhere."""
    following = pattern.pieces[place + 1 : place + 2]
    before = pattern.pieces[place - 1] if place else ""
    if following and isinstance(following[0], str):
        if isinstance(before, str) and before:
            return "data"
        return next((f for start, f in _FILLERS if following[0].startswith(start)), "sample")
    if isinstance(before, str):
        if before.endswith(("\\", "/", "=", ":", " ")):
            return "sample"
        if before.endswith("."):
            return "log"
    return " sample" if isinstance(before, str) and " " in before else "data"


def pattern_texts(pattern: Wildcard, case: Case) -> Iterator[Labelled]:
    """For a wildcard pattern: usual, shortest and longer texts, letter case, one character off."""
    usual = filled(pattern, None)
    yield "a usual text", usual
    if not any(isinstance(piece, Wild) for piece in pattern.pieces):
        yield from other_case(usual, case)
        yield from near_misses(usual)
        return
    yield "the shortest text", filled(pattern, "")
    if Wild.ANY_RUN in pattern.pieces:
        yield "a longer text", filled(pattern, "some longer text ")
        yield "a line break in the text", filled(pattern, "a\nb")
    if Wild.ANY_RUN in pattern.pieces[1:-1]:
        yield "a line break inside", filled(pattern, "\n")
    if Wild.ANY_ONE in pattern.pieces:
        yield "nothing in place of `?`", filled(pattern, None, "")
        yield "the shortest text, nothing in place of `?`", filled(pattern, "", "")
        yield "two characters in place of `?`", filled(pattern, None, "xy")
        yield "a character beyond 16 bits for `?`", filled(pattern, None, "\U0001f600")
    yield from other_case(usual, case)
    if case is not Case.SENSITIVE and Wild.ANY_RUN in pattern.pieces:
        yield from _beside_odd_letters(pattern)
    yield from _pieces_off(pattern)


def _beside_odd_letters(pattern: Wildcard) -> Iterator[Labelled]:
    """A letter that engines fold each in its own way stands where the pattern takes anything, so that a
    target that looks at such values a second time must find them, and no others, in any letter case."""
    literal = "".join(piece for piece in pattern.pieces if isinstance(piece, str))
    for plain, odd, name in ODD_LETTERS:
        if plain not in fold(literal, Folding.ASCII):
            continue
        text = filled(pattern, f"x{odd}")
        yield f"{name} in the text", text
        yield f"{name} in the text, other letter case", swapped(text)
        if isinstance(pattern.pieces[0], str | Wild) and pattern.pieces[0] is not Wild.ANY_RUN:
            yield f"{name} in the text, one character before", f"x{text}"
        if "\\" in literal:
            at = text.index("\\")
            yield f"{name} in the text, no backslash", text[:at] + text[at + 1 :]


def _pieces_off(pattern: Wildcard) -> Iterator[Labelled]:
    """The pattern's texts with one literal piece damaged, and with something around them."""
    pieces = pattern.pieces
    if isinstance(pieces[0], str):
        yield "one character before", "x" + filled(pattern, None)
    if isinstance(pieces[-1], str):
        yield "one character more", filled(pattern, None) + "x"
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            for label, damaged in (("last character gone", piece[:-1]), *off_inside(piece)):
                changed = (*pieces[:place], damaged, *pieces[place + 1 :])
                yield f"`{piece}`: {label}", filled(Wildcard(changed), None)


def combined(patterns: list[Wildcard]) -> Iterator[str]:
    """Texts that may satisfy all the patterns at once: starts, middles and ends put together."""
    starts = [p.pieces[0] for p in patterns if p.pieces and isinstance(p.pieces[0], str)]
    ends = [p.pieces[-1] for p in patterns if len(p.pieces) > 1 and isinstance(p.pieces[-1], str)]
    start = max((s for s in starts if isinstance(s, str)), key=len, default="")
    end = max((e for e in ends if isinstance(e, str)), key=len, default="")
    middles = [_middle(p) for p in patterns]
    for glue in ("", " ", "\\"):
        for row in (middles, middles[::-1]):
            inside = glue.join(m for m in row if m)
            yield glue.join(part for part in (start, inside, end) if part)
            yield start + inside + end


def _middle(pattern: Wildcard) -> str:
    pieces = list(pattern.pieces)
    if pieces and isinstance(pieces[0], str):
        pieces = pieces[1:]
    if pieces and isinstance(pieces[-1], str):
        pieces = pieces[:-1]
    return "".join(p if isinstance(p, str) else ("x" if p is Wild.ANY_ONE else "") for p in pieces)
