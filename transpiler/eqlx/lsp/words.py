"""The words of an EQL text, also of one that is not valid: what an editor colours and completes.

A text that is being written does not parse, so this lexer takes every text. On valid texts its words are the
tokens of `eql.lark`, which the tests compare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from eqlx.syntax.comments import blank_comments, find_comments
from eqlx.syntax.keywords import KEYWORDS


class WordKind(Enum):
    """What a word is; the values are token types of the Language Server Protocol."""

    COMMENT = "comment"
    STRING = "string"
    NUMBER = "number"
    FIELD = "property"
    KEYWORD = "keyword"
    FUNCTION = "function"
    CATEGORY = "enumMember"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its half-open range of offsets. `mark`: brackets and commas, which have no colour."""

    kind: WordKind
    text: str
    start: int
    end: int
    mark: bool = False


_WORDS = re.compile(
    r'(?P<string>"""[^\r\n]*?(?:"""(?:"{0,2})|$|(?=[\r\n]))|"(?:[^"\\\r\n]|\\[^\r\n])*"?)'
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>(?:[A-Za-z_@][A-Za-z0-9_]*|`(?:[^`]|``)*`?)(?:\.(?:[A-Za-z_@][A-Za-z0-9_]*|`(?:[^`]|``)*`?))*\.?~?)"
    r"|(?P<operator>[=!<>]=|[<>:=+*/%?|-])"
    r"|(?P<mark>!\[|[\[\](),])"
)
_AFTER = re.compile(r"\s*([(\[]?)")


def words(text: str) -> list[Word]:
    """All words, in order; characters that begin none are left out."""
    comments, _ = find_comments(text)
    plain, _ = blank_comments(text)
    found: list[Word] = []
    for match in _WORDS.finditer(plain):
        group = match.lastgroup or "mark"
        if group == "name":
            kind = _named(match.group(), plain, match.end())
        elif group == "mark":
            kind = WordKind.OPERATOR
        else:
            kind = WordKind(group)
        found.append(Word(kind, match.group(), match.start(), match.end(), group == "mark"))
    said = (Word(WordKind.COMMENT, text[s.start : s.end], s.start, s.end) for s in comments)
    return sorted((*_with_categories(found), *said), key=lambda word: word.start)


def _named(name: str, text: str, end: int) -> WordKind:
    if name.removesuffix("~") in KEYWORDS or name in {"head", "tail"}:
        return WordKind.KEYWORD
    after = _AFTER.match(text, end)
    if after is not None and after[1] == "(":
        return WordKind.FUNCTION
    return WordKind.FIELD


def _with_categories(found: list[Word]) -> list[Word]:
    """What stands before `where` is a category."""
    return [
        Word(WordKind.CATEGORY, word.text, word.start, word.end)
        if word.kind in (WordKind.FIELD, WordKind.STRING)
        and number + 1 < len(found)
        and found[number + 1].text == "where"
        else word
        for number, word in enumerate(found)
    ]


def word_at(found: list[Word], offset: int) -> Word | None:
    """The word that holds the offset, or ends at it."""
    return next((w for w in found if w.start <= offset < w.end), None) or next(
        (w for w in found if w.end == offset and not w.mark), None
    )
