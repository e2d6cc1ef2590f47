"""What the examples of the shape rules are made of, so that each shows little more than its point."""

ACTION = (
    '{"name": "ping", "title": "Ping", "description": "Asks the shop.", '
    '"requests": [{"url": "https://example.com/ping", "method": "GET"}]}'
)
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
    """An `auth` object by itself."""
    return f'{{\n  "auth": {{\n    {members}\n  }}\n}}'


def request(members: str, url: str = URL) -> str:
    """A request block with these further members."""
    return f'{{\n  "request": {{\n    {url}"method": "POST",\n    {members}\n  }}\n}}'
