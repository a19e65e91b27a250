"""Where `eqlx run` puts its matches: the standard output, or a file that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from eqlx.cli import options
from eqlx.diagnostics.catalogue.usage import cannot_write, usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from eqlx.cli.console import Console
    from eqlx.driver.run import RuleRun
    from eqlx.render.matches import Writer


class Results:
    """Takes the runs in order; nothing is opened before the first, when the events are known to be
    readable. `given` are the parameters of the command."""

    def __init__(self, given: Mapping[str, Any], console: Console, rules: int) -> None:
        from eqlx.render.view import View

        self._console = console
        self._form: str = given["form"]
        self._file = None if given["output"] is None else Path(given["output"])
        named = tuple(name.strip() for name in given["fields"].split(","))
        self._view = View(tuple(filter(None, named)), given["wide"], given["matches"], rules == 1)
        self._writer: Writer | None = None
        self._part: TextIO | None = None
        self._device: TextIO | None = None
        if self._form == "parquet" and self._file is None:
            raise console.stop(
                usage(
                    "Parquet is no text for the standard output",
                    "name a file: `-o matches.parquet`",
                )
            )
        self._check_places(given["events"], given["timeline"])
        if self._view.fields and self._form in ("ndjson", "json"):
            tip = "leave it out: these formats hold the whole events"
            raise console.stop(usage(f"`--fields` chooses no fields of `{self._form}`", tip))
        self._timeline = _TimelineFile(given["timeline"], console) if given["timeline"] else None
        if self._file is not None and (self._file.is_dir() or not self._file.name):
            raise console.stop(cannot_write(str(self._file), "it is a folder"))

    def _check_places(self, events: Sequence[str], timeline: str | None) -> None:
        """No output may replace the events, or the other output."""
        outputs = [str(self._file)] if self._file is not None else []
        outputs += [timeline] if timeline else []
        real = [os.path.realpath(name) for name in outputs]
        inputs = {os.path.realpath(name) for name in events if name != "-"}
        for name, place in zip(outputs, real, strict=True):
            if place in inputs:
                tip = "name another file for the output"
                raise self._console.stop(usage(f"`{name}` is one of the events' files", tip))
        if len(set(real)) < len(real):
            tip = "give `-o` and `--timeline` a file each"
            raise self._console.stop(usage(f"`{outputs[0]}` is named for two outputs", tip))

    def take(self, run: RuleRun) -> None:
        """Write what a rule found."""
        if self._writer is None:
            self._writer = self._opened()
        self._writer.take(run)
        if self._timeline is not None:
            self._timeline.take(run)

    def close(self) -> None:
        """Write what is left, and put the file in its place."""
        from eqlx.execution import ExecutionError

        if self._writer is None:
            return
        if self._timeline is not None:
            self._timeline.close()
        try:
            self._writer.close()
            if self._device is not None:
                self._device.close()
            if self._part is not None and self._file is not None:
                self._part.close()
                Path(self._part.name).replace(self._file)
                self._part = None
        except OSError as error:
            if self._file is None:
                raise
            raise self._console.stop(self._unwritable(options.cause(error))) from None
        except ExecutionError as error:
            raise self._console.stop(self._unwritable(str(error))) from None
        finally:
            if self._part is not None:
                self._part.close()
                Path(self._part.name).unlink(missing_ok=True)

    def _opened(self) -> Writer:
        from eqlx.render.matches import writer

        if self._file is None:
            return writer(self._form, sys.stdout, self._view)
        part = self._file.with_name(f".{self._file.name}.{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._form == "parquet":
                return self._parquet(self._file)
            if self._file.exists() and not self._file.is_file():
                # A device or a pipe is written to, not replaced.
                self._device = self._file.open(
                    "w", encoding="utf-8", errors="backslashreplace", newline="\n"
                )
                return writer(self._form, self._device, self._view)
            self._part = part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            raise self._console.stop(self._unwritable(options.cause(error))) from None
        return writer(self._form, self._part, self._view)

    def _parquet(self, file: Path) -> Writer:
        from eqlx.execution import WritesTables
        from eqlx.registry import load_executor
        from eqlx.render.tabular import Parquet

        engine = load_executor("duckdb")
        assert isinstance(engine, WritesTables)  # noqa: S101 it is ours
        return Parquet(file, engine, self._view.fields)

    def _unwritable(self, reason: str) -> Any:  # noqa: ANN401 a diagnostic's body
        return cannot_write(str(self._file), reason)


class _TimelineFile:
    """The file of `--timeline`."""

    def __init__(self, name: str, console: Console) -> None:
        from eqlx.report.timeline import Timeline

        self._path = Path(name)
        self._console = console
        self._timeline = Timeline()

    def take(self, run: RuleRun) -> None:
        self._timeline.take(run)

    def close(self) -> None:
        from eqlx import __version__
        from eqlx.cli.artifacts import write_whole
        from eqlx.report.timeline import timeline_page

        try:
            write_whole(self._path, timeline_page(self._timeline, __version__))
        except OSError as error:
            stop = cannot_write(str(self._path), options.cause(error))
            raise self._console.stop(stop) from None
