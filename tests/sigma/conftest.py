"""Converting to Sigma, and asking pySigma in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from eqlx.driver.convert import Outcome, convert_rule
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx_targets.sigma.target import TARGET

collect_ignore = [
    "pysigma_service.py",
    "eql_round.py",
    "sigma_check.py",
    "convert_all.py",
    "pipelines.py",
]
"""They run in other environments."""

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data"))


class TextLoader(yaml.CSafeLoader):
    """Dates stay text, as a Sigma reader takes them, and a repeated key is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a repeated key: {keys}"
        return super().construct_mapping(node, deep)


TextLoader.yaml_implicit_resolvers = {
    start: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:timestamp"]
    for start, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="session")
def read() -> Callable[[str], list[Any]]:
    """YAML text to documents."""

    def documents(text: str) -> list[Any]:
        return list(yaml.load_all(text, Loader=TextLoader))

    return documents


@pytest.fixture(scope="session")
def outcome() -> Callable[..., Outcome]:
    """EQL and options to the outcome of its conversion (ECS names, if nothing else is said)."""

    def run(eql: str, *, rule: Any = None, **options: str) -> Outcome:
        options = {name.replace("_", "-"): value for name, value in options.items()}
        options.setdefault("style", "ecs")
        return convert_rule(Rule(Source("query", eql), **(rule or {})), TARGET, options=options)

    return run


@pytest.fixture(scope="session")
def detection(outcome: Any, read: Any) -> Callable[..., Any]:
    """EQL and options to the `detection` of the one rule that comes of it."""

    def run(eql: str, **options: str) -> Any:
        found = outcome(eql, **options)
        assert found.artifact is not None, [d.message for d in found.diagnostics]
        (document,) = read(found.artifact.text)
        return document["detection"]

    return run


@pytest.fixture(scope="session")
def pysigma() -> Iterator[Callable[..., Any]]:
    """Questions to pySigma; the variable EQLX_SIGMA_PYTHON names a python that has it."""
    python = os.environ.get("EQLX_SIGMA_PYTHON")
    if python is None:
        pytest.skip("EQLX_SIGMA_PYTHON is not set: Sigma is not judged by pySigma")
    service = Path(__file__).with_name("pysigma_service.py")
    process = subprocess.Popen(
        [python, service], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def ask(question: str, **request: Any) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"ask": question, **request}) + "\n")
        process.stdin.flush()
        reply = json.loads(process.stdout.readline())
        assert "error" not in reply, reply["error"]
        return reply["answer"]

    yield ask
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


@pytest.fixture(scope="session")
def rsigma() -> Iterator[Callable[..., Any]]:
    """Questions to rsigma; the variable EQLX_RSIGMA names the built judge (tests/sigma/rsigma)."""
    judge = os.environ.get("EQLX_RSIGMA")
    if judge is None:
        pytest.skip("EQLX_RSIGMA is not set: Sigma is not judged by rsigma")
    process = subprocess.Popen([judge], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(**request: Any) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        reply = json.loads(process.stdout.readline())
        assert "error" not in reply, reply["error"]
        return reply

    yield ask
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


@pytest.fixture(scope="session")
def data() -> Path:
    """The third-party data that the tests read in place."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is missing (EQLX_DATA names the folder of test data)")
    return DATA
