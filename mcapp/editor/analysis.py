"""What an editor asks about a text, by offsets: what may be inserted, and what stands there."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lsprotocol.types import CompletionItem, CompletionItemKind, DocumentSymbol, Range, SymbolKind

from mcapp.appjson.app_schema import OBJECTS, SchemaNode, at
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import ACTION, AUTH_REQUEST, CURLY, PORTABLE, SQUARE, Declared, find, write
from mcapp.document import Path, Span
from mcapp.document.places import Member, Node, bounds
from mcapp.lint.check import Settings, check, read
from mcapp.lint.rules import ALL
from mcapp.terminal.redact import mask

_RULES = {rule.code: rule for rule in ALL}

# What ManyChat puts in the place of its own placeholders.
_VALUES = {
    "app_token": "the App Key of this installation",
    "app_id": "the app's number",
    "app_version": "the version of the app that was installed",
    "page_id": "the page that installed the app",
    "user_id": "the contact for whom the action runs",
    "last_input_text": "the contact's last answer",
}
_HEADERS = (
    *("Accept: application/json", "Authorization: Bearer ", "Content-Type: application/json"),
    *("x-token-header: {{app_token}}", "x-page-id: {{page_id}}"),
)
_SYMBOLS = {
    "request": SymbolKind.Interface,
    "param": SymbolKind.Variable,
    "action": SymbolKind.Function,
    "form field": SymbolKind.Field,
    "source": SymbolKind.Enum,
    "trigger": SymbolKind.Event,
}
_NEAR = 500  # characters around an offset that are looked at
_OPEN = re.compile(r"(\{\{|\[\[|<<) *[\w.\-]*$")
_KEY = re.compile(r"""(?:^|[{,])\s*("?)[\w\-]*$""")


class Spot(NamedTuple):
    """The innermost place around an offset. On a member's key, `path` is the member's; `inside` an object or array."""

    path: Path = ()
    on_key: bool = False
    inside: bool = False


class Analysis:
    """A text as the editor has it, whatever it is, and everything that is known about it."""

    def __init__(self, text: str, name: str, settings: Settings) -> None:
        self.settings = settings
        self.document = read(text.encode("utf-8", "surrogatepass"), name)
        self.facts = Facts(self.document, settings.kind, settings.placeholders)
        self.checked = check(self.document, settings, facts=self.facts)

    def _spot(self, offset: int) -> Spot | None:
        """Where `offset` is; None where nothing could be read."""
        if not self.document.readable:
            return None
        child = self.document.root
        path: Path = ()
        while isinstance(child, Node):
            members: Iterable[tuple[str | int, Member]] = child.members.items()
            if child.items is not None:
                members = enumerate((-1, -1, each) for each in child.items)  # they have no key
            for step, (key_start, key_end, value) in members:
                if key_start <= offset <= key_end:
                    return Spot((*path, step), on_key=True)
                start, end = bounds(value)
                if start <= offset <= end and not (isinstance(value, Node) and offset == start):
                    path, child = (*path, step), value
                    break
            else:
                return Spot(path, inside=True)
        return Spot(path)

    def _names(self, path: Path) -> tuple[dict[str, str], dict[str, Declared]]:
        """What a placeholder at `path` may name: what ManyChat fills in there, and the params and form fields."""
        whole = self.facts.request_path
        in_auth = whole is not None and path[: len(whole)] == whole
        fields = (form for form in self.facts.forms if form.path[:2] == path[:2])
        own = {one.name: one for one in (*self.facts.params, *fields) if one.name}
        return {name: _VALUES[name] for name in (AUTH_REQUEST if in_auth else ACTION)}, own

    def complete(self, offset: int) -> list[CompletionItem]:
        """What may be inserted at `offset`: placeholders, names, headers or keys."""
        before = self.document.text[max(0, offset - _NEAR) : offset]
        spot = self._spot(offset)
        path, on_key, inside = spot or Spot()
        system, own = self._names(path)
        opened = _OPEN.search(before)
        if opened:
            titles = {name: str(one.data.get("title") or "") for name, one in own.items()}
            wanted = {CURLY: system, SQUARE: titles, PORTABLE: {**system, **titles}}[opened[1]]
            return [_item(name, CompletionItemKind.Variable, name, detail) for name, detail in wanted.items()]
        if spot is None:
            return []
        last = path[-1] if path else None
        if last in ("source", "form") and not on_key and not inside:
            names = own if last == "form" else [one.name for one in self.facts.sources if one.name]
            return [_item(name, CompletionItemKind.Reference, name) for name in names]
        parent = path if inside else path[:-1]
        if parent and parent[-1] == "headers" and not on_key:
            return [_item(text, CompletionItemKind.Text, f'"{text}"' if inside else text) for text in _HEADERS]
        typed = _KEY.search(before)
        if not on_key and not (inside and typed):
            return []
        node = _schema_at(self.checked.kind, parent)
        if node is None or dict not in node.types:
            return []
        value = at(self.document.data, parent)
        present = set(value if isinstance(value, dict) else ()) - ({last} if on_key else set())
        quoted = on_key or bool(typed and typed[1] and before.count('"') > before.count('\\"'))
        found = []
        for key in node.known:
            if key not in present:
                detail = "required" if key in node.required else ""
                found.append(_item(key, CompletionItemKind.Property, key if quoted else f'"{key}": ', detail))
        return found

    def hover(self, offset: int) -> tuple[str, Span] | None:
        """Markdown about the findings and the placeholder at `offset`, and the place of the first."""
        found = []
        for finding in self.checked.findings:
            if finding.span.start <= offset < max(finding.span.end, finding.span.start + 1):
                rule = _RULES[finding.rule]
                head = f"**{rule.code} {rule.name}** ({rule.severity})"
                page = "\n\n".join((head, rule.summary, rule.why, f"[{rule.url}]({rule.url})"))
                found.append((page, finding.span))
        found += self._placeholder(offset)
        return ("\n\n---\n\n".join(text for text, _ in found), found[0][1]) if found else None

    def _placeholder(self, offset: int) -> Iterator[tuple[str, Span]]:
        """What becomes of the placeholder at `offset`, and who fills it in."""
        text = self.document.text
        start = max(text.rfind("\n", 0, offset) + 1, offset - _NEAR)
        line = text[start : offset + _NEAR].partition("\n")[0]
        for item in find(line):
            if not item.start <= offset - start < item.end or item.style not in (CURLY, SQUARE, PORTABLE):
                continue
            system, own = self._names((self._spot(offset) or Spot()).path)
            if item.style != SQUARE and item.name in system:
                says = f"ManyChat puts {system[item.name]} here."
            elif item.name in own:
                one = own[item.name]
                is_param = one in self.facts.params
                who = "the user enters when installing the app" if is_param else "the flow's author fills in"
                title = one.data.get("title")
                says = f"ManyChat puts here what {who}" + (f" as “{title}”." if isinstance(title, str) else ".")
            elif item.style == CURLY:
                says = "ManyChat does not list this name for this place."
            else:
                says = "This name is not declared."
            yield f"`{write(item.style, item.name)}`: {says}", Span(start + item.start, start + item.end)
            return

    def outline(self, place: Callable[[Span], Range]) -> list[DocumentSymbol]:
        """The parts of the document. `place` says where a span is."""
        facts, document = self.facts, self.document

        def symbol(kind: str, name: str, path: Path, fields: Iterable[Declared] = ()) -> DocumentSymbol:
            at = place(document.span(path))
            inner = [symbol("form field", one.name, one.path) for one in fields]
            return DocumentSymbol(mask(name or kind), _SYMBOLS[kind], at, at, detail=kind, children=inner)

        found = []
        if facts.request_path is not None and document.has(facts.request_path):
            found.append(symbol("request", "", facts.request_path))
        found += [symbol("param", one.name, one.path) for one in facts.params]
        for action in facts.actions:
            fields = (form for form in facts.forms if form.path[:2] == action.path[:2])
            found.append(symbol("action", action.name, action.path, fields))
        found += [symbol("source", one.name, one.path) for one in facts.sources]
        found += [symbol("trigger", one.name, one.path) for one in facts.triggers]
        return found


def _item(label: str, kind: CompletionItemKind, insert: str, detail: str = "") -> CompletionItem:
    return CompletionItem(label, kind=kind, detail=detail or None, insert_text=insert)


def _schema_at(kind: str | None, path: Path) -> SchemaNode | None:
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
