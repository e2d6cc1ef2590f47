"""What the rules say of a piece of App JSON, in the form in which tests compare it."""

import json
from typing import Any

from mcapp.lint.check import Settings, check, read
from mcapp.lint.model import Finding

KEYED = {"url": "https://example.com/hook/{{page_id}}", "method": "POST", "headers": ["x-token-header: {{app_token}}"]}


def findings(data: Any, kind: str | None = None, placeholders: str = "manychat") -> tuple[Finding, ...]:
    """All findings for `data`: a JSON text, or what to make one of."""
    text = data if isinstance(data, str) else json.dumps(data)
    return check(read(text.encode(), "app.json"), Settings(kind=kind, placeholders=placeholders)).findings


def said(data: Any, kind: str | None = None, placeholders: str = "manychat") -> set[tuple[str, str | None]]:
    """(name of the rule, pointer) of each finding."""
    return {(found.name, found.pointer) for found in findings(data, kind, placeholders)}


def names(data: Any, kind: str | None = None, placeholders: str = "manychat") -> set[str]:
    """The names of the rules that have something to say."""
    return {name for name, _ in said(data, kind, placeholders)}


def request(**members: Any) -> dict[str, Any]:
    """A request block with nothing to say about, and these members."""
    return {"request": {**KEYED, **members}}


def auth(*params: str, **members: Any) -> dict[str, Any]:
    """An auth object with these params and a request with these members."""
    declared = [{"name": name, "title": name.title()} for name in params]
    return {"auth": {"type": "APIKEY", "params": declared, **request(**members)}}


def app(
    *forms: str, params: tuple[str, ...] = (), more: dict[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """An App JSON with one action whose forms have these names and whose request has these members."""
    action = {
        "name": "act",
        "title": "Act",
        "description": "Acts.",
        "forms": [{"name": name, "type": "string", "title": name.title()} for name in forms],
        "requests": [{"url": "https://example.com/act", "method": "GET", "headers": [], **members}],
    }
    params_used = "".join(f"[[{name}]]" for name in params)
    whole = auth(*params, url=f"https://example.com/{{{{page_id}}}}/{params_used}")
    return {**whole, "actions": [action], **(more or {})}
