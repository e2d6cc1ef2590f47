"""Further cases of the rules on auth.request, methods, payloads and headers."""

from mcapp.lint.model import Example
from mcapp.lint.rules.mc2_request import GET_PAYLOAD, JSON_HEADER, METHOD
from mcapp.lint.rules.mc5_secrets import connection_headers
from mcapp.lint.rules.samples import HEADERS, block, lines
from tests.lint.cases import Alone, Cases

_BLOCK = '{"request": {"url": "https://example.com/hook", "method": "POST", "payload": {"t": "{{app_token}}"}HEADERS}}'

CASES: Cases = {
    "key-never-sent": [
        block(JSON_HEADER + ', "payload": {"deep": [{"key": "{{app_token}}"}]}'),
        block('"payload": "key={{app_token}}"'),
        '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}',
        Alone(block('"headers": ["Authorization: Bearer <<app_token>>"]'), "portable"),
        block('"headers": ["x-token-header: [[app_token]]"]'),
        block('"headers": ["x-token-header: {{ App_Token }}"]'),
        block('"headers": {"x-token-header": "{{app_token}}"}'),
        '{"auth": {"connection": {"headers": {"x": "{{app_token}}"}}, "request": {"url": "https://example.com/"}}}',
        Example('{"request": {"url": "https://example.com/#{{app_token}}", "method": "GET"}}', "/request"),
        Example(
            '{"auth": {"request": {"url": "https://example.com/", "mapping": [{"name": "{{app_token}}"}]}}}',
            "/auth/request",
        ),
        Example(
            block(JSON_HEADER + ', "payload": {"key": "{{app_tokn}}"}'),
            "/request",
            fixed=block(JSON_HEADER + ', "payload": {"key": "{{app_token}}"}'),
        ),
        Example(
            block(JSON_HEADER + ', "payload": {"key": "{app_token}"}'),
            "/request",
            fixed=block(JSON_HEADER + ', "payload": {"key": "{{app_token}}"}'),
        ),
        *(
            Example(block(f'{JSON_HEADER}, "payload": {{"key": "{value}"}}'), "/request")
            for value in ("app_token", "YOUR_TOKEN")
        ),
    ],
    "no-request": [
        block('"headers": ["x-token-header: {{app_token}}"]'),
        '{"auth": {"reqest": {"url": "https://example.com/?t={{app_token}}"}}}',
        Example(
            '{"auth": {}, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}]}',
            "/auth",
        ),
    ],
    "page-not-sent": [
        block(JSON_HEADER + ', "payload": {"key": "{{app_token}}", "account": "[[account]]"}'),
        Alone('{"request": {"url": "https://example.com/<<page_id>>?t=<<app_token>>"}}', "portable"),
        block('"payload": {"page": 1}'),
    ],
    "mapping-in-auth": [
        (
            '{"auth": null, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/", '
            '"mapping": [{"name": "id", "path": "$.id", "type": "string", "title": "Id"}]}]}]}'
        )
    ],
    "missing-method": [
        '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}',
        '{"request": {"url": "https://example.com/?t={{app_token}}", "metod": "GET"}}',
        '{"request": {"url": "https://example.com/?t={{app_token}}", "method": 1}}',
    ],
    "method-case": [METHOD("POST"), METHOD("fetch"), METHOD("[[method]]"), METHOD.wrong("Get", "GET")],
    "unknown-method": [
        *(METHOD(method) for method in ("POST", "PUT", "DELETE")),
        METHOD("post"),
        METHOD("[[method]]"),
        METHOD.wrong("FETCH"),
        METHOD.wrong(""),
    ],
    "payload-with-get": [
        *(GET_PAYLOAD(empty) for empty in ("{}", '""')),
        GET_PAYLOAD('{"a": 1}').replace("GET", "POST"),
    ],
    "rare-method": [METHOD("GET"), METHOD("PATCH"), METHOD.wrong("delete")],
    "header-without-colon": [
        HEADERS("x-token-header: {{app_token}}"),
        HEADERS("x-empty:"),
        HEADERS("x-time: 12:30"),
        HEADERS("[[header]]"),
        HEADERS("[[name]]: [[value]]"),
        connection_headers('"x-token": "{{page_id}}"'),
        HEADERS.wrong("x-token={{app_token}}", "x-token: {{app_token}}"),
        HEADERS.wrong(lines("Content-Type: application/json", "x-token"))._replace(at="/request/headers/1"),
        HEADERS.wrong("{{app_token}}"),
        HEADERS.wrong('{{app_token|fallback:\\"x\\"}}'),
        HEADERS.wrong(""),
    ],
    "bad-header-name": [
        HEADERS("X.Custom!: 1"),
        HEADERS("[[name]]: value"),
        HEADERS("x-[[name]]: value"),
        HEADERS("x-empty:"),
        connection_headers('"X-Api-Key": "[[key]]"'),
        HEADERS.wrong("x token: {{app_token}}"),
        HEADERS.wrong("x-token : {{app_token}}", "x-token: {{app_token}}"),
        HEADERS.wrong(" x-token: {{app_token}}", "x-token: {{app_token}}"),
        HEADERS.wrong("“x-token”: {{app_token}}"),
        HEADERS.wrong("x/token: {{app_token}}"),
        Example(
            connection_headers('"X Api Key": "[[key]]"').replace(
                '{"connection', '{"params": [{"name": "key"}], "connection'
            ),
            "/auth/connection/headers/X Api Key",
        ),
    ],
    "line-break-in-header": [
        HEADERS("x-token: a\\tb"),
        HEADERS("x-note: 50\\\\n"),
        HEADERS.wrong("x-token: {{app_token}}\\r\\n"),
        Example(connection_headers('"x-token": "a\\nb"'), "/auth/connection/headers/x-token"),
    ],
    "duplicate-header": [
        HEADERS(lines("[[a]]: 1", "[[a]]: 2")),
        (
            '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": ['
            '{"url": "https://example.com/1", "method": "GET", "headers": ["Accept: */*"]}, '
            '{"url": "https://example.com/2", "method": "GET", "headers": ["Accept: */*"]}]}]}'
        ),
        HEADERS.wrong(lines("X-Token: {{app_token}}", "Accept: */*", "x-token: 1"))._replace(at="/request/headers/2"),
    ],
    "client-header": [
        HEADERS("Accept-Encoding: gzip"),
        HEADERS("X-Host: example.com"),
        HEADERS("Authorization: Bearer {{app_token}}"),
        HEADERS.wrong("content-length: 20"),
        HEADERS.wrong(lines("Accept: */*", "Transfer-Encoding: chunked"))._replace(at="/request/headers/1"),
        Example(connection_headers('"Connection": "close"'), "/auth/connection/headers/Connection"),
    ],
    "two-headers-in-one": [
        HEADERS(lines("Content-Type: application/json", "x-token-header: {{app_token}}")),
        HEADERS("Accept: text/html, application/json;q=0.9"),
        HEADERS("x-source: a, https://example.com"),
        HEADERS("x-time: 12:30, 13:30"),
        HEADERS("[[a]]: [[b]], [[c]]: 1"),
        HEADERS.wrong("Accept: */*; X-Page: {{page_id}}", lines("Accept: */*", "X-Page: {{page_id}}")),
    ],
    "missing-content-type": [
        HEADERS("Content-Type: application/json"),
        HEADERS("content-type:application/json; charset=utf-8"),
        HEADERS("Content-Type application/json"),
        '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}',
        '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST", "payload": {}}}',
        (
            '{"auth": {"connection": {"headers": {"Content-Type": "application/json"}}, "request": {"url": '
            '"https://example.com/hook", "method": "POST", "payload": {"t": "{{app_token}}"}}}}'
        ),
        Example(
            _BLOCK.replace("HEADERS", ""),
            "/request",
            fixed=_BLOCK.replace("HEADERS", ', "headers": ["Content-Type: application/json"]'),
        ),
    ],
    "wrong-content-type": [
        HEADERS("Content-Type: application/json; charset=utf-8"),
        HEADERS("Content-Type: application/vnd.api+json"),
        HEADERS("Content-Type: text/json"),
        HEADERS("Content-Type: [[type]]"),
        (
            '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST", '
            '"headers": ["Content-Type: text/plain"], "payload": null}}'
        ),
        HEADERS.wrong("content-type: text/plain", "content-type: application/json"),
        HEADERS.wrong("Content-Type:", "Content-Type:application/json"),
    ],
}
