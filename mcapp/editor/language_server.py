"""The language server: what it offers to an editor, over standard input and output.

Importing lsprotocol takes 0.3 s, so only this room does. What answers is imported when `initialize` is answered: the
editor goes on while the rules load.
"""

import io
import logging
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from mcapp import __version__
from mcapp.editor import FIX_ALL
from mcapp.errors import BROKEN_PIPE, Interrupted
from mcapp.terminal.console import visible

# A third of that import is the compilation of `__eq__` and `__repr__` for 560 classes, and nothing calls them.
_define, attrs.define = attrs.define, partial(attrs.define, eq=False, repr=False)
try:
    from lsprotocol import types as lsp
finally:
    attrs.define = _define

from pygls.lsp.server import LanguageServer  # noqa: E402 - it imports lsprotocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcapp.config import Config
    from mcapp.editor.answers import Answers


class Server(LanguageServer):
    """The server; `answers` is made at its first use."""

    def __init__(self, load: "Callable[[Path], Config]") -> None:
        super().__init__("mcapp", __version__)
        self._load = load
        self._answers: Answers | None = None

    @property
    def answers(self) -> "Answers":
        """What answers about the open files."""
        if self._answers is None:
            from mcapp.editor.answers import Answers

            self._answers = Answers(self, self._load)
        return self._answers


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


def run(server: Server) -> None:
    """Answer on standard input and output until the editor ends it."""
    logging.basicConfig(handlers=[_Log()])
    # Otherwise Ctrl-C would wait for the thread that reads, and that for the editor.
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(Interrupted.exit_code))
    # pygls closes what it reads and writes, and the process still needs its own.
    with os.fdopen(os.dup(0), "rb") as source, io.BufferedWriter(_Sink(os.dup(1), "wb")) as sink:
        server.start_io(source, sink)


def create(load: "Callable[[Path], Config]") -> Server:
    """The server with its features. `load` finds the configuration of a folder."""
    server = Server(load)
    kinds = [lsp.CodeActionKind.QuickFix, FIX_ALL]

    @server.feature(lsp.INITIALIZED)
    def initialized(_params: lsp.InitializedParams) -> None:
        server.answers.forget()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def again(params: Any) -> None:
        server.answers.forget()
        server.answers.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.answers.publish(params.text_document.uri)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def configured(_params: lsp.DidChangeWatchedFilesParams) -> None:
        server.answers.forget()
        for uri in list(server.workspace.text_documents):
            server.answers.publish(uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.answers.closed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return server.answers.actions(params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return server.answers.hover(params)

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=['"', "{", "[", "<"]))
    def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        return server.answers.completion(params)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        return server.answers.symbols(params)

    return server
