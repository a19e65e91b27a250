"""Case-insensitive lists beyond a cluster's clause limit: fewer clauses, the same events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eqlx.ir import nodes as ir
from eqlx.patterns.folding import Folding, fold
from eqlx_targets.elasticsearch.clauses import count
from eqlx_targets.elasticsearch.condition import CLAUSE_LIMIT
from eqlx_targets.elasticsearch.leaves import MAX_REGEX_LENGTH, folded_list

TEXTS = st.text(
    st.one_of(st.sampled_from('aAkKzZ09.*?\\[](){}|&~@#<>"^$-+ \n\u212a\u017fé'), st.characters()),
    max_size=12,
)


def holds(imitation, clauses, value):
    search = imitation({"process": {"name": value}})
    return any(map(search.holds, clauses))


@given(st.lists(TEXTS, min_size=1, max_size=60), TEXTS)
def test_packed_lists_match_what_single_terms_match(imitation, values, other):
    choices = tuple(map(ir.Text, values))
    leaf = ir.Membership(ir.Field("process.name"), choices, ir.Case.INSENSITIVE)
    clauses = list(folded_list("process.name", list(values), leaf))

    def folded(text):
        return fold(text, Folding.UNICODE)

    wanted = {folded(value) for value in values}
    for value in (*values, other, other.upper(), *(v.swapcase() for v in values)):
        assert holds(imitation, clauses, value) == (folded(value) in wanted)


def test_a_real_size_fits_the_limit(convert):
    values = [f"driver-{i:04d}-{'x' * (i % 30)}.sys" for i in range(2609)]
    listed = ", ".join(f'"{value}"' for value in values)
    query = convert(f"any where file.name in~ ({listed})", envelope="query")
    assert count(query) < CLAUSE_LIMIT
    (packed,) = query["bool"]["filter"]
    patterns = [c["regexp"]["file.name"] for c in packed["bool"]["should"]]
    assert all(len(pattern) <= MAX_REGEX_LENGTH for pattern in patterns)


def test_a_list_within_the_limit_keeps_a_term_a_value(convert):
    listed = ", ".join(f'"v{i}"' for i in range(1000))
    query = convert(f"any where file.name in~ ({listed})", envelope="query")
    assert count(query) == 1000
