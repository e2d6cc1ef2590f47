"""MC4xx, and the MC3xx on params: what is declared: params, actions, form fields, mappings, sources, triggers."""

import re
from collections.abc import Iterator

from mcapp.appjson import app_schema
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import AUTH_REQUEST, Declared, may_hold
from mcapp.document.places import Path, SetText, SetValue
from mcapp.lint.model import UNSAFE, Example, Fix, Label, Problem, Problems, error, note, quote, warning
from mcapp.lint.rules.samples import ACTION, APP, IN_ACTION, Sample, app, one_param, with_action

TRIGGER = '{"name": "paid", "title": "Paid", "description": "Paid."}'
COLORS = (
    '{"name": "colors", "type": "enum:static", "list": [{"key": "Red", "value": "r"}, {"key": "Blue", "value": "b"}]}'
)


def requests(*urls: str) -> str:
    """An App JSON with an action that calls these URLs."""
    each = ", ".join(f'{{"url": "{url}", "method": "GET"}}' for url in urls)
    return with_action(f'"requests": [{each}]')


def triggers(*each: str, auth: str = "null") -> str:
    """An App JSON with these triggers."""
    get = '"requests": [{"url": "https://example.com/", "method": "GET"}]'
    return with_action(get, auth, f', "triggers": [{", ".join(each)}]')


def forms(more: str = "", auth: str = "null") -> str:
    """An App JSON with the form field `amount`, which is used, and these further ones."""
    get = '"requests": [{"url": "https://example.com/?a=[[amount]]", "method": "GET"}]'
    return with_action(f'"forms": [{{"name": "amount", "type": "number"}}{more}], {get}', auth)


def select(more: str, sources: str = COLORS) -> str:
    """An App JSON with a select that has these further members, and these sources."""
    form = f'{{"name": "color", "title": "Colour", "type": "select"{more}}}'
    get = '"requests": [{"url": "https://example.com/?c=[[color]]", "method": "GET"}]'
    return with_action(f'"forms": [{form}], {get}', more=f', "sources": [{sources}]')


MAPPING = Sample(
    requests("https://example.com/").replace(
        '"GET"', '"GET", "mapping": [{"name": "id", "path": "VALUE", "type": "string"}]'
    ),
    "/actions/0/requests/0/mapping/0/path",
    "$.id",
)
CHOICES = Sample(
    select(', "source": "colors"', '{"name": "colors", "type": "enum:static", "list": [VALUE]}'),
    "/sources/0/list/1",
    '{"key": "Red", "value": "r"}, {"key": "Blue", "value": "b"}',
)

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


def _malformed(facts: Facts) -> Iterator[tuple[Path, str, str | None]]:
    """The mapping paths that are not a JSONPath: where, as written, and with a `$` if that is all they lack."""
    for entry in facts.mappings:
        path = entry.data.get("path")
        if not isinstance(path, str):
            continue
        if path.startswith("$.") and all(map(str.isidentifier, path[2:].split("."))):
            continue  # `$.data.id`, as nearly every path is: no pattern needed
        if not re.fullmatch(_JSON_PATH, path) and not may_hold(path) and "[?" not in path:
            full = f"${path}" if path[:1] in (".", "[") else f"$.{path}"
            lacks = path and not path.startswith("$") and re.fullmatch(_JSON_PATH, full)
            yield (*entry.path, "path"), path, full if lacks else None


@warning("MC405", MAPPING.wrong(""))
def bad_mapping_path(facts: Facts) -> Problems:
    """A mapping's path is not a JSONPath.

    It finds nothing in the response, and the field stays empty.

    DS: every mapping in ManyChat's documents has a JSONPath; RFC 9535
    """
    for place, path, full in _malformed(facts):
        if full is None:
            what = f"{quote(path)} is not a JSONPath" if path else "the path is empty"
            yield Problem(place, what, "write a JSONPath, such as `$.data.id`")


@note("MC406", MAPPING.wrong(".data.x", "$.data.x"), fix=UNSAFE)
def mapping_path_without_root(facts: Facts) -> Problems:
    """A mapping's path does not begin with `$`.

    It seems to work in one published app; all documents write the `$`.

    DS: ManyChat's documents write `$.id`; one published app writes `.data.x`
    """
    for place, path, full in _malformed(facts):
        if full is not None:
            fix = Fix(f"write {quote(full)}", (SetText(place, 0, 0, full.removesuffix(path)),))
            yield Problem(place, f"{quote(path)} does not begin with `$`", fix.title, fix=fix)


@note(
    "MC408",
    Example(
        requests("https://example.com/1", "https://example.com/2"),
        "/actions/0/requests/1",
        right=requests("https://example.com/1"),
    ),
)
def several_requests(facts: Facts) -> Problems:
    """An action has more than one request.

    In which order they are sent, and whose response the mapping reads, is not documented.

    SI: every action in ManyChat's documents and in published apps has exactly one request
    """
    for action, second in facts.second_requests:
        what = f"the action {quote(action.name)} has more than one request"
        yield Problem(second, what, "move it to an action of its own, or do the rest on your server")


@note("MC411", Example(triggers(TRIGGER), "/triggers", right=triggers()))
def triggers_without_request(facts: Facts) -> Problems:
    """There are triggers but no `auth.request`.

    A trigger is fired with the App Key. Without `auth.request` every user has to copy the key by hand first.

    D: triggers are fired with `Authorization: Bearer <App Key>` (Technical Specification)
    """
    if facts.kind == app_schema.APP and facts.triggers and facts.request_path is None and facts.whole(()):
        yield Problem(
            facts.triggers_path,
            "triggers need the App Key, and no `auth.request` hands it over",
            "add one (`mcapp generate --into`), or have users copy the key by hand and store it with `mcapp keys add`",
        )


@error("MC401", Example(select(""), "/actions/0/forms/0", right=select(', "source": "colors"')))
def select_without_source(facts: Facts) -> Problems:
    """A form field of type `select` has no source.

    Its choices come from an entry in `sources`; without one there is nothing to choose from.

    S: every select in published apps names its source
    """
    with_source = {form.path: (key, source) for form, key, source in facts.sourced}
    for form in facts.forms:
        if form.data.get("type") != "select":
            continue
        key, source = with_source.get(form.path, (None, None))
        if (key is None and facts.whole(form.path)) or source == "":
            path = form.path if key is None else (*form.path, key)
            what = f"the select {quote(form.name)} has no source" if form.name else "the select has no source"
            yield Problem(path, what, 'add `"source"` with the name of an entry in `sources`')


@error(
    "MC402",
    Example(select(', "source": "colours"'), "/actions/0/forms/0/source", fixed=select(', "source": "colors"')),
    fix=UNSAFE,
)
def undeclared_source(facts: Facts) -> Problems:
    """A form field names a source that is not declared.

    The choices of a select come from a source in `sources`. Without it the field has no choices, and the action's
    form cannot be filled in.

    S: a `source` is the `name` of an entry in `sources` in every published app
    """
    if not facts.sources_known:
        return
    for form, key, source in facts.sourced:
        if not isinstance(source, str) or not source or source in facts.source_names:
            continue
        path = (*form.path, key)
        meant = facts.nearest(source, facts.source_names)
        fix = Fix(f"write {quote(meant)}", (SetValue(path, meant),)) if meant else None
        help_ = fix.title if fix else "add it to `sources`"
        yield Problem(path, f"the source {quote(source)} is not declared", help_, fix=fix)


@warning(
    "MC404",
    Example(
        select(', "source": "colors"', COLORS + ', {"name": "sizes", "type": "enum:rpc"}'),
        "/sources/1",
        right=select(', "source": "colors"'),
    ),
)
def unused_source(facts: Facts) -> Problems:
    """A source is never used.

    No form field names it: it was left over, or a field names another source by mistake.

    I: only a form field's `source` refers to a source
    """
    if not facts.sources or not facts.whole(()):
        return
    used = {source for _, _, source in facts.sourced if isinstance(source, str)}
    meant = {facts.nearest(name, facts.source_names) for name in used if name not in facts.source_names}
    for source in facts.sources:
        if source.name and source.name not in used and source.name not in meant:
            what = f"the source {quote(source.name)} is never used"
            yield Problem(source.path, what, "name it in a form field's `source`, or remove it")


@note("MC407", CHOICES.wrong('{"key": "Red", "value": "r"}, {"key": "Crimson", "value": "r"}'))
def duplicate_list_value(facts: Facts) -> Problems:
    """Two choices of a source send the same value.

    Two labels for one value are allowed, and published apps have them. It may also be a copied row in which only
    the label was changed, and then the request cannot tell which of the two was chosen.

    S: published apps have lists with equal values; the user sees two choices that mean the same
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


@warning("MC307", Example(one_param("page_id"), "/auth/params/0/name", right=one_param("email")))
def param_named_like_system_value(facts: Facts) -> Problems:
    """A param has the name of a system value.

    `{{page_id}}` and `[[page_id]]` are then two different values that are easily confused.

    C: "Obtaining API Access through Apps" does not say which brackets a param has
    """
    for param in facts.params:
        if param.name.casefold() in AUTH_REQUEST:
            path = (*param.path, "name") if "name" in param.data else param.path
            what = f"{quote(param.name)} is the name of a system value"
            yield Problem(path, what, f"rename the param, for example to `my_{param.name.casefold()}`")


def _unused(facts: Facts, entry: Declared, where: Path) -> bool:
    """Whether a name that no value uses is not used in keys or in undocumented parts (`enum:rpc`) either.

    A use that is misspelt is reported where it is.
    """
    if not entry.name or not facts.whole(()):
        return False
    return entry.name.casefold() not in facts.names_in(where) and entry.name not in facts.misspelt_names


@note("MC314", Example(IN_ACTION("[[amount]]"), "/auth/params/0", right=IN_ACTION("[[amount]] [[email]]")))
def unused_param(facts: Facts) -> Problems:
    """A param is never used.

    The installer is asked for something that no request sends.

    I: input that is not sent is of no use to the app
    """
    if facts.kind != app_schema.APP:
        return
    for param in facts.params:
        if param.name.casefold() not in facts.used and _unused(facts, param, ()):
            what = f"the param {quote(param.name)} is never used"
            yield Problem(param.path, what, f"send it as `[[{param.name}]]`, or remove the param")


@warning("MC403", Example(app(f'"actions": [{ACTION}, {ACTION}]'), "/actions/1", right=APP))
def duplicate_name(facts: Facts) -> Problems:
    """Two actions, params, form fields, sources, mappings, triggers or context fields have the same name.

    A reference to the name can mean only one of them, and which one is not documented. Often the second is a copy
    whose name was not changed.

    I: entries are referred to by name; which of two is meant is not documented
    """
    for noun, entries in facts.lists:
        if len({entry.name for entry in entries}) == len(entries):
            continue
        firsts = {entry.name: entry for entry in reversed(entries)}
        for entry in entries:
            first = firsts[entry.name]
            if first is not entry and entry.name:
                what = f"there are two {noun}s named {quote(entry.name)}"
                yield Problem(entry.path, what, "rename one of them", related=(Label("the first one", first.path),))


@note("MC409", Example(forms(', {"name": "note", "type": "string"}'), "/actions/0/forms/1", right=forms()))
def unused_form_field(facts: Facts) -> Problems:
    """A form field is never used.

    Users who set up the action fill in something that its requests do not send.

    I: input that is not sent is of no use to the action
    """
    shared = facts.connection_zone.used
    for form in facts.forms:
        name = form.name.casefold()
        used = form.zone is not None and name in form.zone.used
        if not used and name not in shared and _unused(facts, form, form.path[:2]):
            what = f"the form field {quote(form.name)} is never used"
            yield Problem(form.path, what, f"send it as `[[{form.name}]]`, or remove the field")


@note("MC410", Example(forms(auth='{"params": [{"name": "amount"}]}'), "/actions/0/forms/0", right=forms()))
def form_field_named_like_param(facts: Facts) -> Problems:
    """A form field has the name of a param.

    In the action, `[[name]]` can then mean either of the two.

    ?: which of the two `[[name]]` means is not documented
    """
    params = facts.auth_zone.params.entries
    for form in facts.forms:
        if form.name in params:
            what = f"the form field {quote(form.name)} has the name of a param"
            yield Problem(form.path, what, "rename one of them", related=(Label("the param", params[form.name].path),))
