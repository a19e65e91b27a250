"""Discovery of targets and executors by entry point: lazy, by name, isolated from each other.

Listing reads the metadata of installed distributions and imports nothing. Loading imports one
plug-in and checks it against the protocol; what goes wrong there is a diagnostic that names the
distribution, never an exception of the plug-in's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.diagnostics.nearest import nearest

if TYPE_CHECKING:
    from eqlx.execution import Executor
    from eqlx.target import Target

TARGET_GROUP = "eqlx.targets"
EXECUTOR_GROUP = "eqlx.executors"

_KIND = {TARGET_GROUP: "target", EXECUTOR_GROUP: "engine"}

_TARGET_CONSTANTS: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "summary": str,
    "dialects": tuple,
    "options": tuple,
    "suffix": str,
}
_TARGET_METHODS = ("capabilities", "lower", "emit")
_EXECUTOR_CONSTANTS: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "summary": str,
    "target": (str, type(None)),
    "dialect": (str, type(None)),
}
_EXECUTOR_METHODS = ("open",)


@dataclass(frozen=True, slots=True)
class Provider:
    """One entry point of one distribution, not yet imported."""

    distribution: str
    version: str
    entry_point: EntryPoint

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Handle:
    """A plug-in's name and who provides it; more than one provider is a conflict."""

    group: str
    name: str
    providers: tuple[Provider, ...]

    @property
    def is_conflict(self) -> bool:
        return len(self.providers) > 1


def targets() -> Mapping[str, Handle]:
    """The installed targets by name, in the order of their names; nothing is imported."""
    return _discover(TARGET_GROUP, tuple(sys.path))


def executors() -> Mapping[str, Handle]:
    """The installed executors by name, in the order of their names; nothing is imported."""
    return _discover(EXECUTOR_GROUP, tuple(sys.path))


def load_target(name: str) -> Target:
    """The target of that name, checked against the protocol.

    Raises:
        EqlxError: unknown, provided twice, broken, of another API version, or no target at all.
    """
    from eqlx.diagnostics.catalogue.target import unknown_target
    from eqlx.target import API_VERSION

    handle = _find(targets(), name, unknown_target)
    value = _load(handle, API_VERSION, _TARGET_CONSTANTS, _TARGET_METHODS)
    return cast("Target", value)


def load_executor(name: str) -> Executor:
    """The executor of that name, checked against the protocol.

    Raises:
        EqlxError: as `load_target`.
    """
    from eqlx.diagnostics.catalogue.target import unknown_executor
    from eqlx.target import API_VERSION

    handle = _find(executors(), name, unknown_executor)
    value = _load(handle, API_VERSION, _EXECUTOR_CONSTANTS, _EXECUTOR_METHODS)
    return cast("Executor", value)


@cache
def engines_of(target: str, dialect: str) -> tuple[str, ...]:
    """The engines that run what a target makes in a dialect. One that does not load is none."""
    found: list[str] = []
    for name in sorted(executors()):
        try:
            executor = load_executor(name)
        except EqlxError:
            continue
        if (executor.target, executor.dialect) == (target, dialect):
            found.append(name)
    return tuple(found)


def _discover(group: str, path: tuple[str, ...]) -> Mapping[str, Handle]:  # noqa: ARG001 the cache's key
    """Once for each search path: the metadata of every installed distribution is read, which takes
    about 10 ms. What is installed while the process runs is seen by the next one."""
    found: dict[str, dict[tuple[str, str], Provider]] = {}
    for point in entry_points(group=group):
        distribution = point.dist
        name = distribution.name if distribution is not None else point.value
        version = distribution.version if distribution is not None else ""
        # An entry point that one distribution lists twice with one value is one plug-in.
        found.setdefault(point.name, {})[name, point.value] = Provider(name, version, point)
    return MappingProxyType(
        {
            name: Handle(group, name, tuple(sorted(found[name].values(), key=str)))
            for name in sorted(found)
        }
    )


def _find(
    handles: Mapping[str, Handle],
    name: str,
    unknown: Callable[[str, tuple[str, ...], str | None], Diagnostic],
) -> Handle:
    handle = handles.get(name)
    if handle is None:
        known = tuple(handles)
        raise EqlxError((unknown(name, known, nearest(name, known)),))
    return handle


def _load(
    handle: Handle,
    api_version: int,
    constants: Mapping[str, type | tuple[type, ...]],
    methods: tuple[str, ...],
) -> object:
    from eqlx.diagnostics.catalogue import target as say

    kind, name = _KIND[handle.group], handle.name
    if handle.is_conflict:
        names = tuple(str(provider) for provider in handle.providers)
        raise EqlxError((say.plugin_conflict(kind, name, names),))
    provider = handle.providers[0]
    try:
        value: object = provider.entry_point.load()
        found: object = getattr(value, "api_version", None)
        wrong = () if found != api_version else _mismatches(value, constants, methods)
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise EqlxError((say.plugin_broken(kind, name, str(provider), cause),)) from error
    if found is None:
        raise EqlxError((say.plugin_protocol(kind, name, str(provider), ("api_version",)),))
    if found != api_version:
        diagnostic = say.plugin_api_version(kind, name, str(provider), str(found), api_version)
        raise EqlxError((diagnostic,))
    if wrong:
        raise EqlxError((say.plugin_protocol(kind, name, str(provider), wrong),))
    return value


def _mismatches(
    value: object, constants: Mapping[str, type | tuple[type, ...]], methods: tuple[str, ...]
) -> tuple[str, ...]:
    if isinstance(value, type):
        return ("object (found a class)",)
    absent = object()
    wrong = [
        name
        for name, expected in constants.items()
        if not isinstance(getattr(value, name, absent), expected)
    ]
    wrong += [name for name in methods if not callable(getattr(value, name, None))]
    if "dialects" in constants and "dialects" not in wrong and not getattr(value, "dialects", ()):
        wrong.append("dialects")
    return tuple(wrong)
