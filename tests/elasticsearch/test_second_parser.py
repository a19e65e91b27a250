"""The EQL text in `_eql/search` bodies of real rules, read by a second parser of EQL.

EQLX_EQL_PYTHON names a Python with the package `eql` 1.0.1, which runs as a process of its own. It has no
IPv6 addresses in `cidrMatch`, among others, so that the measure is the author's text: what it reads
there, it must read in ours.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from eqlx.driver import compile_rule, convert_rule
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.elasticsearch.target import TARGET

PYTHON = os.environ.get("EQLX_EQL_PYTHON")
READER = """
import contextlib, json, sys, warnings
warnings.simplefilter("ignore")
from eql import parser
def reads(text):
    try:
        parser.parse_query(text)
    except Exception:
        return False
    return True
with contextlib.ExitStack() as modes:
    for mode in ("elasticsearch_syntax", "elasticsearch_validate_optional_fields", "skip_optimizations",
                 "allow_runs", "allow_sample", "allow_negation"):
        modes.enter_context(getattr(parser, mode))
    json.dump([[reads(text) for text in pair] for pair in json.load(sys.stdin)], sys.stdout)
"""


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    """The author's text and ours, for each join of the corpus."""
    found = []
    for rule in loader.load([need("corpus", "rules")]).rules:
        outcome = convert_rule(rule, TARGET)
        assert outcome.artifact is not None, rule.path
        request: Any = json.loads(outcome.artifact.text)
        if request["api"] == "_eql/search":
            again = compile_rule(loader.from_query(request["body"]["query"]))
            assert again.query == outcome.query, rule.path
            found.append((rule.query.text, request["body"]["query"]))
    assert len(found) > 100
    return found


def test_bodies_parse_back_to_the_same_query(pairs: list[tuple[str, str]]) -> None:
    """The fixture compares; a body holds no more than the text."""
    assert all(ours.startswith(("sequence", "sample")) for _, ours in pairs)


@pytest.mark.skipif(PYTHON is None, reason="NO SECOND PARSER: EQLX_EQL_PYTHON is not set")
def test_a_second_parser_reads_what_it_reads_of_the_author(pairs: list[tuple[str, str]]) -> None:
    assert PYTHON is not None
    done = subprocess.run(
        [PYTHON, "-c", READER], input=json.dumps(pairs), capture_output=True, text=True, check=True
    )
    verdicts = [tuple(pair) for pair in json.loads(done.stdout)]
    lost = [pairs[n][1] for n, verdict in enumerate(verdicts) if verdict == (True, False)]
    assert lost == []
    assert sum(ours for _, ours in verdicts) > 0.8 * len(pairs)
