"""MC4xx: actions with their mappings, form fields and sources, and triggers."""

import re
from collections.abc import Iterator

from mcapp.appjson.facts import Facts
from mcapp.appjson.kinds import APP
from mcapp.appjson.placeholders import may_hold
from mcapp.document.places import Path, SetText, SetValue
from mcapp.lint.model import ERROR, NOTE, UNSAFE, WARNING, Bad, Fix, Good, Label, Problem, Problems, Rules, rule
from mcapp.lint.wording import quote

_MAPPING = (
    '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": [{"url": '
    '"https://example.com/", "method": "GET", "mapping": [{"name": "id", "path": "PATH", "type": "string"}]}]}]}'
)
_AT_PATH = ("/actions/0/requests/0/mapping/0/path",)


def _mapping(path: str) -> str:
    return _MAPPING.replace("PATH", path)


# JSONPath as RFC 9535 has it, and as the usual libraries read it (hyphens in names, `.length()`); a path with a filter,
# `[?…]`, is not checked. What ManyChat itself accepts is not documented.
_STEP = r"""
    \.{1,2} (?: \* | [^\s.\[\]()'"/?@]++ (?:\(\))? )
  | (?:\.\.)? \[ \s*+ (?: \*
        | '(?>(?:[^'\\]|\\.)*)' (?>(?:\s*+,\s*+'(?>(?:[^'\\]|\\.)*)')*)
        | "(?>(?:[^"\\]|\\.)*)" (?>(?:\s*+,\s*+"(?>(?:[^"\\]|\\.)*)")*)
        | [-\d:,\s]++
    ) \s*+ \]
"""
_JSON_PATH = rf"(?x)\$(?>(?:{_STEP})*)"  # compiled by `re` when it is first used


def _malformed(facts: Facts) -> Iterator[tuple[Path, str]]:
    """The mapping paths that are not a JSONPath as written, each with its place in the data."""
    for entry in facts.mappings:
        path = entry.data.get("path")
        if not isinstance(path, str):
            continue
        if path.startswith("$.") and all(map(str.isidentifier, path[2:].split("."))):
            continue  # `$.data.id`, as nearly every path is: no pattern needed
        if not re.fullmatch(_JSON_PATH, path) and not may_hold(path) and "[?" not in path:
            yield (*entry.path, "path"), path


def _rooted(path: str) -> str | None:
    """`path` with the `$` that it lacks, or None if that does not make it a JSONPath."""
    full = f"${path}" if path[:1] in (".", "[") else f"$.{path}"
    return full if path and re.fullmatch(_JSON_PATH, full) else None


@rule(
    "MC405",
    WARNING,
    evidence="DS",
    source="every mapping in ManyChat's documents has a JSONPath; RFC 9535",
    good=[
        *(Good(_mapping(path)) for path in ("$", "$.id", "$.data.items[0].id", "$..id", "$.items[*].content-type")),
        *(
            Good(_mapping(path))
            for path in ("$['order id']", "$.items[-1:]", "$.items[?(@.id > 1)].id", "$.items.length()")
        ),
        Good(_mapping(".data.x")),
        Good(_mapping("$.[[field]]")),
    ],
    bad=[
        *(
            Bad(_mapping(path), _AT_PATH)
            for path in ("", "$.", "$data", "$.items[", "$.items[]", "$.order id", "/data/id")
        )
    ],
)
def bad_mapping_path(facts: Facts) -> Problems:
    """A mapping's path is not a JSONPath.

    It finds nothing in the response, and the field stays empty.
    """
    for place, path in _malformed(facts):
        if path.startswith("$") or _rooted(path) is None:
            what = f"{quote(path)} is not a JSONPath" if path else "the path is empty"
            yield Problem(place, what, "write a JSONPath, such as `$.data.id`")


@rule(
    "MC406",
    NOTE,
    evidence="DS",
    source="ManyChat's documents write `$.id`; one published app writes `.data.x`",
    good=[*(Good(_mapping(path)) for path in ("$.id", "$", "/data/id", "", "[[field]]"))],
    bad=[
        Bad(_mapping(".data.x"), _AT_PATH, fixed=_mapping("$.data.x")),
        Bad(_mapping("data.x"), _AT_PATH, fixed=_mapping("$.data.x")),
        Bad(_mapping("[0].id"), _AT_PATH, fixed=_mapping("$[0].id")),
    ],
    fix=UNSAFE,
)
def mapping_path_without_root(facts: Facts) -> Problems:
    """A mapping's path does not begin with `$`.

    It seems to work in one published app; all documents write the `$`.
    """
    for place, path in _malformed(facts):
        full = None if path.startswith("$") else _rooted(path)
        if full is not None:
            yield Problem(
                place,
                f"{quote(path)} does not begin with `$`",
                f"write {quote(full)}",
                fix=Fix(f"write {quote(full)}", (SetText(place, 0, 0, full.removesuffix(path)),)),
            )


_TWO = (
    '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": ['
    '{"url": "https://example.com/1", "method": "GET"}SECOND]}]}'
)


@rule(
    "MC408",
    NOTE,
    evidence="SI",
    source="every action in ManyChat's documents and in published apps has exactly one request",
    good=[Good(_TWO.replace("SECOND", ""))],
    bad=[
        Bad(_TWO.replace("SECOND", ', {"url": "https://example.com/2", "method": "GET"}'), ("/actions/0/requests/1",))
    ],
)
def several_requests(facts: Facts) -> Problems:
    """An action has more than one request.

    In which order they are sent, and whose response the mapping reads, is not documented.
    """
    for action, second in facts.second_requests:
        yield Problem(
            second,
            f"the action {quote(action.name)} has more than one request",
            "move it to an action of its own, or do the rest on your server",
        )


_TRIGGERS = (
    '{"auth": AUTH, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": ['
    '{"url": "https://example.com/", "method": "GET"}]}], "triggers": [TRIGGERS]}'
)
_TRIGGER = '{"name": "paid", "title": "Paid", "description": "Paid."}'


@rule(
    "MC411",
    NOTE,
    evidence="D",
    source="triggers are fired with `Authorization: Bearer <App Key>` (Technical Specification)",
    good=[
        Good(_TRIGGERS.replace("AUTH", "null").replace("TRIGGERS", "")),
        Good(
            _TRIGGERS.replace("TRIGGERS", _TRIGGER).replace(
                "AUTH", '{"request": {"url": "https://example.com/", "headers": ["x-token: {{app_token}}"]}}'
            )
        ),
    ],
    bad=[
        Bad(_TRIGGERS.replace("TRIGGERS", _TRIGGER).replace("AUTH", "null"), ("/triggers",)),
        Bad(_TRIGGERS.replace("TRIGGERS", _TRIGGER).replace("AUTH", '{"type": "APIKEY"}'), ("/triggers",)),
    ],
)
def triggers_without_request(facts: Facts) -> Problems:
    """There are triggers but no `auth.request`.

    A trigger is fired with the App Key. Without `auth.request` every user has to copy the key by hand first.
    """
    if facts.kind == APP and facts.triggers and facts.request_path is None and facts.whole(()):
        yield Problem(
            facts.triggers_path,
            "triggers need the App Key, and no `auth.request` hands it over",
            "add one (`mcapp generate --into`), or have users copy the key by hand and store it with `mcapp keys add`",
        )


_FORM = (
    '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "forms": [FORM], "requests": '
    '[{"url": "https://example.com/?c=[[color]]", "method": "GET"}]}], "sources": [SOURCES]}'
)
_COLORS = (
    '{"name": "colors", "type": "enum:static", "list": [{"key": "Red", "value": "r"}, {"key": "Blue", "value": "b"}]}'
)


def _form(more: str, sources: str = _COLORS) -> str:
    field = '{"name": "color", "title": "Colour", "type": "select"' + more + "}"
    return _FORM.replace("FORM", field).replace("SOURCES", sources)


@rule(
    "MC401",
    ERROR,
    evidence="S",
    source="every select in published apps names its source",
    good=[
        Good(_form(', "source": "colors"')),
        Good(_form(', "sorce": "colors"')),
        Good(_form(', "source": 1')),
        Good(_form("").replace("select", "string")),
    ],
    bad=[Bad(_form(""), ("/actions/0/forms/0",)), Bad(_form(', "source": ""'), ("/actions/0/forms/0/source",))],
)
def select_without_source(facts: Facts) -> Problems:
    """A form field of type `select` has no source.

    Its choices come from an entry in `sources`; without one there is nothing to choose from.
    """
    with_source = {form.path: (key, source) for form, key, source in facts.sourced}
    for form in facts.forms:
        if form.data.get("type") != "select":
            continue
        key, source = with_source.get(form.path, (None, None))
        if (key is None and facts.whole(form.path)) or source == "":
            yield Problem(
                form.path if key is None else (*form.path, key),
                f"the select {quote(form.name)} has no source" if form.name else "the select has no source",
                'add `"source"` with the name of an entry in `sources`',
            )


@rule(
    "MC402",
    ERROR,
    evidence="S",
    source="a `source` is the `name` of an entry in `sources` in every published app",
    good=[
        Good(_form(', "source": "colors"')),
        Good(_form(', "source": ""')),
        Good(_form(', "source": "colors"', '{"nme": "colors", "type": "enum:static"}')),
        Good(_form(', "source": "colors"').replace('"sources"', '"source"')),
    ],
    bad=[
        Bad(_form(', "source": "colours"'), ("/actions/0/forms/0/source",), fixed=_form(', "source": "colors"')),
        Bad(_form(', "source": "sizes"'), ("/actions/0/forms/0/source",)),
        Bad(_form(', "source": "sizes"', ""), ("/actions/0/forms/0/source",)),
    ],
    fix=UNSAFE,
)
def undeclared_source(facts: Facts) -> Problems:
    """A form field names a source that is not declared.

    The choices of a select come from a source in `sources`. Without it the field has no choices, and the action's
    form cannot be filled in.
    """
    if not facts.sources_known:
        return
    for form, key, source in facts.sourced:
        if not isinstance(source, str) or not source or source in facts.source_names:
            continue
        path = (*form.path, key)
        meant = facts.nearest(source, facts.source_names)
        yield Problem(
            path,
            f"the source {quote(source)} is not declared",
            f"write {quote(meant)}" if meant else "add it to `sources`",
            fix=Fix(f"write {quote(meant)}", (SetValue(path, meant),)) if meant else None,
        )


@rule(
    "MC404",
    WARNING,
    evidence="I",
    source="only a form field's `source` refers to a source",
    good=[
        Good(_form(', "source": "colors"')),
        Good(_form(', "source": "colours"')),
        Good(_form(', "source": "colors"', '{"type": "enum:static", "list": []}')),
    ],
    bad=[Bad(_form(', "source": "colors"', _COLORS + ', {"name": "sizes", "type": "enum:rpc"}'), ("/sources/1",))],
)
def unused_source(facts: Facts) -> Problems:
    """A source is never used.

    No form field names it: it was left over, or a field names another source by mistake.
    """
    if not facts.sources or not facts.whole(()):
        return
    used = {source for _, _, source in facts.sourced if isinstance(source, str)}
    meant = {facts.nearest(name, facts.source_names) for name in used if name not in facts.source_names}
    for source in facts.sources:
        if source.name and source.name not in used and source.name not in meant:
            yield Problem(
                source.path,
                f"the source {quote(source.name)} is never used",
                "name it in a form field's `source`, or remove it",
            )


def _list(items: str) -> str:
    return _form(', "source": "colors"', '{"name": "colors", "type": "enum:static", "list": [' + items + "]}")


@rule(
    "MC407",
    NOTE,
    evidence="S",
    source="published apps have lists with equal values; the user sees two choices that mean the same",
    good=[
        Good(_list('{"key": "Red", "value": "r"}, {"key": "Blue", "value": "b"}')),
        Good(_list('{"key": "One", "value": 1}, {"key": "Yes", "value": true}, {"key": "1", "value": "1"}')),
        Good(_list('{"key": "A"}, {"key": "B"}')),
    ],
    bad=[Bad(_list('{"key": "Red", "value": "r"}, {"key": "Crimson", "value": "r"}'), ("/sources/0/list/1",))],
)
def duplicate_list_value(facts: Facts) -> Problems:
    """Two choices of a source send the same value.

    Two labels for one value are allowed, and published apps have them. It may also be a copied row in which only
    the label was changed, and then the request cannot tell which of the two was chosen.
    """
    for source in facts.sources:
        choices = source.data.get("list")
        if not isinstance(choices, list) or source.data.get("type") == "enum:rpc":
            continue
        seen: dict[tuple[type, object], int] = {}
        for index, choice in enumerate(choices):
            value = choice.get("value") if isinstance(choice, dict) else None
            if not isinstance(value, (str, int, float)):
                continue
            first = seen.setdefault((type(value), value), index)
            if first != index:
                yield Problem(
                    (*source.path, "list", index),
                    f"two choices send {f'the value {quote(value)}' if isinstance(value, str) else 'the same value'}",
                    "give each choice its own value, or remove one",
                    related=(Label("the first one", (*source.path, "list", first)),),
                )


RULES: Rules = (
    bad_mapping_path,
    mapping_path_without_root,
    several_requests,
    triggers_without_request,
    select_without_source,
    undeclared_source,
    unused_source,
    duplicate_list_value,
)
