"""Request bodies of real rules, read by the typed model of Elastic's own client for Java.

It knows the keys and types of `_eql/search`, which no engine of the tests runs, and refuses all others.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

import pytest
from node import Kind, jars, java_for

from eqlx.driver import collect, convert_rule
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.elasticsearch.target import TARGET

pytestmark = pytest.mark.node  # fetched from Maven Central, as the engines are

MODEL = Kind("api", "Bodies", 17)


def verdicts(bodies: Sequence[tuple[str, object]]) -> list[str]:
    """What is wrong with each body; empty for what is right."""
    java = java_for(MODEL)
    assert java is not None, "a JDK 17 or newer"
    folder = jars(MODEL, java)
    done = subprocess.run(
        [java / "java", "-cp", f"{folder}:{folder}/*", MODEL.main],
        input="".join(f"{kind}\t{json.dumps(body)}\n" for kind, body in bodies),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")[:-1]


def test_bodies_of_real_rules() -> None:
    rules = loader.load([need("corpus", "rules")]).rules
    outcomes = [convert_rule(rule, TARGET) for rule in rules]
    requests = [json.loads(o.artifact.text) for o in outcomes if o.artifact is not None]
    bodies = [(request["api"], request["body"]) for request in requests]
    assert len(bodies) >= 545
    assert sum(kind == "_eql/search" for kind, _ in bodies) > 100
    templates = [convert_rule(rule, TARGET, options={"envelope": "template"}) for rule in rules]
    file, _ = collect(TARGET, templates)
    assert file is not None
    bodies.append(("_index_template", json.loads(file.text)))
    assert set(verdicts(bodies)) == {""}


def test_the_model_is_strict() -> None:
    wrong = [
        ("_eql/search", {"query": "any where true", "sise": 1}),
        ("_eql/search", {"query": "any where true", "size": "many"}),
        ("_search", {"query": {"no_such_clause": {}}, "more": 1}),
        ("_index_template", {"patterns": ["x"]}),
    ]
    said = verdicts(wrong)
    assert len(said) == len(wrong)
    assert all(said)
