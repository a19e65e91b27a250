"""Pack files as packs: YAML whose every fault is shown at its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from eqlx.diagnostics import EqlxError, Report
from eqlx.diagnostics.catalogue.packs import unknown_pack, wrong_pack
from eqlx.diagnostics.nearest import nearest
from eqlx.packs.model import (
    FUNCTIONS,
    Apply,
    Constant,
    Events,
    Header,
    Own,
    Pack,
    Raw,
    Shape,
    Value,
)
from eqlx.ruletest.nodes import Items, Node, Scalar, Table, parse_yaml
from eqlx.source import Source, Span

_DATA = resources.files("eqlx.packs") / "data"
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*')|(?P<quoted>`[^`]+`)|(?P<name>[$/]?[A-Za-z_@#][\w@#.\-]*)|(?P<mark>[(),]))"
)
_KEYS = frozenset(
    {"name", "summary", "shapes", "when", "empty", "constants", "fields", "copies", "events"}
    | {"keeps"}
)
_EMPTY = ("", "-", "(null)")


def shipped() -> tuple[str, ...]:
    """The names of the packs that come with eqlx, sorted."""
    files = (entry.name for entry in _DATA.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def shipped_packs() -> tuple[Pack, ...]:
    """The packs that come with eqlx; those for events that are ECS already stand first."""
    packs = (load_pack(name) for name in shipped())
    return tuple(sorted(packs, key=lambda pack: not pack.keeps))


def pack_and_shape(text: str) -> tuple[str, str]:
    """The pack and the shape of `PACK[/SHAPE]`; a path to a pack file may hold slashes of its own.

    >>> pack_and_shape("sysmon"), pack_and_shape("sysmon/evtx_dump"), pack_and_shape("a/b.yaml/raw")
    (('sysmon', ''), ('sysmon', 'evtx_dump'), ('a/b.yaml', 'raw'))
    """
    if "/" not in text or Path(text).is_file():
        return text, ""
    name, _, shape = text.rpartition("/")
    return name, shape


def load_pack(name: str) -> Pack:
    """A shipped pack by its name, or a pack file by its path.

    Raises:
        EqlxError: there is none, it cannot be read, or it is no pack.
    """
    if name in shipped():
        return read_pack(Source(f"pack:{name}", (_DATA / f"{name}.yaml").read_text("utf-8")))
    path = Path(name)
    try:
        if path.suffix in (".yaml", ".yml") and path.is_file():
            return read_pack(Source(name, path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise EqlxError((wrong_pack(f"cannot read `{name}`: {error}"),)) from error
    raise EqlxError((unknown_pack(name, shipped(), nearest(name, shipped())),))


def pack_text(name: str) -> str:
    """The text of a shipped pack."""
    return (_DATA / f"{name}.yaml").read_text("utf-8")


def read_pack(source: Source) -> Pack:
    """A pack from its text.

    Raises:
        EqlxError: it is no pack; the first fault, with its place.
    """
    return _Reader(source).pack()


def _keys(path: str) -> tuple[str, ...]:
    """The keys of a path; a key in backquotes may hold dots.

    >>> _keys("a.b"), _keys("`id.orig_h`")
    (('a', 'b'), ('id.orig_h',))
    """
    return (path.strip("`"),) if path.startswith("`") else tuple(path.split("."))


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source

    def pack(self) -> Pack:
        top = self._table(self._yaml(), _KEYS)
        for key in ("name", "summary", "shapes", "fields"):
            if key not in top.entries:
                msg = f"a pack has no `{key}`; expected one"
                raise self._error(msg, top.span)
        entries = top.entries
        fields: dict[str, Value] = {}
        fields.update(self._constants(entries.get("constants")))
        fields.update({k: v for k, v in self._fields(entries.get("fields")).items() if v})
        fields.update(self._copies(entries.get("copies")))
        when = self._table(entries["when"]) if "when" in entries else None
        shapes = self._shapes(entries["shapes"])
        pack = Pack(
            self._text(entries["name"]),
            self._text(entries["summary"]),
            shapes,
            {} if when is None else {k: self._texts(v) for k, v in when.entries.items()},
            self._texts(entries["empty"]) if "empty" in entries else _EMPTY,
            fields,
            tuple(self._events(node) for node in self._items(entries.get("events"))),
            keeps="keeps" in entries and self._text(entries["keeps"]) == "events",
        )
        if when is not None:
            for name, span in when.keys.items():
                if not any(name in shape.headers for shape in shapes):
                    msg = f"no shape has the header `{name}`"
                    raise self._error(msg, span)
        return pack

    def _yaml(self) -> Node:
        try:
            return parse_yaml(self.source)
        except EqlxError as error:
            [found] = error.diagnostics
            report = Report(self.source)
            message = found.message.removeprefix("broken test file: ")
            report.add(wrong_pack(message, found.labels[0].span if found.labels else None))
            raise EqlxError(report.diagnostics) from None

    def _shapes(self, node: Node) -> tuple[Shape, ...]:
        if isinstance(node, Scalar):
            file = _DATA / "shapes" / f"{node.value}.yaml"
            if not file.is_file():
                msg = f"no shapes are called `{node.value}`"
                raise self._error(msg, node.span)
            inner = _Reader(Source(f"pack:shapes/{node.value}", file.read_text("utf-8")))
            return inner._shapes(inner._yaml())
        found = []
        for each in self._items(node):
            table = self._table(each, frozenset({"name", "has", "bag", "text", "headers"}))
            headers = self._fields(table.entries.get("headers"), top=True)
            is_text = "text" in table.entries
            bag = table.entries.get("text" if is_text else "bag")
            has = tuple(_keys(path) for path in self._texts(table.entries["has"]))
            keys = () if bag is None else tuple(self._text(bag).split("."))
            given = {name: value for name, value in headers.items() if value is not None}
            name = self._text(table.entries["name"])
            found.append(Shape(name, has, keys, given, is_text=is_text))
        return tuple(found)

    def _events(self, node: Node) -> Events:
        table = self._table(node, frozenset({"ids", "constants", "fields"}))
        if "ids" not in table.entries:
            msg = "events without `ids`; expected the ids that they have"
            raise self._error(msg, table.span)
        fields: dict[str, Value | None] = dict(self._constants(table.entries.get("constants")))
        fields.update(self._fields(table.entries.get("fields")))
        return Events(self._texts(table.entries["ids"]), fields)

    def _constants(self, node: Node | None) -> Mapping[str, Value]:
        if node is None:
            return {}
        found: dict[str, Value] = {}
        for name, each in self._table(node).entries.items():
            several = isinstance(each, Items)
            found[name] = Constant(self._texts(each) if several else self._text(each))
        return found

    def _fields(self, node: Node | None, *, top: bool = False) -> dict[str, Value | None]:
        if node is None:
            return {}
        found: dict[str, Value | None] = {}
        for name, each in self._table(node).entries.items():
            if isinstance(each, Scalar) and each.value is None:
                found[name] = None
            else:
                found[name] = self._expression(each, top=top)
        return found

    def _copies(self, node: Node | None) -> Mapping[str, Value]:
        if node is None:
            return {}
        table = self._table(node, frozenset({"into", "names"}))
        into = self._text(table.entries["into"])
        return {f"{into}.{name}": Own((name,)) for name in self._texts(table.entries["names"])}

    def _expression(self, node: Node, *, top: bool) -> Value:
        text = self._text(node)
        tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                msg = f"`{text[place:].strip()}` is no value"
                raise self._error(msg, node.span)
            tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        value = self._value(tokens, node, top=top)
        if tokens:
            msg = f"found `{tokens[0][1]}` after the value's end"
            raise self._error(msg, node.span)
        return value

    def _value(self, tokens: list[tuple[str, str]], node: Node, *, top: bool) -> Value:
        if not tokens or tokens[0][0] == "mark":
            msg = "a value is missing"
            raise self._error(msg, node.span)
        group, word = tokens.pop(0)
        if group == "text":
            return Constant(word[1:-1])
        if tokens and tokens[0][1] == "(":
            return self._call(word, tokens, node, top=top)
        if word.startswith("$"):
            return Header(word[1:])
        keys = _keys(word.removeprefix("/"))
        return Raw(keys) if top or word.startswith("/") else Own(keys)

    def _call(self, name: str, tokens: list[tuple[str, str]], node: Node, *, top: bool) -> Value:
        if name not in FUNCTIONS:
            near = nearest(name, FUNCTIONS)
            tip = f" (did you mean `{near}`?)" if near else ""
            msg = f"no value function is called `{name}`{tip}"
            raise self._error(msg, node.span)
        arguments: list[Value] = []
        mark = tokens.pop(0)[1]
        while mark != ")":
            arguments.append(self._value(tokens, node, top=top))
            if not tokens or tokens[0][1] not in (",", ")"):
                msg = f"`{name}(` is not closed"
                raise self._error(msg, node.span)
            mark = tokens.pop(0)[1]
        count = FUNCTIONS[name][0]
        if not arguments or (count is not None and len(arguments) != count):
            wanted = "one or more" if count is None else str(count)
            message = f"`{name}` has {len(arguments)} arguments; expected {wanted}"
            raise self._error(message, node.span)
        return Apply(name, tuple(arguments))

    def _table(self, node: Node, known: frozenset[str] | None = None) -> Table:
        if not isinstance(node, Table):
            msg = "found no mapping; expected `name: value` lines"
            raise self._error(msg, node.span)
        for key, span in node.keys.items():
            if known is not None and key not in known:
                near = nearest(key, known)
                tip = f" (did you mean `{near}`?)" if near else ""
                msg = f"unknown key `{key}`{tip}"
                raise self._error(msg, span)
        return node

    def _items(self, node: Node | None) -> tuple[Node, ...]:
        if node is None:
            return ()
        if not isinstance(node, Items):
            msg = "found no list; expected one"
            raise self._error(msg, node.span)
        return node.items

    def _text(self, node: Node) -> str:
        if not isinstance(node, Scalar) or node.value is None or isinstance(node.value, bool):
            msg = "found no text; expected one"
            raise self._error(msg, node.span)
        return str(node.value)

    def _texts(self, node: Node) -> tuple[str, ...]:
        return tuple(self._text(item) for item in self._items(node))

    def _error(self, message: str, span: Span) -> EqlxError:
        report = Report(self.source)
        report.add(wrong_pack(message, span))
        return EqlxError(report.diagnostics)
