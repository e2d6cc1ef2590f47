"""Further cases of the rules on auth.request, methods and payloads."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples

CASES: dict[str, list[Good | Bad | str]] = {
    "key-never-sent": [
        Good(samples.block(samples.JSON_HEADERS + '"payload": {"deep": [{"key": "{{app_token}}"}]}'), "request"),
        Good(samples.block('"payload": "key={{app_token}}"'), "request"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}', "request"),
        Good(samples.block('"headers": ["Authorization: Bearer <<app_token>>"]'), "request", "portable"),
        Good(samples.block('"headers": ["x-token-header: [[app_token]]"]'), "request"),
        Good(samples.block('"headers": ["x-token-header: {{ App_Token }}"]'), "request"),
        Good(samples.block('"headers": {"x-token-header": "{{app_token}}"}'), "request"),
        Good(
            '{"auth": {"connection": {"headers": {"x": "{{app_token}}"}}, "request": {"url": "https://example.com/"}}}'
        ),
        Bad(
            '{"request": {"url": "https://example.com/#{{app_token}}", "method": "GET"}}', ("/request",), kind="request"
        ),
        Bad(
            '{"auth": {"request": {"url": "https://example.com/", "mapping": [{"name": "{{app_token}}"}]}}}',
            ("/auth/request",),
            kind="auth",
        ),
        Bad(
            samples.block(samples.JSON_HEADERS + '"payload": {"key": "{{app_tokn}}"}'),
            ("/request",),
            kind="request",
            fixed=samples.block(samples.JSON_HEADERS + '"payload": {"key": "{{app_token}}"}'),
        ),
        Bad(
            samples.block(samples.JSON_HEADERS + '"payload": {"key": "{app_token}"}'),
            ("/request",),
            kind="request",
            fixed=samples.block(samples.JSON_HEADERS + '"payload": {"key": "{{app_token}}"}'),
        ),
        *(
            Bad(samples.block(f'{samples.JSON_HEADERS}"payload": {{"key": "{value}"}}'), ("/request",), kind="request")
            for value in ("app_token", "YOUR_TOKEN")
        ),
    ],
    "no-request": [
        Good(samples.block('"headers": ["x-token-header: {{app_token}}"]'), "request"),
        Good('{"auth": {"reqest": {"url": "https://example.com/?t={{app_token}}"}}}', kind="auth"),
        Bad(
            '{"auth": {}, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}]}',
            ("/auth",),
        ),
    ],
    "page-not-sent": [
        Good(
            samples.block(samples.JSON_HEADERS + '"payload": {"key": "{{app_token}}", "account": "[[account]]"}'),
            "request",
        ),
        Good('{"request": {"url": "https://example.com/<<page_id>>?t=<<app_token>>"}}', "request", "portable"),
        Good(samples.block('"payload": {"page": 1}'), "request"),
    ],
    "mapping-in-auth": [
        Good(
            '{"auth": null, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/", '
            '"mapping": [{"name": "id", "path": "$.id", "type": "string", "title": "Id"}]}]}]}'
        )
    ],
    "missing-method": [
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}', "request"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "metod": "GET"}}', "request"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": 1}}', "request"),
    ],
    "method-case": [
        Good(samples.with_method("POST"), "request"),
        Good(samples.with_method("fetch"), "request"),
        Good(samples.with_method("[[method]]"), "request"),
        Bad(samples.with_method("Get"), ("/request/method",), kind="request", fixed=samples.with_method("GET")),
    ],
    "unknown-method": [
        *(Good(samples.with_method(method), "request") for method in ("POST", "PUT", "DELETE")),
        Good(samples.with_method("post"), "request"),
        Good(samples.with_method("[[method]]"), "request"),
        Bad(samples.with_method("FETCH"), ("/request/method",), kind="request"),
        Bad(samples.with_method(""), ("/request/method",), kind="request"),
    ],
    "payload-with-get": [
        *(Good(samples.with_get(empty), "request") for empty in ("{}", '""')),
        Good(samples.with_get('{"a": 1}').replace("GET", "POST"), "request"),
    ],
    "rare-method": [
        Good(samples.with_method("GET"), "request"),
        Good(samples.with_method("PATCH"), "request"),
        Bad(samples.with_method("delete"), ("/request/method",), kind="request"),
    ],
}
