"""What an editor asks about a text, answered in offsets. Nothing here knows the protocol."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mcapp.appjson.app_schema import OBJECTS, SchemaNode
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import ACTION, AUTH_REQUEST, CURLY, PORTABLE, SQUARE, Declared, find, write
from mcapp.document import Document, Path, Span
from mcapp.document.places import Node, bounds
from mcapp.lint.check import Checked, Settings, check, read
from mcapp.lint.model import Rule
from mcapp.lint.rules import ALL

RULES = {rule.code: rule for rule in ALL}

# What ManyChat puts in the place of its own placeholders.
VALUES = {
    "app_token": "the App Key of this installation",
    "app_id": "the app's number",
    "app_version": "the version of the app that was installed",
    "page_id": "the page that installed the app",
    "user_id": "the contact for whom the action runs",
    "last_input_text": "the contact's last answer",
}
HEADERS = (
    *("Accept: application/json", "Authorization: Bearer ", "Content-Type: application/json"),
    *("x-token-header: {{app_token}}", "x-page-id: {{page_id}}"),
)
_OPEN = re.compile(r"(\{\{|\[\[|<<) *[\w.\-]*$")
_KEY = re.compile(r"""(?:^|[{,])\s*("?)[\w\-]*$""")


class Analysis(NamedTuple):
    """A text as the editor has it, and everything that is known about it."""

    document: Document
    settings: Settings
    checked: Checked
    facts: Facts


class Completion(NamedTuple):
    """Something to insert; `kind` is key, name, header or placeholder."""

    label: str
    kind: str
    insert: str
    detail: str = ""


class Symbol(NamedTuple):
    """A part of the App JSON for the outline; `kind` is what it is."""

    name: str
    kind: str
    span: Span
    children: "tuple[Symbol, ...]" = ()


class Spot(NamedTuple):
    """The innermost place around an offset. On a member's key, `path` is the member's; `inside` an object or array."""

    path: Path
    on_key: bool
    inside: bool


def analyse(text: str, name: str, settings: Settings) -> Analysis:
    """Check a text, whatever it is."""
    document = read(text.encode("utf-8", "surrogatepass"), name)
    facts = Facts(document, settings.kind, settings.placeholders)
    return Analysis(document, settings, check(document, settings, facts=facts), facts)


def spot(document: Document, offset: int) -> Spot | None:
    """Where `offset` is; None where nothing could be read."""
    try:
        child = document.root
    except KeyError:
        return None
    path: list[str | int] = []
    while isinstance(child, Node):
        steps: Iterable[tuple[str | int, tuple[int, int] | None, object]]
        if child.items is None:
            steps = ((key, (start, end), value) for key, (start, end, value) in child.members.items())
        else:
            steps = ((index, None, value) for index, value in enumerate(child.items))
        for step, key, value in steps:
            if key is not None and key[0] <= offset <= key[1]:
                return Spot((*path, step), on_key=True, inside=False)
            start, end = bounds(value)  # type: ignore[arg-type]  # a Child
            if start <= offset <= end and not (isinstance(value, Node) and offset == start):
                path.append(step)
                child = value  # type: ignore[assignment]  # as above
                break
        else:
            return Spot(tuple(path), on_key=False, inside=True)
    return Spot(tuple(path), on_key=False, inside=False)


def schema_at(kind: str | None, path: Path) -> SchemaNode | None:
    """What the schema says of the value at `path`."""
    node: SchemaNode | None = OBJECTS.get(kind or "app")
    for step in path:
        if node is None:
            return None
        if isinstance(step, int):
            node = node.items
        else:
            node = node.properties.get(step) or (node.then.properties.get(step) if node.then else None)
    return node


def in_auth_request(analysis: Analysis, path: Path) -> bool:
    """Whether `path` is in the request that hands over the App Key."""
    whole = analysis.facts.request_path
    return whole is not None and path[: len(whole)] == whole


def declared(analysis: Analysis, path: Path) -> Iterator[Declared]:
    """The params, and the form fields of the action at `path`."""
    yield from analysis.facts.params
    for form in analysis.facts.forms:
        if form.path[:2] == path[:2]:
            yield form


def complete(analysis: Analysis, offset: int) -> list[Completion]:
    """What may be inserted at `offset`."""
    document = analysis.document
    before = document.text[max(0, offset - 500) : offset]
    at = spot(document, offset)
    path = at.path if at else ()
    opened = _OPEN.search(before)
    if opened:
        system = AUTH_REQUEST if in_auth_request(analysis, path) else ACTION
        own = {one.name: str(one.data.get("title") or "") for one in declared(analysis, path) if one.name}
        values = {name: VALUES[name] for name in system}
        wanted = {CURLY: values, SQUARE: own, PORTABLE: {**values, **own}}[opened[1]]
        return [Completion(name, "placeholder", name, detail) for name, detail in wanted.items()]
    if at is None:
        return []
    last = path[-1] if path else None
    quoted = before.count('"') - before.count('\\"')
    if not at.on_key and last in ("source", "form") and not at.inside:
        known = analysis.facts.sources if last == "source" else [*declared(analysis, path)]
        return [Completion(one.name, "name", one.name) for one in known if one.name]
    parent = path if at.inside else path[:-1]
    if parent and parent[-1] == "headers" and not at.on_key:
        return [Completion(text, "header", text if not at.inside else f'"{text}"') for text in HEADERS]
    typed = _KEY.search(before)
    if not at.on_key and not (at.inside and typed):
        return []
    node = schema_at(analysis.checked.kind, parent)
    if node is None or dict not in node.types:
        return []
    present = _keys(document, parent) - ({last} if at.on_key else set())
    inside = at.on_key or bool(typed and typed[1] and quoted)
    return [
        Completion(key, "key", key if inside else f'"{key}": ', "required" if key in node.required else "")
        for key in node.known
        if key not in present
    ]


def _keys(document: Document, path: Path) -> set[object]:
    value = document.data
    for step in path:
        value = value[step]  # type: ignore[index]  # a path that `spot` found
    return set(value) if isinstance(value, dict) else set()


def hover(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """Markdown about the finding or the placeholder at `offset`, and its place."""
    parts: list[str] = []
    place: Span | None = None
    for finding in analysis.checked.findings:
        if finding.span.start <= offset < max(finding.span.end, finding.span.start + 1):
            place = place or finding.span
            parts.append(page(RULES[finding.rule]))
    found = placeholder(analysis, offset)
    if found:
        place = place or found[1]
        parts.append(found[0])
    return ("\n\n---\n\n".join(parts), place) if place is not None else None


def page(rule: Rule) -> str:
    """A rule in short."""
    return f"**{rule.code} {rule.name}** ({rule.severity})\n\n{rule.summary}\n\n{rule.why}\n\n[{rule.url}]({rule.url})"


def placeholder(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """What becomes of the placeholder at `offset`, and who fills it in."""
    document = analysis.document
    start = max(document.text.rfind("\n", 0, offset) + 1, offset - 500)
    end = document.text.find("\n", offset, offset + 500)
    line = document.text[start : end if end >= 0 else offset + 500]
    for item in find(line):
        if not item.start <= offset - start < item.end or item.style not in (CURLY, SQUARE, PORTABLE):
            continue
        at = spot(document, offset)
        path = at.path if at else ()
        system = AUTH_REQUEST if in_auth_request(analysis, path) else ACTION
        own = {one.name: one for one in declared(analysis, path)}
        if item.style != SQUARE and item.name in system:
            text = f"ManyChat puts {VALUES[item.name]} here."
        elif item.name in own:
            what = "enters when installing the app" if own[item.name] in analysis.facts.params else "fills in"
            who = "the user" if what.startswith("enters") else "the flow's author"
            title = own[item.name].data.get("title")
            text = f"ManyChat puts here what {who} {what}" + (f" as “{title}”." if isinstance(title, str) else ".")
        elif item.style == CURLY:
            text = "ManyChat does not list this name for this place."
        else:
            text = "This name is not declared."
        return f"`{write(item.style, item.name)}`: {text}", Span(start + item.start, start + item.end)
    return None


def outline(analysis: Analysis) -> list[Symbol]:
    """The document's parts."""
    facts, document = analysis.facts, analysis.document

    def symbols(found: Iterable[Declared], kind: str) -> tuple[Symbol, ...]:
        return tuple(Symbol(one.name or kind, kind, document.span(one.path)) for one in found)

    result = []
    if facts.request_path is not None and document.has(facts.request_path):
        result.append(Symbol("request", "request", document.span(facts.request_path)))
    result += symbols(facts.params, "param")
    for action in facts.actions:
        forms = symbols((form for form in facts.forms if form.path[:2] == action.path[:2]), "form field")
        result.append(Symbol(action.name or "action", "action", document.span(action.path), forms))
    return [*result, *symbols(facts.sources, "source"), *symbols(facts.triggers, "trigger")]
