"""MC5xx: secrets in the file, and secrets that the app asks for."""

import re

from mcapp.appjson import secrets
from mcapp.appjson.facts import Facts
from mcapp.lint.model import Example, Problem, Problems, error, warning
from mcapp.lint.rules.samples import HEADERS, auth, lines, one_param

# Put together here, so that a search of this repository for keys finds none.
ACCOUNT_KEY = "12345678" + ":" + "0123456789abcdef" * 2
OPAQUE = "0a1b2c3d" * 4


def connection_headers(members: str) -> str:
    """An auth object whose connection has these members as headers."""
    return auth(f'"connection": {{"headers": {{{members}}}}}')


@error(
    "MC501",
    HEADERS.wrong(f"x-token: {ACCOUNT_KEY}", right=lines("Authorization: Bearer {{app_token}}", "x-page: 12345678")),
)
def key_in_file(facts: Facts) -> Problems:
    """The file contains a key.

    It looks like the API key of a ManyChat account, which opens the whole account. App JSON is kept in
    repositories, sent around and shown to reviewers, so the key must be considered known to others.

    X: anyone who can read the App JSON can use the key; it has the form of a ManyChat account's API key
    """
    return _found(facts, secrets.KEY, "the file contains a key", "replace it with a placeholder, and renew the key")


def _found(facts: Facts, kind: str, message: str, help_: str) -> Problems:
    for each in facts.secrets:
        if each.kind is kind:
            yield Problem(each.path, message, help_, each.key, each.chars, each.span)


@error("MC502", HEADERS.wrong(f"x-token-header: {OPAQUE}", right="x-token-header: {{app_token}}"))
def key_for_placeholder(facts: Facts) -> Problems:
    """A key is written where `{{app_token}}` belongs.

    Every installation has its own App Key, and ManyChat writes it in place of `{{app_token}}`. A key that is
    written into the file is sent for every installer, and everybody who can read the App JSON has it.

    DX: "Obtaining API Access through Apps": {{app_token}} is written where the key belongs
    """
    what = "a key is written where `{{app_token}}` belongs"
    return _found(facts, secrets.APP_TOKEN, what, "write `{{app_token}}`, and renew the key")


@warning(
    "MC503",
    Example(
        connection_headers(f'"Authorization": "Bearer {OPAQUE}"'),
        "/auth/connection/headers/Authorization",
        right=connection_headers('"Authorization": "Bearer [[api_key]]"'),
    ),
)
def credentials_in_file(facts: Facts) -> Problems:
    """The file contains credentials.

    They are the same for every installer, and everybody who can read the App JSON can use them. Ask for them with a
    param: the input in App Setup is saved with the installation.

    X: anyone who can read the App JSON can use them; RFC 6750 and 7617 for the forms
    """
    help_ = "ask for them with a param, and write `[[its_name]]`"
    return _found(facts, secrets.CREDENTIALS, "the file contains credentials", help_)


# `manychat_api_key`, "Your ManyChat API token", "API key of your Manychat account"; not "ManyChat keyword".
# Nor "License key of the ManyChat plugin": that is a key of the plugin.
_MANYCHAT = r"(?:many\s?chat|\bmc\b)(?!\s(?:plugin|add-?on|extension|module|connector|integration)\b)"
_SECRET = r"(?:api|token|key|secret|credentials?)\b"  # noqa: S105  # a regular expression
# Compiled by `re` when it is first used.
_ASKS = rf"(?i){_MANYCHAT}(?:.{{0,40}}?\b)?(?:api)?{_SECRET}|\b{_SECRET}.{{0,40}}?{_MANYCHAT}"


@warning(
    "MC504",
    Example(one_param("key", "Your ManyChat API key"), "/auth/params/0", right=one_param("api_key", "Your API key")),
)
def asks_for_api_key(facts: Facts) -> Problems:
    """A param asks for the ManyChat API key.

    The account's key opens everything, and the installer does not learn what the app does with it. An App Key opens
    only what was ticked in the API Access tab, the installer sees it, and `auth.request` delivers it without any
    typing.

    D: "Obtaining API Access through Apps": mandatory since 2021-02-01, asking for the API key is not transparent
    """
    for entry in facts.params:
        title = entry.data.get("title")
        title = title if isinstance(title, str) else ""
        low = f"{entry.name} {title}".lower()
        if "chat" not in low and "mc" not in low:
            continue
        # `manychatApiKey` and `manychat_api_key` as words
        name = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", entry.name)
        if re.search(_ASKS, name) or re.search(_ASKS, title):
            what = "this param asks for the ManyChat API key"
            yield Problem(entry.path, what, "remove it: `{{app_token}}` in auth.request delivers an App Key")
