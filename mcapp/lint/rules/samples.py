"""Parts of the rules' examples: each example shows little more than its point."""

from typing import NamedTuple

from mcapp.lint.model import Example

ACTION = (
    '{"name": "ping", "title": "Ping", "description": "Asks the shop.", '
    '"requests": [{"url": "https://example.com/ping", "method": "GET"}]}'
)
ACTIONS = f'"actions": [{ACTION}]'
KEY_HEADER = '"headers": ["x-token-header: {{app_token}}"]'


def app(*members: str) -> str:
    """An App JSON with these members."""
    return "{\n  " + ",\n  ".join(('"auth": null', *members)) + "\n}"


APP = app(ACTIONS)


def auth(members: str) -> str:
    """An `auth` object with these members."""
    return f'{{"auth": {{{members}}}}}'


def block(members: str) -> str:
    """A request block with these members besides a URL and a method."""
    return f'{{"request": {{"url": "https://example.com/hook", "method": "POST", {members}}}}}'


def with_action(members: str, auth: str = "null", more: str = "") -> str:
    """An App JSON with an action that has these members."""
    return f'{{"auth": {auth}, "actions": [{{"name": "a", "title": "A", "description": "Does A.", {members}}}]{more}}}'


def one_param(name: str, title: str = "T") -> str:
    """An auth object with this param."""
    return auth(f'"params": [{{"name": "{name}", "title": "{title}"}}]')


class Sample(NamedTuple):
    """A text in which one VALUE varies, the place that is reported for it, and a value for which none is."""

    text: str
    at: str
    right: str

    def __call__(self, value: str) -> str:
        """The text with this value."""
        return self.text.replace("VALUE", value)

    def wrong(self, value: str, fixed: str | None = None, right: str | None = None) -> Example:
        """The example with this value, which a fix replaces by `fixed`."""
        after = None if fixed is None else self(fixed)
        return Example(self(value), self.at, after, self(right or self.right))


_PARAMS = '"params": [{"name": "email", "title": "Your e-mail"}]'
_PAYLOAD = KEY_HEADER + ', "payload": {"value": "VALUE"}'

HEADERS = Sample(
    block('"headers": ["VALUE"], "payload": {"app_token": "{{app_token}}"}'),
    "/request/headers/0",
    "x-token: {{app_token}}",
)
IN_BLOCK = Sample(block(_PAYLOAD), "/request/payload/value", "{{page_id}}")
IN_AUTH = Sample(auth(f"{_PARAMS}, {block(_PAYLOAD)[1:-1]}"), "/auth/request/payload/value", "{{page_id}}")
IN_ACTION = Sample(
    with_action(
        '"forms": [{"name": "amount", "type": "number", "title": "Amount"}], '
        '"requests": [{"url": "https://example.com/pay", "method": "POST", "payload": {"value": "VALUE"}}]',
        f"{{{_PARAMS}}}",
    ),
    "/actions/0/requests/0/payload/value",
    "{{user_id}}",
)


def lines(*headers: str) -> str:
    """Several headers, as a value of HEADERS."""
    return '", "'.join(headers)
