"""What the language server answers about the open files, in the protocol's types. It writes no file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from mcapp import config, search
from mcapp.document import Document, Edit, Span
from mcapp.editor import FIX_ALL, analysis
from mcapp.editor.analysis import Analysis
from mcapp.errors import McappError
from mcapp.lint.check import Settings, choose
from mcapp.lint.fix import fix
from mcapp.lint.model import SAFE, Finding
from mcapp.terminal.redact import mask

_SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}
_SYMBOL = {
    "request": lsp.SymbolKind.Interface,
    "param": lsp.SymbolKind.Variable,
    "action": lsp.SymbolKind.Function,
    "form field": lsp.SymbolKind.Field,
    "source": lsp.SymbolKind.Enum,
    "trigger": lsp.SymbolKind.Event,
}
_ITEM = {
    "key": lsp.CompletionItemKind.Property,
    "name": lsp.CompletionItemKind.Reference,
    "header": lsp.CompletionItemKind.Text,
    "placeholder": lsp.CompletionItemKind.Variable,
}


class Answers:
    """What the server answers, and what it knows about the open files."""

    def __init__(self, server: LanguageServer, load: Callable[[Path], config.Config]) -> None:
        self.server = server
        self.load = load
        self.configs: dict[Path, config.Config] = {}
        self.known: dict[str, tuple[str, Analysis]] = {}

    def config_of(self, folder: Path) -> config.Config:
        """The configuration for the files of a folder; the defaults, and a message, where it is wrong."""
        if folder not in self.configs:
            try:
                found = self.load(folder)
                choose(found.select, found.ignore)
            except McappError as error:
                found = config.Config()
                text = mask(f"mcapp: {error.message}")
                self.server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, text))
            self.configs[folder] = found
        return self.configs[folder]

    def analysis_of(self, uri: str) -> Analysis | None:
        """What is known about an open file; None for a file that is not an App JSON by its name."""
        text = self.server.workspace.get_text_document(uri).source
        if uri in self.known and self.known[uri][0] == text:
            return self.known[uri][1]
        path = uris.to_fs_path(uri) if uri.startswith("file:") else None
        settings, name = Settings(), path or uri
        if path:
            found = self.config_of(Path(path).parent)
            if not search.wanted(path, found):
                return None
            own = config.within(found, path)
            entries = tuple(entry for entry in found.suppress if entry.file == own)
            settings = Settings(choose(found.select, found.ignore), None, found.placeholders, entries)
        result = analysis.analyse(text, name, settings)
        self.known[uri] = (text, result)
        return result

    def publish(self, uri: str) -> None:
        """Send the diagnostics of an open file."""
        known = self.analysis_of(uri)
        found = [] if known is None else [self.diagnostic(uri, known, one) for one in known.checked.findings]
        version = self.server.workspace.get_text_document(uri).version
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    def diagnostic(self, uri: str, known: Analysis, finding: Finding) -> lsp.Diagnostic:
        """A finding as the editor shows it."""
        return lsp.Diagnostic(
            range=self.range(known.document, finding.span),
            severity=_SEVERITY[finding.severity],
            code=finding.rule,
            code_description=lsp.CodeDescription(finding.url),
            source="mcapp",
            message=mask(finding.text),
            related_information=[
                lsp.DiagnosticRelatedInformation(
                    lsp.Location(uri, self.range(known.document, one.span)), mask(one.message)
                )
                for one in finding.related
            ],
        )

    def range(self, document: Document, span: Span) -> lsp.Range:
        """A span in the units that were agreed on, UTF-16 where the client names none."""
        return lsp.Range(self._position(document, span.start), self._position(document, span.end))

    def _position(self, document: Document, offset: int) -> lsp.Position:
        line = document.lines.number(offset)
        start = document.lines.start(line)
        return lsp.Position(line - 1, self._units(document.text[start:offset]))

    def _units(self, text: str) -> int:
        encoding = self.server.workspace.position_encoding
        if encoding == lsp.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        if encoding == lsp.PositionEncodingKind.Utf32:
            return len(text)
        return len(text) + sum(char > "\uffff" for char in text)

    def offset(self, document: Document, position: lsp.Position) -> int:
        """The offset of a position; a position beyond the line is its end."""
        number = position.line + 1
        start = document.lines.start(number)
        left = position.character
        for count, char in enumerate(document.text[start : start + len(document.line(number))]):
            left -= self._units(char)
            if left < 0:
                return start + count
        return start + len(document.line(number))

    def edits(self, document: Document, edits: tuple[Edit, ...]) -> list[lsp.TextEdit]:
        """Edits of the text in the protocol's form."""
        return [lsp.TextEdit(self.range(document, Span(edit.start, edit.end)), edit.text) for edit in edits]

    def forget(self) -> None:
        """Read the configuration again, and every file: either may have changed."""
        self.configs.clear()
        self.known.clear()

    def closed(self, uri: str) -> None:
        """Forget a file, and take its diagnostics away."""
        self.known.pop(uri, None)
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """The fixes of the findings that the range touches, and one action for every safe fix of the file."""
        uri, only = params.text_document.uri, params.context.only
        known = self.analysis_of(uri)
        if known is None:
            return []
        document, found = known.document, []
        if _asked(lsp.CodeActionKind.QuickFix, only):
            start, end = (self.offset(document, at) for at in (params.range.start, params.range.end))
            found = [
                lsp.CodeAction(
                    title=mask(one.fix.title) + ("" if one.fix.safety == SAFE else " (may change the meaning)"),
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=[self.diagnostic(uri, known, one)],
                    is_preferred=one.fix.safety == SAFE,
                    edit=lsp.WorkspaceEdit({uri: self.edits(document, one.fix.edits)}),
                )
                for one in known.checked.findings
                if one.fix and one.span.start <= end and start <= one.span.end
            ]
        safe = any(one.fix and one.fix.safety == SAFE for one in known.checked.findings)
        if safe and _asked(FIX_ALL, only):
            fixed = fix(document, known.settings).document.text
            edit = lsp.WorkspaceEdit({uri: self.edits(document, (_difference(document.text, fixed),))})
            found.append(lsp.CodeAction("Apply every safe fix of mcapp", FIX_ALL, edit=edit))
        return found

    def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        """The rule's page, or what a placeholder becomes."""
        known = self.analysis_of(params.text_document.uri)
        answer = known and analysis.hover(known, self.offset(known.document, params.position))
        if not known or not answer:
            return None
        text = lsp.MarkupContent(lsp.MarkupKind.Markdown, mask(answer[0]))
        return lsp.Hover(text, self.range(known.document, answer[1]))

    def completion(self, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        """What may stand at the cursor."""
        known = self.analysis_of(params.text_document.uri)
        if known is None:
            return []
        found = analysis.complete(known, self.offset(known.document, params.position))
        return [
            lsp.CompletionItem(one.label, kind=_ITEM[one.kind], detail=one.detail or None, insert_text=one.insert)
            for one in found
        ]

    def symbols(self, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        """The document's outline."""
        known = self.analysis_of(params.text_document.uri)
        return [] if known is None else [self._symbol(known.document, one) for one in analysis.outline(known)]

    def _symbol(self, document: Document, symbol: analysis.Symbol) -> lsp.DocumentSymbol:
        place = self.range(document, symbol.span)
        children = [self._symbol(document, child) for child in symbol.children]
        return lsp.DocumentSymbol(mask(symbol.name), _SYMBOL[symbol.kind], place, place, symbol.kind, children=children)


def _asked(kind: str, only: Any) -> bool:
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)


def _difference(old: str, new: str) -> Edit:
    """The one edit that makes `new` of `old`."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[len(old) - end - 1] == new[len(new) - end - 1]:
        end += 1
    return Edit(start, len(old) - end, new[start : len(new) - end])
