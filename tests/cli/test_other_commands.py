"""`targets`, `dump`, `check`, `explain`, `fields`, `completion`, `--help` and `--version`."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from cli_harness import EVENTS, SEEDS, call, spawn

from eqlx.capability import Feature
from eqlx.cli.main import program
from eqlx.passes.pipeline import PIPELINE

COMMANDS = [
    "convert",
    "run",
    "verify",
    "diff",
    "test",
    "synth",
    "report",
    "play",
    "check",
    "fmt",
    "explain",
    "targets",
    "dump",
    "pack",
    "fields",
    "completion",
    "lsp",
    "new",
]


def test_version():
    assert call("--version").stdout == f"eqlx {version('eqlx')}\n"


def test_help_lists_every_command_with_an_example():
    text = call("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in text
    assert "Examples:" in text
    assert "Exit codes:" in text


@pytest.mark.parametrize("command", [*COMMANDS, "fields infer"])
def test_every_help_shows_an_example(command):
    result = call(*command.split(), "--help")
    assert result.exit_code == 0
    assert "\\b" not in result.stdout
    example = result.stdout.split("  Example", 1)[1].splitlines()[1]
    assert f"{example} ".startswith(f"    eqlx {command} "), "the lines of examples are kept"


def test_no_arguments_show_the_help():
    result = call()
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.startswith("Usage: eqlx [OPTIONS] COMMAND")


def test_the_version_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from eqlx.cli.main import program\n"
        "try: program.main(['--version'])\n"
        "except SystemExit: pass\n"
        "heavy = {'lark', 'sqlglot', 'duckdb', 'rich', 'jinja2', 'eqlx.ir.nodes', 'eqlx.driver'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stderr == "[]\n"


def test_converting_to_sql_imports_no_engine():
    code = (
        "import sys\n"
        "from eqlx.cli.main import program\n"
        "try: program.main(['convert', '-q', 'process where true', '--to', 'sql'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'duckdb', 'rich', 'jinja2'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stderr.endswith("[]\n")


def test_targets_lists_targets_dialects_options_and_engines():
    text = call("targets").stdout
    for name in ("elasticsearch:", "eql:", "sigma:", "sql:", "engine duckdb:", "engine reference:"):
        assert f"\n{name}" in f"\n{text}"
    assert "dialects: duckdb" in text
    assert "-O layout:" in text


def test_one_target():
    text = call("targets", "sigma").stdout
    assert text.startswith("sigma:")
    assert "\nengine" not in text


def test_the_matrix_names_every_feature():
    text = call("targets", "--matrix").stdout
    rows = [line.split("|") for line in text.splitlines()]
    assert [row[1].strip() for row in rows[2:-1]] == [feature.value for feature in Feature]
    assert rows[-1][1].strip() == "executed on"
    executed = dict(zip((cell.strip() for cell in rows[0]), rows[-1], strict=True))
    assert executed["sql/duckdb"].strip() == "duckdb"
    assert executed["eql"].strip() == "-"
    assert len({len(row) for row in rows}) == 1
    assert set("-") == set(rows[1][1].strip())


@pytest.mark.parametrize("stage", ["surface", "lowered", *(n for n, _ in PIPELINE), "ir"])
def test_every_stage_of_the_front_can_be_dumped(stage):
    result = call("dump", "--stage", stage, *SEEDS)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("# ") == 3
    assert "process.name" in result.stdout


@pytest.mark.parametrize("target", ["elasticsearch", "eql", "sigma", "sql"])
def test_every_targets_tree_can_be_dumped(target):
    result = call(
        "dump", "--stage", "target", "--to", target, "-q", 'process where user.name == "x"'
    )
    assert result.exit_code == 0, result.stderr
    assert "user" in result.stdout.lower()


def test_an_unknown_stage_gets_the_nearest():
    result = call("dump", "--stage", "foldd", "-q", "any where true")
    assert result.exit_code == 3
    assert "did you mean `fold`?" in result.stderr


def test_dump_of_a_broken_rule():
    result = call("dump", "-q", "any where (")
    assert result.exit_code == 2
    assert "error[" in result.stderr
    assert result.stdout == ""


def test_check_of_clean_rules():
    result = call("check", *SEEDS)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "3 rules checked, 3 clean" in result.stderr


@pytest.mark.parametrize(
    ("query", "code", "slug"),
    [
        ('process where process.name == "a*"', 1, "warning[wildcard-in-equality]"),
        ('process where no.such.field == "a"', 0, "note[unknown-field]"),
        ('process where process.name = "a"', 2, "error["),
        ("process where process.pid", 2, "error["),
        ("process where process.name : 4", 2, "error["),
    ],
)
def test_check_says_what_it_finds(query, code, slug):
    result = call("check", "-q", query)
    assert result.exit_code == code, result.stderr
    assert slug in result.stderr


def test_explain_prints_the_page():
    result = call("explain", "unknown-target")
    assert result.exit_code == 0
    assert result.stdout.startswith("error[unknown-target]\n\nNo installed plug-in provides")
    assert call("explain", "error[unknown-target]:").stdout == result.stdout


def test_explain_of_an_unknown_slug():
    result = call("explain", "unknown-tagret")
    assert result.exit_code == 3
    assert "did you mean `unknown-target`?" in result.stderr
    assert call("explain").exit_code == 3


def test_explain_lists_everything():
    lines = call("explain", "--list").stdout.splitlines()
    assert len(lines) > 50
    assert any(line.startswith("internal-error (error): ") for line in lines)


def test_fields_infer_makes_a_schema_that_convert_reads(tmp_path):
    file = tmp_path / "fields.txt"
    result = call("fields", "infer", EVENTS, "-o", file)
    assert result.exit_code == 0, result.stderr
    assert "destination.ip" in file.read_text()
    query = 'network where ?zz.top == "x" or user.name == "root"'
    converted = call("convert", "-q", query, "--to", "eql", "--schema", file)
    assert converted.stdout == 'network where user.name == "root"\n'


def test_fields_infer_reads_parquet(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    file = tmp_path / "events.parquet"
    duckdb.sql("SELECT 5 AS n, ['a'] AS l, {'name': 'x'} AS process").write_parquet(str(file))
    result = call("fields", "infer", file)
    assert result.exit_code == 0, result.stderr
    found = [line.split() for line in result.stdout.splitlines() if not line.startswith("#")]
    assert found == [
        ["l", "keyword[]", "VARCHAR[]"],
        ["n", "long", "INTEGER"],
        ["process.name", "keyword", "VARCHAR"],
    ]
    # Read back, the list makes SQL for these columns.
    (tmp_path / "fields.txt").write_text(result.stdout)
    query = 'any where l == "a" and process.name == "x"'
    schema = ("--schema", tmp_path / "fields.txt")
    converted = call("convert", "-q", query, "--to", "sql", *schema)
    assert "process.name = 'x'" in converted.stdout
    assert "'a'" in converted.stdout
    assert "l = 'a'" not in converted.stdout


@pytest.mark.parametrize(
    "content", [b'{"a": 1}\n{"a": \n', b"PAR1 but no Parquet", b"\xff\xfe\x00"]
)
def test_fields_infer_of_broken_events(tmp_path, content):
    file = tmp_path / "bad.ndjson"
    file.write_bytes(content)
    result = call("fields", "infer", file)
    assert result.exit_code == 3
    assert result.stderr.count("error[") == 1
    assert result.stdout == ""


def test_fields_infer_of_a_missing_file():
    assert "error[events-unreadable]" in call("fields", "infer", "no/such.ndjson").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell):
    result = call("completion", shell)
    assert result.exit_code == 0
    assert "_EQLX_COMPLETE" in result.stdout


def test_completion_itself():
    done = spawn(_EQLX_COMPLETE="bash_complete", COMP_WORDS="eqlx con", COMP_CWORD="1")
    assert "convert" in done.stdout


def test_a_bug_outside_of_any_rule_is_a_diagnostic(monkeypatch):
    def explode(*_: object) -> None:
        message = "boom"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("eqlx.registry.targets", explode)
    monkeypatch.delenv("EQLX_DEBUG", raising=False)
    result = call("targets")
    assert result.exit_code == 2
    assert "error[crash]: internal error: ZeroDivisionError: boom" in result.stderr
    assert "Traceback" not in result.stderr
    monkeypatch.setenv("EQLX_DEBUG", "1")
    assert "Traceback" in call("targets").stderr


def test_the_program_is_one_click_group():
    assert sorted(program.list_commands(None)) == sorted(COMMANDS)


def test_fields_infer_of_data_with_ids_as_names(tmp_path, monkeypatch):
    monkeypatch.setattr("eqlx.fields.infer.MAX_FIELDS", 2)
    file = tmp_path / "e.ndjson"
    file.write_text('{"a": 1, "b": 2, "c": 3, "d": 4}\n')
    result = call("fields", "infer", file)
    assert result.exit_code == 3
    assert result.stderr.startswith("error[too-many-fields]")


# --- streams that fail ------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", [["targets"], ["explain", "--list"], ["completion", "bash"]])
def test_a_full_disk_is_no_bug_of_ours(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from eqlx.cli.main import main; main()", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == (
        "error[cannot-write]: cannot write `<stdout>`: no space left on device\n"
    )


def test_standard_input_that_is_no_utf_8():
    done = subprocess.run(
        [sys.executable, "-c", "from eqlx.cli.main import main; main()", "check", "-"],
        input=b'process where process.name == "\xe9"',
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"error[rule-file-not-utf8]: `<stdin>` is not UTF-8 text: byte 31" in done.stderr


def test_standard_input_is_read_once():
    result = call("convert", "-", "-", "--to", "eql", stdin="any where true")
    assert (result.exit_code, result.stdout) == (0, "any where true\n")


def test_usage_is_told_in_one_voice():
    result = call("completion", "tcsh")
    assert result.exit_code == 3
    assert "`tcsh` is not one of `bash`, `zsh`, `fish`" in result.stderr


def test_a_report_with_a_broken_test_file_is_written_and_says_so(tmp_path):
    (tmp_path / "a.eql").write_text('process where process.name == "a"')
    (tmp_path / "a.test.yml").write_text("tests: [")
    out = tmp_path / "new" / "r.html"
    result = call("report", tmp_path / "a.eql", "--no-verify", "-o", out)
    assert result.exit_code == 2
    assert "expected a value, found the end of the file" in result.stderr
    assert f"1 rule in {out}" in result.stderr
    assert out.exists()


def test_a_test_file_of_a_rule_without_query(tmp_path):
    (tmp_path / "a.toml").write_text("[rule]\n")
    result = call("synth", tmp_path / "a.toml")
    assert result.exit_code == 2
    assert result.stderr.count("error[") == 1


def test_output_to_a_dash_is_standard_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    query = ("-q", 'process where process.name == "a"')
    for arguments in (("synth", *query), ("convert", *query, "--to", "sql")):
        plain, dashed = call(*arguments), call(*arguments, "-o", "-")
        assert plain.exit_code == dashed.exit_code == 0
        assert plain.stdout == dashed.stdout != ""
    assert list(tmp_path.iterdir()) == []
