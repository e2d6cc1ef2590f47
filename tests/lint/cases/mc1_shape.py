"""Further cases of the rules on types, and on missing and unknown keys."""

from mcapp.lint.model import Example
from mcapp.lint.rules.samples import ACTION, ACTIONS, APP, KEY_HEADER, app, auth, block
from tests.lint.cases import Cases

CASES: Cases = {
    "wrong-type": [
        APP,
        auth('"connection": []'),
        Example(
            auth('"params": [{"name": 5, "title": "Your shop"}]'),
            "/auth/params/0/name",
            fixed=auth('"params": [{"name": "5", "title": "Your shop"}]'),
        ),
        Example("[1, 2]", ""),
        Example(APP.replace("null", "[]"), "/auth"),
    ],
    "headers-not-a-list": [
        block(KEY_HEADER),
        auth('"connection": {"headers": {"X-Shop": "[[shop]]"}}, "params": [{"name": "shop"}]'),
        Example(
            block('"headers": [{"name": "x-token-header", "value": "{{app_token}}"}]'),
            "/request/headers",
            fixed=block(KEY_HEADER),
        ),
    ],
    "headers-not-an-object": [auth('"connection": {"headers": {"Accept-Language": "en"}}')],
    "missing-actions": [auth('"type": "APIKEY"'), Example(app('"actions": []'), "/actions")],
    "missing-name": [
        auth('"params": [{"name": "shop", "title": "Your shop"}]'),
        Example(APP.replace('"ping"', '""'), "/actions/0/name"),
        Example(auth('"params": [{"title": "Your shop"}]'), "/auth/params/0"),
    ],
    "missing-title": [Example(APP.replace('"Ping"', '" "'), "/actions/0/title")],
    "missing-requests": [
        Example(
            app('"actions": [{"name": "ping", "title": "Ping", "description": "Asks the shop.", "requests": []}]'),
            "/actions/0/requests",
        )
    ],
    "missing-url": [
        Example('{"request": {"method": "POST", "headers": ["x-token-header: {{app_token}}"]}}', "/request"),
        auth('"params": []'),
    ],
    "misspelt-key": [
        APP,
        block('"payload": {"Headers": "", "app_token": "{{app_token}}"}'),
        Example(block(KEY_HEADER).replace('"request"', '"reqeust"'), "/reqeust", fixed=block(KEY_HEADER)),
        *(
            Example(APP.replace(f'"{right}"', f'"{written}"'), f"{where}/{written}", fixed=APP)
            for where, right, written in (
                ("/actions/0", "description", "desciption"),
                ("/actions/0", "title", "titel"),
                ("/actions/0", "name", "Name"),
                ("/actions/0", "requests", "Requests"),
                ("/actions/0/requests/0", "url", "URL"),
                ("", "actions", "actoins"),
            )
        ),
    ],
    "misplaced-key": [
        auth('"type": "APIKEY"'),
        block('"payload": {"actions": [], "app_token": "{{app_token}}"}'),
        Example(f'{{"auth": {{"type": "APIKEY", "actions": [{ACTION}]}}, "triggers": []}}', "/auth/actions"),
        Example(
            app(ACTIONS, '"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}'), "/request"
        ),
    ],
    "payload-list": [APP],
    "unknown-key": [
        auth('"connection": {"headers": {"X-Any": "1"}, "qs": {"any": "1"}}'),
        app(ACTIONS, '"sources": [{"name": "a", "type": "enum:rpc", "x": 1}]'),
        Example(app(ACTIONS, '"version": 2'), "/version"),
    ],
    "unknown-type": [
        app(ACTIONS, '"sources": [{"name": "a", "type": "enum:rpc"}]'),
        Example(app(ACTIONS, '"sources": [{"name": "a", "type": "static"}]'), "/sources/0/type"),
    ],
    "missing-auth": [APP, block(KEY_HEADER)],
}
