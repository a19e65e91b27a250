"""What an editor shows beside a word: a field, a function, an operator or a keyword, in Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import Schema
from eqlx.ir.functions import OnNull, Signature, find
from eqlx.lsp.words import Word, WordKind, word_at, words
from eqlx.source import Span
from eqlx.syntax.tokens import path_name

_ABSENT = "An event without the field does not match; under `not` it does."

_OPERATORS = {
    ":": f"equals a string, ignoring letter case; `*` and `?` are wildcards. {_ABSENT}",
    "==": f"equals, exact in letter case; `*` and `?` are plain characters. {_ABSENT} "
    "`field == null` is true for an event without the field.",
    "!=": "does not equal, exact in letter case. An event without the field matches. "
    "`field != null` is true for an event with the field.",
    "<": f"is less; strings compare by code point. {_ABSENT}",
    "<=": f"is less or equal; strings compare by code point. {_ABSENT}",
    ">": f"is greater; strings compare by code point. {_ABSENT}",
    ">=": f"is greater or equal; strings compare by code point. {_ABSENT}",
    "like": f"matches a pattern with the wildcards `*` and `?`, exact in letter case. {_ABSENT}",
    "like~": f"matches a pattern with the wildcards `*` and `?`, ignoring letter case. {_ABSENT}",
    "regex": "the whole value matches a regular expression (Lucene's syntax on a field, Java's on a "
    f"computed value), exact in letter case. {_ABSENT}",
    "regex~": "the whole value matches a regular expression (Lucene's syntax on a field, Java's on a "
    f"computed value), ignoring letter case outside of ranges. {_ABSENT}",
    "in": f"equals an element of the list, exact in letter case. {_ABSENT}",
    "in~": "equals an element of the list, ignoring letter case; `*` and `?` are plain characters. "
    f"{_ABSENT}",
    "?": "an optional field: null where no index maps it, in place of an error. A negated comparison of "
    "such a null matches nothing.",
    "|": "a pipe: `| head N` or `| tail N` limits the results.",
    "and": "true where both conditions are true.",
    "or": "true where a condition is true.",
    "not": "true where the condition is not. An event without the field of the condition matches.",
    "sequence": "events in order of time: `sequence by KEY with maxspan=5m [STAGE] [STAGE] …`.",
    "sample": "events in any order that share keys: `sample by KEY [STAGE] [STAGE] …`.",
    "until": "an event that ends the sequences with its key that are not complete.",
    "maxspan": "the longest time from the first event of a sequence to its last: `ms`, `s`, `m`, `h`, `d`.",
    "by": "the fields whose values the events of a sequence or sample share.",
    "any": "events of every category, and those without one.",
    "head": "the first N results.",
    "tail": "the last N results.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Markdown, and the range in the query that it is about."""

    markdown: str
    span: Span


def hover(text: str, offset: int, schema: Schema) -> Shown | None:
    """What there is to show at an offset of a query."""
    word = word_at(words(text), offset)
    markdown = None if word is None else _about(word, schema)
    if word is None or markdown is None:
        return None
    return Shown(markdown, Span(word.start, word.end))


def _about(word: Word, schema: Schema) -> str | None:
    match word.kind:
        case WordKind.FIELD:
            return field(path_name(word.text), schema)
        case WordKind.FUNCTION:
            signature = find(word.text.removesuffix("~"))
            return None if signature is None else function(signature)
        case WordKind.OPERATOR | WordKind.KEYWORD if word.text in _OPERATORS:
            return f"`{word.text}`: {_OPERATORS[word.text]}"
        case _:
            return None


def field(name: str, schema: Schema) -> str | None:
    """The type of a field, whether it may hold several values, and ECS's words on it."""
    info = schema.lookup(name)
    if info is None:
        return f"`{name}`: no field of the catalogue or of the field list"
    several = "; may hold several values in one event" if info.multivalued else ""
    said = CATALOGUE.descriptions.get(name)
    return f"**{name}**: {info.type.value}{several}" + (f"\n\n{said}" if said else "")


def function(signature: Signature) -> str:
    """How a function is called, and what null does to it."""
    parts = [f"```eql\n{signature.usage}\n```", f"Gives {signature.result.value}."]
    if signature.has_case:
        parts.append(f"`{signature.name}~` ignores letter case.")
    nulls = [
        f"If `{parameter.name}` is null, {parameter.on_null.value}."
        for parameter in signature.parameters
        if parameter.on_null is not OnNull.NULL
    ]
    plain = [p.name for p in signature.parameters if p.on_null is OnNull.NULL]
    if plain:
        names = " or ".join(f"`{name}`" for name in plain)
        nulls.insert(0, f"If {names} is null, {OnNull.NULL.value}.")
    return "\n\n".join([*parts, " ".join(nulls)])
