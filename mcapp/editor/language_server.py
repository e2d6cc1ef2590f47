"""The language server: what it answers to an editor about the open files, over standard input and output.

Importing lsprotocol takes 0.3 s, so only this room does. The rules are imported when `initialize` is answered: the
editor goes on while they load.
"""

import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from mcapp import __version__, config, search
from mcapp.document import Document, Edit, Span
from mcapp.errors import BROKEN_PIPE, Interrupted, McappError
from mcapp.terminal.console import visible
from mcapp.terminal.redact import mask

# A third of that import is the compilation of `__eq__` and `__repr__` for 560 classes, and nothing calls them.
_define, attrs.define = attrs.define, partial(attrs.define, eq=False, repr=False)
try:
    from lsprotocol import types as lsp
finally:
    attrs.define = _define

from pygls import uris  # noqa: E402 - it imports lsprotocol
from pygls.lsp.server import LanguageServer  # noqa: E402

if TYPE_CHECKING:
    from mcapp.editor.analysis import Analysis
    from mcapp.lint.model import Finding

FIX_ALL = "source.fixAll.mcapp"
_SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}
# How a position is counted, and the bytes of one unit.
_UNITS: dict[str | None, tuple[str, int]] = {
    lsp.PositionEncodingKind.Utf8: ("utf-8", 1),
    lsp.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    lsp.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}


class Server(LanguageServer):
    """The server, and what it knows about the open files. It writes no file."""

    load: Callable[[Path], config.Config]  # finds the configuration of a folder; `run` sets it

    def __init__(self) -> None:
        super().__init__("mcapp", __version__)
        self._configs: dict[Path, config.Config] = {}
        self._known: dict[str, tuple[str, Analysis]] = {}

    def _config_of(self, folder: Path) -> config.Config:
        """The configuration for the files of a folder; the defaults, and a message, where it is wrong."""
        from mcapp.lint.check import choose

        if folder not in self._configs:
            try:
                found = self.load(folder)
                choose(found.select, found.ignore, found.path)
            except McappError as error:
                found = config.Config()
                text = mask(f"mcapp: {error.message}")
                self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, text))
            self._configs[folder] = found
        return self._configs[folder]

    def analysis_of(self, uri: str) -> "Analysis | None":
        """What is known about an open file; None for one that is not open, or not an App JSON by its name."""
        from mcapp.editor.analysis import Analysis
        from mcapp.lint.check import Settings, choose

        if uri not in self.open_uris():
            return None  # pygls would read it, whatever it is
        text = self.workspace.get_text_document(uri).source
        if uri in self._known and self._known[uri][0] == text:
            return self._known[uri][1]
        path = uris.to_fs_path(uri) if uri.startswith("file:") else None
        settings = Settings()
        if path:
            found = self._config_of(Path(path).parent)
            if not search.wanted(path, found):
                return None
            own = config.within(found, path)
            entries = tuple(entry for entry in found.suppress if entry.file == own)
            settings = Settings(choose(found.select, found.ignore), None, found.placeholders, entries)
        known = Analysis(text, path or uri, settings)
        self._known[uri] = (text, known)
        return known

    def open_uris(self) -> list[str]:
        """The open files, as the editor names them: pygls knows them by names without escapes."""
        return [document.uri for document in self.workspace.text_documents.values()]

    def forget(self) -> None:
        """Read the configuration again, and every file: either may have changed."""
        self._configs.clear()
        self._known.clear()

    def publish(self, uri: str) -> None:
        """Send the diagnostics of an open file."""
        known = self.analysis_of(uri)
        found = [] if known is None else [self.diagnostic(uri, known.document, one) for one in known.checked.findings]
        version = self.workspace.get_text_document(uri).version
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    def diagnostic(self, uri: str, document: Document, finding: "Finding") -> lsp.Diagnostic:
        """A finding as the editor shows it."""
        return lsp.Diagnostic(
            range=self.range(document, finding.span),
            severity=_SEVERITY[finding.severity],
            code=finding.rule,
            code_description=lsp.CodeDescription(finding.url),
            source="mcapp",
            message=mask(finding.text),
            related_information=[
                lsp.DiagnosticRelatedInformation(lsp.Location(uri, self.range(document, one.span)), mask(one.message))
                for one in finding.related
            ],
        )

    def _units(self, text: str) -> int:
        codec, size = _UNITS[self.workspace.position_encoding]
        return len(text.encode(codec, "surrogatepass")) // size

    def range(self, document: Document, span: Span) -> lsp.Range:
        """A span in the units that were agreed on."""
        places = []
        for offset in span:
            line = document.lines.number(offset)
            before = document.text[document.lines.start(line) : offset]
            places.append(lsp.Position(line - 1, self._units(before)))
        return lsp.Range(*places)

    def offset(self, document: Document, position: lsp.Position) -> int:
        """The offset of a position; a position beyond the line is its end."""
        start, line = document.lines.start(position.line + 1), document.line(position.line + 1)
        left = position.character
        for count, char in enumerate(line):
            left -= self._units(char)
            if left < 0:
                return start + count
        return start + len(line)

    def edit(self, uri: str, document: Document, edits: tuple[Edit, ...]) -> lsp.WorkspaceEdit:
        """Edits of an open file in the protocol's form."""
        return lsp.WorkspaceEdit(
            {uri: [lsp.TextEdit(self.range(document, Span(start, end)), text) for start, end, text in edits]}
        )


server = Server()


@server.feature(lsp.INITIALIZED)
def initialized(_params: lsp.InitializedParams) -> None:
    """Load the rules while the editor is busy with other things."""
    import mcapp.editor.analysis  # noqa: F401 - the rules, as said above


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
@server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
def opened(params: Any) -> None:
    """Check a file that was opened or saved; the configuration may have changed meanwhile."""
    server.forget()
    server.publish(params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: lsp.DidChangeTextDocumentParams) -> None:
    """Check a file that is being edited."""
    server.publish(params.text_document.uri)


@server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def configured(_params: lsp.DidChangeWatchedFilesParams) -> None:
    """Check every open file again: the configuration has changed."""
    server.forget()
    for uri in server.open_uris():
        server.publish(uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def closed(params: lsp.DidCloseTextDocumentParams) -> None:
    """Forget a file, and take its diagnostics away."""
    server.forget()
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))


@server.feature(
    lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, FIX_ALL])
)
def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """The fixes of the findings that the range touches, and one action for every safe fix of the file."""
    from mcapp.lint.fix import fix
    from mcapp.lint.model import SAFE

    uri = params.text_document.uri
    known = server.analysis_of(uri)
    if known is None:
        return []

    def asked(kind: str) -> bool:
        only = params.context.only
        return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)

    document, found = known.document, []
    fixable = [(one, one.fix) for one in known.checked.findings if one.fix]
    if asked(lsp.CodeActionKind.QuickFix):
        start, end = (server.offset(document, at) for at in (params.range.start, params.range.end))
        found = [
            lsp.CodeAction(
                title=mask(one.title) + ("" if one.safety == SAFE else " (may change the meaning)"),
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[server.diagnostic(uri, document, finding)],
                is_preferred=one.safety == SAFE,
                edit=server.edit(uri, document, one.edits),
            )
            for finding, one in fixable
            if finding.span.start <= end and start <= finding.span.end
        ]
    if asked(FIX_ALL) and any(one.safety == SAFE for _, one in fixable):
        old, new = document.text, fix(document, known.settings).document.text
        same = _alike(old, new)
        same_end = _alike(old[same:][::-1], new[same:][::-1])
        whole = Edit(same, len(old) - same_end, new[same : len(new) - same_end])
        edit = server.edit(uri, document, (whole,))
        found.append(lsp.CodeAction("Apply every safe fix of mcapp", FIX_ALL, edit=edit))
    return found


def _alike(one: str, other: str) -> int:
    """How many characters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (first, second) in pairs if first != second), min(len(one), len(other)))


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
def hover(params: lsp.HoverParams) -> lsp.Hover | None:
    """The rule's page, or what a placeholder becomes."""
    known = server.analysis_of(params.text_document.uri)
    answer = known and known.hover(server.offset(known.document, params.position))
    if not known or not answer:
        return None
    text, span = answer
    contents = lsp.MarkupContent(lsp.MarkupKind.Markdown, mask(text))
    return lsp.Hover(contents, server.range(known.document, span))


@server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=['"', "{", "[", "<"]))
def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    """What may be inserted at `offset`."""
    known = server.analysis_of(params.text_document.uri)
    return known.complete(server.offset(known.document, params.position)) if known else []


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    """The document's outline."""
    known = server.analysis_of(params.text_document.uri)
    return known.outline(partial(server.range, known.document)) if known else []


# --- standard input and output


class _Sink(io.FileIO):
    """Standard output. pygls answers a failed write with another write, for ever: without a reader the process ends."""

    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except OSError:
            os._exit(BROKEN_PIPE)


class _Log(logging.Handler):
    """A line on stderr for what pygls reports, without its traceback, which quotes what the editor sent."""

    def emit(self, record: logging.LogRecord) -> None:
        text, _, _ = record.getMessage().partition("\n")
        kind = record.exc_info and record.exc_info[0]
        sys.stderr.write(f"mcapp lsp: {visible(text)}{f' ({kind.__name__})' if kind else ''}\n")


def run(load: Callable[[Path], config.Config]) -> None:
    """Answer on standard input and output until the editor ends it. `load` finds the configuration of a folder."""
    server.load = load
    logging.basicConfig(handlers=[_Log()])
    # Otherwise Ctrl-C would wait for the thread that reads, and that for the editor.
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(Interrupted.exit_code))
    # pygls closes what it reads and writes, and the process still needs its own.
    with os.fdopen(os.dup(0), "rb") as source, io.BufferedWriter(_Sink(os.dup(1), "wb")) as sink:
        server.start_io(source, sink)
