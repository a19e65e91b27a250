r"""Characters that do not stand raw in an output: what they are, and how JSON and a line spell them.

Controls (line ends among them) change in files that are read with universal newlines and steer
terminals; direction marks and other format characters show a text as another; the separators
U+2028 and U+2029 end a line for some readers.
"""

from __future__ import annotations

import json
import re

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)
"""One such character: of the general categories Cc, Cf, Cs, Zl and Zp. Written out, so that every
version of Python prints the same."""


def is_safe(text: str) -> bool:
    r"""Whether no character of the text has to be spelled out.

    >>> is_safe("cmd.exe é"), is_safe("a\rb"), is_safe("a\u202eb")
    (True, False, False)
    """
    return text.isprintable() or UNSAFE.search(text) is None


def json_text(value: object, *, indent: int | None = None) -> str:
    r"""`value` as JSON that holds no such character raw, and all others as they are.

    Raises:
        ValueError: a number that JSON does not have.
        TypeError: a value that JSON does not have.

    >>> print(json_text({"é": "a\x85\u202eb"}))
    {"é": "a\u0085\u202eb"}
    """
    return escaped_json(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent))


def escaped_json(text: str) -> str:
    r"""A JSON text (a line, or a whole document with its own line feeds) with such characters in
    its strings as `\u` escapes."""
    if text.isascii() and "\x7f" not in text:
        return text
    return UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    r"""`\u` and four digits; two of them beyond U+FFFF. JSON's own layout stays."""
    character = found[0]
    return character if character in "\n\t" else json.dumps(character)[1:-1]


def one_line(text: str) -> str:
    r"""`text` on one line, for a comment: each such character is a blank.

    >>> one_line("a\r\nb")
    'a  b'
    """
    return text if text.isprintable() else UNSAFE.sub(" ", text)
