"""Text literals without control characters: `'a' || CHR(13)` for a carriage return.

A control character that stands raw in a literal is another one for a reader with universal newlines
(dbt, an editor, version control), and steers the terminal that shows the query. Format characters
and separators are spelled the same way, since they make a text look like another.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from eqlx.printable import UNSAFE, is_safe


def spelled(tree: exp.Expr, characters: str = "number") -> exp.Expr:
    """`tree` with such literals spelled; the tree itself where there are none. `characters`: see
    `Dialect.characters`."""
    if all(is_safe(node.this) for node in tree.find_all(exp.Literal)):
        return tree
    return tree.transform(_spelled, characters)


def _spelled(node: exp.Expr, characters: str) -> exp.Expr:
    if not isinstance(node, exp.Literal) or not node.is_string or is_safe(node.this):
        return node
    first, *others = _parts(node.this, characters)
    for part in others:
        first = exp.DPipe(this=first, expression=part, safe=True)
    return exp.Paren(this=first)


def _parts(text: str, characters: str) -> Iterator[exp.Expr]:
    """They start with a text, so that every dialect takes the whole for one."""
    at = 0
    for found in UNSAFE.finditer(text):
        if found.start() > at or at == 0:
            yield exp.Literal.string(text[at : found.start()])
        yield _character(found[0], characters)
        at = found.end()
    if at < len(text):
        yield exp.Literal.string(text[at:])


def _character(character: str, characters: str) -> exp.Expr:
    encoded = character.encode()
    if characters == "hexadecimal":
        digits = exp.Anonymous(this="unhex", expressions=[exp.Literal.string(encoded.hex())])
        operands = [digits, exp.Literal.string("utf-8")]
        return exp.Anonymous(this="decode", expressions=operands)
    codes = list(encoded) if characters == "bytes" else [ord(character)]
    return exp.Chr(expressions=[exp.Literal.number(code) for code in codes], charset=False)
