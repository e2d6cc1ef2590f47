"""MC4xx: the mappings and requests of actions, and the triggers."""

from typing import TYPE_CHECKING

from mcapp.appjson.json_path import rooted
from mcapp.appjson.kinds import APP
from mcapp.document.places import SetText
from mcapp.lint.model import NOTE, UNSAFE, WARNING, Bad, Fix, Good, Problem, Problems, Rules, rule
from mcapp.lint.wording import quote

if TYPE_CHECKING:
    from mcapp.appjson.facts import Facts

_MAPPING = (
    '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": [{"url": '
    '"https://example.com/", "method": "GET", "mapping": [{"name": "id", "path": "PATH", "type": "string"}]}]}]}'
)
_AT_PATH = ("/actions/0/requests/0/mapping/0/path",)


def _mapping(path: str) -> str:
    return _MAPPING.replace("PATH", path)


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
        ),
    ],
)
def bad_mapping_path(facts: "Facts") -> Problems:
    """A mapping's path is no JSONPath.

    It finds nothing in the answer, and the field stays empty.
    """
    for place, path in facts.odd_paths:
        if path.startswith("$") or rooted(path) is None:
            what = f"{quote(path)} is no JSONPath" if path else "the path is empty"
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
def mapping_path_without_root(facts: "Facts") -> Problems:
    """A mapping's path does not begin with `$`.

    It seems to work in one published app; every document writes the `$`.
    """
    for place, path in facts.odd_paths:
        full = None if path.startswith("$") else rooted(path)
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
        Bad(
            _TWO.replace("SECOND", ', {"url": "https://example.com/2", "method": "GET"}'),
            ("/actions/0/requests/1",),
        ),
    ],
)
def several_requests(facts: "Facts") -> Problems:
    """An action has more than one request.

    In which order they are sent, and whose answer the mapping reads, is documented nowhere.
    """
    for action, second in facts.second_requests:
        yield Problem(
            second,
            f"the action {quote(action.name)} has more than one request",
            "make an action of its own of it, or do the rest on your server",
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
def triggers_without_request(facts: "Facts") -> Problems:
    """There are triggers, but no `auth.request`.

    A trigger is fired with the App Key. Without `auth.request` every user has to copy the key by hand first.
    """
    if facts.kind == APP and facts.triggers and facts.request_path is None and facts.whole(()):
        yield Problem(
            facts.triggers_path,
            "triggers need the App Key, and no `auth.request` hands it over",
            "add one (`mcapp generate --into`), or have the key copied by hand and kept with `mcapp keys add`",
        )


RULES: Rules = (bad_mapping_path, mapping_path_without_root, several_requests, triggers_without_request)
