"""Further cases of the rules on headers."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules.samples import bad_headers, connection_headers, good_headers

_BLOCK = '{"request": {"url": "https://example.com/hook", "method": "POST", "payload": {"t": "{{app_token}}"}HEADERS}}'

CASES: dict[str, list[Good | Bad | str]] = {
    "header-without-colon": [
        good_headers("x-token-header: {{app_token}}"),
        good_headers("x-empty:"),
        good_headers("x-time: 12:30"),
        good_headers("[[header]]"),
        good_headers("[[name]]: [[value]]"),
        Good(connection_headers('"x-token": "{{page_id}}"'), kind="auth"),
        bad_headers("x-token={{app_token}}", fixed=("x-token: {{app_token}}",)),
        bad_headers("Content-Type: application/json", "x-token", at=1),
        bad_headers("{{app_token}}"),
        bad_headers('{{app_token|fallback:\\"x\\"}}'),
        bad_headers(""),
    ],
    "bad-header-name": [
        good_headers("X.Custom!: 1"),
        good_headers("[[name]]: value"),
        good_headers("x-[[name]]: value"),
        good_headers("x-empty:"),
        Good(connection_headers('"X-Api-Key": "[[key]]"'), kind="auth"),
        bad_headers("x token: {{app_token}}"),
        bad_headers("x-token : {{app_token}}", fixed=("x-token: {{app_token}}",)),
        bad_headers(" x-token: {{app_token}}", fixed=("x-token: {{app_token}}",)),
        bad_headers("“x-token”: {{app_token}}"),
        bad_headers("x/token: {{app_token}}"),
        Bad(
            connection_headers('"X Api Key": "[[key]]"').replace(
                '{"connection', '{"params": [{"name": "key"}], "connection'
            ),
            at=("/auth/connection/headers/X Api Key",),
            kind="auth",
        ),
    ],
    "line-break-in-header": [
        good_headers("x-token: a\\tb"),
        good_headers("x-note: 50\\\\n"),
        bad_headers("x-token: {{app_token}}\\r\\n"),
        Bad(connection_headers('"x-token": "a\\nb"'), at=("/auth/connection/headers/x-token",), kind="auth"),
    ],
    "duplicate-header": [
        good_headers("[[a]]: 1", "[[a]]: 2"),
        Good(
            '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": ['
            '{"url": "https://example.com/1", "method": "GET", "headers": ["Accept: */*"]}, '
            '{"url": "https://example.com/2", "method": "GET", "headers": ["Accept: */*"]}]}]}'
        ),
        bad_headers("X-Token: {{app_token}}", "Accept: */*", "x-token: 1", at=2),
    ],
    "client-header": [
        good_headers("Accept-Encoding: gzip"),
        good_headers("X-Host: example.com"),
        good_headers("Authorization: Bearer {{app_token}}"),
        bad_headers("content-length: 20"),
        bad_headers("Accept: */*", "Transfer-Encoding: chunked", at=1),
        Bad(connection_headers('"Connection": "close"'), at=("/auth/connection/headers/Connection",), kind="auth"),
    ],
    "two-headers-in-one": [
        good_headers("Content-Type: application/json", "x-token-header: {{app_token}}"),
        good_headers("Accept: text/html, application/json;q=0.9"),
        good_headers("x-source: a, https://example.com"),
        good_headers("x-time: 12:30, 13:30"),
        good_headers("[[a]]: [[b]], [[c]]: 1"),
        bad_headers("Accept: */*; X-Page: {{page_id}}", fixed=("Accept: */*", "X-Page: {{page_id}}")),
    ],
    "missing-content-type": [
        good_headers("Content-Type: application/json"),
        good_headers("content-type:application/json; charset=utf-8"),
        good_headers("Content-Type application/json"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}', kind="request"),
        Good(
            '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST", "payload": {}}}', "request"
        ),
        Good(
            '{"auth": {"connection": {"headers": {"Content-Type": "application/json"}}, "request": {"url": '
            '"https://example.com/hook", "method": "POST", "payload": {"t": "{{app_token}}"}}}}',
            kind="auth",
        ),
        Bad(
            _BLOCK.replace("HEADERS", ""),
            at=("/request",),
            kind="request",
            fixed=_BLOCK.replace("HEADERS", ', "headers": ["Content-Type: application/json"]'),
        ),
    ],
    "wrong-content-type": [
        good_headers("Content-Type: application/json; charset=utf-8"),
        good_headers("Content-Type: application/vnd.api+json"),
        good_headers("Content-Type: text/json"),
        good_headers("Content-Type: [[type]]"),
        Good(
            '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST", '
            '"headers": ["Content-Type: text/plain"], "payload": null}}',
            kind="request",
        ),
        bad_headers("content-type: text/plain", fixed=("content-type: application/json",)),
        bad_headers("Content-Type:", fixed=("Content-Type:application/json",)),
    ],
}
