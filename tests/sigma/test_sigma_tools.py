"""The emitted files before the tools of Sigma's users: `sigma check`, and the back ends of pySigma."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from eqlx.cli.artifacts import Sink
from eqlx.driver.convert import convert_rule
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.sigma.target import TARGET

HERE = Path(__file__).parent
STEP = 1 if os.environ.get("EQLX_LONG") else 6
STYLES = ("sigma", "ecs")
BACKENDS = ("splunk", "lucene", "esql", "eql", "kusto", "loki")
LISTED = {
    "loki": {
        "Boolean value": "the back end refuses booleans; `-O booleans=text` writes them as text",
    },
}
"""Why a back end does not convert a rule on single events, or a stage: its own words, the reason."""
CORRELATES = {"sqlite"}
"""The back ends that convert every correlation. The others know no order (Splunk, Lucene, ES|QL, Kusto,
Loki), or write an order that is not EQL; a correlation is theirs to refuse."""


def tool(variable: str, script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    python = os.environ.get(variable)
    if python is None:
        pytest.skip(f"{variable} is not set: Sigma is not judged by {script}")
    return subprocess.run(
        [python, HERE / script, *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session", params=STYLES)
def folder(request, tmp_path_factory):
    """(style, a folder with the files of the corpus)."""
    path = tmp_path_factory.mktemp(request.param)
    sink, written = Sink(path, None), 0
    for rule in loader.load([need("corpus", "rules")]).rules[::STEP]:
        found = convert_rule(rule, TARGET, options={"style": request.param})
        if found.artifact is not None:
            written += len(sink.take(found.artifact, "unused"))
    assert len(list(path.iterdir())) == written > 40
    return request.param, path


def test_sigma_check_finds_nothing(folder):
    style, path = folder
    result = tool("EQLX_SIGMA1_PYTHON", "sigma_check.py", need("sigma"), style, path)
    assert result.stdout == ""
    assert "documents" in result.stderr, result.stderr
    assert result.returncode == 0


@pytest.mark.parametrize("backend", [*BACKENDS, "sqlite"])
def test_every_back_end_converts_or_the_reason_is_listed(folder, backend):
    """Rules on single events, the stages of correlations each on its own, correlations as wholes."""
    style, path = folder
    answer = converted_by(backend, path)
    listed = LISTED.get(backend, {})
    for of in ("rules", "stages"):
        table = answer[of]
        reasons = Counter()
        for why, (count, file) in table["failures"].items():
            known = [reason for sign, reason in listed.items() if sign in why]
            assert len(known) == 1, (file, why)
            reasons[known[0]] += count
        assert table["converted"] + reasons.total() == table["all"] > 0
        sys.stderr.write(f"\n{style} {backend} {of}: {table['converted']} of {table['all']}")
        for reason, count in reasons.items():
            sys.stderr.write(f"; {count}: {reason}")
    whole = answer["correlations"]
    sys.stderr.write(f"\n{style} {backend} correlations: {whole['converted']} of {whole['all']}\n")
    if backend in CORRELATES:
        assert whole["converted"] == whole["all"] > 0, whole["failures"]
    assert not {why for why in whole["failures"] if "parse" in why.lower()}, whole["failures"]


@pytest.mark.parametrize("backend", ["loki"])
def test_what_is_listed_converts_by_the_option_that_is_named(tmp_path, backend):
    sink = Sink(tmp_path, None)
    for rule in loader.load([need("corpus", "rules")]).rules[::STEP]:
        found = convert_rule(rule, TARGET, options={"style": "ecs", "booleans": "text"})
        if found.artifact is not None:
            sink.take(found.artifact, "unused")
    answer = converted_by(backend, tmp_path)
    for of in ("rules", "stages"):
        assert answer[of]["converted"] == answer[of]["all"] > 0, answer[of]["failures"]


def converted_by(backend, path):
    variable = "EQLX_SIGMA_PYTHON" if backend == "sqlite" else "EQLX_SIGMA1_PYTHON"
    result = tool(variable, "convert_all.py", backend, path)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
