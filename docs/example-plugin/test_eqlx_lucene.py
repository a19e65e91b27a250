"""The plugin's own tests: the protocol by eqlx's kit, the spelling by example."""

import pytest

import eqlx
from eqlx.diagnostics import EqlxError
from eqlx.testing import CHECKS
from eqlx_lucene import TARGET


@pytest.mark.parametrize("check", CHECKS)
def test_it_conforms(check: str) -> None:
    assert list(CHECKS[check](TARGET)) == []


@pytest.mark.parametrize(
    ("eql", "lucene"),
    [
        ("any where true", "*:*\n"),
        ('any where user.name == "a \\"b\\""', 'user.name:"a \\"b\\""\n'),
        ('any where user.name != "a"', '(*:* NOT user.name:"a")\n'),
        ('any where user.name in ("a", "b")', '(user.name:"a" OR user.name:"b")\n'),
        ('any where process.name like "a (x)*?"', "(process.name:a\\ \\(x\\)*?)\n"),
        (
            'process where user.name != null and process.name like "a*"',
            '(event.category:"process" AND ((*:* NOT (*:* NOT _exists_:user.name)) AND (process.name:a*)))\n',
        ),
    ],
)
def test_the_spelling(eql: str, lucene: str) -> None:
    """By its name, through the entry point, as `eqlx convert --to lucene` finds it."""
    assert eqlx.convert(eql, to="lucene").text == lucene


@pytest.mark.parametrize(
    ("eql", "code"),
    [
        ('any where user.name : "a"', "unsupported-by-target"),  # by the table
        ('any where user.name like "a<*"', "inexpressible"),  # by the lowering
    ],
)
def test_what_is_refused(eql: str, code: str) -> None:
    with pytest.raises(EqlxError) as caught:
        eqlx.convert(eql, to="lucene")
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]
