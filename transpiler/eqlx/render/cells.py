"""Text in terminal cells: tabs, wide and combining characters, and nothing that steers a terminal."""

from __future__ import annotations

import unicodedata

TAB_WIDTH = 4
_ZERO_WIDTH = frozenset({"Mn", "Me"})
_REPLACED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def cell(character: str) -> tuple[str, int]:
    """What to print for a character and how many columns that takes (0, 1, 2; a tab 4).

    Control and format characters (escape sequences, direction marks) become visible ones, so that a
    hostile rule cannot write to the terminal that shows its diagnostic.
    """
    if " " <= character <= "~":
        return character, 1
    if character == "\t":
        return " " * TAB_WIDTH, TAB_WIDTH
    if character < " ":
        return chr(0x2400 + ord(character)), 1
    category = unicodedata.category(character)
    if category in _REPLACED:
        return "\N{REPLACEMENT CHARACTER}", 1
    if category in _ZERO_WIDTH:
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    """The columns that `shown(text)` takes."""
    return sum(cell(character)[1] for character in text)


def shown(text: str) -> str:
    """The text as it is safe to print on one line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(cell(character)[0] for character in text)


def shown_lines(text: str) -> list[str]:
    """As `shown`, for a text that may have several lines."""
    return [shown(line.rstrip("\r")) for line in text.split("\n")]
