"""MC102 to MC106: what an object must have and lacks. A misspelt key in its stead belongs to the same finding."""

from typing import TYPE_CHECKING

from mcapp.document.places import RenameKey
from mcapp.lint.model import ERROR, SAFE, Bad, Fix, Good, Label, Problem, Problems, Rules, rule
from mcapp.lint.rules import samples
from mcapp.lint.words import PLACE_WORDS, quoted

if TYPE_CHECKING:
    from mcapp.appjson.facts import Facts

_PUBLISHED = "ManyChat, Dev Program - Quick Start; every published App JSON"


@rule(
    "MC102",
    ERROR,
    evidence="D",
    source="ManyChat, Dev Program - Quick Start: the editor wants at least one action",
    fix=SAFE,
    good=[samples.app(), Good(samples.auth('"type": "APIKEY"'), kind="auth")],
    bad=[
        Bad(samples.app_of(), at=("",)),
        Bad(samples.app_of('"actions": []'), at=("/actions",)),
        Bad(
            samples.app().replace("actions", "actoins"),
            at=("",),
            fixed=samples.app(),
        ),
    ],
)
def missing_actions(facts: "Facts") -> Problems:
    """An App JSON has no `actions`, or none in it.

    Without an action there is nothing that a flow could use, and ManyChat does not take the document. A file that holds
    only `auth` or only a `request` is a part of an App JSON and needs none.
    """
    return _missing(facts, "actions", "list at least one action with `name`, `title` and `requests`")


@rule(
    "MC103",
    ERROR,
    evidence="DS",
    source=_PUBLISHED,
    fix=SAFE,
    good=[
        samples.app(),
        Good(samples.auth('"params": [{"name": "shop", "title": "Your shop"}]'), kind="auth"),
    ],
    bad=[
        Bad(samples.app(samples.changed('"name": "ping", ')), at=("/actions/0",)),
        Bad(samples.auth('"params": [{"title": "Your shop"}]'), kind="auth", at=("/auth/params/0",)),
        Bad(
            samples.auth('"params": [{"Name": "shop", "title": "Your shop"}]'),
            kind="auth",
            at=("/auth/params/0",),
            fixed=samples.auth('"params": [{"name": "shop", "title": "Your shop"}]'),
        ),
    ],
)
def missing_name(facts: "Facts") -> Problems:
    """Something that is declared has no `name`.

    Actions, params, form fields, mapping entries, sources, triggers and their context entries are known to ManyChat and
    to placeholders by their name; without one nothing can refer to them.
    """
    return _missing(facts, "name", 'give it a name that nothing else in its list has, as in `"name": "email"`')


@rule(
    "MC104",
    ERROR,
    evidence="S",
    source="every published App JSON",
    fix=SAFE,
    good=[samples.app()],
    bad=[
        Bad(samples.app(samples.changed('"title": "Ping", ')), at=("/actions/0",)),
        Bad(
            samples.app(samples.changed('"title"', '"titel"')),
            at=("/actions/0",),
            fixed=samples.app(),
        ),
    ],
)
def missing_title(facts: "Facts") -> Problems:
    """An action has no `title`.

    The title is what the user picks the action by in ManyChat's flow builder; every published app has it.
    """
    return _missing(facts, "title", "add what the user is to see in the flow builder")


@rule(
    "MC105",
    ERROR,
    evidence="S",
    source="every published App JSON: exactly one request in each action",
    fix=SAFE,
    good=[samples.app()],
    bad=[
        Bad(samples.app('{"name": "ping", "title": "Ping", "description": "Asks the shop."}'), at=("/actions/0",)),
        Bad(
            samples.app('{"name": "ping", "title": "Ping", "description": "Asks the shop.", "requests": []}'),
            at=("/actions/0/requests",),
        ),
        Bad(
            samples.app(samples.changed('"requests"', '"Requests"')),
            at=("/actions/0",),
            fixed=samples.app(),
        ),
    ],
)
def missing_requests(facts: "Facts") -> Problems:
    """An action has no `requests`, or none in it.

    An action is the request that ManyChat sends when a flow comes to it. With none there is nothing that it could do.
    """
    return _missing(facts, "requests", 'add one, as in `"requests": [{"url": "https://example.com/orders", …}]`')


@rule(
    "MC106",
    ERROR,
    evidence="DS",
    source="ManyChat, Dev Program - Obtaining API Access through Apps; every published App JSON",
    fix=SAFE,
    good=[samples.app(), Good(samples.auth('"params": []'), kind="auth")],
    bad=[
        Bad(samples.request(f'"headers": [{samples.KEY_HEADER}]', url=""), kind="request", at=("/request",)),
        Bad(
            samples.app(samples.changed('"url"', '"URL"')),
            at=("/actions/0/requests/0",),
            fixed=samples.app(),
        ),
    ],
)
def missing_url(facts: "Facts") -> Problems:
    """A request has no `url`.

    ManyChat does not know where to send it; in `auth.request` the App Key then never arrives.
    """
    return _missing(facts, "url", 'add the endpoint, as in `"url": "https://example.com/manychat/install"`')


def _missing(facts: "Facts", key: str, advice: str) -> Problems:
    for issue in facts.shape_issues:
        if issue.rule != f"missing-{key}":
            continue
        if issue.key is None:
            yield Problem(issue.path, f"`{key}` is empty", help=advice)
            continue
        message = f"{PLACE_WORDS[issue.place]} has no `{key}`"
        if issue.written is None:
            yield Problem(issue.path, message, help=advice)
            continue
        written = (*issue.path, issue.written)
        rename = f"rename {quoted(issue.written)} to `{key}`"
        yield Problem(
            issue.path,
            message,
            help=rename,
            related=(Label(f"this is probably meant to be `{key}`", written, key=True),),
            fix=Fix(rename, changes=(RenameKey(written, key),)) if issue.renames else None,
        )


RULES: Rules = (missing_actions, missing_name, missing_title, missing_requests, missing_url)
