"""`eqlx lsp`: the Language Server Protocol over the answers of `eqlx.lsp` (pygls, extra `eqlx[lsp]`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from eqlx.diagnostics import Diagnostic, EqlxError, Label, Severity
from eqlx.driver.formatting import format_file
from eqlx.driver.plan import Roles
from eqlx.driver.schemas import schema_of
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldList, Schema
from eqlx.fields.user import load_schema
from eqlx.lsp import actions
from eqlx.lsp.completion import Completion, Item, ItemKind, complete
from eqlx.lsp.document import Document
from eqlx.lsp.hover import hover
from eqlx.lsp.symbols import Symbol, symbols
from eqlx.lsp.words import WordKind, words
from eqlx.patterns.folding import Folding
from eqlx.source import Source, Span

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}
_KINDS = {
    ItemKind.CATEGORY: lsp.CompletionItemKind.EnumMember,
    ItemKind.FIELD: lsp.CompletionItemKind.Field,
    ItemKind.FUNCTION: lsp.CompletionItemKind.Function,
    ItemKind.KEYWORD: lsp.CompletionItemKind.Keyword,
    ItemKind.VALUE: lsp.CompletionItemKind.Value,
}
_TOKENS = [kind.value for kind in WordKind]

T = TypeVar("T")


class Server(LanguageServer):
    """The server; `schema` and `roles` come from the client's `initializationOptions`."""

    def __init__(self) -> None:
        # The whole text with each change: rules are small, and no line end is counted in two ways.
        super().__init__(
            "eqlx", version("eqlx"), text_document_sync_kind=lsp.TextDocumentSyncKind.Full
        )
        self.schema: Schema = CATALOGUE
        self.roles = Roles()
        self._documents: dict[str, Document] = {}

    def configure(self, options: object) -> str | None:
        """Take `schema` (a file) and `folding`; gives what is wrong with them."""
        given = options if isinstance(options, dict) else {}
        folding = given.get("folding") or Folding.UNICODE.value
        if folding not in {each.value for each in Folding}:
            return f"`folding` is `{folding}`, expected `unicode` or `ascii`"
        self.roles = Roles(folding=Folding(folding))
        fields: FieldList | None = None
        if path := given.get("schema"):
            try:
                fields = load_schema(Path(str(path)))
            except EqlxError as error:
                return f"`schema`: {error}"
            except (OSError, UnicodeDecodeError) as error:
                return f"`schema`: {error}"
        self.schema = schema_of(fields)
        return None

    def document(self, uri: str) -> Document:
        """The newest version of an open file."""
        text = self.workspace.get_text_document(uri).source
        kept = self._documents.get(uri)
        if kept is None or kept.text != text:
            kept = Document(_path(uri), text, self.schema, self.roles)
            self._documents[uri] = kept
        return kept

    def close_document(self, uri: str) -> None:
        self._documents.pop(uri, None)

    # --- places -----------------------------------------------------------------------------------

    def position(self, source: Source, offset: int) -> lsp.Position:
        """The client's position of an offset."""
        place = source.position(offset)
        start = source.line_starts[place.line - 1]
        units = self.workspace.position_codec.client_num_units(source.text[start:offset])
        return lsp.Position(place.line - 1, units)

    def range(self, source: Source, span: Span) -> lsp.Range:
        return lsp.Range(self.position(source, span.start), self.position(source, span.end))

    def offset(self, source: Source, position: lsp.Position) -> int:
        """The offset of a client's position; beyond the end of a line, that end."""
        if position.line >= len(source.line_starts):
            return len(source.text)
        line = source.line(position.line + 1)
        units = 0
        for number, character in enumerate(line):
            if units >= position.character:
                return source.line_starts[position.line] + number
            units += self.workspace.position_codec.client_num_units(character)
        return source.line_starts[position.line] + len(line)


def _path(uri: str) -> Path:
    """The file of a URI; for a text that is no file (`untitled:a.eql`) its name."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path or unquote(urlsplit(uri).path))


def server() -> Server:
    """The server with its features."""
    made = Server()
    for register in (_lifecycle, _reading, _writing):
        register(made)
    return made


def _lifecycle(server: Server) -> None:
    @server.feature(lsp.INITIALIZE)
    def _initialize(params: lsp.InitializeParams) -> None:
        wrong = server.configure(params.initialization_options)
        if wrong is not None:
            message = lsp.ShowMessageParams(lsp.MessageType.Error, f"eqlx: {wrong}")
            server.window_show_message(message)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def _open(params: lsp.DidOpenTextDocumentParams) -> None:
        _publish(server, params.text_document.uri, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def _change(params: lsp.DidChangeTextDocumentParams) -> None:
        _publish(server, params.text_document.uri, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def _close(params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.close_document(uri)
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


def _reading(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def _hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.document(params.text_document.uri)
        found = document.at(server.offset(document.file, params.position))
        if found is None:
            return None
        query, offset = found
        shown = hover(query.source.text, offset, server.schema)
        if shown is None:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, shown.markdown)
        return lsp.Hover(content, server.range(document.file, query.outside(shown.span)))

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        lsp.CompletionOptions(trigger_characters=[".", '"', "[", ":", "@"]),
    )
    def _complete(params: lsp.CompletionParams) -> lsp.CompletionList:
        document = server.document(params.text_document.uri)
        found = document.at(server.offset(document.file, params.position))
        if found is None:
            return lsp.CompletionList(False, [])  # noqa: FBT003 the protocol's order
        query, offset = found
        made = complete(query.source.text, offset, server.schema)
        span = server.range(document.file, query.outside(made.span))
        return _items(made, span)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def _symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        document = server.document(params.text_document.uri)
        return [_symbol(server, document, each) for each in symbols(document)]

    @server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, lsp.SemanticTokensLegend(_TOKENS, []))
    def _tokens(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        return lsp.SemanticTokens(_encoded(server, server.document(params.text_document.uri)))


def _writing(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def _format(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        document = server.document(params.text_document.uri)
        if not document.rules:
            return None
        file = document.rules[0].query.outermost(Span(0, 0))[0]
        made = format_file(file, document.rules)
        if not made.is_changed:
            return []
        span, text = _changed(document.text, made.after)
        return [lsp.TextEdit(server.range(document.file, span), text)]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix])
    )
    def _actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = server.document(params.text_document.uri)
        file = document.file
        span = Span(*sorted(server.offset(file, p) for p in (params.range.start, params.range.end)))
        return [
            lsp.CodeAction(
                each.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[_diagnostic(server, document, each.diagnostic)],
                edit=lsp.WorkspaceEdit(
                    {
                        params.text_document.uri: [
                            lsp.TextEdit(server.range(file, each.span), each.text)
                        ]
                    }
                ),
            )
            for each in actions.corrections(document, span)
        ]


def _publish(server: Server, uri: str, version: int) -> None:
    document = server.document(uri)
    found = [_diagnostic(server, document, each) for each in document.diagnostics]
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))


def _diagnostic(server: Server, document: Document, said: Diagnostic) -> lsp.Diagnostic:
    parts = [said.message, *(() if said.help is None else (f"help: {said.help}",))]
    parts += [f"note: {note}" for note in said.notes]
    primary = next((label.text for label in said.labels if label.primary and label.text), None)
    if primary is not None:
        parts.insert(1, primary)
    return lsp.Diagnostic(
        server.range(document.file, document.place(said)),
        "\n".join(parts),
        severity=_SEVERITIES[said.severity],
        code=said.code,
        source="eqlx",
        related_information=[
            _related(server, document, said, label) for label in said.labels if not label.primary
        ],
    )


def _related(
    server: Server, document: Document, said: Diagnostic, label: Label
) -> lsp.DiagnosticRelatedInformation:
    source = said.source or document.file
    span = source.outermost(label.span)[1]
    uri = document.path.absolute().as_uri()
    return lsp.DiagnosticRelatedInformation(
        lsp.Location(uri, server.range(document.file, span)), label.text or "here"
    )


def _items(made: Completion, span: lsp.Range) -> lsp.CompletionList:
    items = [_item(item, number, span) for number, item in enumerate(made.items)]
    return lsp.CompletionList(not made.complete, items)


def _item(item: Item, number: int, span: lsp.Range) -> lsp.CompletionItem:
    plain, snippet = lsp.InsertTextFormat.PlainText, lsp.InsertTextFormat.Snippet
    said = CATALOGUE.descriptions.get(item.label) if item.kind is ItemKind.FIELD else None
    return lsp.CompletionItem(
        item.label,
        kind=_KINDS[item.kind],
        detail=item.detail or None,
        documentation=said,
        sort_text=f"{number:04}",
        filter_text=item.text.partition(" where")[0] if item.snippet else item.text,
        insert_text_format=snippet if item.snippet else plain,
        text_edit=lsp.TextEdit(span, item.text),
    )


def _symbol(server: Server, document: Document, symbol: Symbol) -> lsp.DocumentSymbol:
    is_rule = bool(symbol.children) or symbol.span == symbol.selection
    return lsp.DocumentSymbol(
        symbol.name or "query",
        lsp.SymbolKind.Class if is_rule else lsp.SymbolKind.Event,
        server.range(document.file, symbol.span),
        server.range(document.file, symbol.selection),
        detail=symbol.detail,
        children=[_symbol(server, document, child) for child in symbol.children],
    )


def _encoded(server: Server, document: Document) -> list[int]:
    """The words of all queries, as the protocol packs them: each relative to the one before."""
    data: list[int] = []
    line = column = 0
    for span, kind in sorted(_lines(document), key=lambda each: each[0].start):
        start = server.position(document.file, span.start)
        length = server.position(document.file, span.end).character - start.character
        if start.line != line:
            column = 0
        data += [start.line - line, start.character - column, length, _TOKENS.index(kind.value), 0]
        line, column = start.line, start.character
    return data


def _lines(document: Document) -> Iterator[tuple[Span, WordKind]]:
    """The words of all queries in the file; a word that is longer than a line in pieces."""
    for query in document.queries:
        for word in words(query.source.text):
            if word.mark:
                continue
            span = query.outside(Span(word.start, word.end))
            start = span.start
            for piece in document.text[span.start : span.end].split("\n"):
                if piece.strip():
                    yield Span(start, start + len(piece.rstrip("\r"))), word.kind
                start += len(piece) + 1


def _changed(before: str, after: str) -> tuple[Span, str]:
    """The smallest range of `before` to replace, so that the editor keeps what it knows of the rest."""
    limit = min(len(before), len(after))
    start = next((n for n in range(limit) if before[n] != after[n]), limit)
    end = next((n for n in range(limit - start) if before[-1 - n] != after[-1 - n]), limit - start)
    return Span(start, len(before) - end), after[start : len(after) - end]


def main(start: Callable[[Server], Any] = lambda made: made.start_io()) -> None:
    """Serve on standard input and output."""
    start(server())
