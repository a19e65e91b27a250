"""Walking and rebuilding: order, identity, polarity, and size without recursion trouble."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from eqlx.ir import nodes as ir
from eqlx.ir.dump import dump
from eqlx.ir.feature_walk import features
from eqlx.ir.features import Feature, Polarity
from eqlx.ir.nodes import Comparison
from eqlx.ir.sequences import expanded
from eqlx.ir.types import FieldType
from eqlx.ir.walk import Node, children, map_children, walk
from eqlx.source import Span
from eqlx_harness.generated import queries

A = ir.Compare(Comparison.EQUAL, ir.Field("a", type=FieldType.KEYWORD), ir.Text("x"))
B = ir.Compare(Comparison.LESS, ir.Field("b", type=FieldType.LONG), ir.Integer(5))


def everywhere(node: Node) -> Node:
    return map_children(node, everywhere)


def renamed(node: Node) -> Node:
    if isinstance(node, ir.Field):
        return ir.Field(f"{node.name}!", node.optional, node.type, node.multivalued)
    return map_children(node, renamed)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_an_unchanged_tree_is_the_same_object(query: ir.Query) -> None:
    assert everywhere(query) is query


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_every_field_is_reached(query: ir.Query) -> None:
    before = [node.name for node, _, _ in walk(query) if isinstance(node, ir.Field)]
    after = [node.name for node, _, _ in walk(renamed(query)) if isinstance(node, ir.Field)]
    assert after == [f"{name}!" for name in before]
    assert dump(renamed(query)).count("!") == len(before)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_walk_is_children_all_the_way_down(query: ir.Query) -> None:
    def below(node: Node) -> list[Node]:
        return [node, *(item for child in children(node) for item in below(child))]

    assert [id(node) for node, _, _ in walk(query)] == [id(node) for node in below(query)]


def test_spans_are_kept_when_a_child_changes() -> None:
    node = ir.Not(A, span=Span(3, 9))
    changed = map_children(node, lambda _: B)
    assert changed == ir.Not(B)
    assert changed.span == Span(3, 9)


def test_polarity() -> None:
    missing = ir.Stage(ir.Filter(None, ir.Not(A)), missing=True)
    until = ir.Stage(ir.Filter(None, B))
    query = ir.Sequence((ir.Stage(ir.Filter(None, A)), missing), 1000, until)
    leaves = [(leaf, sign) for node, sign, leaf in walk(query) if node is leaf]
    assert leaves == [(A, Polarity.POSITIVE), (A, Polarity.POSITIVE), (B, Polarity.NEGATIVE)]


def test_fifty_thousand_operands() -> None:
    many = ir.Or(tuple(A for _ in range(50_000)))
    assert everywhere(many) is many
    assert sum(1 for _ in walk(many)) == 1 + 3 * 50_000
    assert dump(many).count("\n") == 50_000


def test_a_hundred_levels() -> None:
    node: ir.Condition = A
    for level in range(100):
        node = ir.Not(ir.And((node, B)) if level % 2 else ir.Or((node, B)))
    query = ir.EventQuery(ir.Filter(None, node))
    assert everywhere(query) is query
    assert "a: keyword" in dump(query)


def test_expanded() -> None:
    one, two = ir.Stage(ir.Filter(None, A), runs=3), ir.Stage(ir.Filter(None, B))
    assert expanded((one, two)) == (one, one, one, two)


def test_features_of_a_leaf_are_given_once_with_their_span() -> None:
    field = ir.Field("tags", type=FieldType.KEYWORD, multivalued=True, span=Span(4, 8))
    call = ir.Call(ir.Function.CONCAT, (field, field), span=Span(0, 20))
    leaf = ir.Compare(Comparison.EQUAL, call, ir.Text("x"), span=Span(0, 30))
    query = ir.EventQuery(ir.Filter("process", ir.Not(leaf)))
    found = [(feature, span) for feature, span, _ in features(query)]
    assert found[0][0] is Feature.CATEGORY
    assert (Feature.COMPUTED_COMPARISON, Span(0, 30)) in found
    assert (Feature.FUNCTION_CONCAT, Span(0, 20)) in found
    assert found.count((Feature.MULTIVALUED_FIELD, Span(4, 8))) == 1
    assert (Feature.TWO_FIELDS, Span(0, 30)) in found


def test_inside_a_truth_both_polarities_count() -> None:
    leaf = ir.IsNull(ir.Truth(B))
    found = set(features(ir.EventQuery(ir.Filter(None, leaf))))
    signs = {sign for feature, _, sign in found if feature is Feature.ORDER_NUMBER}
    assert signs == set(Polarity)
