"""Generated texts: grammar fuzzing, mutated rules, random characters.

Each text gives a tree that survives printing, or diagnostics with spans inside of the text, and
never anything else. A sample runs by default; with EQLX_LONG=1 at least 200,000 texts do.
"""

import os
import random
import resource
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.diagnostics import Report
from eqlx.source import Source
from eqlx.syntax import tree
from eqlx.syntax.keywords import KEYWORDS
from eqlx.syntax.parser import parse
from eqlx.syntax.printer import print_statement

LONG = os.environ.get("EQLX_LONG") == "1"
TREES, MUTATIONS, SOUPS, NOISES = (
    (10_000, 100_000, 80_000, 40_000) if LONG else (150, 600, 400, 300)
)

# --- trees ----------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
words = st.from_regex(r"[A-Za-z_@][A-Za-z0-9_]{0,6}", fullmatch=True)
plain_words = words.filter(lambda w: w not in KEYWORDS)
segments = st.one_of(
    words,
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="."), min_size=1, max_size=6
    ),
)
fields = st.builds(
    tree.FieldName, st.lists(segments, min_size=1, max_size=3).map(".".join), st.booleans()
)
strings = st.builds(tree.StringValue, texts)
numbers = st.builds(
    tree.NumberValue,
    st.integers(0, 2**64 - 1) | st.floats(0, 1e308, allow_nan=False).map(abs),
)
constants = st.one_of(
    strings, numbers, st.builds(tree.BooleanValue, st.booleans()), st.just(tree.NullValue())
)
operators = st.sampled_from([":", "like", "like~", "regex", "regex~"])
function_names = plain_words.filter(
    lambda w: w.lower() not in {"wildcard", "match", "matchlite", "safe"}
)


def _compound(inner):
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(
            tree.FunctionCall, function_names, st.lists(inner, max_size=3).map(tuple), st.booleans()
        ),
        st.builds(tree.Sign, inner),
        st.builds(tree.Arithmetic, st.sampled_from(list("+-*/%")), inner, inner),
        st.builds(
            tree.Comparison, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner
        ),
        st.builds(
            tree.InList,
            inner,
            st.lists(inner, min_size=1, max_size=4).map(tuple),
            st.booleans(),
            st.booleans(),
        ),
        st.builds(
            tree.PatternMatch,
            operators,
            inner,
            st.lists(constants, min_size=1, max_size=4).map(tuple),
        ),
        st.builds(tree.NotExpression, inner),
        st.builds(tree.Logical, st.sampled_from(["and", "or"]), several),
    )


expressions = st.recursive(constants | fields, _compound, max_leaves=25)
filters = st.builds(tree.EventFilter, st.none() | texts | plain_words, expressions)
pipes = st.lists(
    st.builds(tree.Pipe, st.sampled_from(["head", "tail"]), expressions), max_size=2
).map(tuple)


def _sequence(draw):
    arity = draw(st.integers(0, 2))
    keys = st.lists(fields, min_size=arity, max_size=arity).map(tuple)
    maxspan = draw(
        st.builds(tree.Maxspan, st.integers(1, 10**9), st.sampled_from(["ms", "s", "m", "h", "d"]))
    )
    first = draw(st.builds(tree.Term, filters, keys, st.none() | st.integers(1, 100)))
    term = st.builds(tree.Term, filters, keys, st.none() | st.integers(1, 50), st.booleans())
    terms = draw(st.lists(term, min_size=1, max_size=3))
    until = draw(st.none() | st.builds(tree.Term, filters, keys))
    shared = draw(st.lists(fields, max_size=2).map(tuple))
    return tree.SequenceQuery(shared, maxspan, (first, *terms), until)


sequences = st.composite(_sequence)()
samples = st.builds(
    tree.SampleQuery,
    st.lists(fields, min_size=1, max_size=2, unique_by=lambda f: f.name).map(tuple),
    st.lists(st.builds(tree.Term, filters), min_size=2, max_size=5).map(tuple),
)
statements = st.one_of(
    st.builds(tree.Statement, filters, pipes),
    st.builds(tree.Statement, sequences, pipes),
    st.builds(tree.Statement, samples),
)


@settings(
    max_examples=TREES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG
)
@given(statements)
def test_every_tree_survives_printing(statement):
    printed = print_statement(statement)
    report = Report()
    assert parse(Source("printed", printed), report) == statement, (printed, list(report))


# --- texts ----------------------------------------------------------------------------------------

SEEDS = [
    'process where process.name : ("a*", "b?") and not user.id in (1, 2.5, -3) or ?x.y == null',
    (
        'sequence by host.id, `a b`.c with maxspan=30s [any where a regex~ """x\\d"""] by b with runs=2 '
        '![file where f~(a, "\\u{41}\\n")] by b until [any where true] by c | head 10'
    ),
    'sample by a [any where a - 1 < b * 2] [x where a like "y"] // end\n',
    "/* c /* d */ */ any where (a or b) and (c and not d) | tail 5",
]
PIECES = [
    *KEYWORDS, *"()[]{}|,.:=<>!?+-*/%~&'`\"\\#;$@\n\t ", "==", "!=", "<=", ">=", "![", "in~", "like~",
    "regex~", '"', '"""', '"a"', "'a'", "\u201ca\u201d", "a", "a.b", "`a b`", "1", "1.5", "1e9", "f(", "//", "/*",
    "*/", "\\u{41}", "runs", "maxspan=5m", "head", "tail", "count", "AND", "&&", "||", "\u00a0", "é", "\0",
    "child of", "as event0", "<<<<<<< HEAD\n", "process where ", "sequence ", "sample by a ",
]  # fmt: skip


def check(text):
    """The property that every text has; returns whether it parsed."""
    source = Source("fuzz", text)
    report = Report(source)
    start = time.process_time()
    statement = parse(source, report)
    assert time.process_time() - start < 5, text
    assert (statement is None) == report.has_errors
    for diagnostic in report:
        assert diagnostic.span is not None
        for label in diagnostic.labels:
            assert label.span.end <= len(text)
        assert diagnostic.span.start < diagnostic.span.end or not text, (diagnostic.code, text)
    if statement is not None:
        printed = print_statement(statement)
        again = Report()
        assert parse(Source("printed", printed), again) == statement, (text, printed, list(again))
    return statement is not None


def mutated(rng, seed):
    """`seed` with a few places cut, doubled, moved or filled."""
    text = seed
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        i, j = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        j = min(j, i + rng.choice([0, 1, 2, 5, 20]))
        filling = rng.choice(["", "", text[i:j] * 2, rng.choice(PIECES), rng.choice(PIECES) + " "])
        text = text[:i] + filling + text[j:]
    return text


def _bounded(run):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000, "kilobytes"


def test_mutated_texts(request):
    rng = random.Random(1)
    seeds = list(SEEDS)
    if LONG:
        seeds += list(request.getfixturevalue("corpus_rules")().values())

    def run():
        parsed = sum(check(mutated(rng, rng.choice(seeds))) for _ in range(MUTATIONS))
        assert 0 < parsed < MUTATIONS

    _bounded(run)


def test_soups_of_pieces():
    rng = random.Random(2)

    def run():
        for _ in range(SOUPS):
            start = rng.choice(["", "any where ", "sequence by a [any where ", "any where a : ("])
            glue = rng.choice(["", " "])
            check(start + glue.join(rng.choices(PIECES, k=rng.randint(0, 30))))

    _bounded(run)


@pytest.mark.parametrize("codec", ["latin-1", "utf-8", "utf-16-le"])
def test_random_bytes(codec):
    rng = random.Random(3)

    def run():
        for _ in range(NOISES // 3):
            check(rng.randbytes(rng.randint(0, 200)).decode(codec, "replace"))

    _bounded(run)
