"""MC4xx: selects and the sources of their choices."""

from typing import TYPE_CHECKING

from mcapp.document.places import SetValue
from mcapp.lint.model import ERROR, NOTE, UNSAFE, WARNING, Bad, Fix, Good, Label, Problem, Problems, Rules, rule
from mcapp.lint.wording import quote

if TYPE_CHECKING:
    from mcapp.appjson.facts import Facts

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
def select_without_source(facts: "Facts") -> Problems:
    """A form field of the type `select` names no source.

    Its choices come from an entry of `sources`; without one there is nothing to choose from.
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
                'add `"source"` with the name of an entry of `sources`',
            )


@rule(
    "MC402",
    ERROR,
    evidence="S",
    source="a `source` is the `name` of an entry of `sources` in every published app",
    good=[
        Good(_form(', "source": "colors"')),
        Good(_form(', "source": ""')),
        Good(_form(', "source": "colors"', '{"nme": "colors", "type": "enum:static"}')),
        Good(_form(', "source": "colors"').replace('"sources"', '"source"')),
    ],
    bad=[
        Bad(
            _form(', "source": "colours"'),
            ("/actions/0/forms/0/source",),
            fixed=_form(', "source": "colors"'),
        ),
        Bad(_form(', "source": "sizes"'), ("/actions/0/forms/0/source",)),
        Bad(_form(', "source": "sizes"', ""), ("/actions/0/forms/0/source",)),
    ],
    fix=UNSAFE,
)
def undeclared_source(facts: "Facts") -> Problems:
    """A form field names a source that is not declared.

    The choices of a select come from a source in `sources`. Without it the field has nothing to offer, and whoever
    sets the action up cannot fill the form.
    """
    if not facts.sources_sound:
        return
    for form, key, source in facts.sourced:
        if not isinstance(source, str) or not source or source in facts.source_names:
            continue
        path = (*form.path, key)
        meant = facts.near(source, facts.source_names)
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
    source="nothing but a form field's `source` refers to a source",
    good=[
        Good(_form(', "source": "colors"')),
        Good(_form(', "source": "colours"')),
        Good(_form(', "source": "colors"', '{"type": "enum:static", "list": []}')),
    ],
    bad=[
        Bad(_form(', "source": "colors"', _COLORS + ', {"name": "sizes", "type": "enum:rpc"}'), ("/sources/1",)),
    ],
)
def unused_source(facts: "Facts") -> Problems:
    """A source is never used.

    No form field names it: it was left over, or a field names another one by mistake.
    """
    if not facts.sources or not facts.whole(()):
        return
    used = {source for _, _, source in facts.sourced if isinstance(source, str)}
    meant = {facts.near(name, facts.source_names) for name in used if name not in facts.source_names}
    for source in facts.sources:
        if source.name and source.name not in used and source.name not in meant:
            yield Problem(
                source.path,
                f"the source {quote(source.name)} is never used",
                "name it in a form field's `source`, or take it away",
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
def duplicate_list_value(facts: "Facts") -> Problems:
    """Two choices of a source send the same value.

    Two labels for one value are allowed, and published apps have them; but it is also what is left when a row was
    copied and only its label changed, and the request cannot tell which of the two was chosen.
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
                    f"two choices send {f'the value {quote(value)}' if isinstance(value, str) else 'one value'}",
                    "give each choice a value of its own, or leave one out",
                    related=(Label("the first one", (*source.path, "list", first)),),
                )


RULES: Rules = (select_without_source, undeclared_source, unused_source, duplicate_list_value)
