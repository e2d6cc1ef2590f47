"""`mcapp lsp` as Visual Studio Code and Neovim would drive it: pytest-lsp plays them, with their own capabilities.

pytest-lsp holds each answer against what the client said that it can show, and warns of what does not fit: an error
here, like every warning.
"""

import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pytest_lsp import client_capabilities, make_test_lsp_client

from tests.editor.test_language_server import APP, utf16


@pytest.mark.parametrize("editor", ["visual-studio-code", "neovim"])
def test_an_editor(editor: str, tmp_path: Path) -> None:
    asyncio.run(a_session(editor, (tmp_path / "app.json").as_uri()))


async def a_session(editor: str, uri: str) -> None:
    client = make_test_lsp_client()
    await client.start_io(sys.executable, "-m", "mcapp", "lsp")
    try:
        await client.initialize_session(lsp.InitializeParams(client_capabilities(editor)))
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "json", 1, APP)))
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        found = client.diagnostics[uri]
        assert {"MC218", "MC301"} <= {one.code for one in found}

        document = lsp.TextDocumentIdentifier(uri)
        lower = next(one for one in found if one.code == "MC218")
        actions = await client.text_document_code_action_async(
            lsp.CodeActionParams(document, lower.range, lsp.CodeActionContext([lower]))
        )
        assert {one.kind for one in actions or () if isinstance(one, lsp.CodeAction)} == {
            "quickfix",
            "source.fixAll.mcapp",
        }
        assert await client.text_document_hover_async(lsp.HoverParams(document, lower.range.start))
        at = lsp.Position(**utf16(APP, APP.index("{{page_id}}") + 2))
        items = await client.text_document_completion_async(lsp.CompletionParams(document, at))
        assert items
        assert await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]  # pytest-lsp gives it none
