"""Every emitted rule through pySigma's EQL back end, as it is and with its known faults repaired.

Runs in the environment of `requirements-pysigma1.txt`:

    python eql_round.py FOLDER

Prints one line of JSON for each file: `{"file": …, "asis": …, "repaired": …}`, where the queries are
null, and the reason in `"asis!"` or `"repaired!"`, if they cannot be had.

What is repaired is the writing of values, by the letter of Sigma's specification and nothing of eqlx:
which operator a text takes, how it is quoted, and how a regular expression of Sigma is spelled in
Lucene's dialect.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from sigma.backends.elasticsearch import EqlBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import SigmaRegularExpressionFlag, SpecialChars

ANCHORED = re.compile(r"\^\(\?:(.*)\)\$\Z", re.DOTALL)
TOKEN = re.compile(
    r"(?P<anything>\[\\s\\S\])"
    r"|(?P<code>\\x[0-9a-fA-F]{2}|\\x\{[0-9a-fA-F]+\})"
    r"|(?P<escaped>\\[^A-Za-z0-9])"
    r"|(?P<set>\[\^?(?:\\.[0-9a-fA-F]*|[^\]\\])+\])"
    r"|(?P<group>\(\?:)"
    r"|(?P<plain>[^\\\[])",
    re.DOTALL,
)
OPERATORS = '"#@&<>~'
"""Plain characters in Sigma's expressions, operators in Lucene's."""


SIGNS = {SpecialChars.WILDCARD_MULTI: "*", SpecialChars.WILDCARD_SINGLE: "?"}
EXPRESSIONS = {SpecialChars.WILDCARD_MULTI: ".*", SpecialChars.WILDCARD_SINGLE: "."}


class UnrepairedError(SigmaFeatureNotSupportedByBackendError):
    """A fault of the back end that its output leaves no room to repair."""


def quoted(text):
    for plain, escaped in (
        ("\\", "\\\\"),
        ('"', '\\"'),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\t", "\\t"),
    ):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def lucene(pattern):
    """An expression of Sigma that is anchored at both ends in Lucene's dialect, which always is."""
    whole = ANCHORED.match(pattern)
    if whole is None:
        message = f"an expression that is not anchored: {pattern}"
        raise UnrepairedError(message)
    out, at, body = [], 0, whole[1]
    while at < len(body):
        token = TOKEN.match(body, at)
        if token is None:
            message = f"no spelling in Lucene's dialect: {body[at:]}"
            raise UnrepairedError(message)
        out.append(respelled(token))
        at = token.end()
    return "".join(out)


def respelled(token):
    text = token[0]
    match token.lastgroup:
        case "anything":
            return "."
        case "code":
            return "\\" + chr(int(text[2:].strip("{}"), 16))
        case "group":
            return "("
        case "set":
            text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: "\\" + chr(int(m[1], 16)), text)
            return re.sub(r"(\\(\W))-(.)", lambda m: f"{m[1]}{chr(ord(m[2]) + 1)}-{m[3]}", text)
        case "plain" if text in OPERATORS:
            return "\\" + text
        case _:
            return text


class RepairedEql(EqlBackend):
    """The back end without the faults that concern values."""

    convert_or_as_in = False  # a list became `like~`, letter case lost
    field_quote_pattern = re.compile(r"^[A-Za-z_@][A-Za-z0-9_.@]*$")
    field_quote_pattern_negation = True  # names were written bare

    def field(self, cond):
        return self.escape_and_quote_field(cond.field)

    def text(self, cond, equal, like, regex):
        """`equal` compares with a text as it is, `like` with a pattern, `regex` with an expression,
        for patterns that hold a `*` or `?` for itself, which EQL's cannot."""
        parts, field = cond.value.s, self.field(cond)
        if all(isinstance(part, str) for part in parts):
            return equal.format(field, quoted("".join(parts)))
        if any(set("*?") & set(part) for part in parts if isinstance(part, str)):
            body = "".join(
                re.sub(r"(\W)", r"\\\1", part) if isinstance(part, str) else EXPRESSIONS[part]
                for part in parts
            )
            return f"{field} {regex} {quoted(body)}"
        value = "".join(part if isinstance(part, str) else SIGNS[part] for part in parts)
        return like.format(field, quoted(value))

    def convert_condition_field_eq_val_str(self, cond, state):  # noqa: ARG002 - pySigma's signature
        address = self.is_ip(str(cond.value))  # a field of addresses knows `==` alone
        return self.text(cond, "{} == {}" if address else "{} in~ ({})", "{} : {}", "regex~")

    def convert_condition_field_eq_val_str_case_sensitive(self, cond, state):  # noqa: ARG002
        return self.text(cond, "{} == {}", "{} like {}", "regex")

    def convert_condition_field_eq_val_num(self, cond, state):  # noqa: ARG002
        return f"{self.field(cond)} == {cond.value}"

    def convert_condition_field_eq_val_bool(self, cond, state):  # noqa: ARG002
        return f"{self.field(cond)} == {str(cond.value.boolean).lower()}"

    def convert_condition_field_eq_val_re(self, cond, state):  # noqa: ARG002
        insensitive = SigmaRegularExpressionFlag.IGNORECASE in cond.value.flags
        operator = "regex~" if insensitive else "regex"
        pattern = getattr(cond.value.regexp, "original", cond.value.regexp)
        return f"{self.field(cond)} {operator} {quoted(lucene(str(pattern)))}"


def converted(backend, text):
    try:
        (query,) = backend().convert(SigmaCollection.from_yaml(text))
    except Exception as error:  # noqa: BLE001 - every failure is an answer
        return None, f"{type(error).__name__}: {error}"
    return str(query), None


def main(folder):
    for path in sorted(Path(folder).glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        answer = {"file": path.name}
        for name, backend in (("asis", EqlBackend), ("repaired", RepairedEql)):
            answer[name], answer[name + "!"] = converted(backend, text)
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
