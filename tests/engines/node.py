"""Starts a real OpenSearch node for the time of one command: `python node.py COMMAND [ARGUMENT …]`.

The command finds the node's address in EQLX_ELASTICSEARCH_URL. The node listens on loopback only, on
free ports, with a heap of 1 GB and its data in a temporary folder; it is stopped and removed at the
end. Its jars come from Maven Central once, into a cache folder outside of the repository.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
PATIENCE = 120.0
"""Seconds until the node must be ready."""


def cache_folder() -> Path:
    """Where the jars are kept; the name changes with the pom, so that a new version is fetched."""
    from hashlib import sha256

    base = os.environ.get("EQLX_ENGINE_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    mark = sha256((HERE / "pom.xml").read_bytes()).hexdigest()[:12]
    return root / "eqlx" / f"opensearch-{mark}"


def jars() -> Path:
    """The folder of the jars, fetched where it is missing.

    Raises:
        SystemExit: Maven is missing or failed.
    """
    folder = cache_folder()
    if (folder / "complete").exists():
        return folder
    if shutil.which("mvn") is None:
        sys.exit("node.py: Maven (`mvn`) is needed to fetch OpenSearch, and is not installed")
    with tempfile.TemporaryDirectory(prefix="eqlx-maven-") as work:
        shutil.copy(HERE / "pom.xml", work)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        if subprocess.run(command, cwd=work, check=False).returncode != 0:
            sys.exit("node.py: Maven could not fetch OpenSearch")
    (folder / "complete").touch()
    return folder


@contextmanager
def node() -> Iterator[str]:
    """A running node; its URL.

    Raises:
        SystemExit: Java is missing, or the node did not start; its log is on stderr.
    """
    if shutil.which("java") is None:
        sys.exit("node.py: Java 17 or newer is needed to run OpenSearch, and is not installed")
    folder = jars()
    port, transport = _free_ports(2)
    with tempfile.TemporaryDirectory(prefix="eqlx-opensearch-", ignore_cleanup_errors=True) as data:
        process = subprocess.Popen(
            [
                *("java", "-Xmx1g", "-cp", f"{folder}/*", str(HERE / "Node.java")),
                *(str(port), str(transport), data),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=data,
        )
        try:
            _wait(process)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait(process: subprocess.Popen[str]) -> None:
    """Until the node says that it is ready; afterwards its log is read and dropped."""
    assert process.stdout is not None
    log: list[str] = []
    ready = threading.Event()
    reader = threading.Thread(target=_read, args=(process.stdout, log, ready), daemon=True)
    reader.start()
    if not ready.wait(PATIENCE) or process.poll() is not None:
        sys.stderr.write("".join(log))
        sys.exit("node.py: OpenSearch did not start")


def _read(stream: IO[str], log: list[str], ready: threading.Event) -> None:
    for line in stream:
        if line.rstrip().endswith("READY"):  # the node's log takes standard output over
            ready.set()
        if not ready.is_set():
            log.append(line)
    ready.set()


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.close()
        process.wait(30)
    except (subprocess.TimeoutExpired, BrokenPipeError):
        process.kill()
        process.wait()


def main(command: Sequence[str]) -> int:
    if not command:
        sys.exit("usage: python node.py COMMAND [ARGUMENT …]")
    # Without this, a runner that is told to stop would leave the node's data behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with node() as url:
        sys.stderr.write(f"OpenSearch is up at {url}\n")
        environment = {**os.environ, "EQLX_ELASTICSEARCH_URL": url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
