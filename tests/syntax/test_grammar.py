"""The whole language of spec §1: what each form becomes in the surface tree."""

import pytest

from eqlx.source import Span
from eqlx.syntax.tree import (
    Arithmetic,
    BooleanValue,
    Comparison,
    EventFilter,
    FieldName,
    FunctionCall,
    InList,
    Logical,
    Maxspan,
    NotExpression,
    NullValue,
    NumberValue,
    PatternMatch,
    Pipe,
    SampleQuery,
    SequenceQuery,
    Sign,
    Statement,
    StringValue,
    Term,
)

A, B, C = FieldName("a"), FieldName("b"), FieldName("c")
ONE, TWO = NumberValue(1), NumberValue(2)
TRUE = BooleanValue(value=True)


def is_one(field):
    return Comparison("==", field, ONE)


@pytest.fixture
def condition(read):
    return lambda text: read(f"any where {text}").query.condition


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        # precedence, tightest first
        ("a + b in (1, 2)", Arithmetic("+", A, InList(B, (ONE, TWO)))),
        ("- a in (1)", Sign(InList(A, (ONE,)))),
        ("- a * b", Arithmetic("*", Sign(A), B)),
        ("- - a", Sign(Sign(A))),
        ("+ a", A),
        ("+-a", Sign(A)),
        ("a * b / c % a", Arithmetic("%", Arithmetic("/", Arithmetic("*", A, B), C), A)),
        ("a + b * c", Arithmetic("+", A, Arithmetic("*", B, C))),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a - (b - c)", Arithmetic("-", A, Arithmetic("-", B, C))),
        ("(a + b) * c", Arithmetic("*", Arithmetic("+", A, B), C)),
        ("a-1 == b", Comparison("==", Arithmetic("-", A, ONE), B)),
        ("a + 1 < b", Comparison("<", Arithmetic("+", A, ONE), B)),
        ("not a == b", NotExpression(Comparison("==", A, B))),
        ("not not a", NotExpression(NotExpression(A))),
        ("not a in (1)", NotExpression(InList(A, (ONE,)))),
        ("not a and b", Logical("and", (NotExpression(A), B))),
        ("a or b and c", Logical("or", (A, Logical("and", (B, C))))),
        ("a and b and c", Logical("and", (A, B, C))),
        ("a and (b and c)", Logical("and", (A, Logical("and", (B, C))))),
        ("(a or b) and c", Logical("and", (Logical("or", (A, B)), C))),
        ("(((a)))", A),
        ("(a == 1) == true", Comparison("==", is_one(A), TRUE)),
        ("(a in (1)) in (true)", InList(InList(A, (ONE,)), (TRUE,))),
        # comparisons
        *[(f"a{op}1", Comparison(op, A, ONE)) for op in ("==", "!=", "<", "<=", ">", ">=")],
        ("1 == a", Comparison("==", ONE, A)),
        # lists
        ("a not in (1, 2)", InList(A, (ONE, TWO), negated=True)),
        ("a in~ (1)", InList(A, (ONE,), insensitive=True)),
        ("a not in~(1)", InList(A, (ONE,), insensitive=True, negated=True)),
        (
            'a in ("x", "y", b, "z")',
            InList(A, (*map(StringValue, "xy"), B, StringValue("z"))),
        ),
        ("a in (b == 1, -1)", InList(A, (is_one(B), Sign(ONE)))),
        # patterns
        ('a:"x*"', PatternMatch(":", A, (StringValue("x*"),))),
        ('a : ("x", "y")', PatternMatch(":", A, (StringValue("x"), StringValue("y")))),
        ('a like "x"', PatternMatch("like", A, (StringValue("x"),))),
        ('a like~ ("x")', PatternMatch("like~", A, (StringValue("x"),))),
        ('a regex"x"', PatternMatch("regex", A, (StringValue("x"),))),
        ('a regex~("x", """y""")', PatternMatch("regex~", A, (StringValue("x"), StringValue("y")))),
        ("a : (1, null, true)", PatternMatch(":", A, (ONE, NullValue(), TRUE))),
        # fields
        ("a.b.c == 1", is_one(FieldName("a.b.c"))),
        ("a . b == 1", is_one(FieldName("a.b"))),
        ("a/* c */.b.c == 1", is_one(FieldName("a.b.c"))),
        ("?a.b == 1", is_one(FieldName("a.b", optional=True))),
        ("? a == 1", is_one(FieldName("a", optional=True))),
        ("`a b`.c == 1", is_one(FieldName("a b.c"))),
        ("?`x y` == 1", is_one(FieldName("x y", optional=True))),
        ("`a.b` == 1", is_one(FieldName("a.b"))),
        ("`a``b` == 1", is_one(FieldName("a`b"))),
        ("event.`sequence` == 1", is_one(FieldName("event.sequence"))),
        ("source.as.number == 1", is_one(FieldName("source.as.number"))),
        ("@timestamp == 1", is_one(FieldName("@timestamp"))),
        ("_x.order.android.inner == 1", is_one(FieldName("_x.order.android.inner"))),
        ("runs == 1", is_one(FieldName("runs"))),
        ("ms == 1", is_one(FieldName("ms"))),
        ("AND == 1", is_one(FieldName("AND"))),
        # functions
        ("f()", FunctionCall("f", ())),
        ("f(a, 1)", FunctionCall("f", (A, ONE))),
        ("endsWith~ (a, b)", FunctionCall("endsWith", (A, B), insensitive=True)),
        ("CONCAT(a)", FunctionCall("CONCAT", (A,))),
        ("f(g(a))", FunctionCall("f", (FunctionCall("g", (A,)),))),
        ("f(a == 1)", FunctionCall("f", (is_one(A),))),
        ("head(a)", FunctionCall("head", (A,))),
        ("f(a) : null", PatternMatch(":", FunctionCall("f", (A,)), (NullValue(),))),
    ],
)
def test_expression(condition, text, tree):
    assert condition(text) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("007", 7),
        ("2147483648", 2147483648),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("1.5", 1.5),
        ("5.", 5.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".5E-2", 0.005),
        ("5.e+1", 50.0),
    ],
)
def test_number(condition, text, value):
    number = condition(f"a == {text}").right
    assert (number.value, type(number.value), number.text) == (value, type(value), text)


def test_whole_and_decimal_numbers_differ():
    assert NumberValue(1) != NumberValue(1.0)
    assert len({NumberValue(1), NumberValue(1.0)}) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'""', ""),
        (r'"a"', "a"),
        (r'"\b\t\n\f\r\"\'\\"', "\b\t\n\f\r\"'\\"),
        (r'"\u{41}\u{0001F600}"', "A\U0001f600"),
        (r'"C:\\Windows\\"', "C:\\Windows\\"),
        ('"it\'s / no // comment /* here */"', "it's / no // comment /* here */"),
        ('"""a"""', "a"),
        ('""""""', ""),
        ('""""""""', '""'),
        ('"""a""""', 'a"'),
        ('"""a"b\\n"""', 'a"b\\n'),
        ('"tab\there"', "tab\there"),
        ('"größe\u2028"', "größe\u2028"),
    ],
)
def test_string(condition, text, value):
    assert condition(f"a == {text}").right == StringValue(value)
    assert condition(f"a in ({text}, {text}, 1)").choices[:2] == (StringValue(value),) * 2


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("any", None),
        ("process", "process"),
        ('"process"', "process"),
        ('"""a b"""', "a b"),
        (r'"a\tb"', "a\tb"),
        ("runs", "runs"),
        ("_x1", "_x1"),
    ],
)
def test_category(read, text, category):
    assert read(f"{text} where true") == Statement(EventFilter(category, TRUE))


@pytest.mark.parametrize(
    "comment",
    ["// x", "/* x */", "/* /* x */ */", "/**/", "/*/ */", '/* " */', "// \"\n// '", "/* a\nb */"],
)
def test_comments_stand_anywhere(read, comment):
    text = "sequence by a with maxspan = 5 m [ any where f ( a , 1 ) ] [ b where true ] | head 1"
    plain = read(text)
    assert read(text.replace(" ", f" {comment}\n")) == plain
    assert read(f"{comment}\n{text} {comment}") == plain


def test_comment_with_an_inner_one_left_open_ends_at_the_last_closer(read):
    assert read("any where /* a /* b */ true or /* c */ false").query.condition == BooleanValue(
        value=False
    )


def test_sequence(read):
    text = """
        sequence by host.id, ?user.id with maxspan=30s
          [process where a == 1] by b, c with runs=2
          ![any where a == 1] by b, c
          [file where a == 1] by b, ?c
        until [network where a == 1] by b, c
        | head 10 | tail 2 + 3"""
    keys = (B, C)
    assert read(text) == Statement(
        SequenceQuery(
            (FieldName("host.id"), FieldName("user.id", optional=True)),
            Maxspan(30, "s"),
            (
                Term(EventFilter("process", is_one(A)), keys, 2),
                Term(EventFilter(None, is_one(A)), keys, missing=True),
                Term(EventFilter("file", is_one(A)), (B, FieldName("c", optional=True))),
            ),
            Term(EventFilter("network", is_one(A)), keys),
        ),
        (
            Pipe("head", NumberValue(10)),
            Pipe("tail", Arithmetic("+", TWO, NumberValue(3))),
        ),
    )


@pytest.mark.parametrize("unit", ["ms", "s", "m", "h", "d"])
def test_maxspan_units(read, unit):
    statement = read(f"sequence with maxspan=5{unit} [any where true] [any where true]")
    assert statement.query.maxspan == Maxspan(5, unit)


def test_one_step_with_runs_is_a_sequence(read):
    assert read("sequence [any where true] with runs = 2").query.terms[0].runs == 2


def test_sample(read):
    assert read("sample by a [any where true] by b [x where true] by c") == Statement(
        SampleQuery((A,), (Term(EventFilter(None, TRUE), (B,)), Term(EventFilter("x", TRUE), (C,))))
    )


def test_sequence_of_256_steps(read):
    text = "sequence [any where true] with runs=100 [any where true] with runs=100"
    assert len(read(text + "[any where true]" * 56).query.terms) == 58


@pytest.mark.parametrize("text", ["any where true | head 5", "  any\twhere\r\ntrue | tail 5  "])
def test_blanks_and_pipes(read, text):
    assert read(text).pipes[0].argument == NumberValue(5)


def marked(text):
    """`a «b» c` → the text without the marks, and the marked span."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), Span(start, end)


@pytest.mark.parametrize(
    ("text", "find"),
    [
        ("any where «not a == 1»", lambda c: c),
        ("any where «(a or b)» and c", lambda c: c.operands[0]),
        ("any where «(a or b) and c»", lambda c: c),
        ("any where a «==» 1", lambda c: Comparison("", c, c, span=c.operator_span)),
        ("any where «?`x`.y» == 1", lambda c: c.left),
        ("any where «f(a, -1)» == 1", lambda c: c.left),
        ("any where f(a, «-1») == 1", lambda c: c.left.arguments[1]),
        ('any where «a in ("x", 1)»', lambda c: c),
        ('any where a in ("x", «"\\\\y"» , 1)', lambda c: c.choices[1]),
        ('any where «a : ("x")»', lambda c: c),
        ("any where «- a * b + c» == 1", lambda c: c.left),
        ('any where «a regex """x"""»', lambda c: c),
    ],
)
def test_spans(condition, text, find):
    plain, span = marked(text)
    node = find(condition(plain.removeprefix("any where ")))
    assert node.span == span


def test_spans_of_a_sequence(read):
    text = "sequence by a with maxspan=5m [any where a] by b with runs=3 [b where a] by c"
    query = read(text).query
    cut = [text[s.start : s.end] for s in (query.head_span, *(t.span for t in query.terms))]
    assert cut == [
        "sequence by a with maxspan=5m",
        "[any where a] by b with runs=3",
        "[b where a] by c",
    ]
    assert text[query.terms[0].runs_span.start : query.terms[0].runs_span.end] == "runs=3"
    assert query.span == Span(0, len(text))
