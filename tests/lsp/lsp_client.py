"""A client of the language server in its own process: pygls' client, driven from tests without asyncio."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Self

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient


class Editor:
    """One editor with its server; use it in a `with` statement."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        self.options = options
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient("tests", "1")
        self.published: dict[str, asyncio.Queue[lsp.PublishDiagnosticsParams]] = {}
        self.messages: list[str] = []
        self.version = 0

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def _published(params: lsp.PublishDiagnosticsParams) -> None:
            self._queue(params.uri).put_nowait(params)

        @self.client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def _message(params: lsp.ShowMessageParams) -> None:
            self.messages.append(params.message)

    def __enter__(self) -> Self:
        self.run(self.client.start_io(sys.executable, "-c", _START))
        capabilities = lsp.ClientCapabilities()
        self.initialized = self.run(
            self.client.initialize_async(
                lsp.InitializeParams(capabilities, initialization_options=self.options)
            )
        )
        self.client.initialized(lsp.InitializedParams())
        return self

    def __exit__(self, *_error: object) -> None:
        self.run(self.client.shutdown_async(None))
        self.client.exit(None)
        self.run(self.client.stop())
        self.loop.close()

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, 60))

    def _queue(self, uri: str) -> asyncio.Queue[lsp.PublishDiagnosticsParams]:
        return self.published.setdefault(uri, asyncio.Queue())

    def open(self, path: Path, text: str) -> list[lsp.Diagnostic]:
        """Open a file with this text; the diagnostics that come."""
        uri = path.as_uri()
        self.version += 1
        item = lsp.TextDocumentItem(uri, "eql", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return self._next(uri)

    def change(self, path: Path, text: str) -> list[lsp.Diagnostic]:
        uri = path.as_uri()
        self.version += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, uri),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        return self._next(uri)

    def close(self, path: Path) -> list[lsp.Diagnostic]:
        uri = path.as_uri()
        identifier = lsp.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(identifier))
        return self._next(uri)

    def _next(self, uri: str) -> list[lsp.Diagnostic]:
        return list(self.run(self._queue(uri).get()).diagnostics)

    def ask(self, question: str, path: Path, *more: Any) -> Any:
        """`hover`, `completion`, … of a file; `more` is the rest of the parameters."""
        parameters = {
            "hover": lsp.HoverParams,
            "completion": lsp.CompletionParams,
            "formatting": lsp.DocumentFormattingParams,
            "code_action": lsp.CodeActionParams,
            "document_symbol": lsp.DocumentSymbolParams,
            "semantic_tokens_full": lsp.SemanticTokensParams,
        }[question]
        method = getattr(self.client, f"text_document_{question}_async")
        return self.run(method(parameters(lsp.TextDocumentIdentifier(path.as_uri()), *more)))


_START = "import sys; sys.argv = ['eqlx', 'lsp']; from eqlx.cli.main import main; main()"


def place(text: str, mark: str = "|") -> tuple[str, lsp.Position]:
    """The text without its mark, and where the mark stood, in UTF-16 units."""
    offset = text.index(mark)
    before = text[:offset]
    line = before.count("\n")
    column = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    return before + text[offset + len(mark) :], lsp.Position(line, column)


def applied(text: str, edits: list[lsp.TextEdit]) -> str:
    """The text after the edits (UTF-16 positions), which do not overlap."""
    lines = text.split("\n")

    def offset(at: lsp.Position) -> int:
        start = sum(len(line) + 1 for line in lines[: at.line])
        line = lines[at.line] if at.line < len(lines) else ""
        return start + len(line.encode("utf-16-le")[: 2 * at.character].decode("utf-16-le"))

    for edit in sorted(
        edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True
    ):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text
