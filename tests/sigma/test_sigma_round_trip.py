"""EQL to Sigma to EQL: the emitted rules through pySigma's EQL back end and back through our parser.

The back end has faults of its own. A rule that contains none of the constructs that they concern
must mean the same after the round; the others are counted by fault.
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


def faults(item):
    """Which known faults of the back end (version 2.1.1) concern an item."""
    texts = [value for value in item.values if isinstance(value, str)]
    if "cased" in item.modifiers and len(texts) > 1:
        yield "a list with `cased` becomes `like~`"
    if "cased" in item.modifiers and (len(item.modifiers) > 1 or any(map(has_wildcard, texts))):
        yield "wildcards with `cased` become `==`, which has none"
    if "re" in item.modifiers:
        yield "`re` becomes `regex~` with anchors, which Lucene takes for characters"
    if any(isinstance(value, int | float) for value in item.values) and not item.modifiers:
        yield "numbers and booleans are compared by `:`, which takes text"
    if any("\\*" in value or "\\?" in value for value in texts):
        yield "literal wildcards are escaped, which EQL does not know"
    if any('"' in value for value in texts):
        yield "quotation marks are not escaped"
    if not PLAIN_NAME.match(item.field):
        yield "names of fields are not quoted"


def has_wildcard(text):
    return re.search(r"(?<!\\)[*?]", text) is not None


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
    """(rule, conversion, the EQL that came back)."""
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
    script = Path(__file__).with_name("convert_all.py")
    command = [python, script, "eql", folder, "--text"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [json.loads(line) for line in answer.splitlines()]
    return [(*by_file[line["file"]], line["query"]) for line in lines if "query" in line]


def test_what_no_fault_concerns_means_the_same(rounds):
    same, by_fault = 0, Counter()
    for rule, found, query in rounds:
        known = concerned(found.artifact.tree)
        if known:
            by_fault.update(known)
            continue
        back = compile_rule(Rule(Source("back", query), id=rule.id))
        assert back.query is not None, (rule.path, [d.message for d in back.diagnostics])
        model = event_model(rule)
        for case in synthesise(found.query, model).cases:
            assert bool(evaluate(back.query, list(case.events), model)) == case.is_hit, (
                rule.path,
                case.name,
            )
        same += 1
    sys.stderr.write(f"\n{len(rounds)} rules, {same} without a known fault, the same on events\n")
    for fault, count in by_fault.most_common():
        sys.stderr.write(f"{count:5} {fault}\n")
    assert same
