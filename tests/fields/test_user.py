"""Field lists from users: three forms, their faults, and writing them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.fields.user import format_schema, load_schema, parse_schema
from eqlx.ir.types import FieldType
from eqlx.source import Source
from eqlx_harness.data import need

K, L = FieldType.KEYWORD, FieldType.LONG


def read(text: str) -> dict[str, FieldInfo]:
    return dict(parse_schema(Source("fields.txt", text)).fields)


def fault(text: str) -> Diagnostic:
    with pytest.raises(EqlxError) as raised:
        read(text)
    [diagnostic] = raised.value.diagnostics
    assert diagnostic.code == "broken-field-list"
    return diagnostic


def marked(diagnostic: Diagnostic) -> str:
    assert diagnostic.source is not None
    assert diagnostic.span is not None
    return diagnostic.source.text[diagnostic.span.start : diagnostic.span.end]


class TestOwnForm:
    def test_names_types_and_brackets(self):
        text = (
            "# mine\n\nprocess.name keyword\nprocess.args\tkeyword[]\n  a.ip   ip  \r\nn byte[]\n"
        )
        assert read(text) == {
            "process.name": FieldInfo(K),
            "process.args": FieldInfo(K, multivalued=True),
            "a.ip": FieldInfo(FieldType.IP),
            "n": FieldInfo(L, multivalued=True),
        }

    def test_a_list_is_closed(self):
        assert parse_schema(Source("f", "a long")).closed is True

    def test_names_with_blanks_and_quoted_names(self):
        text = 'my field\tlong\nanother one  date\n"# odd \\" \\t"  boolean\n'
        assert list(read(text)) == ["my field", "another one", '# odd " \t']

    def test_the_last_line_of_a_name_counts(self):
        assert read("a long\na keyword[]") == {"a": FieldInfo(K, multivalued=True)}

    def test_empty_text_lists_nothing(self):
        assert read("") == {}
        assert read("# only words\n") == {}

    def test_known_types_that_eql_cannot_compare(self):
        assert read("g geo_point")["g"].type is FieldType.UNSUPPORTED

    def test_unknown_type_is_marked_and_the_nearest_named(self):
        diagnostic = fault("a long\nb  keywrod[]\n")
        assert marked(diagnostic) == "keywrod"
        assert "did you mean `keyword`?" in diagnostic.message

    def test_a_type_like_nothing_lists_the_types(self):
        assert "expected one of boolean" in fault("a colour").message

    def test_a_name_alone_is_marked(self):
        assert marked(fault("a long\njust.a.name\nb long")) == "just.a.name"

    def test_a_broken_quoted_name_is_marked(self):
        assert marked(fault('"\\q" long')) == '"\\q"'

    @given(
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
            st.builds(
                FieldInfo,
                st.sampled_from([t for t in FieldType if t is not FieldType.UNRESOLVED]),
                st.booleans(),
            ),
        )
    )
    def test_what_is_written_is_read_back(self, fields: dict[str, FieldInfo]):
        assert read(format_schema(FieldList(fields))) == fields

    def test_the_catalogue_itself_goes_round(self):
        fields = dict(CATALOGUE.known.fields)
        assert read(format_schema(FieldList(fields))) == fields


MAPPING = {
    "properties": {
        "@timestamp": {"type": "date"},
        "process": {
            "properties": {
                "name": {"type": "keyword", "fields": {"text": {"type": "match_only_text"}}},
                "pid": {"type": "integer"},
                "short": {"type": "alias", "path": "process.name"},
            }
        },
        "answers": {"type": "nested", "properties": {"data": {"type": "keyword"}}},
        "labels": {"type": "object"},
        "lost": {"type": "alias", "path": "nowhere"},
    }
}
FIELDS = {
    "@timestamp": FieldInfo(FieldType.DATE),
    "process.name": FieldInfo(K),
    "process.name.text": FieldInfo(FieldType.TEXT),
    "process.pid": FieldInfo(L),
    "process.short": FieldInfo(K),
    "answers": FieldInfo(FieldType.UNSUPPORTED),
    "answers.data": FieldInfo(K, multivalued=True),
    "labels": FieldInfo(FieldType.UNSUPPORTED),
    "lost": FieldInfo(K),
}


class TestMapping:
    @pytest.mark.parametrize(
        "wrap",
        [
            lambda mapping: mapping,
            lambda mapping: {"mappings": mapping},
            lambda mapping: {"logs-1": {"mappings": mapping}},
            lambda mapping: {"template": {"settings": {}, "mappings": mapping}},
        ],
    )
    def test_in_every_wrapping(self, wrap):
        assert read(json.dumps(wrap(MAPPING))) == FIELDS

    def test_several_indices_are_one_list(self):
        two = {
            "i1": {"mappings": {"properties": {"a": {"type": "long"}}}},
            "i2": {"mappings": {"properties": {"b": {"type": "ip"}}}},
        }
        assert read(json.dumps(two)) == {"a": FieldInfo(L), "b": FieldInfo(FieldType.IP)}

    def test_the_catalogue_says_what_holds_several_values(self):
        mapping = {"properties": {"process.args": {"type": "wildcard"}, "my": {"type": "long"}}}
        assert read(json.dumps(mapping)) == {
            "process.args": FieldInfo(K, multivalued=True),
            "my": FieldInfo(L),
        }

    def test_broken_json_is_marked(self):
        diagnostic = fault('{"properties": {"a": }}')
        assert "invalid JSON" in diagnostic.message
        assert marked(diagnostic) == "}"

    @pytest.mark.parametrize("text", ["{}", "[]", '{"a": 1}', '{"mappings": {}}'])
    def test_json_that_is_no_mapping(self, text: str):
        assert "no `properties`" in fault(text).message

    def test_unknown_types_and_broken_entries(self):
        assert "`keywrd`" in fault('{"properties": {"a": {"type": "keywrd"}}}').message
        assert "mapping of `a`" in fault('{"properties": {"a": 1}}').message

    def test_deep_nesting_is_refused(self):
        assert "nested too deeply" in fault("[" * 200_000).message

    def test_the_suite_of_elasticsearch_has_mappings_that_can_be_read(self):
        folder = need("elasticsearch-eql-suite", "data")
        for path in sorted(folder.glob("*.mapping.json")):
            # The original leaves it to chance which of the keyword types a field gets.
            text = path.read_text(encoding="utf-8").replace(
                "[runtime_random_keyword_type]", "wildcard"
            )
            assert len(read(text)) > 3, path


class TestEcs:
    def test_a_row_with_array_is_multivalued(self):
        text = 'Field,Type,Normalization\nhost.ip,ip,array\nlabels,object,\n"a.b",long,\n'
        assert read(text) == {
            "host.ip": FieldInfo(FieldType.IP, multivalued=True),
            "labels": FieldInfo(FieldType.UNSUPPORTED),
            "a.b": FieldInfo(L),
        }

    def test_the_whole_of_it(self):
        fields = load_schema(need("ecs", "fields.csv")).fields
        assert len(fields) > 2600
        assert fields["process.args"] == FieldInfo(K, multivalued=True)

    def test_a_row_without_type(self):
        assert "a row without" in fault("Field,Type\na\n").message


def test_files_are_read_with_and_without_a_byte_order_mark(tmp_path: Path):
    path = tmp_path / "fields.txt"
    for start in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(start + "größe long\n".encode())
        assert load_schema(path).fields == {"größe": FieldInfo(L)}


def test_unreadable_files_raise_what_the_system_says(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load_schema(tmp_path / "none.txt")
    path = tmp_path / "latin.txt"
    path.write_bytes(b"gr\xf6\xdfe long\n")
    with pytest.raises(UnicodeDecodeError):
        load_schema(path)
