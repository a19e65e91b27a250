"""What `eqlx convert` says of losses, names and leftovers, and what two manifests show."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from cli_harness import call

LOSSY = 'process where process.name == "x" and process.pid == 4'


def rule(query: str, **keys: object) -> str:
    return json.dumps(
        {"type": "eql", "language": "eql", "query": query, **keys}, ensure_ascii=False
    )


def test_losses_of_one_rule_are_said_on_stderr():
    result = call("convert", "-q", LOSSY, "--to", "sigma", "-O", "style=ecs")
    assert result.exit_code == 0
    assert "note[changes-meaning]: the result widens: Sigma compares" in result.stderr
    assert call("convert", "-q", LOSSY, "--to", "sigma", "-O", "style=ecs", "--quiet").stderr == ""
    records = call("convert", "-q", LOSSY, "--to", "sigma", "-O", "style=ecs",
                   "--diagnostics-format", "jsonl")  # fmt: skip
    said = [json.loads(line) for line in records.stderr.splitlines()]
    assert {one["code"] for one in said} >= {"changes-meaning"}
    assert call("convert", "-q", LOSSY, "--to", "eql").stderr == ""


def test_losses_of_many_rules_are_only_counted(tmp_path: Path):
    file = tmp_path / "r.ndjson"
    file.write_text("\n".join(rule(LOSSY, rule_id=str(n)) for n in range(2)))
    result = call("convert", file, "--to", "sigma", "-O", "style=ecs")
    assert "changes-meaning" not in result.stderr
    assert "2 approximate" in result.stderr


def header(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("-- ")]


def test_the_header_of_sql_says_how_faithful_it_is(tmp_path: Path):
    file = tmp_path / "r.json"
    file.write_text(rule(LOSSY, name="N"))
    assert header(call("convert", file, "--to", "sql").stdout) == ["-- N", "-- fidelity: exact"]
    file.write_text(rule('process where ?process.name == "x"', name="N"))
    said = header(call("convert", file, "--to", "sql").stdout)
    assert said[:2] == ["-- N", "-- fidelity: equivalent"]
    assert said[2].startswith("-- - assuming: ")
    file.write_text(rule(LOSSY, name="N", filters=[{"query": {}}]))
    said = header(call("convert", file, "--to", "sql", "--allow", "widens").stdout)
    assert said == [
        "-- N",
        "-- fidelity: approximate",
        "-- - widens: `filters` outside of the query is not converted [rule-parts-not-converted]",
    ]
    assert (
        header(
            call("convert", file, "--to", "sql", "--allow", "widens", "-O", "comments=none").stdout
        )
        == []
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    ("names", "collide"),
    [
        ([{"rule_id": "v0", "name": "检测一"}, {"rule_id": "v1", "name": "検知二"}], False),
        ([{"name": "检测一"}, {"name": "検知二"}], False),
        ([{"name": "x" * 80 + "a"}, {"name": "x" * 80 + "b"}], False),
        ([{"rule_id": "1", "name": "same"}, {"rule_id": "2", "name": "same"}], False),
        ([{"name": "same"}, {"name": "same"}], True),
        ([{"name": "A b"}, {"name": "a-B"}], True),
        ([{"name": "..."}, {"name": "---"}], False),
    ],
)
def test_no_view_replaces_another(
    tmp_path: Path, names: list[dict[str, str]], collide: bool, jobs: str
):
    rules = [rule(f'any where a == "{n}"', **keys) for n, keys in enumerate(names)]
    rules += [rule("any where true", rule_id=f"more-{n}") for n in range(10)]
    file = tmp_path / "r.ndjson"
    file.write_text("\n".join(rules))
    result = call(
        "convert", file, "--to", "sql", "-O", "envelope=view", "-O", "layout=flat", "-j", jobs
    )
    assert result.exit_code == (1 if collide else 0)
    assert result.stderr.count("error[name-collision]") == collide
    connection = duckdb.connect()
    connection.execute('CREATE TABLE events (a VARCHAR, "@timestamp" TIMESTAMP)')
    connection.execute(result.stdout)
    views = connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall()
    assert views == [(11 if collide else 12,)]


def test_views_are_named_by_their_files(tmp_path: Path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        text = f"[rule]\nname = 'n{folder}'\nquery = 'any where true'\n"
        (tmp_path / folder / "Some-File.toml").write_text(text)
    result = call("convert", tmp_path / "a", "--to", "sql", "-O", "envelope=view")
    assert "VIEW eql_some_file AS" in result.stdout
    result = call("convert", tmp_path, "--to", "sql", "-O", "envelope=view")
    assert result.exit_code == 1
    assert "the view `eql_some_file` is taken by the rule `na`" in result.stderr


class TestLeftovers:
    @pytest.fixture
    def rules(self, tmp_path: Path) -> Path:
        folder = tmp_path / "rules"
        folder.mkdir()
        for name in "abc":
            (folder / f"{name}.eql").write_text("any where true")
        return folder

    def convert(self, rules: Path, *more: str):
        out = rules.parent / "out"
        return call("convert", rules, "--to", "sql", "-d", out, *more), out

    def names(self, folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir() if path.suffix == ".sql")

    def test_are_named_until_they_are_pruned(self, rules: Path):
        result, out = self.convert(rules)
        assert "stale-files" not in result.stderr
        (rules / "b.eql").unlink()
        for _ in range(2):
            result, _ = self.convert(rules)
            assert "warning[stale-files]" in result.stderr
            assert "`b.sql`" in result.stderr
            assert self.names(out) == ["a.sql", "b.sql", "c.sql"]
        result, _ = self.convert(rules, "--prune")
        assert "removed" in result.stderr
        assert self.names(out) == ["a.sql", "c.sql"]
        assert "stale-files" not in self.convert(rules)[0].stderr

    def test_of_a_rule_that_is_refused_now(self, rules: Path):
        self.convert(rules)
        (rules / "b.eql").write_text("any where")
        result, out = self.convert(rules, "--prune")
        assert self.names(out) == ["a.sql", "c.sql"], result.stderr

    def test_other_files_and_changed_ones_stay(self, rules: Path):
        _, out = self.convert(rules)
        (out / "own.sql").write_text("SELECT 1")
        (out / "b.sql").write_text("changed")
        (rules / "b.eql").unlink()
        result, _ = self.convert(rules, "--prune")
        assert "stale-files" not in result.stderr
        assert self.names(out) == ["a.sql", "b.sql", "c.sql", "own.sql"]

    @pytest.mark.parametrize(
        "name", ["../victim", "/etc/hostname", "..", "", "x/../../victim", "a\\b"]
    )
    def test_a_record_that_somebody_else_wrote_removes_nothing_outside(
        self, rules: Path, name: str
    ):
        from hashlib import sha256

        victim = rules.parent / "victim"
        victim.write_text("v")
        _, out = self.convert(rules)
        digest = sha256(b"v").hexdigest()
        (out / ".eqlx-manifest.json").write_text(json.dumps({"format": 1, "files": {name: digest}}))
        self.convert(rules, "--prune")
        assert victim.exists()

    @pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1, "files": 3}', "[" * 100_000])
    def test_a_broken_record_is_none(self, rules: Path, text: str):
        _, out = self.convert(rules)
        (out / ".eqlx-manifest.json").write_text(text)
        result, _ = self.convert(rules, "--prune")
        assert result.exit_code == 0, result.stderr
        assert self.names(out) == ["a.sql", "b.sql", "c.sql"]

    def test_prune_needs_a_folder(self):
        assert (
            "error[usage]"
            in call("convert", "-q", "any where true", "--to", "sql", "--prune").stderr
        )


def hashes(tmp_path: Path, query: str, *more: str) -> tuple[str, list[str]]:
    path = tmp_path / "m.json"
    assert call("convert", "-q", query, "--to", "sql", "--manifest", path, *more).exit_code == 0
    [entry] = json.loads(path.read_text())["rules"]
    return entry["query_sha256"], entry["artifacts_sha256"]


def test_a_change_of_meaning_shows_in_a_diff_of_two_manifests(tmp_path: Path):
    query, artifacts = hashes(tmp_path, 'process where process.args : "-enc*"')
    changed, others = hashes(tmp_path, 'process where process.args : "-foo*"')
    assert (query != changed, artifacts != others) == (True, True)
    same, texts = hashes(tmp_path, 'process  where /* a comment */ process.args : ("-enc*")')
    assert (same, texts) == (query, artifacts)
    other_option, texts = hashes(
        tmp_path, 'process where process.args : "-enc*"', "-O", "order=none"
    )
    assert (other_option, texts != artifacts) == (query, True)
