"""The field catalogue: its content, that it is rebuilt exactly, and nearest names."""

from __future__ import annotations

from pathlib import Path

import pytest

import eqlx.fields
from eqlx.fields import make_catalogue
from eqlx.fields.catalogue import CATALOGUE, Catalogue, parse
from eqlx.fields.nearest import distance, nearest
from eqlx.fields.schema import FieldInfo, FieldList, Layered, Schema
from eqlx.ir.types import FieldType
from eqlx_harness.data import need

TEXT = (Path(eqlx.fields.__file__).parent / "catalogue.txt").read_text(encoding="utf-8")


def schema() -> Schema:
    return CATALOGUE


def test_is_an_open_schema():
    assert schema().closed is False
    assert schema().lookup("no.such.field") is None


def test_counts_say_that_nothing_was_lost():
    ecs = need("ecs", "fields.csv").read_text(encoding="utf-8").count("\n")
    fields = CATALOGUE.known.fields
    assert len(fields) > 4500
    assert sum(name in fields for name in TEXT.split()) >= len(fields)
    _, listed = make_catalogue.read_ecs(need("ecs", "fields.csv"))
    assert 2600 < len(listed) <= ecs
    assert set(listed) <= set(fields)
    assert set(make_catalogue.read_extra(need("ecs", "extra-fields.tsv"))) <= set(fields)


def test_rebuilding_gives_the_committed_file():
    assert make_catalogue.render(need("ecs", "fields.csv").parent) == TEXT


def test_rebuilding_gives_the_committed_descriptions():
    file = Path(eqlx.fields.__file__).parent / "descriptions.tsv"
    made = make_catalogue.render_descriptions(need("ecs", "fields.csv").parent)
    assert made == file.read_text(encoding="utf-8")


def test_descriptions_are_those_of_fields():
    found = CATALOGUE.descriptions
    assert found["process.pid"] == "Process id."
    assert len(found) > 2600
    assert set(found) <= set(CATALOGUE.known.fields)


def test_no_name_stands_in_two_sections():
    names = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    heads = {section.split("\n")[0] for section in TEXT.split("\n\n")[1:]}
    listed = [name for name in names if name not in heads]
    assert len(listed) == len(set(listed)) == len(CATALOGUE.known.fields)


@pytest.mark.parametrize(
    ("name", "kind", "many"),
    [
        ("@timestamp", FieldType.DATE, False),
        ("process.name", FieldType.KEYWORD, False),
        ("process.pid", FieldType.LONG, False),
        ("process.args", FieldType.KEYWORD, True),
        ("process.parent.args", FieldType.KEYWORD, True),
        ("process.command_line", FieldType.KEYWORD, False),
        ("process.command_line.text", FieldType.TEXT, False),
        ("event.category", FieldType.KEYWORD, True),
        ("event.type", FieldType.KEYWORD, True),
        ("event.action", FieldType.KEYWORD, False),
        ("event.sequence", FieldType.LONG, False),
        ("host.ip", FieldType.IP, True),
        ("source.ip", FieldType.IP, False),
        ("destination.port", FieldType.LONG, False),
        ("dns.resolved_ip", FieldType.IP, True),
        ("dns.answers.data", FieldType.KEYWORD, True),
        ("tags", FieldType.KEYWORD, True),
        ("user.roles", FieldType.KEYWORD, True),
        ("file.size", FieldType.LONG, False),
        ("file.code_signature.trusted", FieldType.BOOLEAN, False),
        ("process.thread.capabilities.effective", FieldType.KEYWORD, True),
        ("process.supplemental_groups.name", FieldType.KEYWORD, True),
        ("source.geo.location", FieldType.UNSUPPORTED, False),
        ("event.risk_score", FieldType.DOUBLE, False),
        # Beyond ECS.
        ("Target.process.name", FieldType.KEYWORD, False),
        ("Target.process.args", FieldType.KEYWORD, True),
        ("process.Ext.code_signature.trusted", FieldType.BOOLEAN, True),
        ("process.Ext.token.integrity_level_name", FieldType.KEYWORD, False),
        ("winlog.event_data.TargetUserName", FieldType.KEYWORD, False),
        ("kubernetes.audit.user.groups", FieldType.KEYWORD, True),
        # Kept by hand.
        ("winlog.computer_name", FieldType.KEYWORD, False),
        ("okta.client.ip", FieldType.IP, False),
        ("aws.cloudtrail.resources.arn", FieldType.KEYWORD, True),
    ],
)
def test_spot_checks(name: str, kind: FieldType, many: bool):
    assert CATALOGUE.lookup(name) == FieldInfo(kind, many)


@pytest.mark.parametrize(
    "name",
    [
        "labels.environment",
        "labels.a.b.c",
        "container.labels.app",
        "aws.cloudtrail.flattened.request_parameters.bucketName",
        "log.syslog.structured_data.x",
        "winlog.event_data.NoSuchName",
    ],
)
def test_children_of_open_objects_are_keywords(name: str):
    info = CATALOGUE.lookup(name)
    assert info is not None
    assert info.type is FieldType.KEYWORD
    assert not info.multivalued


def test_an_object_with_known_children_is_not_open():
    assert CATALOGUE.lookup("process.io.no_such_child") is None
    assert CATALOGUE.lookup("process.no_such_child") is None


def test_odd_names_are_simply_unknown():
    assert CATALOGUE.lookup("") is None
    assert CATALOGUE.lookup(".") is None
    assert CATALOGUE.lookup("a..b") is None
    assert CATALOGUE.lookup("process.") is None


def test_reads_nothing_before_the_first_question():
    fresh = Catalogue()
    assert "known" not in vars(fresh)
    assert fresh.lookup("process.name") is not None
    assert "known" in vars(fresh)


def test_parse_reads_sections_and_open_names():
    known = parse("# a comment\n# more\n\nkeyword[]\na\nb.c\n\nopen\nd\n")
    assert known.fields["a"] == FieldInfo(FieldType.KEYWORD, multivalued=True)
    assert known.open == {"d": FieldInfo(FieldType.KEYWORD)}
    assert set(known.fields) == {"a", "b.c", "d"}


def test_layered_schemas_ask_the_user_first():
    mine = FieldList({"process.pid": FieldInfo(FieldType.KEYWORD)}, closed=False)
    layered = Layered((mine, CATALOGUE))
    assert layered.lookup("process.pid") == FieldInfo(FieldType.KEYWORD)
    assert layered.lookup("process.name") == FieldInfo(FieldType.KEYWORD)
    assert layered.closed is False


class TestRules:
    """The maintenance script's rules, on small lists."""

    def build(self, ecs: dict[str, tuple[str, bool]], extra: dict[str, str]):
        return make_catalogue.sections(
            {name: make_catalogue.Row(*row) for name, row in ecs.items()},
            {name: make_catalogue.Row(kind, array=False) for name, kind in extra.items()},
        )

    def test_ecs_wins(self):
        found = self.build({"a.b": ("long", False)}, {"a.b": "keyword"})
        assert found == {"long": ["a.b"]}

    def test_below_an_array_of_objects_everything_is_multivalued(self):
        found = self.build({"a": ("object", True), "a.b": ("long", False)}, {})
        assert found == {"long[]": ["a.b"], "unsupported[]": ["a"]}

    def test_below_nested_everything_is_multivalued(self):
        found = self.build({}, {"x.a": "nested", "x.a.b": "boolean"})
        assert found["boolean[]"] == ["x.a.b"]

    def test_extra_fields_shaped_like_ecs_are_multivalued_alike(self):
        ecs = {"process.args": ("keyword", True), "process.name": ("keyword", False)}
        found = self.build(ecs, {"T.process.args": "keyword", "T.process.name": "keyword"})
        assert found["keyword[]"] == ["T.process.args", "process.args"]
        assert found["keyword"] == ["T.process.name", "process.name"]

    def test_bare_objects_and_flattened_are_open(self):
        found = self.build({"l": ("object", False)}, {"l.x": "keyword", "f": "flattened"})
        assert found == {"keyword": ["l.x"], "open": ["f", "l"]}


class TestNearest:
    @pytest.mark.parametrize(
        ("wrong", "right"),
        [
            ("process.nmae", "process.name"),
            ("Process.Name", "process.name"),
            ("process.commandline", "process.command_line"),
            ("process.comand_line", "process.command_line"),
            ("process_name", "process.name"),
            ("proces.parent.name", "process.parent.name"),
            ("parent.process.name", "process.parent.name"),
            ("host.os.typ", "host.os.type"),
            ("dns.question.nme", "dns.question.name"),
            ("process.parent.exe", "process.parent.executable"),
            ("proc.name", "process.name"),
            ("source.adress", "source.address"),
            ("event.catgory", "event.category"),
            ("user.nam", "user.name"),
            ("destination.prot", "destination.port"),
            ("winlog.event_data.TargetUsername", "winlog.event_data.TargetUserName"),
        ],
    )
    def test_first_guess(self, wrong: str, right: str):
        assert nearest(wrong, CATALOGUE.names())[0] == right

    @pytest.mark.parametrize("name", ["foo.bar", "x", "", "a.b", "zzzzzzzz.qqqqqqqq", "..."])
    def test_no_guess_rather_than_a_wild_one(self, name: str):
        assert nearest(name, CATALOGUE.names()) == ()

    def test_never_the_name_itself_and_never_more_than_asked_for(self):
        found = nearest("process.name", CATALOGUE.names(), limit=2)
        assert "process.name" not in found
        assert len(found) <= 2

    def test_objects_are_not_suggested(self):
        kinds = {
            CATALOGUE.lookup(name) for name in nearest("process.parent.tyt", CATALOGUE.names())
        }
        assert all(info and info.type is not FieldType.UNSUPPORTED for info in kinds)

    @pytest.mark.parametrize(
        ("a", "b", "edits"),
        [
            ("", "", 0),
            ("a", "", 1),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("abc", "abd", 1),
            ("abcd", "badc", 2),
            ("abc", "xyz", 3),
            ("kitten", "sitting", 3),
            ("a" * 40, "b" * 40, 3),
        ],
    )
    def test_distance(self, a: str, b: str, edits: int):
        assert distance(a, b) == distance(b, a) == edits

    def test_a_very_long_name_is_no_burden(self):
        assert nearest("a." * 20_000 + "name", CATALOGUE.names()) == ()
