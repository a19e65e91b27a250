"""Spark in local mode: one session for this process, on loopback, without its pages."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from importlib import import_module
from typing import Any

from eqlx.bounds import bytes_of
from eqlx.execution import Bounds, ExecutionError

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
}
_LEAST_MEMORY = 1_000_000_000
"""Bytes without which a session does not start."""


def spark_session(bounds: Bounds) -> Any:  # noqa: ANN401 - pyspark is not typed enough
    """The session of this process; the first call decides on its memory and its threads.

    Raises:
        ExecutionError: the package or Java is not there, or the session does not start.
    """
    try:
        memory = bytes_of(bounds.memory)
    except ValueError as error:
        raise ExecutionError(str(error)) from None
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        message = "the engine `spark` needs Java 17 or 21: install one and set JAVA_HOME"
        raise ExecutionError(message)
    return _started(max(memory, _LEAST_MEMORY) // 1_000_000, bounds.threads or 2)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="eqlx-spark-", ignore_cleanup_errors=True)


@cache
def _started(megabytes: int, threads: int) -> Any:  # noqa: ANN401
    try:
        module = import_module("pyspark.sql")
    except ImportError:
        message = "the engine `spark` needs the package `pyspark`: pip install 'eqlx[spark]'"
        raise ExecutionError(message) from None
    builder = module.SparkSession.builder.master(f"local[{threads}]")
    builder = builder.config("spark.driver.memory", f"{megabytes}m")
    builder = builder.config("spark.sql.warehouse.dir", _folder().name)
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        message = f"Spark does not start: {readable(error)}"
        raise ExecutionError(message) from error


def readable(error: BaseException) -> str:
    """The first line of Spark's message."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
