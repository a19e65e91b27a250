"""Golden casebooks: Markdown files whose fenced blocks are cases and expectations.

A heading starts a case. Its `eql` block is the input, every other tagged block an expectation;
untagged fences are prose. The words after a tag are options (`sql layout=flat`). A `console` block is
input and expectation in one: a command and what it says; its input are the case's `file` blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

INPUTS = ("eql", "schema")
FILE = "file"
CONSOLE = "console"
FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<tag>[a-z][a-z0-9-]*)?(?P<options>[^`\n]*)$")
HEADING = re.compile(r"^#{2,}\s+(?P<title>.+)$")


@dataclass
class Block:
    """A fenced block; `first` and `last` are the line indexes of its content, `last` exclusive."""

    tag: str
    options: dict[str, str]
    content: str
    first: int
    last: int


@dataclass
class Case:
    """One heading of a casebook with its blocks."""

    title: str
    line: int
    inputs: dict[str, Block] = field(default_factory=dict)
    files: list[Block] = field(default_factory=list)
    expectations: list[Block] = field(default_factory=list)


class CasebookError(Exception):
    """The casebook itself is wrong: message says where and why."""


def read(path: Path, tags: frozenset[str]) -> list[Case]:
    """The cases of a casebook; `tags` are the expectations that it may hold.

    Raises:
        CasebookError: an unknown tag, a case without input or without expectation, a block outside
            of a case, a fence that is not closed.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    cases: list[Case] = []
    number = 0
    while number < len(lines):
        if heading := HEADING.match(lines[number]):
            cases.append(Case(heading["title"], number + 1))
        elif fence := FENCE.match(lines[number]):
            block = _block(path, lines, number, fence)
            _place(path, cases, block, tags)
            number = block.last
        number += 1
    for case in cases:
        if case.inputs or case.files or case.expectations:
            _check(path, case)
    return [case for case in cases if case.expectations]


def _block(path: Path, lines: list[str], number: int, fence: re.Match[str]) -> Block:
    for end in range(number + 1, len(lines)):
        if lines[end].rstrip() == fence["ticks"]:
            break
    else:
        message = f"{path}:{number + 1}: the fence is not closed"
        raise CasebookError(message)
    options = dict(word.partition("=")[::2] for word in fence["options"].split())
    content = "\n".join(lines[number + 1 : end])
    return Block(fence["tag"] or "", options, content, number + 1, end)


def _place(path: Path, cases: list[Case], block: Block, tags: frozenset[str]) -> None:
    where = f"{path}:{block.first}"
    if not block.tag or block.tag == "text":
        return
    if block.tag not in tags and block.tag not in (*INPUTS, FILE):
        message = f"{where}: unknown tag `{block.tag}`; known: {', '.join(sorted(tags))}"
        raise CasebookError(message)
    if not cases:
        message = f"{where}: a block before the first `##` heading"
        raise CasebookError(message)
    if block.tag == FILE:
        if not block.options.get("name"):
            message = f"{where}: a `{FILE}` block needs `name=PATH`"
            raise CasebookError(message)
        cases[-1].files.append(block)
    elif block.tag in INPUTS:
        if block.tag in cases[-1].inputs:
            message = f"{where}: a second `{block.tag}` block under one heading"
            raise CasebookError(message)
        cases[-1].inputs[block.tag] = block
    else:
        cases[-1].expectations.append(block)


def _check(path: Path, case: Case) -> None:
    runs = any(block.tag == CONSOLE for block in case.expectations)
    if case.files and not runs:
        message = f"{path}:{case.line}: `{case.title}` has files and no `{CONSOLE}` block"
        raise CasebookError(message)
    if "eql" not in case.inputs and not (runs and len(case.expectations) == 1):
        message = f"{path}:{case.line}: `{case.title}` has no `eql` block"
        raise CasebookError(message)
    if not case.expectations:
        message = f"{path}:{case.line}: `{case.title}` expects nothing"
        raise CasebookError(message)


def rewrite(path: Path, blocks: list[tuple[Block, str]]) -> None:
    """Put new contents into blocks of a casebook as it was read."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for block, content in sorted(blocks, key=lambda pair: -pair[0].first):
        lines[block.first : block.last] = content.rstrip("\n").split("\n") if content else []
    path.write_text("\n".join(lines), encoding="utf-8")
