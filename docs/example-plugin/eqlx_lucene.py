"""A target for eqlx: Lucene query strings (the search bar of OpenSearch), over keyword fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from eqlx.capability import Exact, Feature, Table, Unsupported
from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir import nodes as ir
from eqlx.patterns.wildcard import Wild
from eqlx.target import API_VERSION, Option, Request

KEYWORD = Exact("the fields are mapped as `keyword`")
TABLE: Table = dict.fromkeys(Feature, Unsupported("no query string says this")) | {
    Feature.CATEGORY: KEYWORD,
    Feature.MATCH_ALL: Exact(),
    Feature.CONJUNCTION: Exact(),
    Feature.DISJUNCTION: Exact(),
    Feature.NEGATION: Exact(),  # `*:* NOT x` holds where the field is missing, as in EQL
    Feature.MULTIVALUED_FIELD: Exact(),  # any value matches; `NOT`: none does
    Feature.EQUAL_TEXT: KEYWORD,
    Feature.WILDCARD: KEYWORD,
    Feature.FIELD_MISSING: Exact(),
}

Tree = tuple[object, ...]
"""Either ("AND" | "OR", *trees), ("NOT", tree), ("all",), ("exists", field), ("is", field, text)
or ("like", field, pieces)."""


@dataclass(frozen=True)
class Lucene:
    """See `eqlx.target.Target`."""

    api_version: int = API_VERSION
    name: str = "lucene"
    summary: str = "Lucene query strings, over keyword fields"
    dialects: tuple[str, ...] = ("opensearch",)
    options: tuple[Option, ...] = ()
    suffix: str = ".lucene"

    def capabilities(self, dialect: str, options: Mapping[str, str]) -> Table:
        return TABLE

    def lower(self, request: Request) -> Tree:
        """IR to tree. What the table refuses never comes here: this is one filter."""
        assert isinstance(request.query, ir.EventQuery)
        found = request.query.filter
        condition = tree_of(found.condition, request)
        if found.category is None:
            return condition
        return ("AND", ("is", request.model.category, found.category), condition)

    def emit(self, tree: object, request: Request) -> str:
        return text_of(tree) + "\n"


def tree_of(condition: ir.Condition, request: Request) -> Tree:
    match condition:
        case ir.Constant():
            return ("all",)
        case ir.And(conditions=parts):
            return ("AND", *(tree_of(part, request) for part in parts))
        case ir.Or(conditions=parts):
            return ("OR", *(tree_of(part, request) for part in parts))
        case ir.Not(condition=inner):
            return ("NOT", tree_of(inner, request))
        case ir.IsNull(value=ir.Field(name=name)):
            return ("NOT", ("exists", name))
        case ir.Compare(left=ir.Field(name=name), right=ir.Text(value=text)):
            return ("is", name, text)
        case ir.Membership(value=ir.Field(name=name), choices=choices):
            texts = [choice for choice in choices if isinstance(choice, ir.Text)]
            if len(texts) == len(choices):
                return ("OR", *(("is", name, text.value) for text in texts))
        case ir.Like(value=ir.Field(name=name), patterns=patterns):
            if not any(re.search("[<>]", pattern.literal) for pattern in patterns):
                return ("OR", *(("like", name, pattern.pieces) for pattern in patterns))
    # The table promises the meaning, but this form of it has no spelling: refused at its place.
    why = "a list of texts, and patterns without `<` and `>`, are all that it has"
    request.report.add(inexpressible("lucene", "this condition", why, condition.span))
    return ("all",)


def text_of(tree: object) -> str:
    match tree:
        case ("all",):
            return "*:*"
        case ("exists", str(name)):
            return f"_exists_:{escaped(name)}"
        case ("is", str(name), str(text)):
            return escaped(name) + ':"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
        case ("like", str(name), (*pieces,)):
            words = (p.value if isinstance(p, Wild) else escaped(str(p)) for p in pieces)
            return f"{escaped(name)}:{''.join(words)}"
        case ("NOT", inner):
            return f"(*:* NOT {text_of(inner)})"
        case (str(word), *parts):
            return "(" + f" {word} ".join(map(text_of, parts)) + ")"
        case _:
            raise AssertionError(tree)


def escaped(text: str) -> str:
    return re.sub(r"([^\w.@])", r"\\\1", text)


TARGET = Lucene()
