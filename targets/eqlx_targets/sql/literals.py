"""Text literals without control characters: `'a' || CHR(13)` for a carriage return.

A control character that stands raw in a literal is another one for a reader with universal newlines
(dbt, an editor, version control), and steers the terminal that shows the query. Format characters
and separators are spelled the same way, since they make a text look like another.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from eqlx.printable import UNSAFE, is_safe


def spelled(tree: exp.Expr, *, by_bytes: bool = False) -> exp.Expr:
    """`tree` with such literals spelled; the tree itself where there are none. `by_bytes`: a
    character is told by its bytes in UTF-8, not by its number."""
    if all(is_safe(node.this) for node in tree.find_all(exp.Literal)):
        return tree
    return tree.transform(_spelled, by_bytes)


def _spelled(node: exp.Expr, by_bytes: bool) -> exp.Expr:  # noqa: FBT001 - transform's way
    if not isinstance(node, exp.Literal) or not node.is_string or is_safe(node.this):
        return node
    first, *others = _parts(node.this, by_bytes=by_bytes)
    for part in others:
        first = exp.DPipe(this=first, expression=part, safe=True)
    return exp.Paren(this=first)


def _parts(text: str, *, by_bytes: bool) -> Iterator[exp.Expr]:
    """They start with a text, so that every dialect takes the whole for one."""
    at = 0
    for found in UNSAFE.finditer(text):
        if found.start() > at or at == 0:
            yield exp.Literal.string(text[at : found.start()])
        codes = list(found[0].encode()) if by_bytes else [ord(found[0])]
        numbers = [exp.Literal.number(code) for code in codes]
        yield exp.Chr(expressions=numbers, charset=False)
        at = found.end()
    if at < len(text):
        yield exp.Literal.string(text[at:])
