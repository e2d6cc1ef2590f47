"""MC101 to MC108: wrong types, missing keys, and headers in the wrong form."""

from mcapp.appjson.app_schema import OBJECTS
from mcapp.appjson.facts import Facts
from mcapp.appjson.requests import to_lines, to_object
from mcapp.appjson.shape import ShapeIssue
from mcapp.document.places import Edit, Path, SetValue
from mcapp.lint.model import SAFE, UNSAFE, Bad, Fix, Problem, Problems, error
from mcapp.lint.rules import samples
from mcapp.lint.wording import OBJECT_WORDS

_PUBLISHED = "ManyChat, Dev Program - Quick Start; every published App JSON"
_NOTION = "ManyChat, Technical Specification (Notion); published App JSON"

_WORDS = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
}


@error(
    "MC101",
    f"DS: {_PUBLISHED}",
    fix=UNSAFE,
    wrong=Bad(samples.app_of(f'"actions": {samples.ACTION}'), at=("/actions",), fixed=samples.app()),
)
def wrong_type(facts: Facts) -> Problems:
    """A value has a different JSON type from the one that ManyChat expects.

    ManyChat's editor refuses the document, or ignores a value that should be a list. What is inside such a value is
    not checked: it is one mistake.
    """
    for issue in facts.issues.get("wrong-type", ()):
        expected = " or ".join(", ".join(_WORDS[each] for each in issue.expected).rsplit(", ", 1))
        yield Problem(
            issue.path,
            f"{_subject(issue.path)} must be {expected}, not {_found(issue.value)}",
            help=_advice(issue),
            fix=_retyped(facts, issue),
        )


def _subject(path: Path) -> str:
    if not path:
        return "the document"
    if isinstance(path[-1], int):
        return f"an entry of `{path[-2]}`"
    return f"`{path[-1]}`"


def _found(value: object) -> str:
    """The value, as a message names it. A string is not repeated: it may be long, or a key in a wrong place."""
    if isinstance(value, dict | list):
        return _WORDS["object" if isinstance(value, dict) else "array"]
    if isinstance(value, str):
        return _WORDS["string"]
    if isinstance(value, bool) or value is None:
        return {True: "`true`", False: "`false`", None: "`null`"}[value]
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
        return f"write {_WORDS[expected[0]]}, or remove {_subject(issue.path)}"
    return f"write {_WORDS[expected[0]]} here"


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
    f"DS: {_NOTION}; ManyChat, Dev Program - Obtaining API Access through Apps",
    fix=SAFE,
    wrong=Bad(
        samples.request('"headers": {"x-token-header": "{{app_token}}"}'),
        kind="request",
        at=("/request/headers",),
        fixed=samples.request(f'"headers": [{samples.KEY_HEADER}]'),
    ),
)
def headers_not_a_list(facts: Facts) -> Problems:
    """The `headers` of a request are not an array of "Name: value" strings.

    App JSON writes headers in two forms: an array of strings in a request, an object in `auth.connection`. In the
    wrong form they are not sent, and an App Key in them is lost.
    """
    for issue in facts.issues.get("headers-not-a-list", ()):
        found = "an object" if isinstance(issue.value, dict) else "an array of objects"
        lines = to_lines(issue.value)
        yield Problem(
            issue.path,
            f'the `headers` of a request must be an array of "Name: value" strings, not {found}',
            help='write each header as a string, such as `["Content-Type: application/json"]`',
            fix=_converted(facts, issue, lines, "write the headers as an array of strings"),
        )


@error(
    "MC108",
    f"DS: {_NOTION}",
    fix=SAFE,
    wrong=Bad(
        samples.auth('"connection": {"headers": ["Accept-Language: en"]}'),
        kind="auth",
        at=("/auth/connection/headers",),
        fixed=samples.auth('"connection": {"headers": {"Accept-Language": "en"}}'),
    ),
)
def headers_not_an_object(facts: Facts) -> Problems:
    """The `headers` of `auth.connection` are not an object from name to value.

    App JSON writes headers in two forms: an object in `auth.connection`, an array of "Name: value" strings in a
    request. In the wrong form they are not added to the app's requests.
    """
    for issue in facts.issues.get("headers-not-an-object", ()):
        pairs = to_object(issue.value)
        yield Problem(
            issue.path,
            "the `headers` of `connection` must be an object, not an array",
            help='write each header as a member, such as `{"Accept-Language": "en"}`',
            fix=_converted(facts, issue, pairs, "write the headers as an object"),
        )


def _converted(facts: Facts, issue: ShapeIssue, value: object, title: str) -> Fix | None:
    """No fix if it would lose anything: a part without a counterpart, a comment, the first of two equal keys."""
    if value is None:
        return None
    start, end = facts.document.span(issue.path)
    if any(start <= defect.span.start < end for defect in facts.document.defects):
        return None
    return Fix(title, changes=(SetValue(issue.path, value),))


@error(
    "MC102",
    "D: ManyChat, Dev Program - Quick Start: the editor requires at least one action",
    wrong=Bad(samples.app_of(), at=("",)),
    right=samples.app(),
)
def missing_actions(facts: Facts) -> Problems:
    """An App JSON has no `actions`, or an empty list of them.

    Without an action a flow has nothing to use, and ManyChat refuses the document. A file that contains only `auth`
    or only a `request` is part of an App JSON and needs no actions.
    """
    return _missing(facts, "actions", "add at least one action with `name`, `title` and `requests`")


@error(
    "MC103",
    f"DS: {_PUBLISHED}",
    wrong=Bad(samples.app(samples.changed('"name": "ping", ')), at=("/actions/0",)),
    right=samples.app(),
)
def missing_name(facts: Facts) -> Problems:
    """A declared entry has no `name`, or an empty one.

    ManyChat and placeholders refer to actions, params, form fields, mapping entries, sources, triggers and context
    entries by name; an entry without a name cannot be used.
    """
    advice = 'give it a name that is unique in its list, such as `"name": "email"`'
    yield from _missing(facts, "name", advice)
    for path in facts.unnamed:
        yield Problem(path, "the `name` is empty", advice)


@error(
    "MC104",
    "S: every published App JSON",
    wrong=Bad(samples.app(samples.changed('"title": "Ping", ')), at=("/actions/0",)),
    right=samples.app(),
)
def missing_title(facts: Facts) -> Problems:
    """An action has no `title`, or an empty one.

    Users pick the action by its title in ManyChat's flow builder; every published app has one.
    """
    advice = "add the text that users see in the flow builder"
    yield from _missing(facts, "title", advice)
    for action in facts.actions:
        title = action.data.get("title")
        if isinstance(title, str) and not title.strip():
            yield Problem((*action.path, "title"), "the `title` of the action is empty", advice)


@error(
    "MC105",
    "S: every published App JSON: exactly one request in each action",
    wrong=Bad(samples.app('{"name": "ping", "title": "Ping", "description": "Asks the shop."}'), at=("/actions/0",)),
    right=samples.app(),
)
def missing_requests(facts: Facts) -> Problems:
    """An action has no `requests`, or an empty list of them.

    An action is the request that ManyChat sends when a flow reaches it. Without a request the action does nothing.
    """
    return _missing(facts, "requests", 'add one, such as `"requests": [{"url": "https://example.com/orders", …}]`')


@error(
    "MC106",
    "DS: ManyChat, Dev Program - Obtaining API Access through Apps; every published App JSON",
    wrong=Bad(samples.request(f'"headers": [{samples.KEY_HEADER}]', url=""), kind="request", at=("/request",)),
    right=samples.app(),
)
def missing_url(facts: Facts) -> Problems:
    """A request has no `url`.

    ManyChat does not know where to send it; in `auth.request` the App Key then never arrives.
    """
    return _missing(facts, "url", 'add the endpoint, such as `"url": "https://example.com/manychat/install"`')


def _missing(facts: Facts, key: str, advice: str) -> Problems:
    for issue in facts.issues.get(f"missing-{key}", ()):
        what = f"`{key}` is empty" if issue.key is None else f"{OBJECT_WORDS[issue.owner]} has no `{key}`"
        yield Problem(issue.path, what, advice)
