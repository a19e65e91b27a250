"""`eqlx convert`: where artifacts and diagnostics go, exit codes, batches, files."""

from __future__ import annotations

import json
import stat

import pytest
from cli_harness import RULES, SEEDS, call, spawn

GOOD = 'process where process.name == "x"'
RULE = """
[rule]
type = "eql"
language = "eql"
name = "{name}"
rule_id = "{id}"
risk_score = 21
severity = "low"
description = "a rule of a test"
query = '''
{query}
'''
"""
A, B, C = (f"00000000-0000-0000-0000-00000000000{n}" for n in "abc")


@pytest.fixture
def batch(tmp_path):
    """Four rules: good, broken, one that Sigma cannot express, one in another language."""
    folder = tmp_path / "rules"
    folder.mkdir()

    def write(file: str, key: str, query: str) -> None:
        text = RULE.format(name=f"Rule {file}", id=key, query=query)
        folder.joinpath(f"{file}.toml").write_text(text)

    write("a-good", A, GOOD)
    write("b-broken", B, "process where\n  process.name = ")
    write("c-absence", C, "sequence with maxspan=1m [process where true] ![file where true]")
    folder.joinpath("d-kuery.toml").write_text(
        RULE.format(name="K", id=C, query="process.name: x").replace('"eql"', '"kuery"')
    )
    return folder


def test_the_artifact_is_all_of_stdout():
    result = call("convert", "-q", GOOD, "--to", "eql")
    assert result.exit_code == 0
    assert result.stdout == f"{GOOD}\n"
    assert result.stderr == ""


@pytest.mark.parametrize("target", ["eql", "elasticsearch", "sigma", "sql"])
def test_the_seed_rules_convert_to_every_target(target):
    names = ("-O", "style=ecs") if target == "sigma" else ()
    result = call("convert", *SEEDS, "--to", target, *names)
    assert result.exit_code == 0, result.stderr
    assert "3 rules: 3 converted" in result.stderr


def test_json_artifacts_of_several_rules_are_a_stream_of_json_values():
    text = call("convert", *SEEDS, "--to", "elasticsearch").stdout
    decoder, values = json.JSONDecoder(), []
    while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        values.append(value)
        text = text.lstrip()[end:]
    assert len(values) == 3


def test_yaml_artifacts_of_several_rules_are_a_stream_of_documents():
    yaml = pytest.importorskip("yaml", reason="PyYAML is a test dependency")
    text = call("convert", *SEEDS, "--to", "sigma").stdout
    documents = [d for d in yaml.safe_load_all(text) if d]
    assert len(documents) == 5  # of three systems, and of Linux twice


def test_one_bad_rule_does_not_stop_the_others(batch, tmp_path):
    out = tmp_path / "out"
    result = call("convert", batch, "--to", "sigma", "-d", out)
    assert result.exit_code == 2
    assert result.stdout == ""
    names = sorted(path.name for path in out.glob("[!.]*"))
    assert names == [f"proc_creation_{system}_a_good.yml" for system in ("lnx", "macos", "win")]
    assert "3 rules: 1 converted, 1 refused, 1 with errors, 1 skipped" in result.stderr
    assert "b-broken.toml:12:16" in result.stderr
    assert "error[missing-event]" in result.stderr


def test_a_refused_rule_is_a_finding(batch):
    result = call("convert", batch / "c-absence.toml", "--to", "sigma")
    assert result.exit_code == 1
    assert result.stdout == ""


def test_a_syntax_error_shows_file_line_column_caret_and_help(batch):
    result = call("convert", batch / "b-broken.toml", "--to", "eql")
    assert result.exit_code == 2
    assert "b-broken.toml:12:" in result.stderr
    assert "^" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_manifest_reports_on_every_rule(batch, tmp_path):
    file = tmp_path / "deep" / "report.json"
    call("convert", batch, "--to", "sigma", "-d", tmp_path / "out", "--manifest", file)
    report = json.loads(file.read_text())
    assert [(r["id"], r["status"]) for r in report["rules"]] == [
        (A, "converted"),
        (B, "invalid"),
        (C, "refused"),
    ]
    assert report["rules"][0]["file"].endswith("a_good.yml")
    assert report["rules"][0]["target"] == "sigma"
    assert report["totals"]["status"]["converted"] == 1
    assert report["totals"]["refusals"]["missing-event"] == 1
    assert [s["language"] for s in report["skipped"]] == ["kuery"]
    found = {d["code"]: d["span"] for d in report["rules"][2]["diagnostics"]}
    span = found["missing-event"]
    assert (span["line"], span["column"]) == (11, 47)


def test_workers_write_the_same_files(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    for n in range(24):
        text = RULE.format(name=f"R{n}", id=f"00000000-0000-0000-0000-0000000000{n:02}", query=GOOD)
        folder.joinpath(f"r{n:02}.toml").write_text(text)
    for jobs in (1, 2):
        result = call(
            "convert", folder, "--to", "eql", "-d", tmp_path / f"out{jobs}", "-j", str(jobs)
        )
        assert result.exit_code == 0, result.stderr

    def files(jobs: int) -> dict[str, str]:
        return {p.name: p.read_text() for p in sorted((tmp_path / f"out{jobs}").glob("[!.]*"))}

    assert len(files(1)) == 24
    assert files(1) == files(2)


def test_hostile_ids_stay_in_the_folder(tmp_path):
    hostile = [
        {"id": "../../evil", "rule_id": "../../evil", "name": "x"},
        {"rule_id": "/etc/passwd", "name": "y"},
        {"rule_id": "a\u202eb\u0000", "name": "\x1b[2J"},
    ]
    lines = [json.dumps({"type": "eql", "language": "eql", "query": GOOD, **r}) for r in hostile]
    file = tmp_path / "rules.ndjson"
    file.write_text("\n".join(lines))
    out = tmp_path / "in" / "out"
    result = call("convert", file, "--to", "eql", "-d", out, "--manifest", tmp_path / "m.json")
    written = sorted(path for path in tmp_path.rglob("*.eql"))
    assert len(written) == 3, result.stderr
    assert {path.parent for path in written} == {out}
    assert "\x1b" not in result.stderr


def test_output_to_a_file(tmp_path):
    file = tmp_path / "query.eql"
    assert call("convert", "-q", GOOD, "--to", "eql", "-o", file).exit_code == 0
    assert file.read_text() == f"{GOOD}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["query.eql"]


def test_output_to_a_file_takes_one_rule(tmp_path):
    result = call("convert", RULES, "--to", "eql", "-o", tmp_path / "x")
    assert result.exit_code == 3
    assert "error[one-artifact-file]: `-o` takes one rule, found 3" in result.stderr


def test_output_to_file_and_folder_exclude_each_other(tmp_path):
    result = call("convert", RULES, "--to", "eql", "-o", tmp_path / "x", "-d", tmp_path)
    assert result.exit_code == 3


def test_what_cannot_be_written_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = call("convert", "-q", GOOD, "--to", "eql", "-o", blocked / "below")
    assert result.exit_code == 3
    assert "error[cannot-write]" in result.stderr
    assert blocked.stat().st_mode & stat.S_IRUSR


def test_a_rule_from_stdin():
    result = call("convert", "-", "--to", "eql", stdin=GOOD)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{GOOD}\n"


def test_no_rules_given():
    result = call("convert", "--to", "eql")
    assert result.exit_code == 3
    assert result.stderr.startswith("error[no-rules]: no rules given")


@pytest.mark.parametrize("command", [["convert", "--to", "eql"], ["check"], ["dump"]])
def test_a_folder_without_rules(tmp_path, command):
    result = call(*command, tmp_path)
    assert result.exit_code == 3
    assert "error[no-rules]: no EQL rules in" in result.stderr


def test_rules_in_other_languages_only(batch):
    result = call("convert", batch / "d-kuery.toml", "--to", "eql")
    assert result.exit_code == 3
    assert "error[no-rules]" in result.stderr


def test_a_missing_file():
    result = call("convert", "no/such/rule.toml", "--to", "eql")
    assert result.exit_code == 3
    assert "error[rule-file-not-found]: no file or folder `no/such/rule.toml`" in result.stderr


def test_a_file_that_is_no_rule(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text("[other]\nkey = 1\n")
    result = call("convert", file, "--to", "eql")
    assert result.exit_code == 2
    assert "x.toml" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_target_gets_the_nearest_name():
    result = call("convert", "-q", GOOD, "--to", "elasticserch")
    assert result.exit_code == 3
    assert "error[unknown-target]: unknown target `elasticserch`" in result.stderr
    assert "did you mean `elasticsearch`?" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (["--dialect", "duckdbb"], "unknown-dialect"),
        (["-O", "no-such=1"], "unknown-option"),
        (["-O", "layout=sideways"], "invalid-option-value"),
        (["-O", "layout"], "usage"),
        (["-O", "=x"], "usage"),
        (["--schema", "no/such/file"], "cannot-read"),
    ],
)
def test_configuration_errors_are_one_diagnostic_and_exit_3(arguments, slug):
    result = call("convert", "-q", GOOD, "--to", "sql", *arguments)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.count("error[") == 1
    assert f"error[{slug}]" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "-q", GOOD],
        ["convert", "--to"],
        ["convert", "--no-such-option"],
        ["convert", "--to", "eql", "--allow", "everything"],
        ["convert", "--to", "eql", "--size", "-1"],
        ["convert", "--to", "eql", "--jobs", "0"],
        ["no-such-command"],
        ["run"],
    ],
)
def test_clicks_own_usage_errors_exit_3_too(arguments):
    result = call(*arguments)
    assert result.exit_code == 3
    assert result.stderr.startswith("error[usage]: ")
    assert "Usage:" not in result.stderr


def test_a_misspelt_command_gets_the_nearest_name():
    assert "did you mean `convert`?" in call("convrt").stderr


def test_concise_diagnostics_take_one_line_each(batch):
    result = call(
        "convert", batch / "b-broken.toml", "--to", "eql", "--diagnostics-format", "concise"
    )
    (line, *_) = result.stderr.splitlines()
    assert "b-broken.toml:12:" in line
    assert ": error[" in line


def test_json_diagnostics_are_json_from_end_to_end(batch):
    result = call("convert", batch, "--to", "sigma", "--diagnostics-format", "jsonl")
    records = [json.loads(line) for line in result.stderr.splitlines()]
    assert {"error"} <= {record["severity"] for record in records}
    usage = call("convert", "--diagnostics-format", "jsonl")
    assert json.loads(usage.stderr)["code"] in {"usage", "no-rules"}


def test_quiet_keeps_notes_back():
    noisy = 'process where no.such.field == "x"'
    assert "note[" in call("convert", "-q", noisy, "--to", "eql").stderr
    assert call("convert", "-q", noisy, "--to", "eql", "--quiet").stderr == ""


def test_a_schema_file_decides_what_is_mapped(tmp_path):
    fields = tmp_path / "fields.txt"
    fields.write_text("no.such.field keyword\n")
    result = call(
        "convert", "-q", 'any where no.such.field == "x"', "--to", "eql", "--schema", fields
    )
    assert result.stderr == ""
    query = 'any where no.such.field == "x" or ?other.field == "y"'
    result = call("convert", "-q", query, "--to", "eql", "--schema", fields)
    assert result.stdout == 'any where no.such.field == "x"\n'


def test_a_broken_schema_points_at_its_line(tmp_path):
    fields = tmp_path / "fields.txt"
    fields.write_text("a keyword\nb kyword\n")
    result = call("convert", "-q", GOOD, "--to", "eql", "--schema", fields)
    assert result.exit_code == 3
    assert "fields.txt:2:3" in result.stderr


def test_stdout_and_stderr_of_the_real_program():
    done = spawn("convert", "-q", 'process where no.such == "é\\u{1F600}"', "--to", "eql")
    assert done.code == 0
    assert done.stdout.startswith('process where no.such == "é')
    assert done.stderr.startswith("note[unknown-field]")
    assert "\x1b" not in done.stderr


def test_an_ascii_terminal_is_no_crash():
    done = spawn(
        "convert", "-q", 'process where process.name == "é"', "--to", "eql",
        PYTHONIOENCODING="ascii", LC_ALL="C",
    )  # fmt: skip
    assert done.code == 0
    assert "é" in done.stdout


def test_bytes_that_are_no_text_in_an_argument_are_no_crash():
    done = spawn("convert", "-q", 'process where process.name == "\udcff"', "--to", "eql")
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


def test_rules_that_make_one_artifact_make_one(tmp_path):
    """An index template holds the fields of all rules: on stdout, in a file, in a folder."""
    template = ("--to", "elasticsearch", "-O", "envelope=template", "-O", "index-patterns=logs-*")
    result = call("convert", *SEEDS, *template)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["index_patterns"] == ["logs-*"]
    assert "3 rules: 3 converted" in result.stderr

    file = tmp_path / "one.json"
    assert call("convert", *SEEDS, *template, "-o", file).exit_code == 0
    assert file.read_text() == result.stdout

    out, report = tmp_path / "out", tmp_path / "report.json"
    assert call("convert", *SEEDS, *template, "-d", out, "--manifest", report).exit_code == 0
    (made,) = out.glob("[!.]*")
    assert (made.name, made.read_text()) == ("index-template.json", result.stdout)
    assert [r["files"] for r in json.loads(report.read_text())["rules"]] == 3 * [[str(made)]]


def test_a_rule_without_a_part_in_the_one_artifact_is_refused(batch, tmp_path):
    fields = "any where mine.{} == {}".format
    for file, query in (("e-one", fields("a", 1)), ("f-two", fields("a", '"x"'))):
        text = RULE.format(name=file, id=f"{file:-<36}", query=query)
        batch.joinpath(f"{file}.toml").write_text(text)
    report = tmp_path / "report.json"
    template = ("-O", "envelope=template", "-O", "index-patterns=logs-*", "--manifest", report)
    result = call("convert", batch, "--to", "elasticsearch", *template)
    assert result.exit_code == 2
    assert '"mine": {"properties": {"a": {"type": "long"}}}' in result.stdout
    assert "`mine.a` as `keyword` beside `long`" in result.stderr
    ends = {r["name"]: r["status"] for r in json.loads(report.read_text())["rules"]}
    assert ends["e-one"] == "converted"
    assert ends["f-two"] == "refused"


def test_no_rule_converted_is_no_artifact(tmp_path):
    out = tmp_path / "out"
    options = ("--to", "elasticsearch", "-O", "envelope=template", "-d", out)
    result = call("convert", "-q", GOOD, *options)
    assert result.exit_code == 1
    assert not out.exists()


@pytest.mark.parametrize("path", [".", ""])
def test_a_manifest_that_cannot_be_a_file_is_said_before_anything_is_printed(path: str) -> None:
    result = call("convert", "-q", "any where true", "--to", "sql", "--manifest", path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "error[cannot-write]" in result.stderr
