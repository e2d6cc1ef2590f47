"""The catalogue as `mcapp endpoints` shows it: the list, everything about one endpoint, and the rows of the report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mcapp.scopes.catalogue import EMPTY, GRADES, GROUPS, NAMED, NEVER, READ, Endpoint
from mcapp.terminal.console import Style
from mcapp.terminal.tables import table

_WIDE = 100  # columns from which there is room for the summaries


def endpoint_row(endpoint: Endpoint, remark: Any = None) -> dict[str, Any]:
    """An endpoint in a JSON report (schemas/endpoints.schema.json); `remark` is a `comparison.Remark`."""
    request = {"query": dict(endpoint.query), "body": None if endpoint.send == READ else {}}
    return {
        "scope": endpoint.scope,
        "group": endpoint.group,
        "summary": endpoint.summary,
        "mutates": endpoint.mutates,
        "effect": endpoint.effect or None,
        "deprecated": endpoint.deprecated,
        "limit": endpoint.limit or None,
        "required": dict(endpoint.required),
        "send": endpoint.send,
        "request": None if endpoint.send == NEVER else request,
        "harmless": endpoint.harmless,
        "granted": endpoint.granted or None,
        "grade": endpoint.grade,
        "evidence": endpoint.evidence,
        "recorded": None if remark is None else {"result": remark.result, "reason": remark.reason},
    }


# What probe does with an endpoint, in a word or two.
_PROBED = {READ: "read", EMPTY: "write", NAMED: "when named", NEVER: "never"}


def _sent(endpoint: Endpoint) -> str:
    """What probe sends, in full."""
    if endpoint.send == NEVER:
        return "nothing"
    if endpoint.send == READ:
        query = "&".join(f"{name}={value}" for name, value in endpoint.query.items())
        return f"{endpoint.method} {endpoint.path}?{query}" if query else f"{endpoint.method} {endpoint.path}"
    return f"{endpoint.method} {endpoint.path} with the body {{}}" + (
        f", only with --only '{endpoint.scope}'" if endpoint.send == NAMED else ""
    )


def listing(chosen: Sequence[Endpoint], style: Style, width: int) -> str:
    """The endpoints by group; what each is for only where there is room."""
    rows: list[list[str] | str] = []
    for group in GROUPS:
        found = [endpoint for endpoint in chosen if endpoint.group == group]
        if found:
            rows += [*([""] if rows else []), style.bold(group)]
        for endpoint in found:
            summary = [style.dim(endpoint.summary)] if width >= _WIDE else []
            rows.append([f"  {endpoint.method:4} {endpoint.path}", _PROBED[endpoint.send], *summary])
    writes = sum(endpoint.mutates for endpoint in chosen)
    counts = f"{len(chosen) - writes} reads, {writes} writes; mcapp endpoints SCOPE explains one"
    return f"{table(rows, style=style)}\n\n{counts}"


def compared(chosen: Sequence[Endpoint], remarks: Mapping[str, Any], style: Style, width: int) -> str:
    """What a recording says of each endpoint that it asks (`comparison.compare`), and how often it says what."""
    paint = {"confirms": style.good, "contradicts": style.error}
    rows = [
        [paint.get(remark.result, style.dim)(remark.result), scope, remark.reason] for scope, remark in remarks.items()
    ]
    counts = Counter(remark.result for remark in remarks.values())
    words = [f"{counts[word]} {label}" for word, label in (("confirms", "confirmed"), ("contradicts", "contradicted"))]
    text = f"{', '.join(words)}, {counts['open']} open, {len(chosen) - len(remarks)} not asked"
    return f"{table(rows, style=style, width=width)}\n\n{text}" if rows else text


def details(chosen: Sequence[Endpoint], style: Style, width: int) -> str:
    """Everything that is known of each endpoint."""
    return "\n\n".join(_detail(endpoint, style, min(width, 100)) for endpoint in chosen)


def _detail(endpoint: Endpoint, style: Style, width: int) -> str:
    rows = {
        "what": endpoint.summary + (" Deprecated." if endpoint.deprecated else ""),
        "effect": endpoint.effect or "reads",
        "required": ", ".join(f"{name} ({kind})" for name, kind in endpoint.required.items()) or "nothing",
        "limit": f"{endpoint.limit} requests a second" if endpoint.limit else "none is stated",
        "probe sends": _sent(endpoint),
        "harmless": endpoint.harmless,
        "granted": endpoint.granted,
        "evidence": f"{endpoint.evidence} ({GRADES[endpoint.grade]})",
    }
    cells = [[f"  {style.note(name)}", text] for name, text in rows.items() if text]
    return f"{style.bold(endpoint.scope)}\n{table(cells, style=style, width=width)}"
