"""Engines by name, with the settings that the command line and the environment have for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from eqlx.engines import load_engine, with_packs

__all__ = ["load_engine", "url_option", "with_packs"]

F = TypeVar("F", bound=Callable[..., object])


def url_option(function: F) -> F:
    """`--url URL`."""
    return click.option(
        "--url",
        metavar="URL",
        help="The server of an engine that needs one (`--engine elasticsearch`; also "
        "EQLX_ELASTICSEARCH_URL). Credentials come from the environment only: "
        "`eqlx explain engine-settings`.",
    )(function)
