"""The emitted files before the tools of Sigma's users: `sigma check`, and the back ends of pySigma."""

from __future__ import annotations

import json
import os
import subprocess
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
LEAST = 0.98
BELOW = {("ecs", "loki"): "Loki knows no booleans; `-O booleans=text` writes them as text"}
"""Where a back end converts fewer rules, and why."""


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
def test_every_back_end_converts(folder, backend):
    style, path = folder
    variable = "EQLX_SIGMA_PYTHON" if backend == "sqlite" else "EQLX_SIGMA1_PYTHON"
    result = tool(variable, "convert_all.py", backend, path)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["rules"] > 40
    if (style, backend) in BELOW:
        assert all("Boolean value" in why for why in answer["failures"]), answer["failures"]
        return
    assert answer["share"] >= LEAST, answer["failures"]
