"""Further cases of the rules on keys that the schema accepts."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples

CASES: dict[str, list[Good | Bad | str]] = {
    "misspelt-key": [
        samples.app(),
        Good(samples.request('"payload": {"Headers": "", "app_token": "{{app_token}}"}'), kind="request"),
        Bad(
            samples.request(f'"headers": [{samples.KEY_HEADER}]').replace('"request"', '"reqeust"'),
            kind="request",
            at=("/reqeust",),
            fixed=samples.request(f'"headers": [{samples.KEY_HEADER}]'),
        ),
        *(
            Bad(samples.app().replace(f'"{right}"', f'"{written}"'), at=(f"{where}/{written}",), fixed=samples.app())
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
        Good(samples.auth('"type": "APIKEY"'), kind="auth"),
        Good(samples.request('"payload": {"actions": [], "app_token": "{{app_token}}"}'), kind="request"),
        Bad(f'{{"auth": {{"type": "APIKEY", "actions": [{samples.ACTION}]}}, "triggers": []}}', ("/auth/actions",)),
        Bad(
            samples.app(more='"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}'),
            ("/request",),
        ),
    ],
    "payload-list": [samples.app()],
    "unknown-key": [
        Good(samples.auth('"connection": {"headers": {"X-Any": "1"}, "qs": {"any": "1"}}'), kind="auth"),
        samples.app(more='"sources": [{"name": "a", "type": "enum:rpc", "x": 1}]'),
        Bad(samples.app(more='"version": 2'), at=("/version",)),
    ],
    "unknown-type": [
        samples.app(more='"sources": [{"name": "a", "type": "enum:rpc"}]'),
        Bad(samples.app(more='"sources": [{"name": "a", "type": "static"}]'), at=("/sources/0/type",)),
    ],
    "missing-auth": [samples.app(), Good(samples.request(f'"headers": [{samples.KEY_HEADER}]'), kind="request")],
}
