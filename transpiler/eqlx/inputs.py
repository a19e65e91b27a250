"""Files that a command reads: regular ones of a bounded size, and nothing that can block or has no
end (pipes, devices, sockets)."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MAX_BYTES = 256 * 1024 * 1024
"""The largest file that is read whole: rules, tests, field lists. Event files are streamed."""

_KINDS = (
    (stat.S_ISDIR, "it is a folder, expected a file"),
    (stat.S_ISFIFO, "it is a named pipe, expected a regular file"),
    (stat.S_ISCHR, "it is a device, expected a regular file"),
    (stat.S_ISBLK, "it is a device, expected a regular file"),
    (stat.S_ISSOCK, "it is a socket, expected a regular file"),
)


class UnsuitableFileError(OSError):
    """A file that is not read because of what it is; `strerror` says why."""

    def __init__(self, reason: str, path: str) -> None:
        super().__init__(errno.EINVAL, reason, path)


def check_regular(path: str | Path) -> os.stat_result:
    """The status of the file that `path` leads to.

    Raises:
        UnsuitableFileError: it is no regular file, or its symbolic links go in a circle.
        OSError: the system refuses, or there is no such file.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 a plain `str` may hold what `Path` would change
    except OSError as error:
        if error.errno == errno.ELOOP:
            reason = "its symbolic links go in a circle"
            raise UnsuitableFileError(reason, str(path)) from None
        raise
    for is_kind, reason in _KINDS:
        if is_kind(status.st_mode):
            raise UnsuitableFileError(reason, str(path))
    return status


def read_bytes(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises:
        UnsuitableFileError: it is no regular file, or larger.
        OSError: the system refuses, or there is no such file.
    """
    check_regular(path)
    # Read one byte beyond the limit: a file may have grown, and some of /proc say a size of zero.
    with Path(path).open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        reason = f"it is larger than {limit // 1024 // 1024} MiB"
        raise UnsuitableFileError(reason, str(path))
    return data


def is_there(path: str | Path) -> bool:
    """Whether the name is taken, by whatever it is: a broken or circular link counts."""
    try:
        return os.path.lexists(path)
    except ValueError:
        return False
