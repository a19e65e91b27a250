"""What `-O table=` names: a table, or in a dbt model a `source` or `ref` of dbt."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = r'(?:"(?:[^"\x00-\x1f\x7f]|"")+"|[^\W\d][\w$-]*)'
_NAME = re.compile(rf"{_PART}(?:\.{_PART}){{0,2}}\Z")
_ARGUMENT = r"""\s*(?:'[\w .$-]+'|"[\w .$-]+")\s*"""
_RELATION = re.compile(
    rf"\{{\{{\s*(?:source\({_ARGUMENT},{_ARGUMENT}\)|ref\({_ARGUMENT}(?:,{_ARGUMENT})?\))\s*\}}\}}\Z"
)
STAND_IN = "eqlx_dbt_relation_of_this_model"
"""The table of the tree, where dbt names the real one when it renders the model."""


def is_name(text: str) -> bool:
    """Whether the text is a table's name, of one to three parts.

    >>> is_name('logs."my events"'), is_name("read_parquet('x')"), is_name("")
    (True, False, False)
    """
    return _NAME.match(text) is not None


def is_dbt_relation(text: str) -> bool:
    """Whether the text is `{{ source('a', 'b') }}` or `{{ ref('m') }}`, and nothing else."""
    return _RELATION.match(text.strip()) is not None


def table_parts(options: Mapping[str, str]) -> list[str]:
    """The parts of the table's name, the stand-in for a relation of dbt."""
    text = options.get("table", "events")
    return [STAND_IN] if is_dbt_relation(text) else split_name(text)


def split_name(text: str) -> list[str]:
    """The parts of a possibly qualified table name; double quotes protect dots.

    >>> split_name('logs."my.events"')
    ['logs', 'my.events']
    """
    parts, current, quoted, index = [], "", False, 0
    while index < len(text):
        character = text[index]
        if character == '"' and quoted and text[index + 1 : index + 2] == '"':
            current += '"'
            index += 1
        elif character == '"':
            quoted = not quoted
        elif character == "." and not quoted:
            parts.append(current)
            current = ""
        else:
            current += character
        index += 1
    return [*parts, current]
