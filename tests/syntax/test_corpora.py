"""Real texts, read in place: rules, their history, the suite of Elasticsearch.

Entries are named by file or line number only; none of their text is in the repository.
"""

from pathlib import Path

from eqlx.syntax.printer import print_statement

JUDGED = Path(__file__).with_name("history_invalid.tsv")
"""Line of `history-invalid.jsonl` (from 0), the diagnostic that it deserves, and where: each was
read and judged."""

# The same for texts that are EQL after all.
QUOTED_CATEGORY = {27, 28}  # spec §1: a category may be a string
CIDR_MATCH = {139, 140}  # spec §7: `cidrMatch` is a function like others
ONLY_TYPES = {21, 79}  # spec §2: `"a" or "b"` in a list is well-formed, and fails in types

# Lines of `history-valid.jsonl` (from 0) that spec §1 refuses all the same.
TRAILING_COMMA = {945, 969, 1661}  # a list ends in an element, not in a comma
REMOVED_FUNCTION_COUNT = 133  # "Rejected": `wildcard()` is unknown


def round_trip(read, text):
    statement = read(text)
    printed = print_statement(statement)
    again = read(printed)
    assert again == statement
    assert print_statement(again) == printed


def test_the_rules_parse_and_round_trip(read, corpus_rules):
    queries = corpus_rules()
    assert len(queries) == 545
    for text in queries.values():
        round_trip(read, text)


def test_the_suite_parses_and_round_trips(read, suite_queries):
    queries = suite_queries()
    assert len(queries) == 308
    for text in queries.values():
        round_trip(read, text)


def test_the_valid_history_round_trips_or_is_refused_with_a_reason(read, refused, history):
    texts = history("valid")
    assert len(texts) == 3695
    removed = 0
    for line, text in enumerate(texts):
        if line in TRAILING_COMMA:
            assert [d.code for d in refused(text)] == ["stray-comma"]
        elif "wildcard(" in text or "wildcard (" in text:
            removed += 1
            assert [d.code for d in refused(text)] == ["removed-function"]
        else:
            round_trip(read, text)
    assert removed == REMOVED_FUNCTION_COUNT


def test_the_invalid_history_gets_the_diagnostics_that_were_judged_right(refused, history):
    texts = history("invalid")
    rows = [row.split("\t") for row in JUDGED.read_text("utf-8").splitlines()]
    judged = {int(line): (code, int(start), int(end)) for line, code, start, end in rows}
    found = {}
    for line in judged:
        (first, *rest) = refused(texts[line])
        assert not rest
        found[line] = (first.code, first.span.start, first.span.end)
    assert found == judged


def test_the_rest_of_the_invalid_history_is_valid(read, history):
    texts = history("invalid")
    valid = QUOTED_CATEGORY | CIDR_MATCH | ONLY_TYPES
    judged = {int(row.split("\t")[0]) for row in JUDGED.read_text("utf-8").splitlines()}
    assert judged | valid == set(range(len(texts)))
    for line in valid:
        round_trip(read, texts[line])
