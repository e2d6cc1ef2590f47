"""MC1xx: the shape: wrong types, missing, unknown and misspelt keys, and headers in the wrong form."""

from collections.abc import Set
from json import dumps

from mcapp.appjson.app_schema import KEYS, OBJECTS
from mcapp.appjson.facts import Facts
from mcapp.appjson.requests import to_lines, to_object
from mcapp.appjson.shape import WITHIN, ShapeIssue
from mcapp.document.places import AddMember, Edit, Path, RenameKey, SetValue
from mcapp.lint.model import ERROR, SAFE, UNSAFE, Example, Fix, Problem, Problems, error, listed, note, quote, warning
from mcapp.lint.rules.samples import ACTION, ACTIONS, APP, IN_BLOCK, KEY_HEADER, app, auth, block, with_action

# The objects of the schema in the middle of a sentence.
_OBJECTS = {name: f"the {name}" for name in OBJECTS} | {
    "app": "the App JSON",
    "auth": "`auth`",
    "connection": "`connection`",
    "mapping": "the mapping entry",
    "form": "the form field",
    "contextField": "the context entry",
}
_TYPES = {name: f"a {name}" for name in ("string", "number", "boolean")}
_TYPES |= {"object": "an object", "array": "an array", "null": "null"}


@error("MC101", Example(app(f'"actions": {ACTION}'), "/actions", fixed=APP), fix=UNSAFE)
def wrong_type(facts: Facts) -> Problems:
    """A value has a different JSON type from the one that ManyChat expects.

    ManyChat's editor refuses the document, or ignores a value that should be a list. What is inside such a value is
    not checked: it is one mistake.

    DS: Quick Start; every published App JSON
    """
    for issue in facts.issues.get("wrong-type", ()):
        expected = " or ".join(", ".join(_TYPES[each] for each in issue.expected).rsplit(", ", 1))
        what = f"{_subject(issue.path)} must be {expected}, not {_found(issue.value)}"
        yield Problem(issue.path, what, _advice(issue), fix=_retyped(facts, issue))


def _subject(path: Path) -> str:
    if not path:
        return "the document"
    if isinstance(path[-1], int):
        return f"an entry of `{path[-2]}`"
    return f"`{path[-1]}`"


def _found(value: object) -> str:
    """The value, as a message names it. A string is not repeated: it may be long, or a key in a wrong place."""
    for kind, name in ((dict, "an object"), (list, "an array"), (str, "a string")):
        if isinstance(value, kind):
            return name
    if isinstance(value, bool) or value is None:
        return f"`{dumps(value)}`"
    return f"the number `{value}`" if len(str(value)) <= 20 else "a number"


def _advice(issue: ShapeIssue) -> str:
    expected, value = issue.expected, issue.value
    if "string" in expected and isinstance(value, int | float):
        return "write it in quotes"
    if "array" in expected and isinstance(value, dict):
        return "put it in square brackets: `[{…}]`"
    if "object" in expected and isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return "remove the square brackets around the object"
    if value is None and issue.path:
        return f"write {_TYPES[expected[0]]}, or remove {_subject(issue.path)}"
    return f"write {_TYPES[expected[0]]} here"


def _retyped(facts: Facts, issue: ShapeIssue) -> Fix | None:
    """Brackets or quotes around the value, if it then has every required key; its text is unchanged."""
    start, end = facts.document.span(issue.path)
    children = OBJECTS[issue.owner].children
    entry = next((child for key, child, many in children if many and issue.path[-1:] == (key,)), None)
    if entry and isinstance(issue.value, dict) and issue.value.keys() >= set(OBJECTS[entry].required):
        return Fix("put it in square brackets", edits=(Edit(start, start, "["), Edit(end, end, "]")))
    if "string" in issue.expected and isinstance(issue.value, int | float) and not isinstance(issue.value, bool):
        return Fix("put it in quotes", edits=(Edit(start, start, '"'), Edit(end, end, '"')))
    return None


@error(
    "MC107",
    Example(block('"headers": {"x-token-header": "{{app_token}}"}'), "/request/headers", fixed=block(KEY_HEADER)),
    fix=SAFE,
)
def headers_not_a_list(facts: Facts) -> Problems:
    """The `headers` of a request are not an array of "Name: value" strings.

    App JSON writes headers in two forms: an array of strings in a request, an object in `auth.connection`. In the
    wrong form they are not sent, and an App Key in them is lost.

    DS: Technical Specification; published App JSON; "Obtaining API Access through Apps"
    """
    for issue in facts.issues.get("headers-not-a-list", ()):
        found = "an object" if isinstance(issue.value, dict) else "an array of objects"
        what = f'the `headers` of a request must be an array of "Name: value" strings, not {found}'
        help_ = 'write each header as a string, such as `["Content-Type: application/json"]`'
        fix = _converted(facts, issue, to_lines(issue.value), "write the headers as an array of strings")
        yield Problem(issue.path, what, help_, fix=fix)


@error(
    "MC108",
    Example(
        auth('"connection": {"headers": ["Accept-Language: en"]}'),
        "/auth/connection/headers",
        fixed=auth('"connection": {"headers": {"Accept-Language": "en"}}'),
    ),
    fix=SAFE,
)
def headers_not_an_object(facts: Facts) -> Problems:
    """The `headers` of `auth.connection` are not an object from name to value.

    App JSON writes headers in two forms: an object in `auth.connection`, an array of "Name: value" strings in a
    request. In the wrong form they are not added to the app's requests.

    DS: Technical Specification; published App JSON
    """
    for issue in facts.issues.get("headers-not-an-object", ()):
        what = "the `headers` of `connection` must be an object, not an array"
        help_ = 'write each header as a member, such as `{"Accept-Language": "en"}`'
        fix = _converted(facts, issue, to_object(issue.value), "write the headers as an object")
        yield Problem(issue.path, what, help_, fix=fix)


def _converted(facts: Facts, issue: ShapeIssue, value: object, title: str) -> Fix | None:
    """No fix if it would lose anything: a part without a counterpart, a comment, the first of two equal keys."""
    if value is None:
        return None
    start, end = facts.document.span(issue.path)
    if any(start <= defect.span.start < end for defect in facts.document.defects):
        return None
    return Fix(title, changes=(SetValue(issue.path, value),))


@error("MC102", Example(app('"actions": []'), "/actions", right=APP))
def missing_actions(facts: Facts) -> Problems:
    """An App JSON has no `actions`, or an empty list of them.

    Without an action a flow has nothing to use, and ManyChat refuses the document. A file that contains only `auth`
    or only a `request` is part of an App JSON and needs no actions.

    D: Quick Start: the editor requires at least one action
    """
    return _missing(facts, "actions", "add at least one action with `name`, `title` and `requests`")


@error("MC103", Example(APP.replace('"name": "ping", ', ""), "/actions/0", right=APP))
def missing_name(facts: Facts) -> Problems:
    """A declared entry has no `name`, or an empty one.

    ManyChat and placeholders refer to actions, params, form fields, mapping entries, sources, triggers and context
    entries by name; an entry without a name cannot be used.

    DS: Quick Start; every published App JSON
    """
    advice = 'give it a name that is unique in its list, such as `"name": "email"`'
    yield from _missing(facts, "name", advice)
    for path in facts.unnamed:
        yield Problem(path, "the `name` is empty", advice)


@error("MC104", Example(APP.replace('"title": "Ping", ', ""), "/actions/0", right=APP))
def missing_title(facts: Facts) -> Problems:
    """An action has no `title`, or an empty one.

    Users pick the action by its title in ManyChat's flow builder; every published app has one.

    S: every published App JSON
    """
    advice = "add the text that users see in the flow builder"
    yield from _missing(facts, "title", advice)
    for action in facts.actions:
        title = action.data.get("title")
        if isinstance(title, str) and not title.strip():
            yield Problem((*action.path, "title"), "the `title` of the action is empty", advice)


@error("MC105", Example(with_action('"forms": []'), "/actions/0", right=APP))
def missing_requests(facts: Facts) -> Problems:
    """An action has no `requests`, or an empty list of them.

    An action is the request that ManyChat sends when a flow reaches it. Without a request the action does nothing.

    S: every published App JSON: exactly one request in each action
    """
    return _missing(facts, "requests", 'add one, such as `"requests": [{"url": "https://example.com/orders", …}]`')


@error("MC106", Example(with_action('"requests": [{"method": "GET"}]'), "/actions/0/requests/0", right=APP))
def missing_url(facts: Facts) -> Problems:
    """A request has no `url`.

    ManyChat does not know where to send it; in `auth.request` the App Key then never arrives.

    DS: "Obtaining API Access through Apps"; every published App JSON
    """
    return _missing(facts, "url", 'add the endpoint, such as `"url": "https://example.com/manychat/install"`')


def _missing(facts: Facts, key: str, advice: str) -> Problems:
    for issue in facts.issues.get(f"missing-{key}", ()):
        what = f"`{key}` is empty" if issue.key is None else f"{_OBJECTS[issue.owner]} has no `{key}`"
        yield Problem(issue.path, what, advice)


@warning(
    "MC109",
    Example(block(KEY_HEADER.replace("headers", "Headers")), "/request/Headers", fixed=block(KEY_HEADER)),
    fix=SAFE,
)
def misspelt_key(facts: Facts) -> Problems:
    """A key is unknown, and close to a known key that is missing.

    ManyChat probably ignores keys that it does not know: the headers under `Headers` are never sent. It is an error
    where that takes away something that is needed: a required key, the App Key, `auth`, or the declaration of a name
    that is used. If the right key is present as well, or no known key is close, the key is only reported as unknown.

    DSXI: the keys in ManyChat's documents and in published App JSON; that others are ignored is inferred
    """
    misspelt = {issue.path for issue in facts.issues.get("misspelt-key", ())}
    needed = _needed(facts, misspelt) if misspelt else set()
    for issue in facts.issues.get("misspelt-key", ()):
        written, right = str(issue.path[-1]), str(issue.key)
        rename = f"rename it to `{right}`"
        required = issue.path in needed or right in OBJECTS[issue.owner].required
        yield Problem(
            issue.path,
            f"{quote(written)} is probably a misspelling of `{right}`",
            help=f"ManyChat does not know it; {rename}" if required else rename,
            key=True,
            fix=Fix(rename, changes=(RenameKey(issue.path, right),)) if issue.fits else None,
            severity=ERROR if required else None,
        )


def _needed(facts: Facts, misspelt: Set[Path]) -> set[Path]:
    """The misspelt keys on the way to something without which the app does not work."""

    def on_the_way(path: Path) -> set[Path]:
        return {path[:length] for length in range(1, len(path) + 1)} & misspelt

    places = [path for path in (facts.auth_path, facts.request_path) if path]
    if all(on_the_way(use.path) for use in facts.key_uses):
        places += [use.path for use in facts.key_uses]
    places += [each.path for each in (*facts.params, *facts.forms) if each.name.casefold() in facts.used]
    if facts.sourced:
        places += [source.path for source in facts.sources]
    return set().union(*map(on_the_way, places))


@error("MC115", Example(auth(f'"type": "APIKEY", {ACTIONS}'), "/auth/actions", right=APP))
def misplaced_key(facts: Facts) -> Problems:
    """A part of the App JSON is inside another part, or outside the one that it belongs in.

    ManyChat looks for each part in one place. Often a bracket was lost: if the `}` after `auth` is missing, the
    actions become a part of `auth`, and the app has none.

    DSX: Quick Start and Technical Specification; every published App JSON
    """
    for issue in facts.issues.get("misplaced-key", ()):
        inside, home = _OBJECTS[issue.expected[0]], _OBJECTS[issue.owner]
        deeper = issue.owner in WITHIN[issue.expected[0]]
        what = f"{quote(str(issue.key))} belongs in {home}, but is in {inside}"
        help_ = f"move it into {home}" if deeper else f"close {inside} with a `}}` before it"
        yield Problem(issue.path, what, help_, key=True)


@warning("MC110", Example(block('"payload": ["{{app_token}}"]'), "/request/payload", right=IN_BLOCK("{{app_token}}")))
def payload_list(facts: Facts) -> Problems:
    """The `payload` of a request is an array.

    Every known payload is an object or null. What ManyChat does with an array is not known, and an endpoint that
    looks up values by name finds none.

    DS: Quick Start; every published App JSON: an object or null
    """
    for issue in facts.issues.get("payload-list", ()):
        what = "`payload` is an array; every known payload is an object or null"
        yield Problem(issue.path, what, 'give each value a name, such as `{"app_token": "{{app_token}}"}`')


@warning("MC111", Example(APP.replace('"description": "Asks the shop.", ', ""), "/actions/0", right=APP))
def missing_description(facts: Facts) -> Problems:
    """An action or a trigger has no `description`.

    Users read it when they choose what a flow does, and reviewers read it before the app is listed.

    S: every published App JSON
    """
    advice = 'describe in a sentence what it does, such as `"description": "Creates an order in the shop."`'
    return _missing(facts, "description", advice)


@note("MC112", Example(auth('"comment": "for the shop"'), "/auth/comment", right=APP))
def unknown_key(facts: Facts) -> Problems:
    """A key is unknown, and no known key is close to it.

    It may be ignored or refused; which of the two is not documented. A key that belongs to another object has no
    effect here.

    ?: the keys in ManyChat's documents and in published App JSON; whether others are accepted is open
    """
    for issue in facts.issues.get("unknown-key", ()):
        key = str(issue.path[-1])
        help_ = f"known keys: {listed(issue.expected)}"
        homes = [_OBJECTS[name] for name, keys in KEYS.items() if key in keys]
        if 0 < len(homes) < 3:  # `title` belongs nearly everywhere
            help_ = f"{quote(key)} belongs in {' or '.join(homes)}"
        yield Problem(issue.path, f"{quote(key)} is not a known key of {_OBJECTS[issue.owner]}", help_, key=True)


@note("MC113", Example(auth('"type": "OAUTH"'), "/auth/type", right=auth('"type": "APIKEY"')))
def unknown_type(facts: Facts) -> Problems:
    """A `type` has an unknown value.

    Known values are APIKEY for `auth`; string, number and select for form fields; string and number for mappings;
    enum:static and enum:rpc for sources. There may be others that are not documented.

    DS?: the types in ManyChat's documents and in published App JSON; whether there are more is open
    """
    for issue in facts.issues.get("unknown-type", ()):
        what = f"{quote(str(issue.value))} is not a known type of {_OBJECTS[issue.owner]}"
        known = "the known type is" if len(issue.expected) == 1 else "known types:"
        yield Problem(issue.path, what, f"{known} {listed(issue.expected)}")


@note("MC114", Example(f"{{{ACTIONS}}}", "", fixed=f'{{{ACTIONS}, "auth": null}}'), fix=UNSAFE)
def missing_auth(facts: Facts) -> Problems:
    """An App JSON has no `auth`.

    ManyChat documents an object or null. Null says that the app needs no authorization; a missing `auth` may have
    been forgotten.

    D: Quick Start: `auth` is an object or null
    """
    for issue in facts.issues.get("missing-auth", ()):
        yield Problem(
            issue.path,
            "the App JSON has no `auth`",
            help='write `"auth": null` if the app needs no authorization',
            fix=Fix('add `"auth": null`', changes=(AddMember(issue.path, "auth", None),)),
        )
