"""Parts of the rules' examples: each example shows little more than its point."""

from mcapp.lint.model import Bad, Good

ACTION = (
    '{"name": "ping", "title": "Ping", "description": "Asks the shop.", '
    '"requests": [{"url": "https://example.com/ping", "method": "GET"}]}'
)
ACTIONS = f'"actions": [{ACTION}]'
# Put together here, so that a search of this repository for keys finds none.
ACCOUNT_KEY = "12345678" + ":" + "0123456789abcdef" * 2
OPAQUE = "0a1b2c3d" * 4
KEY_HEADER = '"x-token-header: {{app_token}}"'
URL = '"url": "https://example.com/install/{{page_id}}", '


def app(action: str = ACTION, *, more: str = "") -> str:
    """An App JSON with one action and these further members."""
    return app_of(f'"actions": [{action}]', *([more] if more else []))


def app_of(*members: str) -> str:
    """An App JSON with these members."""
    return "{\n  " + ",\n  ".join(('"auth": null', *members)) + "\n}"


def changed(old: str, new: str = "") -> str:
    """ACTION with one piece replaced."""
    return ACTION.replace(old, new)


def auth(members: str) -> str:
    """An `auth` object alone."""
    return f'{{\n  "auth": {{\n    {members}\n  }}\n}}'


def request(members: str, url: str = URL) -> str:
    """A request block with these further members."""
    return f'{{\n  "request": {{\n    {url}"method": "POST",\n    {members}\n  }}\n}}'


# Examples for the rules on requests: one part varies, the rest has no findings.
_AUTH = '{"request": {"url": "URL", "method": "POST", "headers": ["x-token-header: {{app_token}}"]}}'
_ACTION = (
    '{"auth": {"params": [{"name": "base", "title": "Server"}]}, "actions": [{"name": "a", "title": "A", '
    '"description": "Does A.", "forms": [], "requests": [{"url": "URL", "method": "GET", "headers": []}]}]}'
)


def auth_url(url: str) -> str:
    """A request block that calls `url`."""
    return _AUTH.replace("URL", url)


def action_url(url: str) -> str:
    """An App JSON with an action that calls `url`."""
    return _ACTION.replace("URL", url)


def good_url(url: str) -> Good:
    """`url` in auth.request is not reported."""
    return Good(auth_url(url), kind="request")


def bad_url(url: str, fixed: str | None = None) -> Bad:
    """`url` in auth.request is reported, and fixed to `fixed`."""
    return Bad(auth_url(url), ("/request/url",), kind="request", fixed=None if fixed is None else auth_url(fixed))


def bad_action_url(url: str, fixed: str | None = None) -> Bad:
    """`url` in an action is reported, and fixed to `fixed`."""
    return Bad(action_url(url), ("/actions/0/requests/0/url",), fixed=None if fixed is None else action_url(fixed))


_HEADERS = (
    '{"request": {"url": "https://example.com/hook", "method": "POST", "headers": HEADERS, '
    '"payload": {"app_token": "{{app_token}}"}}}'
)


def auth_headers(*headers: str) -> str:
    """A request block with these headers, the key in its payload."""
    return _HEADERS.replace("HEADERS", "[" + ", ".join(f'"{header}"' for header in headers) + "]")


def good_headers(*headers: str) -> Good:
    """These headers of auth.request are not reported."""
    return Good(auth_headers(*headers), kind="request")


def bad_headers(*headers: str, at: int = 0, fixed: tuple[str, ...] | None = None) -> Bad:
    """The header at index `at` is reported, and fixed so that the headers are `fixed`."""
    after = None if fixed is None else auth_headers(*fixed)
    return Bad(auth_headers(*headers), (f"/request/headers/{at}",), kind="request", fixed=after)


_CONNECTION = '{"auth": {"connection": {"headers": {HEADERS}}}}'


def connection_headers(members: str) -> str:
    """An auth object whose connection has these members as headers."""
    return _CONNECTION.replace("HEADERS", members)


_IN_AUTH = (
    '{"auth": {"params": [{"name": "email", "title": "Your e-mail"}], "request": {"url": "https://example.com/hook", '
    '"method": "POST", "headers": ["x-token-header: {{app_token}}"], "payload": {"value": "VALUE"}}}}'
)
_IN_ACTION = (
    '{"auth": {"params": [{"name": "email", "title": "Your e-mail"}]}, "actions": [{"name": "pay", "title": "Pay", '
    '"description": "Pays.", "forms": [{"name": "amount", "type": "number", "title": "Amount"}], '
    '"requests": [{"url": "https://example.com/pay", "method": "POST", "payload": {"value": "VALUE"}}]}]}'
)
_IN_BLOCK = (
    '{"request": {"url": "https://example.com/hook", "method": "POST", "headers": ["x-token-header: {{app_token}}"], '
    '"payload": {"value": "VALUE"}}}'
)
_TEXTS = {
    "auth": (_IN_AUTH, "/auth/request/payload/value", "auth"),
    "action": (_IN_ACTION, "/actions/0/requests/0/payload/value", "app"),
    "block": (_IN_BLOCK, "/request/payload/value", "request"),
}


def good_value(where: str, value: str, placeholders: str = "manychat") -> Good:
    """`value` is not reported in a payload: of auth.request with the param `email` (`where` is "auth"), of an action
    that has the form field `amount` too ("action"), or of a bare request ("block").
    """
    text, _, kind = _TEXTS[where]
    return Good(text.replace("VALUE", value), kind, placeholders)


def bad_value(where: str, value: str, fixed: str | None = None, placeholders: str = "manychat") -> Bad:
    """`value` is reported there, and fixed to `fixed`."""
    text, pointer, kind = _TEXTS[where]
    after = None if fixed is None else text.replace("VALUE", fixed)
    return Bad(text.replace("VALUE", value), (pointer,), kind, after, placeholders)


JSON_HEADERS = '"headers": ["Content-Type: application/json"], '


def block(members: str) -> str:
    """A request block with these members behind a URL and POST."""
    return f'{{"request": {{"url": "https://example.com/hook", "method": "POST", {members}}}}}'


def with_method(method: str) -> str:
    """A request block with this method."""
    return f'{{"request": {{"url": "https://example.com/?t={{{{app_token}}}}", "method": "{method}"}}}}'


def with_get(payload: str) -> str:
    """A GET with this payload."""
    return with_method("GET").replace('"GET"', f'"GET", "payload": {payload}')


def param(name: str, title: str = "T") -> str:
    """An auth object with this param."""
    return f'{{"auth": {{"params": [{{"name": "{name}", "title": "{title}"}}]}}}}'


def sent(value: str) -> str:
    """An App JSON with the param `email` and an action that sends `value`."""
    return (
        '{"auth": {"params": [{"name": "email", "title": "E-mail"}], "connection": []}, "actions": [{"name": "a", '
        '"title": "A", "description": "A.", "requests": [{"url": "https://example.com/", "payload": {"a": "VALUE"}}]}]}'
    ).replace("VALUE", value)


PAY_REQUESTS = '"requests": [{"url": "https://example.com/?a=[[amount]]", "method": "GET"}]'


def pay(members: str, auth: str = "null") -> str:
    """An App JSON with an action that has these further members."""
    action = f'{{"name": "pay", "title": "Pay", "description": "Pays.", {members}}}'
    return f'{{"auth": {auth}, "actions": [{action}]}}'


def mapping(path: str) -> str:
    """An App JSON with an action whose mapping has this path; it is at PATH."""
    return (
        '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "requests": [{"url": '
        '"https://example.com/", "method": "GET", "mapping": [{"name": "id", "path": "PATH", "type": "string"}]}]}]}'
    ).replace("PATH", path)


PATH = ("/actions/0/requests/0/mapping/0/path",)


def does_a(*requests: str, auth: str = "null", more: str = "") -> str:
    """An App JSON with an action that has these requests."""
    action = f'{{"name": "a", "title": "A", "description": "Does A.", "requests": [{", ".join(requests)}]}}'
    return f'{{"auth": {auth}, "actions": [{action}]{more}}}'


def triggers(*each: str, auth: str = "null") -> str:
    """An App JSON with these triggers."""
    get = '{"url": "https://example.com/", "method": "GET"}'
    return does_a(get, auth=auth, more=f', "triggers": [{", ".join(each)}]')


TRIGGER = '{"name": "paid", "title": "Paid", "description": "Paid."}'
COLORS = (
    '{"name": "colors", "type": "enum:static", "list": [{"key": "Red", "value": "r"}, {"key": "Blue", "value": "b"}]}'
)


def form(more: str, sources: str = COLORS) -> str:
    """An App JSON with a select that has these further members, and these sources."""
    return (
        '{"auth": null, "actions": [{"name": "a", "title": "A", "description": "Does A.", "forms": [{"name": "color", '
        f'"title": "Colour", "type": "select"{more}}}], "requests": [{{"url": "https://example.com/?c=[[color]]", '
        f'"method": "GET"}}]}}], "sources": [{sources}]}}'
    )


def choices(items: str) -> str:
    """An App JSON with a select and these choices for it."""
    return form(', "source": "colors"', f'{{"name": "colors", "type": "enum:static", "list": [{items}]}}')
