"""The sample action of a complete App JSON: what a newcomer renames and fills in first."""

import re
from collections.abc import Collection
from itertools import count

from mcapp.appjson.placeholders import ACTION
from mcapp.generate.notation import rewrite

# Scheme and host of a URL, if they are written out: a placeholder in them may mean nothing outside `auth.request`.
_HOST = re.compile(r"https://[^\s/?#{}\[\]<>@]+")


def sample_action(url: str, params: Collection[str] = (), *, portable: bool = False) -> dict[str, object]:
    """An action with everything that published actions have (evidence S), on the host of `url`.

    `params` are names that its form's field must not take: inside one app, `[[name]]` would mean two things.
    """
    host = _HOST.match(url)
    field = next(name for number in count() if (name := f"message_{number}" if number else "message") not in params)
    request = {
        "url": f"{host.group() if host else 'https://example.com'}/manychat/sample-action",
        "method": "POST",
        "headers": ["Content-Type: application/json"],
        "mapping": [{"name": "answer", "path": "$.answer", "type": "string", "title": "Answer"}],
        "payload": {"user_id": "<<user_id>>", "message": f"<<{field}>>"},
    }
    return {
        "name": "sample_action",
        "title": "Sample action",
        "description": "Sends a text to your server and saves its answer.",
        "forms": [{"name": field, "type": "string", "title": "Text to send"}],
        "requests": [rewrite(request, {field}, portable=portable, system=ACTION)],
    }
