"""A function that EQL does not have, declared in a copy of the tree: everything else reads the declaration.

No file of a target, a pass, the parser or the interpreter is touched. A target that has no row for the
function refuses it, and a declaration that lacks a part fails at import.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MEMBER = ("ir/nodes.py", '    LENGTH = "length"\n', '    REVERSE = "reverse"\n')
FEATURE = (
    "ir/features.py",
    '    FUNCTION_STRING = "function-string"\n',
    '    FUNCTION_REVERSE = "function-reverse"\n',
)
SIGNATURE = (
    "ir/functions.py",
    "SIGNATURES = (\n",
    """    Signature("reverse", (Parameter("source", Kind.STRING),), Kind.STRING,
              Function.REVERSE, Feature.FUNCTION_REVERSE,
              lambda wanted: iter([(wanted.first, wanted.text[::-1])])),
""",
)
COMPUTATION = (
    "meaning/functions.py",
    "        Function.BETWEEN: _between,\n",
    "        Function.REVERSE: lambda arguments, _: _text(arguments[0])[::-1],\n",
)
WITHOUT_INVERSE = (
    SIGNATURE[0],
    SIGNATURE[1],
    SIGNATURE[2].replace(
        """,
              lambda wanted: iter([(wanted.first, wanted.text[::-1])])),""",
        "),",
    ),
)
DECLARATION = (MEMBER, FEATURE, SIGNATURE, COMPUTATION)
EVENTS = (
    {"@timestamp": "2026-03-02T09:00:00Z", "event": {"category": "process"}, "process": {"name": "abc"}},
    {"@timestamp": "2026-03-02T09:00:01Z", "event": {"category": "process"}, "process": {"name": "cba"}},
    {"@timestamp": "2026-03-02T09:00:02Z", "event": {"category": "process"}, "process": {"pid": 1}},
)  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """A copy of eqlx with some parts of the declaration."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, parts: tuple[tuple[str, str, str], ...]) -> Tree:
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "transpiler" / "eqlx", folder / "eqlx", ignore=unwanted)
        shutil.copytree(ROOT / "targets" / "eqlx_targets", folder / "eqlx_targets", ignore=unwanted)
        for name, before, line in parts:
            path = folder / "eqlx" / name
            text = path.read_text(encoding="utf-8")
            assert text.count(before) == 1, (name, before)
            path.write_text(text.replace(before, before + line), encoding="utf-8")
        (folder / "events.ndjson").write_text("".join(json.dumps(e) + "\n" for e in EVENTS))
        return cls(folder)

    def python(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
        )

    def eqlx(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = self.python("from eqlx.cli.main import main; main()", *arguments)
        assert "Traceback" not in done.stderr, done.stderr
        assert "internal-error" not in done.stderr, done.stderr
        return done

    def names(self, query: str) -> list[object]:
        """The names of the processes that the reference interpreter finds."""
        done = self.eqlx(
            "run", "-q", query, "--events", "events.ndjson", "--engine", "reference",
            "--format", "ndjson",
        )  # fmt: skip
        matches = [json.loads(line) for line in done.stdout.splitlines()]
        return [m["events"][0]["fields"]["process"].get("name") for m in matches]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    made = Tree.made(tmp_path_factory.mktemp("tree"), DECLARATION)
    where = made.python("import eqlx, eqlx_targets; print(eqlx.__file__, eqlx_targets.__file__)")
    assert where.stdout.count(str(made.folder)) == 2
    return made


def test_parser_and_interpreter(tree: Tree) -> None:
    assert tree.names('process where reverse(process.name) == "cba"') == ["abc"]
    assert tree.names('process where REVERSE(process.name) : "CB*"') == ["abc"]


def test_a_null_argument_follows_the_declaration(tree: Tree) -> None:
    assert tree.names("process where reverse(process.name) == null") == [None]
    assert tree.names("process where reverse(?gone) == null") == ["abc", "cba", None]


def test_constants_are_folded_for_every_target(tree: Tree) -> None:
    query = 'process where process.name == reverse("cba")'
    sql = tree.eqlx("convert", "-q", query, "--to", "sql")
    assert "process.name = 'abc'" in sql.stdout
    body = tree.eqlx("convert", "-q", query, "--to", "elasticsearch", "-O", "envelope=body")
    assert '{"term": {"process.name": "abc"}}' in body.stdout
    assert tree.names(query) == ["abc"]


@pytest.mark.parametrize("target", ["sql", "elasticsearch", "sigma"])
def test_a_target_without_a_row_refuses_it(tree: Tree, target: str) -> None:
    query = 'process where not reverse(process.name) : "c*"'
    done = tree.eqlx("convert", "-q", query, "--to", target)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error[unsupported-by-target]" in done.stderr
    assert "`function-reverse`" in done.stderr
    assert "the target does not know this meaning" in done.stderr


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("process where reverse(process.name, 1) == null", "reverse(source)"),
        ("process where reverse(process.pid) == null", "a string"),
        ('process where reverse~(process.name) == "a"', "reverse"),
        ('process where revers(process.name) == "a"', "did you mean `reverse`?"),
    ],
)
def test_mistakes_are_said_from_the_declaration(tree: Tree, query: str, says: str) -> None:
    done = tree.eqlx("check", "-q", query)
    assert done.returncode == 2
    assert says in done.stderr


def test_eql_is_printed_from_the_declaration(tree: Tree) -> None:
    query = 'process where not reverse(process.name) : "c*"'
    done = tree.eqlx("convert", "-q", query, "--to", "eql")
    assert (done.returncode, done.stdout.strip()) == (0, query)


def test_printing_synthesis_and_verification(tree: Tree) -> None:
    query = 'process where reverse(process.name) == "cba"'
    dumped = tree.eqlx("dump", "-q", query)
    assert "reverse" in dumped.stdout
    events = tree.eqlx("synth", "-q", query)
    assert "process.name: abc\n" in events.stdout
    verified = tree.eqlx("verify", "-q", query)
    assert "refused: `function-reverse` cannot be expressed in `sql`" in verified.stdout


def test_the_matrix_names_it(tree: Tree) -> None:
    assert "function-reverse" in tree.eqlx("targets", "--matrix").stdout


@pytest.mark.parametrize(
    "parts",
    [
        (MEMBER, FEATURE, COMPUTATION),
        (MEMBER, FEATURE, SIGNATURE),
        (MEMBER, FEATURE, WITHOUT_INVERSE, COMPUTATION),
    ],
    ids=["signature", "computation", "inverse"],
)
def test_a_declaration_that_lacks_a_part_fails_at_import(
    tmp_path: Path, parts: tuple[tuple[str, str, str], ...]
) -> None:
    assert WITHOUT_INVERSE[2] != SIGNATURE[2]
    tree = Tree.made(tmp_path, parts)
    done = tree.python("import eqlx.synthesis.inverses, eqlx.meaning.functions")
    assert done.returncode == 1
    assert "TypeError" in done.stderr
    assert "reverse" in done.stderr
