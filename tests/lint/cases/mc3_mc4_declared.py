"""Further cases of the rules on declared names."""

from mcapp.lint.model import Bad, Good
from mcapp.lint.rules import samples

CASES: dict[str, list[Good | Bad | str]] = {
    "param-named-like-system-value": [
        Good(samples.param("user_id"), "auth"),
        Good(samples.param("my_page_id"), "auth"),
        Bad(samples.param("App_Token"), ("/auth/params/0/name",), "auth"),
    ],
    "unused-param": [
        *(Good(samples.sent(value)) for value in ("[[ Email ]]", "{{email}}", "<<email>>", "[[emial]]")),
        Good(
            '{"auth": {"params": [{"name": "key"}], "connection": {"headers": {"x-key": "[[key]]"}}}, "actions": '
            '[{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}]}'
        ),
        Good('{"auth": {"params": [{"name": "email"}]}}', kind="auth"),
        Bad(samples.sent(""), ("/auth/params/0",)),
    ],
    "duplicate-name": [
        Good(
            samples.pay(
                '"forms": [{"name": "pay", "type": "string"}], ' + samples.PAY_REQUESTS, '{"params": [{"name": "pay"}]}'
            )
        ),
        Good(samples.pay(f'"forms": [{{"type": "string"}}, {{"type": "string"}}], {samples.PAY_REQUESTS}')),
        Bad('{"auth": {"params": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}}', ("/auth/params/2",), kind="auth"),
        Bad(
            samples.pay(
                '"forms": [{"name": "amount", "type": "string"}, {"name": "amount", "type": "number"}], '
                + samples.PAY_REQUESTS
            ),
            ("/actions/0/forms/1",),
        ),
        Bad(
            '{"request": {"url": "https://example.com/?t={{app_token}}", "mapping": ['
            '{"name": "a", "path": "$.a"}, {"name": "a", "path": "$.b"}]}}',
            ("/request/mapping/1",),
            kind="request",
        ),
    ],
    "unused-form-field": [
        Good(samples.pay('"forms": [], "requests": [{"url": "https://example.com/"}]')),
        Good(samples.pay('"forms": [{"name": "amuont", "type": "number"}], ' + samples.PAY_REQUESTS)),
        Good(
            samples.pay(
                '"forms": [{"name": "key", "type": "string"}], "requests": [{"url": "https://example.com/"}]'
            ).replace("null", '{"connection": {"qs": {"key": "[[key]]"}}}')
        ),
    ],
}
