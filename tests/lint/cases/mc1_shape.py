"""Further cases of the rules on types and missing keys."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples

CASES: dict[str, list[Good | Bad | str]] = {
    "wrong-type": [
        samples.app(),
        Good(samples.auth('"connection": []'), kind="auth"),
        Bad(
            samples.auth('"params": [{"name": 5, "title": "Your shop"}]'),
            kind="auth",
            at=("/auth/params/0/name",),
            fixed=samples.auth('"params": [{"name": "5", "title": "Your shop"}]'),
        ),
        Bad("[1, 2]", at=("",)),
        Bad(samples.app().replace("null", "[]"), at=("/auth",)),
    ],
    "headers-not-a-list": [
        Good(samples.request(f'"headers": [{samples.KEY_HEADER}]'), kind="request"),
        Good(
            samples.auth('"connection": {"headers": {"X-Shop": "[[shop]]"}}, "params": [{"name": "shop"}]'), kind="auth"
        ),
        Bad(
            samples.request('"headers": [{"name": "x-token-header", "value": "{{app_token}}"}]'),
            kind="request",
            at=("/request/headers",),
            fixed=samples.request(f'"headers": [{samples.KEY_HEADER}]'),
        ),
    ],
    "headers-not-an-object": [Good(samples.auth('"connection": {"headers": {"Accept-Language": "en"}}'), kind="auth")],
    "missing-actions": [
        Good(samples.auth('"type": "APIKEY"'), kind="auth"),
        Bad(samples.app_of('"actions": []'), at=("/actions",)),
    ],
    "missing-name": [
        Good(samples.auth('"params": [{"name": "shop", "title": "Your shop"}]'), kind="auth"),
        Bad(samples.app(samples.changed('"ping"', '""')), at=("/actions/0/name",)),
        Bad(samples.auth('"params": [{"title": "Your shop"}]'), kind="auth", at=("/auth/params/0",)),
    ],
    "missing-title": [Bad(samples.app(samples.changed('"Ping"', '" "')), at=("/actions/0/title",))],
    "missing-requests": [
        Bad(
            samples.app('{"name": "ping", "title": "Ping", "description": "Asks the shop.", "requests": []}'),
            at=("/actions/0/requests",),
        )
    ],
    "missing-url": [Good(samples.auth('"params": []'), kind="auth")],
}
