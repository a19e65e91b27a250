"""Starts a real search engine for the time of one command:
`python node.py opensearch|elasticsearch COMMAND [ARGUMENT …]`.

The command finds the node's address in EQLX_ELASTICSEARCH_URL. The node listens on loopback only, on
free ports, with a heap of 1 GB and its data in a temporary folder; it is stopped and removed at the
end. Its jars come from Maven Central once, into a cache folder outside of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
PATIENCE = 120.0
"""Seconds until the node must be ready."""


@dataclass(frozen=True)
class Kind:
    """An engine: its folder here holds the `pom.xml` of its jars and the sources of `main`.
    `java`: the least version of Java that it runs on."""

    name: str
    main: str
    java: int

    @property
    def folder(self) -> Path:
        return HERE / self.name


KINDS = {
    "opensearch": Kind("opensearch", "Node", 17),
    "elasticsearch": Kind("elasticsearch", "org.elasticsearch.node.EqlxNode", 21),
}


def cache_folder(kind: Kind) -> Path:
    """Where the jars are kept; the name changes with the sources, so that a new version is fetched."""
    base = os.environ.get("EQLX_ENGINE_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    mark = sha256(b"".join(file.read_bytes() for file in sorted(kind.folder.iterdir())))
    return root / "eqlx" / f"{kind.name}-{mark.hexdigest()[:12]}"


def java_for(kind: Kind) -> Path | None:
    """The `bin` folder of a Java that is new enough: EQLX_JAVA_HOME, JAVA_HOME, the one on the path,
    or one where Linux distributions put them; None if there is none."""
    homes = [
        Path(h) / "bin" for name in ("EQLX_JAVA_HOME", "JAVA_HOME") if (h := os.environ.get(name))
    ]
    if (found := shutil.which("java")) is not None:
        homes.append(Path(found).resolve().parent)
    homes += sorted(Path("/usr/lib/jvm").glob("*/bin"))
    return next((home for home in homes if _java_version(home) >= kind.java), None)


def _java_version(home: Path) -> int:
    """The version of a Java development kit; 0 where there is none."""
    if not (home / "javac").exists():
        return 0
    said = subprocess.run([home / "javac", "-version"], capture_output=True, text=True, check=False)
    match = re.search(r"javac (\d+)", said.stdout + said.stderr)
    return int(match[1]) if match else 0


def jars(kind: Kind, java: Path) -> Path:
    """The folder of the jars and of the compiled main class, made where it is missing.

    Raises:
        SystemExit: Maven is missing or failed.
    """
    folder = cache_folder(kind)
    if (folder / "complete").exists():
        return folder
    if shutil.which("mvn") is None:
        sys.exit(f"node.py: Maven (`mvn`) is needed to fetch {kind.name}, and is not installed")
    with tempfile.TemporaryDirectory(prefix="eqlx-maven-") as work:
        shutil.copy(kind.folder / "pom.xml", work)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        if subprocess.run(command, cwd=work, check=False).returncode != 0:
            sys.exit(f"node.py: Maven could not fetch {kind.name}")
    sources = sorted(map(str, kind.folder.glob("*.java")))
    compile_ = [str(java / "javac"), "-d", str(folder), "-cp", f"{folder}/*", *sources]
    if subprocess.run(compile_, check=False).returncode != 0:
        sys.exit(f"node.py: the main class of {kind.name} does not compile")
    (folder / "complete").touch()
    return folder


@contextmanager
def node(kind: Kind) -> Iterator[str]:
    """A running node; its URL.

    Raises:
        SystemExit: Java is missing, or the node did not start; its log is on stderr.
    """
    java = java_for(kind)
    if java is None:
        sys.exit(
            f"node.py: {kind.name} needs a JDK {kind.java} or newer: name it in EQLX_JAVA_HOME"
        )
    folder = jars(kind, java)
    port, transport = _free_ports(2)
    prefix = f"eqlx-{kind.name}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as data:
        process = subprocess.Popen(
            [
                *(str(java / "java"), "-Xmx1g", "-cp", f"{folder}:{folder}/*", kind.main),
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
        sys.exit("node.py: the engine did not start")


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


def main(arguments: Sequence[str]) -> int:
    kind = KINDS.get(arguments[0]) if arguments else None
    if kind is None or len(arguments) < 2:
        sys.exit(f"usage: python node.py {'|'.join(KINDS)} COMMAND [ARGUMENT …]")
    # Without this, a runner that is told to stop would leave the node's data behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with node(kind) as url:
        sys.stderr.write(f"{kind.name} is up at {url}\n")
        environment = {**os.environ, "EQLX_ELASTICSEARCH_URL": url}
        return subprocess.run(arguments[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
