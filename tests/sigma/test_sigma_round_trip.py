"""EQL to Sigma to EQL: the emitted rules through pySigma's EQL back end and back through our parser.

The back end has faults of its own. A rule that contains none of the constructs that they concern
must mean the same after the round. The others go through the back end with those faults repaired
(`eql_round.py`), and must mean the same too: every rule goes the one way or the other.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from eqlx.cli.artifacts import Sink
from eqlx.driver.convert import compile_rule, convert_rule, event_model
from eqlx.ir import nodes as ir
from eqlx.reference import evaluate
from eqlx.rule import Rule
from eqlx.rulefile import loader
from eqlx.source import Source
from eqlx.synthesis import synthesise
from eqlx_harness.data import need
from eqlx_targets.sigma.target import TARGET
from eqlx_targets.sigma.tree import DetectionRule

STEP = 1 if os.environ.get("EQLX_LONG") else 10
PLAIN_NAME = re.compile(r"[A-Za-z_@][A-Za-z0-9_.@]*\Z")
PIECE = re.compile(r"\\\\|\\[*?]|[*?]|[^\\*?]+|\\")


def faults(item):
    """Which known faults of the back end (version 2.1.1) concern an item."""
    texts = [value for value in item.values if isinstance(value, str)]
    pieces = [PIECE.findall(text) for text in texts]
    if "cased" in item.modifiers and len(texts) > 1:
        yield "a list with `cased` becomes `like~`"
    wild = any(piece in ("*", "?") for text in pieces for piece in text)
    if "cased" in item.modifiers and (len(item.modifiers) > 1 or wild):
        yield "wildcards with `cased` become `==`, which has none"
    if "re" in item.modifiers:
        yield "`re` becomes `regex~` with anchors, which Lucene takes for characters"
        return
    if any(isinstance(value, int | float) for value in item.values) and not item.modifiers:
        yield "numbers and booleans are compared by `:`, which takes text"
    if any(piece in ("\\*", "\\?") for text in pieces for piece in text):
        yield "literal wildcards are escaped, which EQL does not know"
    if not PLAIN_NAME.match(item.field):
        yield "names of fields are not quoted"


def concerned(tree):
    return {
        fault
        for document in tree.documents
        if isinstance(document, DetectionRule)
        for block in document.detection.blocks
        for search in block.maps
        for item in search
        for fault in faults(item)
    }


@pytest.fixture(scope="module")
def rounds(tmp_path_factory):
    """(rule, conversion, the answer of `eql_round.py`)."""
    python = os.environ.get("EQLX_SIGMA1_PYTHON")
    if python is None:
        pytest.skip("EQLX_SIGMA1_PYTHON is not set: no round trip through pySigma's EQL back end")
    folder = tmp_path_factory.mktemp("round")
    sink, by_file = Sink(folder, None), {}
    for rule in loader.load([need("corpus", "rules")]).rules[::STEP]:
        found = convert_rule(rule, TARGET, options={"style": "ecs", "case": "strict"})
        if found.artifact is not None and isinstance(found.query, ir.EventQuery):
            (path,) = sink.take(found.artifact, "unused")
            by_file[Path(path).name] = (rule, found)
    script = Path(__file__).with_name("eql_round.py")
    answer = subprocess.run([python, script, folder], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert {line["file"] for line in lines} == by_file.keys()
    return [(*by_file[line["file"]], line) for line in lines]


def means_the_same(rule, found, query):
    back = compile_rule(Rule(Source("back", query), id=rule.id))
    assert back.query is not None, (rule.path, [d.message for d in back.diagnostics], query)
    model = event_model(rule)
    for case in synthesise(found.query, model).cases:
        events = list(case.events)
        assert bool(evaluate(back.query, events, model)) == case.is_hit, (rule.path, case.name)


def test_the_round_keeps_the_meaning(rounds):
    compared, by_fault = Counter(), Counter()
    for rule, found, answer in rounds:
        known = concerned(found.artifact.tree)
        by_fault.update(known)
        way = "repaired" if known else "asis"
        assert answer[way] is not None, (rule.path, answer[way + "!"])
        means_the_same(rule, found, answer[way])
        compared[way] += 1
    sys.stderr.write(
        f"\n{len(rounds)} rules: {compared['asis']} the same through the back end as it is, "
        f"{compared['repaired']} with its faults repaired; rules by fault:\n"
    )
    for fault, count in by_fault.most_common():
        sys.stderr.write(f"{count:5} {fault}\n")
    assert compared.total() == len(rounds)
    assert compared["asis"]
