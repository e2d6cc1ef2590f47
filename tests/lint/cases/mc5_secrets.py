"""Further cases of the rules on secrets."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples
from mcapp.lint.rules.samples import auth_headers, connection_headers, good_headers

CASES: dict[str, list[Good | Bad | str]] = {
    "key-in-file": [
        good_headers("x-time: 12:30:45"),
        good_headers("x-version: 123456:beta"),
        Good('{"auth": {"connection": {"headers": {"Authorization": "Bearer [[api_key]]"}}}}', kind="auth"),
        Good('{"request": {"url": "https://example.com:12345/0123456789abcdef?t={{app_token}}"}}', kind="request"),
        Bad(auth_headers(f"Authorization: Bearer {samples.ACCOUNT_KEY}"), ("/request/headers/0",), kind="request"),
        Bad(connection_headers(f'"x-key": "{samples.ACCOUNT_KEY}"'), ("/auth/connection/headers/x-key",), kind="auth"),
        Bad(
            f'{{"auth": {{"params": [{{"name": "a", "title": "{samples.ACCOUNT_KEY}"}}]}}}}',
            ("/auth/params/0/title",),
            "auth",
        ),
    ],
    "key-for-placeholder": [
        good_headers(f"x-token: {samples.OPAQUE}"),
        good_headers("x-token-header: your-token-goes-here-1234"),
        good_headers("x-token-header: v1"),
        good_headers(f"x-request-id: {samples.OPAQUE}"),
        Bad(
            f'{{"request": {{"url": "https://example.com/hook", "payload": {{"app_token": "{samples.OPAQUE}"}}}}}}',
            ("/request/payload/app_token",),
            kind="request",
        ),
        Bad(
            '{"request": {"url": "https://example.com/hook", "headers": '
            f'["Authorization: Bearer {samples.OPAQUE}"]}}}}',
            ("/request/headers/0",),
            kind="request",
        ),
    ],
    "credentials-in-file": [
        Good(connection_headers('"Authorization": "Basic [[login]]"'), kind="auth"),
        Good(
            '{"auth": {"params": [{"name": "api_key", "title": "Your key"}], "connection": {"qs": '
            '{"api_key": "[[api_key]]"}}}}',
            kind="auth",
        ),
        good_headers("x-note: basic authentication is used"),
        good_headers("x-token: token"),
        Good('{"auth": {"params": [{"name": "a", "title": "The bearer of good news"}]}}', kind="auth"),
        Good('{"auth": {"params": [{"name": "a", "title": "Basic internationalization"}]}}', kind="auth"),
        Good('{"auth": {"params": [{"name": "a", "title": "Your Bearer authentication-token"}]}}', kind="auth"),
        Bad(auth_headers("Authorization: Basic " + "bWU6c2Vz" + "YW1lMTI="), ("/request/headers/0",), kind="request"),
        Bad(
            f'{{"auth": {{"connection": {{"qs": {{"api_key": "{samples.OPAQUE}"}}}}}}}}',
            ("/auth/connection/qs/api_key",),
            "auth",
        ),
        Bad(auth_headers(f"x-api-key: {samples.OPAQUE}"), ("/request/headers/0",), kind="request"),
        *(
            Bad(
                auth_headers("x-page: 1").replace('"app_token"', f'"{name}": "{value}", "app_token"'),
                (f"/request/payload/{name}",),
                kind="request",
            )
            for name, value in (
                ("secret", samples.OPAQUE),
                ("password", samples.OPAQUE),
                ("a", "sk_" + "live_" + samples.OPAQUE),
                ("a", "gh" + "p_" + samples.OPAQUE),
                ("a", "xo" + "xb-" + samples.OPAQUE),
            )
        ),
    ],
    "asks-for-api-key": [
        Good(samples.param("token", "Token of your shop"), kind="auth"),
        Good(samples.param("keyword", "Keyword that starts the ManyChat flow"), kind="auth"),
        Good(samples.param("page", "Your ManyChat page"), kind="auth"),
        Good(samples.param("mcc", "MCC key"), kind="auth"),
        Good(samples.param("license", "License key of the ManyChat plugin"), kind="auth"),
        Bad(samples.param("manychat_api_key", "Key"), ("/auth/params/0",), kind="auth"),
        Bad(samples.param("manychatapikey", ""), ("/auth/params/0",), kind="auth"),
        Bad(samples.param("manychatToken", "Token"), ("/auth/params/0",), kind="auth"),
        Bad(samples.param("k", "API token from your Manychat settings"), ("/auth/params/0",), kind="auth"),
    ],
}
