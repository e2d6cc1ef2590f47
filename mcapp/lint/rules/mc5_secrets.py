"""MC5xx: secrets in the file, and secrets that the app asks for."""

import re

from mcapp.appjson import secrets
from mcapp.appjson.facts import Facts
from mcapp.appjson.secrets import SecretInFile
from mcapp.lint.model import ERROR, WARNING, Bad, Good, Problem, Problems, Rules, rule
from mcapp.lint.rules.samples import auth_headers, connection_headers, good_headers

# Put together here, so that a search of this repository for keys finds none.
_ACCOUNT_KEY = "12345678" + ":" + "0123456789abcdef" * 2
_OPAQUE = "0a1b2c3d" * 4


@rule(
    "MC501",
    ERROR,
    evidence="X",
    source="anyone who can read the App JSON can use the key; it has the form of a ManyChat account's API key",
    good=[
        good_headers("Authorization: Bearer {{app_token}}", "x-page: 12345678"),
        good_headers("x-time: 12:30:45"),
        good_headers("x-version: 123456:beta"),
        Good('{"auth": {"connection": {"headers": {"Authorization": "Bearer [[api_key]]"}}}}', kind="auth"),
        Good('{"request": {"url": "https://example.com:12345/0123456789abcdef?t={{app_token}}"}}', kind="request"),
    ],
    bad=[
        Bad(auth_headers(f"x-token: {_ACCOUNT_KEY}"), ("/request/headers/0",), kind="request"),
        Bad(auth_headers(f"Authorization: Bearer {_ACCOUNT_KEY}"), ("/request/headers/0",), kind="request"),
        Bad(connection_headers(f'"x-key": "{_ACCOUNT_KEY}"'), ("/auth/connection/headers/x-key",), kind="auth"),
        Bad(
            f'{{"auth": {{"params": [{{"name": "a", "title": "{_ACCOUNT_KEY}"}}]}}}}', ("/auth/params/0/title",), "auth"
        ),
    ],
)
def key_in_file(facts: Facts) -> Problems:
    """The file contains a key.

    It looks like the API key of a ManyChat account, which opens the whole account. App JSON is kept in
    repositories, sent around and shown to reviewers, so the key must be considered known to others.
    """
    for each in facts.secrets:
        if each.kind is secrets.KEY:
            yield _problem(each, "the file contains a key", "replace it with a placeholder, and renew the key")


def _problem(each: SecretInFile, message: str, help_: str) -> Problem:
    return Problem(each.path, message, help_, each.key, each.chars, each.span)


@rule(
    "MC502",
    ERROR,
    evidence="DX",
    source='"Obtaining API Access through Apps": {{app_token}} is written where the key belongs',
    good=[
        good_headers("x-token-header: {{app_token}}"),
        good_headers(f"x-token: {_OPAQUE}"),
        good_headers("x-token-header: your-token-goes-here-1234"),
        good_headers("x-token-header: v1"),
        good_headers(f"x-request-id: {_OPAQUE}"),
    ],
    bad=[
        Bad(auth_headers(f"x-token-header: {_OPAQUE}"), ("/request/headers/0",), kind="request"),
        Bad(
            f'{{"request": {{"url": "https://example.com/hook", "payload": {{"app_token": "{_OPAQUE}"}}}}}}',
            ("/request/payload/app_token",),
            kind="request",
        ),
        Bad(
            f'{{"request": {{"url": "https://example.com/hook", "headers": ["Authorization: Bearer {_OPAQUE}"]}}}}',
            ("/request/headers/0",),
            kind="request",
        ),
    ],
)
def key_for_placeholder(facts: Facts) -> Problems:
    """A key is written where `{{app_token}}` belongs.

    Every installation has its own App Key, and ManyChat writes it in place of `{{app_token}}`. A key that is
    written into the file is sent for every installer, and everybody who can read the App JSON has it.
    """
    for each in facts.secrets:
        if each.kind is secrets.APP_TOKEN:
            yield _problem(
                each, "a key is written where `{{app_token}}` belongs", "write `{{app_token}}`, and renew the key"
            )


_PARAMS = '"params": [{"name": "api_key", "title": "Your key"}]'


@rule(
    "MC503",
    WARNING,
    evidence="X",
    source="anyone who can read the App JSON can use them; RFC 6750 and 7617 for the forms",
    good=[
        Good(connection_headers('"Authorization": "Bearer [[api_key]]"'), kind="auth"),
        Good(connection_headers('"Authorization": "Basic [[login]]"'), kind="auth"),
        Good(f'{{"auth": {{{_PARAMS}, "connection": {{"qs": {{"api_key": "[[api_key]]"}}}}}}}}', kind="auth"),
        good_headers("x-note: basic authentication is used"),
        good_headers("x-token: token"),
        Good('{"auth": {"params": [{"name": "a", "title": "The bearer of good news"}]}}', kind="auth"),
        Good('{"auth": {"params": [{"name": "a", "title": "Basic internationalization"}]}}', kind="auth"),
        Good('{"auth": {"params": [{"name": "a", "title": "Your Bearer authentication-token"}]}}', kind="auth"),
    ],
    bad=[
        Bad(
            connection_headers(f'"Authorization": "Bearer {_OPAQUE}"'),
            ("/auth/connection/headers/Authorization",),
            kind="auth",
        ),
        Bad(auth_headers("Authorization: Basic " + "bWU6c2Vz" + "YW1lMTI="), ("/request/headers/0",), kind="request"),
        Bad(
            f'{{"auth": {{"connection": {{"qs": {{"api_key": "{_OPAQUE}"}}}}}}}}',
            ("/auth/connection/qs/api_key",),
            "auth",
        ),
        Bad(auth_headers(f"x-api-key: {_OPAQUE}"), ("/request/headers/0",), kind="request"),
        *(
            Bad(
                auth_headers("x-page: 1").replace('"app_token"', f'"{name}": "{value}", "app_token"'),
                (f"/request/payload/{name}",),
                kind="request",
            )
            for name, value in (
                ("secret", _OPAQUE),
                ("password", _OPAQUE),
                ("a", "sk_" + "live_" + _OPAQUE),
                ("a", "gh" + "p_" + _OPAQUE),
                ("a", "xo" + "xb-" + _OPAQUE),
            )
        ),
    ],
)
def credentials_in_file(facts: Facts) -> Problems:
    """The file contains credentials.

    They are the same for every installer, and everybody who can read the App JSON can use them. Ask for them with a
    param: the input in App Setup is saved with the installation.
    """
    for each in facts.secrets:
        if each.kind is secrets.CREDENTIALS:
            yield _problem(each, "the file contains credentials", "ask for them with a param, and write `[[its_name]]`")


# `manychat_api_key`, "Your ManyChat API token", "API key of your Manychat account"; not "ManyChat keyword".
# Nor "License key of the ManyChat plugin": that is a key of the plugin.
_MANYCHAT = r"(?:many\s?chat|\bmc\b)(?!\s(?:plugin|add-?on|extension|module|connector|integration)\b)"
_SECRET = r"(?:api|token|key|secret|credentials?)\b"  # noqa: S105  # a regular expression
# Compiled by `re` when it is first used.
_ASKS = rf"(?i){_MANYCHAT}(?:.{{0,40}}?\b)?(?:api)?{_SECRET}|\b{_SECRET}.{{0,40}}?{_MANYCHAT}"


def _param(name: str, title: str) -> str:
    return f'{{"auth": {{"params": [{{"name": "{name}", "title": "{title}"}}]}}}}'


@rule(
    "MC504",
    WARNING,
    evidence="D",
    source='"Obtaining API Access through Apps": mandatory since 2021-02-01, asking for the API key is not transparent',
    good=[
        Good(_param("api_key", "Your API key"), kind="auth"),
        Good(_param("token", "Token of your shop"), kind="auth"),
        Good(_param("keyword", "Keyword that starts the ManyChat flow"), kind="auth"),
        Good(_param("page", "Your ManyChat page"), kind="auth"),
        Good(_param("mcc", "MCC key"), kind="auth"),
        Good(_param("license", "License key of the ManyChat plugin"), kind="auth"),
    ],
    bad=[
        Bad(_param("key", "Your ManyChat API key"), ("/auth/params/0",), kind="auth"),
        Bad(_param("manychat_api_key", "Key"), ("/auth/params/0",), kind="auth"),
        Bad(_param("manychatapikey", ""), ("/auth/params/0",), kind="auth"),
        Bad(_param("manychatToken", "Token"), ("/auth/params/0",), kind="auth"),
        Bad(_param("k", "API token from your Manychat settings"), ("/auth/params/0",), kind="auth"),
    ],
)
def asks_for_api_key(facts: Facts) -> Problems:
    """A param asks for the ManyChat API key.

    The account's key opens everything, and the installer does not learn what the app does with it. An App Key opens
    only what was ticked in the API Access tab, the installer sees it, and `auth.request` delivers it without any
    typing.
    """
    for entry in facts.params:
        title = entry.data.get("title")
        title = title if isinstance(title, str) else ""
        low = f"{entry.name} {title}".lower()
        if ("chat" in low or "mc" in low) and (re.search(_ASKS, _spaced(entry.name)) or re.search(_ASKS, title)):
            yield Problem(
                entry.path,
                "this param asks for the ManyChat API key",
                "remove it: `{{app_token}}` in auth.request delivers an App Key",
            )


def _spaced(name: str) -> str:
    """`manychatApiKey` and `manychat_api_key` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", name)


RULES: Rules = (key_in_file, key_for_placeholder, credentials_in_file, asks_for_api_key)
