"""A real browser for tests of pages: Chromium over its debugging pipe, without a driver."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

NO_AXE = "NO AXE: set EQLX_AXE to axe-core's axe.min.js (`.ci/run play` does)"
"""Why a test on accessibility is skipped."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def browser() -> str | None:
    """The browser's program: `EQLX_BROWSER`, else the first that is installed."""
    return os.environ.get("EQLX_BROWSER") or next(filter(None, map(shutil.which, _NAMES)), None)


class Page:
    """A page in a browser; `send` speaks the DevTools protocol."""

    def __init__(self, writer: int, reader: int) -> None:
        self._writer, self._reader = writer, reader
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = str(attached["sessionId"])
        self.said: list[str] = []
        """What the page's console and its security policy complained of."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.requests: list[str] = []

    def send(self, method: str, /, **parameters: object) -> dict[str, object]:
        """Call a method and wait for its answer."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]  # type: ignore[return-value]  # the protocol's own form

    def wait(self, method: str) -> None:
        """Wait for an event of the protocol."""
        while self._next().get("method") != method:
            pass

    def open(
        self, path: Path, *, width: int = 1440, height: int = 1000, dark: bool = False
    ) -> None:
        """Show a file on a screen of that size."""
        self.size(width, height)
        self.scheme(dark=dark)
        self.send("Page.navigate", url=path.as_uri())
        self.wait("Page.loadEventFired")

    def violations(self) -> list[object] | None:
        """What axe-core finds on the page: each violation's rule, impact and an element. None without
        axe-core, whose `axe.min.js` EQLX_AXE names (`.ci/run play` does)."""
        script = os.environ.get("EQLX_AXE")
        if script is None:
            return None
        self.ask(Path(script).read_text("utf-8") + ";0")
        run = (
            "axe.run().then(r => JSON.stringify("
            "r.violations.map(v => [v.id, v.impact, v.nodes[0].html.slice(0, 200)])))"
        )
        found = self.send("Runtime.evaluate", expression=run, awaitPromise=True, returnByValue=True)
        result = found["result"]
        assert isinstance(result, dict)
        violations: list[object] = json.loads(str(result["value"]))
        return violations

    def go(self, address: str) -> None:
        """Load an address, and wait until it is loaded."""
        self.send("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def size(self, width: int, height: int) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def scheme(self, *, dark: bool, paper: bool = False) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        media = "print" if paper else ""
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def ask(self, expression: str) -> object:
        """The value of an expression of JavaScript in the page. The page itself may forbid scripts;
        the debugger is not bound by that."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        result = found["result"]
        assert isinstance(result, dict)
        return result.get("value")

    def key(self, name: str) -> None:
        """Press a key."""
        for kind in ("rawKeyDown", "keyUp"):
            code = {"Tab": 9, "Enter": 13}[name]
            self.send("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=code)

    def picture(self, path: Path) -> None:
        """What is on the screen, as a PNG."""
        data = self.send("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(str(data)))

    def paper(self, path: Path) -> None:
        """The page as a PDF on A4."""
        data = self.send(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True
        )["data"]
        path.write_bytes(base64.b64decode(str(data)))

    def _next(self) -> dict[str, object]:
        while b"\0" not in self._rest:
            more = os.read(self._reader, 1 << 16)
            assert more, "the browser has gone"
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, object] = json.loads(text)
        self._note(message)
        return message

    def _note(self, message: Mapping[str, object]) -> None:
        parameters = message.get("params")
        if not isinstance(parameters, dict):
            return
        match message.get("method"):
            case "Log.entryAdded":
                self.said.append(parameters["entry"]["text"])
            case "Runtime.exceptionThrown" | "Runtime.consoleAPICalled":
                self.said.append(json.dumps(parameters))
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case _:
                pass


@contextmanager
def opened(program: str, profile: Path) -> Generator[Page]:
    """A page in a fresh browser without a window, which ends with the block."""
    to_browser, writer = os.pipe()
    reader, from_browser = os.pipe()
    arguments = [
        program,
        "--headless=new",
        "--remote-debugging-pipe",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--no-first-run",
        f"--user-data-dir={profile}",
    ]
    # The browser reads descriptor 3 and writes descriptor 4.
    shell = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", shell, "browser", *arguments],
        pass_fds=(to_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    try:
        yield Page(writer, reader)
    finally:
        os.close(writer)
        os.close(reader)
        process.terminate()
        process.wait(20)
