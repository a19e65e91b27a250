"""Bodies that a server packed, although they were asked for as they are."""

from __future__ import annotations

import zlib

from eqlx.execution import ExecutionError

_EITHER = 32 + zlib.MAX_WBITS
"""Of zlib's own form or of gzip's, as the content says."""


def unpacked(content: bytes, encoding: str | None, base: str, longest: int) -> bytes:
    """The content itself; of one that is longer than `longest` bytes, one byte more than those.

    Raises:
        ExecutionError: it is packed in an unknown form, broken, or cut off.
    """
    form = (encoding or "identity").strip().lower()
    if form in ("identity", ""):
        return content
    if form not in ("gzip", "x-gzip", "deflate"):
        message = f"{base} gave an answer packed as `{form[:40]}`, which was not asked for"
        raise ExecutionError(message, "is a proxy between that packs answers?")
    unpacker = zlib.decompressobj(_EITHER)
    try:
        plain = unpacker.decompress(content, longest + 1)
    except zlib.error as error:
        message = f"{base} gave a packed answer (`{form}`) that is broken"
        raise ExecutionError(message, "is a proxy between that packs answers?") from error
    if len(plain) <= longest and not unpacker.eof:
        message = f"{base} gave a packed answer (`{form}`) that is cut off"
        raise ExecutionError(message, "was the connection closed by the cluster or by a proxy?")
    return plain
