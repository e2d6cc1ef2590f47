"""MC4xx: actions with their mappings, form fields and sources, and triggers."""

import re
from collections.abc import Iterator

from mcapp.appjson.app_schema import APP
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import may_hold
from mcapp.document.places import Path, SetText, SetValue
from mcapp.lint.model import UNSAFE, Bad, Fix, Good, Label, Problem, Problems, error, note, warning
from mcapp.lint.rules import samples
from mcapp.lint.wording import quote

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


@warning(
    "MC405",
    "DS: every mapping in ManyChat's documents has a JSONPath; RFC 9535",
    wrong=Bad(samples.mapping(""), samples.PATH),
    right=Good(samples.mapping("$")),
)
def bad_mapping_path(facts: Facts) -> Problems:
    """A mapping's path is not a JSONPath.

    It finds nothing in the response, and the field stays empty.
    """
    for place, path in _malformed(facts):
        if path.startswith("$") or _rooted(path) is None:
            what = f"{quote(path)} is not a JSONPath" if path else "the path is empty"
            yield Problem(place, what, "write a JSONPath, such as `$.data.id`")


@note(
    "MC406",
    "DS: ManyChat's documents write `$.id`; one published app writes `.data.x`",
    fix=UNSAFE,
    wrong=Bad(samples.mapping(".data.x"), samples.PATH, fixed=samples.mapping("$.data.x")),
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


@note(
    "MC408",
    "SI: every action in ManyChat's documents and in published apps has exactly one request",
    wrong=Bad(
        samples.does_a(
            '{"url": "https://example.com/1", "method": "GET"}', '{"url": "https://example.com/2", "method": "GET"}'
        ),
        ("/actions/0/requests/1",),
    ),
    right=samples.does_a('{"url": "https://example.com/1", "method": "GET"}'),
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


@note(
    "MC411",
    "D: triggers are fired with `Authorization: Bearer <App Key>` (Technical Specification)",
    wrong=Bad(samples.triggers(samples.TRIGGER), ("/triggers",)),
    right=samples.triggers(),
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


@error(
    "MC401",
    "S: every select in published apps names its source",
    wrong=Bad(samples.form(""), ("/actions/0/forms/0",)),
    right=Good(samples.form(', "source": "colors"')),
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


@error(
    "MC402",
    "S: a `source` is the `name` of an entry in `sources` in every published app",
    fix=UNSAFE,
    wrong=Bad(
        samples.form(', "source": "colours"'),
        ("/actions/0/forms/0/source",),
        fixed=samples.form(', "source": "colors"'),
    ),
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


@warning(
    "MC404",
    "I: only a form field's `source` refers to a source",
    wrong=Bad(
        samples.form(', "source": "colors"', samples.COLORS + ', {"name": "sizes", "type": "enum:rpc"}'),
        ("/sources/1",),
    ),
    right=Good(samples.form(', "source": "colors"')),
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


@note(
    "MC407",
    "S: published apps have lists with equal values; the user sees two choices that mean the same",
    wrong=Bad(
        samples.choices('{"key": "Red", "value": "r"}, {"key": "Crimson", "value": "r"}'), ("/sources/0/list/1",)
    ),
    right=Good(samples.choices('{"key": "Red", "value": "r"}, {"key": "Blue", "value": "b"}')),
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
