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
SHIPPED = HERE.parents[1] / "rules"
BACKENDS = ("splunk", "lucene", "esql", "eql", "kusto", "loki")
NO_FIELDREF = {"ield reference": "the back end compares no field with another (`fieldref`)"}
LISTED = {
    **dict.fromkeys(("splunk", "lucene", "esql", "eql", "kusto"), NO_FIELDREF),
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


def written(path: Path, **options: str) -> Path:
    """A folder with the files of the corpus and of the shipped rules."""
    sink, count = Sink(path, None), 0
    corpus = loader.load([need("corpus", "rules")]).rules[::STEP]
    for rule in (*corpus, *loader.load([SHIPPED]).rules):
        found = convert_rule(rule, TARGET, options=options)
        if found.artifact is not None:
            count += len(sink.take(found.artifact, "unused"))
    assert len(list(path.iterdir())) == count > 40
    return path


@pytest.fixture(scope="session", params=STYLES)
def folder(request, tmp_path_factory):
    """(style, a folder with the files)."""
    return request.param, written(tmp_path_factory.mktemp(request.param), style=request.param)


@pytest.fixture(scope="session")
def in_any_order(tmp_path_factory):
    return written(tmp_path_factory.mktemp("any"), order="any")


def test_sigma_check_finds_nothing(folder):
    checked(*folder)


def test_sigma_check_finds_nothing_in_any_order(in_any_order):
    checked("sigma", in_any_order)


def checked(style, path):
    result = tool("EQLX_SIGMA1_PYTHON", "sigma_check.py", need("sigma"), style, path)
    assert result.stdout == ""
    assert "documents" in result.stderr, result.stderr
    assert result.returncode == 0


def test_the_linter_of_rsigma_finds_nothing(folder):
    linted(folder[1])


def test_the_linter_of_rsigma_finds_nothing_in_any_order(in_any_order):
    linted(in_any_order)


def linted(path):
    linter = os.environ.get("EQLX_RSIGMA_LINT")
    if linter is None:
        pytest.skip("EQLX_RSIGMA_LINT is not set: Sigma is not linted by rsigma")
    result = subprocess.run([linter, path], capture_output=True, text=True, check=True)
    assert result.stdout == ""
    assert result.stderr == f"{len(list(path.iterdir()))} files\n"


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
