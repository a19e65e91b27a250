"""Engines by name, with their settings and packs: for the command line and for the Python API."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eqlx.execution import Executor


def load_engine(
    name: str, url: str | None = None, environment: Mapping[str, str] = os.environ
) -> Executor:
    """The engine, configured.

    Raises:
        EqlxError: no such engine, one that takes no URL, or settings that do not fit together.
    """
    from eqlx.diagnostics import EqlxError
    from eqlx.diagnostics.catalogue.execution import engine_settings
    from eqlx.execution import Configurable, ExecutionError
    from eqlx.registry import load_executor

    executor = load_executor(name)
    if not isinstance(executor, Configurable):
        if url is not None:
            raise EqlxError(
                (engine_settings(name, "it runs in this process and takes no `--url`"),)
            )
        return executor
    values = {
        setting.name: environment[setting.environment]
        for setting in executor.settings
        if environment.get(setting.environment)
    }
    if url is not None:
        values["url"] = url
    try:
        return executor.configured(values)
    except ExecutionError as error:
        raise EqlxError((engine_settings(name, str(error)),)) from error


def with_packs(executor: Executor, pack: str) -> Executor:
    """The engine, mapping raw events by this pack (`auto`: by all that are shipped; `none`).

    Raises:
        EqlxError: there is no such pack, it is wrong, or the engine takes none.
    """
    from eqlx.diagnostics import EqlxError
    from eqlx.diagnostics.catalogue.packs import engine_without_packs
    from eqlx.packs.model import TakesPacks
    from eqlx.packs.reader import load_pack, shipped_packs

    if pack == "none":
        return executor
    packs = shipped_packs() if pack == "auto" else (load_pack(pack),)
    if isinstance(executor, TakesPacks):
        mapped: Executor = executor.with_packs(packs)
        return mapped
    if pack == "auto":
        return executor
    raise EqlxError((engine_without_packs(executor.name),))
