"""Results of rule tests: as text for people, JUnit XML, GitHub annotations, and JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from eqlx.render.cells import shown
from eqlx.render.github import data, value
from eqlx.render.summary import counted
from eqlx.ruletest.model import Result, Verdict, told

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(results: Sequence[Result], *, verbose: bool = False) -> str:
    """A line a file, each test that did not pass with what was found, and a summary."""
    return "".join(f"{line}\n" for line in _text(results, verbose=verbose))


def _text(results: Sequence[Result], *, verbose: bool) -> Iterator[str]:
    for path, found in _files(results):
        failed = [result for result in found if result.verdict is not Verdict.PASSED]
        tests = len({result.test.name for result in found})
        mark = "FAIL" if failed else "ok"
        yield f"{mark:4}  {shown(path)}  ({counted(tests, 'test')})"
        for result in found if verbose else failed:
            mark = "ok" if result.verdict is Verdict.PASSED else "FAIL"
            yield f"      {mark:4}  {shown(result.test.name)} [{result.engine}]"
            if result.message:
                yield f"            {shown(result.message)}"
                yield f"            --> {shown(path)}:{line_of(result)}"
    yield summary(results)


def summary(results: Sequence[Result]) -> str:
    """What became of all tests, on one line."""
    tests = {(str(result.file.path), result.test.name) for result in results}
    engines = dict.fromkeys(result.engine for result in results)
    verdicts = Counter(result.verdict for result in results)
    counts = ", ".join(f"{verdicts[verdict]} {verdict.value}" for verdict in Verdict)
    rules = counted(len({id(r.rule) for r in results}), "rule")
    return (
        f"{rules}, {counted(len(tests), 'test')} on {', '.join(engines) or 'no engine'}: {counts}"
    )


def junit(results: Sequence[Result]) -> str:
    """A JUnit report: a suite a file, a case a test and engine; broken tests are errors."""
    root = ET.Element("testsuites", {"name": "eqlx test", **_totals(results)})
    for path, found in _files(results):
        suite = ET.SubElement(root, "testsuite", {"name": _xml(path), **_totals(found)})
        for result in found:
            case = ET.SubElement(
                suite,
                "testcase",
                name=_xml(f"{result.test.name} [{result.engine}]"),
                classname=_xml(result.rule.name or result.rule.label),
                file=_xml(path),
                line=str(line_of(result)),
                time=f"{result.seconds:.3f}",
            )
            if result.verdict is not Verdict.PASSED:
                kind = "failure" if result.verdict is Verdict.FAILED else "error"
                message = _xml(result.message)
                ET.SubElement(case, kind, message=message, type=result.verdict.value).text = message
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def github(results: Sequence[Result]) -> str:
    """Workflow commands that annotate the line of each test that did not pass, and the summary."""
    lines = []
    for result in results:
        if result.verdict is not Verdict.PASSED:
            title = value(f"{result.rule.name or result.rule.label} [{result.engine}]")
            file, line = value(str(result.file.path)), line_of(result)
            message = data(f"{result.test.name}: {result.message}")
            lines.append(f"::error file={file},line={line},title={title}::{message}")
    lines.append(summary(results))
    return "".join(f"{line}\n" for line in lines)


def as_json(results: Sequence[Result]) -> str:
    """One object: the totals, and each test on each engine."""
    record = {
        **{verdict.value: sum(r.verdict is verdict for r in results) for verdict in Verdict},
        "results": [_record(result) for result in results],
    }
    return f"{json.dumps(record, indent=2)}\n"


RENDERERS: dict[str, Callable[[Sequence[Result]], str]] = {
    "text": text,
    "junit": junit,
    "github": github,
    "json": as_json,
}


def line_of(result: Result) -> int:
    """The line of the test's name in its file, from 1."""
    return result.file.source.position(result.test.span.start).line


def _record(result: Result) -> dict[str, object]:
    return {
        "rule": result.rule.label,
        "file": str(result.file.path),
        "line": line_of(result),
        "test": result.test.name,
        "engine": result.engine,
        "verdict": result.verdict.value,
        "expected": told(result.test.expected),
        "found": [list(match) for match in result.found],
        "message": result.message,
        "seconds": round(result.seconds, 4),
    }


def _files(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    for path, found in groupby(results, key=lambda result: str(result.file.path)):
        yield path, list(found)


def _totals(results: Sequence[Result]) -> dict[str, str]:
    verdicts = Counter(result.verdict for result in results)
    return {
        "tests": str(len(results)),
        "failures": str(verdicts[Verdict.FAILED]),
        "errors": str(verdicts[Verdict.BROKEN]),
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def _xml(text: str) -> str:
    """Without the characters that XML cannot hold, even escaped."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
