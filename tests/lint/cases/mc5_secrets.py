"""Further cases of the rules on secrets."""

from mcapp.lint.model import Example
from mcapp.lint.rules.mc2_url import ACTION_URL
from mcapp.lint.rules.mc5_secrets import ACCOUNT_KEY, OPAQUE, connection_headers
from mcapp.lint.rules.samples import HEADERS, one_param
from tests.lint.cases import Cases

CASES: Cases = {
    "key-in-file": [
        HEADERS("x-time: 12:30:45"),
        HEADERS("x-version: 123456:beta"),
        '{"auth": {"connection": {"headers": {"Authorization": "Bearer [[api_key]]"}}}}',
        '{"request": {"url": "https://example.com:12345/0123456789abcdef?t={{app_token}}"}}',
        HEADERS.wrong(f"Authorization: Bearer {ACCOUNT_KEY}"),
        Example(connection_headers(f'"x-key": "{ACCOUNT_KEY}"'), "/auth/connection/headers/x-key"),
        Example(f'{{"auth": {{"params": [{{"name": "a", "title": "{ACCOUNT_KEY}"}}]}}}}', "/auth/params/0/title"),
    ],
    "key-for-placeholder": [
        HEADERS(f"x-token: {OPAQUE}"),
        HEADERS("x-token-header: your-token-goes-here-1234"),
        HEADERS("x-token-header: v1"),
        HEADERS(f"x-request-id: {OPAQUE}"),
        Example(
            f'{{"request": {{"url": "https://example.com/hook", "payload": {{"app_token": "{OPAQUE}"}}}}}}',
            "/request/payload/app_token",
        ),
        Example(
            f'{{"request": {{"url": "https://example.com/hook", "headers": ["Authorization: Bearer {OPAQUE}"]}}}}',
            "/request/headers/0",
        ),
    ],
    "credentials-in-file": [
        connection_headers('"Authorization": "Basic [[login]]"'),
        (
            '{"auth": {"params": [{"name": "api_key", "title": "Your key"}], "connection": {"qs": '
            '{"api_key": "[[api_key]]"}}}}'
        ),
        HEADERS("x-note: basic authentication is used"),
        HEADERS("x-token: token"),
        '{"auth": {"params": [{"name": "a", "title": "The bearer of good news"}]}}',
        '{"auth": {"params": [{"name": "a", "title": "Basic internationalization"}]}}',
        '{"auth": {"params": [{"name": "a", "title": "Your Bearer authentication-token"}]}}',
        HEADERS.wrong("Authorization: Basic " + "bWU6c2Vz" + "YW1lMTI="),
        Example(f'{{"auth": {{"connection": {{"qs": {{"api_key": "{OPAQUE}"}}}}}}}}', "/auth/connection/qs/api_key"),
        HEADERS.wrong(f"x-api-key: {OPAQUE}"),
        ACTION_URL("https://me:sesame@example.com/x"),
        ACTION_URL.wrong("https://example.com/x?key=AI" + f"za{OPAQUE}abc"),
        *(
            Example(
                HEADERS("x-page: 1").replace('"app_token"', f'"{name}": "{value}", "app_token"'),
                f"/request/payload/{name}",
            )
            for name, value in (
                ("secret", OPAQUE),
                ("password", OPAQUE),
                ("a", "sk_" + "live_" + OPAQUE),
                ("a", "gh" + "p_" + OPAQUE),
                ("a", "xo" + "xb-" + OPAQUE),
            )
        ),
    ],
    "asks-for-api-key": [
        one_param("token", "Token of your shop"),
        one_param("keyword", "Keyword that starts the ManyChat flow"),
        one_param("page", "Your ManyChat page"),
        one_param("mcc", "MCC key"),
        one_param("license", "License key of the ManyChat plugin"),
        Example(one_param("manychat_api_key", "Key"), "/auth/params/0"),
        Example(one_param("manychatapikey", ""), "/auth/params/0"),
        Example(one_param("manychatToken", "Token"), "/auth/params/0"),
        Example(one_param("k", "API token from your Manychat settings"), "/auth/params/0"),
    ],
}
