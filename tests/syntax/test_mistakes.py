"""What people write by mistake: each text gets its own diagnostic, and «…» marks the fault."""

import re
import textwrap

import pytest

from eqlx.diagnostics.catalogue import all_entries
from eqlx.source import Span
from eqlx.syntax.keywords import KEYWORDS
from eqlx.syntax.parser import grammar

P = "process where "
STEPS = "[any where true] [any where true]"
SUBJECTS = {"syntax", "structure", "mistakes", "foreign"}


def marked(text):
    """`a «b» c` → the text without the marks, and the marked span."""
    start = text.index("«")
    end = text.index("»") - 1
    return text.replace("«", "").replace("»", ""), Span(start, end)


CASES = [
    # operators of other languages
    (P + 'process.name «=» "cmd.exe"', "single-equals"),
    (P + 'process.name «!:» "cmd.exe"', "not-matches"),
    (P + "a == 1 «&&» b == 2", "foreign-sign"),
    (P + "a == 1 «||» b == 2", "foreign-sign"),
    (P + "a «<>» 1", "foreign-sign"),
    (P + "a «===» 1", "foreign-sign"),
    (P + 'a «=~» "x"', "foreign-sign"),
    (P + 'a «!~» "x"', "foreign-sign"),
    (P + "«!»a", "foreign-sign"),
    (P + "«!»(a == 1)", "foreign-sign"),
    (P + "1 < a «<» 3", "comparison-chain"),
    (P + "a == b «==» 1", "comparison-chain"),
    (P + 'a «~» "x"', "stray-tilde"),
    (P + 'a «contains» "x"', "word-operator"),
    (P + 'a «startswith» "x"', "word-operator"),
    (P + "a «is» null", "word-operator"),
    (P + "a «!in» (1, 2)", "foreign-sign"),
    (P + "a in «[»1, 2]", "wrong-brackets"),
    (P + 'a : «{»"x", "y"}', "wrong-brackets"),
    (P + '(a == 1 and b like «[»"x", "y"])', "wrong-brackets"),
    (P + 'a in ("x"«;» "y")', "needless-sign"),
    (P + 'a == "x"«;»', "needless-sign"),
    (P + '«$»a.b == "x"', "needless-sign"),
    ("process where«:» a == 1", "needless-sign"),
    ("sequence with maxspan«:» 5m [any where true] [any where true]", "unexpected-text"),
    ("sequence with maxspan «==» 5m [any where true] [any where true]", "unexpected-text"),
    ('sequence with maxspan=«"5m"» [any where true] [any where true]', "unexpected-text"),
    ('process «host.name» : ("a", "b")', "missing-where"),
    ('process «not» host.name : "a"', "missing-where"),
    # letter case
    (P + "a == 1 «AND» b == 2", "letter-case"),
    (P + "a == 1 «Or» b == 2", "letter-case"),
    (P + "«NOT» a == 1", "letter-case"),
    (P + "a «IN» (1)", "letter-case"),
    (P + 'a «LIKE~» "x"', "letter-case"),
    ("process «WHERE» true", "letter-case"),
    ("«Sequence» by a [any where true] [any where true]", "letter-case"),
    # quotes
    (P + "a == «'cmd.exe'»", "single-quotes"),
    (P + "a in («'x'», 'y')", "single-quotes"),
    (P + "a == «'»cmd.exe", "unclosed-string"),
    (P + 'a == «?"C:\\x"»', "old-raw-string"),
    (P + "a == «?'x'»", "old-raw-string"),
    (P + "a == «“x”»", "smart-quotes"),
    (P + "a : (“x”, “y”)".replace("“x”", "«“x”»"), "smart-quotes"),
    (P + 'a == «"»cmd.exe', "unclosed-string"),
    (P + 'a == «"»cmd.exe and b == 1\nand c == "x"', "unclosed-string"),
    (P + 'a == «"»C:\\\\x\\"', "unclosed-string"),
    (P + 'a in ("x", «"»y) and b : "z"', "unclosed-string"),
    (P + 'a : «"»cmd.exe and b : "-m" and c : "-n"', "unclosed-string"),
    (P + 'a == «"""»cmd.exe" and b == 1', "unclosed-string"),
    (P + "«`»a == 1", "unclosed-name"),
    (P + r'a == "C:«\W»indows"', "unknown-escape"),
    (P + r'a in ("x", "C:«\d»", "y")', "unknown-escape"),
    (P + r'a == "«\u0041»"'.replace("u0041»", "u»0041"), "unknown-escape"),
    (P + r'a == "«\u{1}»"', "unknown-escape"),
    (P + r'a == "«\u{d800}»"', "no-character"),
    (P + r'a == "«\u{110000}»"', "no-character"),
    (P + r'a in («\»"x\")', "backslash-outside"),
    (P + "a == «1e999»", "number-too-large"),
    # values without quotes
    (P + "process.name : «cmd.exe»", "bare-text"),
    (P + "process.name : («*cmd*», x)", "bare-text"),
    (P + "a in («10.0.0.0/8», 1)", "bare-text"),
    (P + "a : «-enc»", "bare-text"),
    (P + "a > «now-1d»", "date-arithmetic"),
    (P + "f(a.b «c»)", "missing-comma"),
    (P + 'f(a.b «"c"») == 1', "missing-comma"),
    ("«```»\nprocess where true\n```", "needless-sign"),
    ('«[rule]\nname = "x"»', "foreign-language"),
    ("«*:*»", "foreign-language"),
    (P + "a == «/usr/bin/x» and b == 1", "bare-text"),
    # brackets and commas
    (P + "«(»a == 1 and b == 2", "unclosed-bracket"),
    (P + "a == 1«)»", "unopened-bracket"),
    (P + '«(»a == "x" and b == 1 | head 5', "unclosed-bracket"),
    (P + 'a in «(»"x", "y" or b.c == 1', "unclosed-bracket"),
    (P + 'a : «(»"x", "y" and b.c == 1', "unclosed-bracket"),
    ("sequence [any where «(»a == 1] [any where b]", "unclosed-bracket"),
    ("sequence «[»any where a == 1 [any where b]", "unclosed-bracket"),
    ("sequence [any where a == 1] «[»any where b", "unclosed-bracket"),
    ("sequence [any where a«)»] [any where b]", "unopened-bracket"),
    (P + 'a in ("x", "y"«,»)', "stray-comma"),
    (P + 'a in («,» "x")', "stray-comma"),
    (P + 'a in ("x",«,» "y")', "stray-comma"),
    (P + "a == 1 and«,» b == 1", "stray-comma"),
    ("sequence by a«,» [any where a] [any where b]", "stray-comma"),
    (P + 'a in ("x" «"y"»)', "missing-comma"),
    (P + 'a : ("x",\n"y"\n«"z"», "w")', "missing-comma"),
    (P + "a in (1 «2»)", "missing-comma"),
    (P + 'a : ("x" «or» "y")', "word-in-list"),
    (P + 'a like~ ("x", "y" «and» "z")', "word-in-list"),
    (P + 'a : («(»"x", "y"))', "list-in-list"),
    (P + 'a : "x"«,» "y"', "list-without-brackets"),
    (P + 'a == "x"«,» "y"', "list-without-brackets"),
    (P + 'a == "x"«,»', "stray-comma"),
    ("sequence by a «process» where a", "unexpected-text"),
    (P + 'a «==» ("x", "y")', "list-after-comparison"),
    (P + 'a «!=» ("x", "y")', "list-after-comparison"),
    (P + 'a in «"x"»', "in-without-brackets"),
    (P + "a not in~ «b»", "in-without-brackets"),
    (P + "a in «()»", "empty-brackets"),
    (P + "«()» and a", "empty-brackets"),
    # words
    (P + 'a «not like» "x"', "not-after-field"),
    (P + 'a «not :» ("x", "y")', "not-after-field"),
    (P + "a «not ==» 1", "not-after-field"),
    (P + "«and» a == 1", "dangling-word"),
    (P + "a == 1 and «and» b == 1", "dangling-word"),
    (P + "a == 1 «and»", "dangling-word"),
    (P + "(a == 1 «or»)", "dangling-word"),
    (P + "a == 1 «and» | head 5", "dangling-word"),
    ("sequence [any where a «and»] [any where b]", "dangling-word"),
    (P + "a == 1 «b» == 2", "missing-word"),
    (P + 'a : "x"\n«not» b : "y"', "missing-word"),
    (P + "(a == 1) «(»b == 2)", "missing-word"),
    (P + "a == 1 «?»b == 2", "missing-word"),
    (P + 'process.name «"x"»', "missing-comparison"),
    (P + 'process.name «(»"x", "y")', "missing-comparison"),
    (P + "a == 1 «a nd» b == 2", "misspelt-word"),
    (P + "a == 1 «adn» b == 2", "misspelt-word"),
    (P + 'a «lik» "x"', "misspelt-word"),
    (P + "a == 1 «and»process.pid == 2", "run-on-word"),
    (P + "event.«sequence» == 1", "reserved-word"),
    (P + "a.b.«with».c == 1", "reserved-word"),
    # shape of the query
    ("process «process.name» == 1", "missing-where"),
    ("sequence [process «process.name» == 1] [any where b]", "missing-where"),
    ("«process»", "missing-where"),
    ("«process.name» == 1", "missing-category"),
    ("«where» a == 1", "missing-category"),
    ("sequence [«process.name» == 1] [any where b]", "missing-category"),
    ("«[»any where a] [any where b]", "missing-sequence"),
    ("sequence with maxspan=5m «by» a [any where a] [any where b]", "clause-order"),
    ("sequence by a «maxspan»=5m [any where a] [any where b]", "missing-with"),
    ("sequence by a with «runs»=5 [any where a] [any where b]", "unexpected-text"),
    ("sequence [any where a] with «maxspan»=5m [any where b]", "unknown-term-option"),
    ("sequence by «length»(a) [any where a] [any where b]", "key-is-no-field"),
    ('sequence by «"a"» [any where a] [any where b]', "key-is-no-field"),
    ("«  // nothing\n »", "empty-query"),
    # old forms and other dialects
    ("«join» by a [any where a] [any where b]", "join-query"),
    (P + "«child of» [process where true]", "process-lineage"),
    (P + "a == 1 and «event of» [process where true]", "process-lineage"),
    (P + "not «descendant of» [process where true]", "process-lineage"),
    ("sequence [any where a] «as event0» [any where b]", "event-alias"),
    ("sequence [any where a] by k «as event0» [any where b] by k", "event-alias"),
    ("sequence [any where a] by k.l, ?m «as event0» [any where b] by k, m", "event-alias"),
    (P + '«_arraysearch»(a.b, $e, $e.c == "x")', "array-search"),
    (P + 'x == 1 and «arraySearch»(a, $e, $e == "x")', "array-search"),
    (P + "«process.args[0]» == 1", "array-index"),
    (P + "«wildcard»(a, 1)", "removed-function"),
    (P + "«MATCH»(a, 1)", "removed-function"),
    (P + "true | «unique process.name»", "unknown-pipe"),
    (P + "true | «count»", "unknown-pipe"),
    (P + "true | «sort a, b»", "unknown-pipe"),
    (P + "true | «filter process where» true", "unknown-pipe"),
    (P + "true | «head»", "pipe-arguments"),
    (P + "true | «head» 1, 2", "pipe-arguments"),
    # comments
    (P + "a == 1 «/*» x", "unclosed-comment"),
    (P + "a == 1 and «# the rest»\nb == 2", "hash-comment"),
    (P + "«\\*» x */ a == 1", "backslash-comment"),
    (P + "«<<<<<<< HEAD»".replace("«", "\n«") + "\na == 1", "merge-marker"),
    # characters
    (P + "a ==« »1".replace("« »", "«\u00a0»"), "strange-character"),
    (P + "a«\u200b» == 1", "strange-character"),
    (P + "gr«ö»ße == 1", "letter-in-name"),
    # other languages
    ("«event.category:process and process.name:cmd*»", "foreign-language"),
    ('«process.name: "cmd.exe" and not user.name: "x"»', "foreign-language"),
    (
        "«SELECT * FROM logs WHERE process_name = 'x'»".replace("WHERE", "HAVING"),
        "foreign-language",
    ),
    ("«DeviceProcessEvents | extend a = 1»", "foreign-language"),
    ('«{"query": {"bool": {}}}»', "foreign-language"),
    (
        "«title: x\nlogsource:\n  product: windows\ndetection:\n  selection:\n    a: b»",
        "foreign-language",
    ),
    ("«index=main sourcetype=x»", "foreign-language"),
    ("«FROM logs-* | LIMIT 5»", "foreign-language"),
    # what nobody foresaw
    (P + "a == 1 «until»", "unexpected-text"),
    (P + "a =«=»", "unexpected-end"),
]


@pytest.mark.parametrize(
    ("text", "code"), CASES, ids=[f"{c}-{i}" for i, (_, c) in enumerate(CASES)]
)
def test_mistake(refused, text, code):
    plain, span = marked(text)
    (found, *rest) = refused(plain)
    assert (found.code, found.span) == (code, span)
    assert not rest


STRUCTURE = [
    ("sequence with maxspan=«30» [any where a] [any where b]", "maxspan-without-unit"),
    ("sequence with maxspan=«1.5m» [any where a] [any where b]", "bad-maxspan"),
    ("sequence with maxspan=«0s» [any where a] [any where b]", "bad-maxspan"),
    ("sequence with maxspan=«" + "9" * 6000 + "s» [any where a] [any where b]", "bad-maxspan"),
    ("sequence [any where a] with runs=«" + "9" * 6000 + "» [any where b]", "bad-runs"),
    ("sequence with maxspan=5«w» [any where a] [any where b]", "unknown-unit"),
    ("sequence with maxspan=5«M» [any where a] [any where b]", "unknown-unit"),
    ("sequence [any where a] with runs=«0» [any where b]", "bad-runs"),
    ("sequence [any where a] with runs=«101» [any where b]", "bad-runs"),
    ("sequence [any where a] with runs=«2.0» [any where b]", "bad-runs"),
    ("sequence [any where a] with «run»=2 [any where b]", "unknown-term-option"),
    ("sequence «[any where a]»", "sequence-too-short"),
    ("sequence «[any where a] with runs=1»", "sequence-too-short"),
    ("sequence «[any where a] with runs=100" + " [any where a]" * 157 + "»", "sequence-too-long"),
    (
        "sequence by a «[any where a]» [any where b] by c".replace("«", "")
        .replace("»", "")
        .replace("[any where b] by c", "«[any where b] by c»"),
        "key-count",
    ),
    (
        "sequence [any where a] by b [any where b] by c until «[any where a]»".replace(
            "until «", "«until "
        ),
        "key-count",
    ),
    ("sequence [any where a] «![any where b]»", "missing-without-maxspan"),
    ("sequence with maxspan=1m «![any where a] ![any where b]»", "missing-only"),
    ("sequence with maxspan=1m [any where a] [any where b] «until ![any where c]»", "not-in-until"),
    ("sequence [any where a] [any where b] until [any where c] with «runs=2»", "not-in-until"),
    ("sample by a «[any where a]»", "sample-size"),
    ("sample by a" + " [any where a]" * 5 + " «[any where b]»", "sample-size"),
    ("«sample» [any where a] [any where b]", "sample-without-key"),
    ("sample by a [any where a] by «a» [any where b] by c", "duplicate-key"),
    ("sample by a [any where a] [any where b] «| head 5»", "not-in-sample"),
    ("sample by a [any where a] with «runs=2» [any where b]", "not-in-sample"),
    ("sample by a «![any where a]» [any where b]", "not-in-sample"),
    ("sample by a [any where a] [any where b] «until [any where c]»", "not-in-sample"),
    ("sample by a with «maxspan=1m» [any where a] [any where b]", "not-in-sample"),
]


@pytest.mark.parametrize(
    ("text", "code"), STRUCTURE, ids=[f"{c}-{i}" for i, (_, c) in enumerate(STRUCTURE)]
)
def test_structure(refused, text, code):
    plain, span = marked(text)
    assert (code, span) in [(d.code, d.span) for d in refused(plain)]


def test_all_faults_of_a_structure_are_said(refused):
    found = refused("sample [any where a] with runs=2 ![any where b] | head 5")
    assert [d.code for d in found] == [
        "not-in-sample",
        "not-in-sample",
        "sample-without-key",
        "not-in-sample",
    ]


@pytest.mark.parametrize(
    ("text", "help_text"),
    [
        (P + "x not like 1", "write `not x like …`"),
        (P + "a == 'b\\c'", 'write `"""b\\c"""`'),
        (P + "event.sequence == 1", "write event.`sequence` if you mean a field"),
        (
            P + "process.args[0] == 1",
            "write `process.args`: a condition holds if any of its values meets it",
        ),
        (P + "a == 1 adn b == 2", "did you mean `and`?"),
        (P + "a == 1 andb.c == 2", "write `and b.c`"),
        (P + "a contains 1", "write `like~`, or `stringContains~(field, …)`"),
        (P + "wildcard(a, 1)", "write `field : (…)`, or `like (…)` where letter case counts"),
        (P + "a is null", "write `== null`"),
        (P + "a is not null", "write `!= null`"),
        (P + "a is 5", "write `==`"),
        (P + "a : C:\\x\\*", 'write `"""C:\\x\\*"""`'),
        (P + "a in (1; 2)", "write `,`"),
        (P + "a != 1 and != 2", "write the field again: `field != …`"),
        (P + 'a : ("x", -- y)', "write `//` before a comment"),
        (P + "a.b? == 1", "write `?a.b`"),
        (P + "a?.b == 1", "write `?a.b`"),
        (P + "true head 5", "write `| head …`"),
        (
            P + "true\nfile where true",
            "events in order are one query: `sequence [… where …] [… where …]`",
        ),
        ("sequence with maxspan: 5m " + STEPS, "write `with maxspan=5m`"),
        ("sequence by a within 5m " + STEPS, "write `with maxspan=5m`"),
        ("sequence by (a) " + STEPS, "keys stand without brackets: `by user.id, host.id`"),
        ("sequence by a b " + STEPS, "keys are separated by commas: `by user.id, host.id`"),
        ("sequence by a and b " + STEPS, "keys are separated by commas: `by user.id, host.id`"),
        ("sequence a.b " + STEPS, "write `by` before the keys"),
        ("sequence on a " + STEPS, "write `by` before the keys"),
        ("sequence process where true", "each step stands in brackets: `[process where …]`"),
        ("sequence with runs=2 " + STEPS, "`with runs=…` stands after a step: `[…] with runs=3`"),
        ("sequence [any where true] runs=2", "write `with runs=…`"),
        ("sequence [any where true] then " + STEPS, "remove `then`: the steps stand side by side"),
        (
            "sequence by a not " + STEPS,
            "write `![…]` for an event that must not come",
        ),
        ("sequence " + STEPS + " until any where true", "write `until [process where …]`"),
    ],
)
def test_help_names_the_form_to_write(refused, text, help_text):
    assert refused(text)[0].help == help_text


def test_an_unclosed_bracket_shows_where_it_was_missed(refused):
    (found,) = refused(P + "(a == 1 and b == 2 | head 5")
    assert found.message == "found `|`, expected `)` for this `(`"
    labels = [(label.span, label.primary) for label in found.labels]
    assert labels == [(Span(14, 15), True), (Span(33, 34), False)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (P, "found the end of the query, expected a condition"),
        (P + "a ==", "found the end of the query, expected a value"),
        (
            P + "a :",
            "found the end of the query, expected a constant (a string, a number, `true`, `false` or `null`)",
        ),
        ("sequence by", "found the end of the query, expected a field name"),
        ("| head 5", "found `|`, expected a category such as `process`, `sequence` or `sample`"),
        (P + 'a in ["x"]', "found `[`, expected `(`"),
        (
            P + "a == 1 where b",
            "found the keyword `where`, expected an operator, `and`, `or` or `|`",
        ),
        (P + "true | head by", "found the keyword `by`, expected a condition"),
    ],
)
def test_messages_in_human_words(refused, text, message):
    assert refused(text)[0].message == message


def test_every_diagnostic_of_the_syntax_has_a_case_here():
    slugs = {
        slug
        for slug, found in all_entries().items()
        if found.build.__module__.rsplit(".", 1)[-1] in SUBJECTS
    }
    assert slugs - {code for _, code in (*CASES, *STRUCTURE)} == {
        "nesting-too-deep",
        "too-many-pipes",
    }


def test_keywords_are_those_of_the_grammar():
    pattern = next(t for t in grammar().terminals if t.name == "NAME").pattern.value
    listed = pattern.split("(?!(?:")[1].split(")")[0]
    assert set(listed.split("|")) == KEYWORDS


@pytest.mark.parametrize(
    "slug",
    [s for s, e in all_entries().items() if e.build.__module__.rsplit(".", 1)[-1] in SUBJECTS],
)
def test_the_example_of_each_page_is_right(read, slug):
    blocks = re.findall(r"(?:^    .*\n?)+", all_entries()[slug].page, re.MULTILINE)
    assert read(textwrap.dedent(blocks[-1]))
