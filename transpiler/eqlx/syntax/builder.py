"""Makes the surface tree while lark parses: one method a rule of `eql.lark`, children in, node out.

Children are tokens of lark, nodes of `tree`, and tuples and lists of them. Faults inside one
token (an unknown escape, a number that is too large) raise `FaultError`, which the parser reports.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from eqlx.diagnostics.catalogue import foreign
from eqlx.diagnostics.catalogue import structure as say
from eqlx.source import Span
from eqlx.syntax import tree
from eqlx.syntax.tokens import Token, number, path_name, refuse, token_span, unescape, whole
from eqlx.syntax.tree import Expression, FieldName

Children: TypeAlias = list[object]
"""What lark hands over; each method knows from its rule what stands where."""

_STRING = re.compile(r'"([^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+)"')
_Keys: TypeAlias = "tuple[FieldName, ...] | None"
_Runs: TypeAlias = "tuple[int, Span] | None"
REMOVED_FUNCTIONS = {
    "wildcard": "write `field : (…)`, or `like (…)` where letter case counts",
    "match": "write `field regex~ (…)`",
    "matchlite": "write `field regex~ (…)`",
    "arraycontains": "write `field in~ (…)`: a condition holds if any value of the field meets it",
    "arraycount": "Elasticsearch cannot count a field's values",
    "arraysearch": "compare the field itself: a condition holds if any of its values meets it",
    "safe": "remove it: a condition on a missing field is simply not met",
}
"""Functions of older EQL (spec §1, "Rejected") in lower case, with what to write instead."""


class Builder:
    """The callbacks, named as the rules and aliases of the grammar."""

    def start(self, children: Children) -> tree.Statement:
        query = cast("tree.EventFilter | tree.SequenceQuery | tree.SampleQuery", children[0])
        pipes = cast("tuple[tree.Pipe, ...]", tuple(children[1:]))
        end = pipes[-1].span if pipes else query.span
        return tree.Statement(query, pipes, span=query.span.to(end))

    # --- statements ---------------------------------------------------------------------------

    def event_filter(self, children: Children) -> tree.EventFilter:
        (category, span), condition = cast(
            "tuple[tuple[str | None, Span], Expression]", (children[0], children[1])
        )
        return tree.EventFilter(
            category, condition, category_span=span, span=Span(span.start, condition.span.end)
        )

    def category(self, children: Children) -> tuple[str | None, Span]:
        token = cast("Token", children[0])
        span = token_span(token)
        match token.type:
            case "ANY":
                return None, span
            case "NAME":
                return token.value, span
            case "STRING":
                return unescape(token.value[1:-1], span.start + 1), span
            case _:
                return token.value[3:-3], span

    def clauses(self, children: Children) -> Children:
        return children

    def sequence(self, children: Children) -> tree.SequenceQuery:
        word, clauses = cast("tuple[Token, Children]", (children[0], children[1]))
        terms, until = _terms(children)
        keys, maxspan = clauses
        head = token_span(word)
        return tree.SequenceQuery(
            _keys(keys),
            cast("tree.Maxspan | None", maxspan),
            terms,
            until,
            head_span=_head(head, clauses),
            span=head.to((until or terms[-1]).span),
        )

    def sample(self, children: Children) -> tree.SampleQuery | tree.SequenceQuery:
        word, clauses = cast("tuple[Token, Children]", (children[0], children[1]))
        terms, until = _terms(children)
        head = token_span(word)
        if until is not None:
            refuse(say.not_in_sample("until", span=until.span, sample=head))
        if clauses[1] is not None:
            maxspan = cast("tree.Maxspan", clauses[1])
            refuse(say.not_in_sample("with maxspan", span=maxspan.span, sample=head))
        return tree.SampleQuery(
            _keys(clauses[0]),
            terms,
            head_span=_head(head, clauses),
            span=head.to(terms[-1].span),
        )

    def maxspan(self, children: Children) -> tree.Maxspan:
        word, number, unit = cast("tuple[Token, Token, Token | None]", tuple(children))
        span = token_span(word).to(token_span(unit if unit is not None else number))
        given = token_span(number).to(token_span(unit if unit is not None else number))
        if unit is None:
            refuse(say.maxspan_without_unit(number.value, span=given))
        if number.type != "INTEGER" or not 0 < whole(number) < 10**15:
            refuse(say.bad_maxspan(f"{number.value}{unit.value}", span=given))
        if unit.value not in {"ms", "s", "m", "h", "d"}:
            refuse(say.unknown_unit(unit.value, span=token_span(unit)))
        return tree.Maxspan(whole(number), unit.value, span=span)

    def keys(self, children: Children) -> tuple[FieldName, ...]:
        return cast("tuple[FieldName, ...]", tuple(children))

    def term(self, children: Children) -> tree.Term:
        opener, query, closer, keys, runs = cast(
            "tuple[Token, tree.EventFilter, Token, _Keys, _Runs]",
            tuple(children),
        )
        span = token_span(opener).to(token_span(closer))
        if keys:
            span = span.to(keys[-1].span)
        count, runs_span = runs or (None, span)
        return tree.Term(
            query,
            keys or (),
            count,
            opener.type == "OPEN_MISSING",
            runs_span=runs_span,
            span=span.to(runs_span),
        )

    def runs(self, children: Children) -> tuple[int, Span]:
        word, number = cast("tuple[Token, Token]", tuple(children))
        if word.value != "runs":
            refuse(say.unknown_term_option(word.value, span=token_span(word)))
        if number.type != "INTEGER" or not 1 <= whole(number) <= 100:
            refuse(say.bad_runs(number.value, span=token_span(number)))
        return whole(number), token_span(word).to(token_span(number))

    def until(self, children: Children) -> tree.Term:
        word, term = cast("tuple[Token, tree.Term]", tuple(children))
        return replace(term, span=token_span(word).to(term.span))

    def pipe(self, children: Children) -> tree.Pipe:
        bar, name, arguments = cast("tuple[Token, Token, list[Expression] | None]", tuple(children))
        span = token_span(bar).to(token_span(name))
        if name.value not in {"head", "tail"}:
            end = arguments[-1].span if arguments else token_span(name)
            refuse(say.unknown_pipe(name.value, span=token_span(name).to(end)))
        if arguments is None or len(arguments) != 1:
            count = len(arguments or ())
            refuse(say.pipe_arguments(name.value, count, span=token_span(name)))
        return tree.Pipe(name.value, arguments[0], span=span.to(arguments[0].span))

    # --- expressions --------------------------------------------------------------------------

    def either(self, children: Children) -> tree.Logical:
        return _logical("or", children)

    def both(self, children: Children) -> tree.Logical:
        return _logical("and", children)

    def negation(self, children: Children) -> tree.NotExpression:
        word, operand = cast("tuple[Token, Expression]", tuple(children))
        return tree.NotExpression(operand, span=Span(word.start_pos, operand.span.end))

    def comparison(self, children: Children) -> tree.Comparison:
        left, operator, right = cast("tuple[Expression, Token, Expression]", tuple(children))
        return tree.Comparison(
            operator.value,
            left,
            right,
            operator_span=token_span(operator),
            span=Span(left.span.start, right.span.end),
        )

    def sum(self, children: Children) -> Expression:
        return _arithmetic(children)

    def product(self, children: Children) -> Expression:
        return _arithmetic(children)

    def signed(self, children: Children) -> Expression:
        sign, operand = cast("tuple[Token, Expression]", tuple(children))
        if sign.value == "+":
            return operand
        return tree.Sign(operand, span=Span(sign.start_pos, operand.span.end))

    def in_list(self, children: Children) -> tree.InList:
        operand, word, operator, choices, closer = cast(
            "tuple[Expression, Token | None, Token, list[Expression], Token]", tuple(children)
        )
        return tree.InList(
            operand,
            tuple(choices),
            insensitive=operator.type == "IN_INSENSITIVE",
            negated=word is not None,
            span=Span(operand.span.start, closer.end_pos),
        )

    def match(self, children: Children) -> tree.PatternMatch:
        operand, operator, pattern = cast("tuple[Expression, Token, Expression]", tuple(children))
        return tree.PatternMatch(
            operator.value, operand, (pattern,), span=Span(operand.span.start, pattern.span.end)
        )

    def match_list(self, children: Children) -> tree.PatternMatch:
        operand, operator, patterns, closer = cast(
            "tuple[Expression, Token, list[Expression], Token]", tuple(children)
        )
        return tree.PatternMatch(
            operator.value,
            operand,
            tuple(patterns),
            listed=True,
            span=Span(operand.span.start, closer.end_pos),
        )

    def bracketed(self, children: Children) -> Expression:
        opener, inner, closer = cast("tuple[Token, Expression, Token]", tuple(children))
        return replace(inner, span=Span(opener.start_pos, closer.end_pos))

    def call(self, children: Children) -> tree.FunctionCall:
        name, _, arguments, closer = cast(
            "tuple[Token, Token, list[Expression] | None, Token]", tuple(children)
        )
        span = token_span(name)
        instead = REMOVED_FUNCTIONS.get(name.value.rstrip("~").lower())
        if instead is not None:
            refuse(foreign.removed_function(name.value, instead, span=span))
        return tree.FunctionCall(
            name.value.rstrip("~"),
            tuple(arguments or ()),
            insensitive=name.type == "NAME_INSENSITIVE",
            name_span=span,
            span=Span(span.start, closer.end_pos),
        )

    def expressions(self, children: Children) -> list[Expression]:
        """Runs of strings, unfolded."""
        values: list[Expression] = []
        for child in children:
            if isinstance(child, list):
                values.extend(cast("list[Expression]", child))
            else:
                values.append(cast("Expression", child))
        return values

    def strings(self, children: Children) -> list[Expression]:
        run = cast("Token", children[0])
        start = run.start_pos
        return [
            tree.StringValue(
                unescape(match[1], start + match.start(1)),
                span=Span(start + match.start(), start + match.end()),
            )
            for match in _STRING.finditer(run.value)
        ]

    constants = expressions

    # --- names and constants ------------------------------------------------------------------

    def optional_field(self, children: Children) -> FieldName:
        mark, field = cast("tuple[Token, FieldName]", tuple(children))
        return FieldName(field.name, optional=True, span=Span(mark.start_pos, field.span.end))

    def field(self, children: Children) -> FieldName:
        tokens = cast("list[Token]", children)
        name = ".".join([path_name(token.value) for token in tokens])
        span = Span(tokens[0].start_pos, tokens[-1].end_pos)
        return FieldName(name, span=span)

    def string(self, children: Children) -> tree.StringValue:
        token = cast("Token", children[0])
        span = token_span(token)
        return tree.StringValue(unescape(token.value[1:-1], span.start + 1), span=span)

    def raw_string(self, children: Children) -> tree.StringValue:
        token = cast("Token", children[0])
        return tree.StringValue(token.value[3:-3], raw=True, span=token_span(token))

    def integer(self, children: Children) -> tree.NumberValue:
        return number(cast("Token", children[0]))

    decimal = integer

    def true(self, children: Children) -> tree.BooleanValue:
        return tree.BooleanValue(value=True, span=token_span(cast("Token", children[0])))

    def false(self, children: Children) -> tree.BooleanValue:
        return tree.BooleanValue(value=False, span=token_span(cast("Token", children[0])))

    def null(self, children: Children) -> tree.NullValue:
        return tree.NullValue(span=token_span(cast("Token", children[0])))


def _terms(children: Children) -> tuple[tuple[tree.Term, ...], tree.Term | None]:
    terms = cast("tuple[tree.Term, ...]", tuple(children[2:-1]))
    return terms, cast("tree.Term | None", children[-1])


def _keys(keys: object) -> tuple[FieldName, ...]:
    return cast("tuple[FieldName, ...] | None", keys) or ()


def _head(word: Span, clauses: Children) -> Span:
    """The span of `sequence by … with …`."""
    keys, maxspan = cast("tuple[tuple[FieldName, ...] | None, tree.Maxspan | None]", clauses)
    if maxspan is not None:
        return word.to(maxspan.span)
    return word.to(keys[-1].span) if keys else word


def _logical(operator: str, children: Children) -> tree.Logical:
    operands = cast("tuple[Expression, ...]", tuple(children))
    return tree.Logical(
        operator, operands, span=Span(operands[0].span.start, operands[-1].span.end)
    )


def _arithmetic(children: Children) -> Expression:
    """`a - b + c` as `(a - b) + c`."""
    result = cast("Expression", children[0])
    operators = cast("Sequence[Token]", children[1::2])
    operands = cast("Sequence[Expression]", children[2::2])
    for operator, operand in zip(operators, operands, strict=True):
        span = Span(result.span.start, operand.span.end)
        result = tree.Arithmetic(operator.value, result, operand, span=span)
    return result
