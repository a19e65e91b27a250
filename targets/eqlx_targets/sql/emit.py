"""From the tree to text: printed by sqlglot, read back and compared, then put into an envelope."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlglot import Dialect as Printer
from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from eqlx.target import Request
from eqlx_targets.sql import literals
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.dialects.base import PORTABLE, Dialect
from eqlx_targets.sql.envelopes import enveloped
from eqlx_targets.sql.header import header_lines

_SYNTAX = frozenset(
    """all and any array as between by case cast coalesce cross distinct else end escape except exclude
    exists filter from greatest having if ilike in interval is join lambda least like limit
    materialized not null nullif on or order over partition range row rows select struct then try
    try_cast union unnest using values when where window with""".split()  # noqa: SIM905 - a table
)
"""Words of the language that an opening parenthesis may follow; every engine has these functions."""
_NO_NAMES = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.IDENTIFIER})
_FORBIDDEN = (exp.Command, exp.Create, exp.Drop, exp.Insert, exp.Update, exp.Delete, exp.Into)


class RoundTripError(Exception):
    """The printed SQL does not read back as the tree that was meant: a bug of eqlx, or of sqlglot."""


def emit_query(tree: exp.Expr, request: Request, windowed: exp.Expr | None = None) -> str:
    """The text of the tree, with its header and envelope.

    `windowed` is the same query within the rule's time window, for the later runs of an incremental
    model.

    Raises:
        RoundTripError: the text does not read back as the same tree.
    """
    query = _printed(tree, request)
    later = None if windowed is None else _printed(windowed, request)
    header = "".join(f"-- {line}\n" for line in header_lines(request))
    if request.options["envelope"] == "query":
        return f"{header}{query}\n"
    return enveloped(query, header, request, later)


def _printed(tree: exp.Expr, request: Request) -> str:
    comments = request.options["comments"] != "none"
    dialect = DIALECTS[request.dialect]
    tree = literals.spelled(tree, dialect.characters)
    why = _unwanted(tree)
    # A literal may hold the mark that sqlglot's pretty printer uses for line feeds: then plain.
    for pretty in () if why else (True, False):
        text = tree.sql(
            dialect.printer, pretty=pretty, comments=comments, unsupported_level=ErrorLevel.RAISE
        )
        why = difference(tree, text, dialect)
        if why is None:
            return text
    message = f"the printed SQL does not read back as it was meant: {why}"
    raise RoundTripError(message)


def _unwanted(tree: exp.Expr) -> str | None:
    """Nodes that no generated query may hold."""
    for node in tree.walk():
        if isinstance(node, _FORBIDDEN):
            return f"a node of kind `{type(node).__name__}`"
    return None


def unknown_function(tokens: Sequence[Token], dialect: Dialect) -> str | None:
    """A function that is called in the printed text and that the engine does not have, whatever node
    it was printed from; None if there is none."""
    for place, opening in enumerate(tokens):
        if opening.token_type is not TokenType.L_PAREN or place == 0:
            continue
        token = tokens[place - 1]
        name = token.text.lower()
        if token.token_type in _NO_NAMES or name in _SYNTAX or not name.isidentifier():
            continue
        is_cte = place > 1 and tokens[place - 2].token_type is TokenType.ALIAS
        if not is_cte and name not in dialect.known_functions:
            return f"{dialect.name} has no function `{token.text}`"
    return None


def difference(tree: exp.Expr, text: str, dialect: Dialect) -> str | None:
    """Why `text` is not exactly `tree`, in functions that the engine has; None if it is."""
    printer = Printer.get_or_raise(dialect.printer)
    try:
        tokens = printer.tokenize(text)
        statements = printer.parser().parse(tokens, text)
    except SqlglotError as error:
        return f"it cannot be parsed: {str(error).splitlines()[0]}"
    if len(statements) != 1 or statements[0] is None:
        return f"it is {len(statements)} statements"
    if (why := unknown_function(tokens, dialect)) is not None:
        return why
    if dialect.printer != PORTABLE:
        mine, read = (bracketed(each, dialect.printer) for each in (tree.copy(), statements[0]))
        if mine != read:
            # A parser may give a function another name, or another case: read both the same way.
            mine, read = (_reread(each, dialect.printer) for each in (mine, read))
        return None if mine == read else _first_difference(mine, read)
    ours, theirs = (canonical(each, dialect.printer) for each in (tree.copy(), statements[0]))
    if ours == theirs:
        return None
    return _first_difference(ours, theirs)


_OPERATORS: tuple[type[exp.Expr], ...] = (exp.Binary, exp.Unary, exp.Between, exp.In)
_NOT_WRAPPED: tuple[type[exp.Expr], ...] = (exp.Dot, exp.Paren)


def bracketed(tree: exp.Expr, printer: str) -> str:
    """The text of the tree with every operator in parentheses of its own: one text for all trees that
    mean the same, whichever kinds of node a parser makes of functions. The tree is used up."""
    root = exp.Paren(this=tree)
    for paren in list(root.find_all(exp.Paren)):
        if paren is not root:
            paren.replace(paren.this)
    # Innermost first: an outer one is built again from copies of what it holds.
    for connector in reversed(list(root.find_all(exp.And, exp.Or))):
        if type(connector.parent) is not type(connector):
            _lean_left(connector)
    for each in list(root.walk()):
        node: exp.Expr = each
        if not isinstance(node, _OPERATORS) or isinstance(node, _NOT_WRAPPED):
            continue
        if isinstance(node.parent, exp.Escape):
            continue  # `a LIKE b ESCAPE c` is one operator, which takes no parentheses inside
        if isinstance(node, exp.Connector) or not isinstance(node, exp.Func):
            around = exp.Paren()
            node.replace(around)
            around.set("this", node)
    return str(root.this.sql(printer, comments=False))


def _lean_left(connector: exp.Expr) -> None:
    """`a AND (b AND c)` as a parser reads it without the parentheses, which change nothing."""
    first, *others = [operand.copy() for operand in connector.flatten(unnest=False)]
    for operand in others:
        first = type(connector)(this=first, expression=operand)
    connector.replace(first)


def _reread(text: str, printer: str) -> str:
    return parse_one(text, read=printer).sql(printer, comments=False)


def canonical(tree: exp.Expr, dialect: str) -> exp.Expr:
    """What the parser and the builders write in two ways, written in one."""
    for node in list(tree.walk()):
        if isinstance(node, exp.Anonymous):
            known = exp.func(node.name, *node.expressions, dialect=dialect)
            if not isinstance(known, exp.Anonymous):
                node.replace(known)
        elif isinstance(node, exp.Bracket) and not node.args.get("offset"):
            for index in node.expressions:
                if isinstance(index, exp.Literal) and not index.is_string:
                    index.set("this", str(int(index.this) + 1))
            node.set("offset", 1)
        elif isinstance(node, exp.Window):
            node.set("over", None)
        elif isinstance(node, exp.Cast | exp.TryCast):
            node.set("to", _type(node.to.sql(dialect), dialect).copy())
    return tree


@cache
def _type(name: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(name, dialect=dialect)


def _first_difference(ours: object, theirs: object) -> str:
    """Where the trees part, for the report of a bug."""
    if isinstance(ours, str) and isinstance(theirs, str):
        same = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), 0)
        ours, theirs = (text[max(same - 30, 0) : same + 50] for text in (ours, theirs))
    if not isinstance(ours, exp.Expr) or not isinstance(theirs, exp.Expr):
        return f"`{ours}` became `{theirs}`"
    if type(ours) is not type(theirs):
        return f"`{type(ours).__name__}` became `{type(theirs).__name__}` at `{_start(ours)}`"
    for name in {**ours.args, **theirs.args}:
        a, b = ours.args.get(name) or None, theirs.args.get(name) or None
        if a == b:
            continue
        if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            return next(_first_difference(x, y) for x, y in zip(a, b, strict=True) if x != y)
        if a is None or b is None or isinstance(a, list):
            return f"the `{name}` of `{type(ours).__name__}` at `{_start(ours)}`"
        return _first_difference(a, b)
    return "values differ"


def _start(node: exp.Expr) -> str:
    return node.sql()[:80]
