"""How findings name and quote what is in a file, without quoting a key."""

from mcapp.appjson.urls import Url
from mcapp.terminal.redact import mask

LONGEST = 60

# The objects of the schema (mcapp.appjson.app_schema.OBJECTS) in the middle of a sentence.
OBJECT_WORDS = {
    "app": "the App JSON",
    "auth": "`auth`",
    "param": "the param",
    "connection": "`connection`",
    "request": "the request",
    "mapping": "the mapping entry",
    "action": "the action",
    "form": "the form field",
    "source": "the source",
    "choice": "the choice",
    "trigger": "the trigger",
    "contextField": "the context entry",
}


def quote(text: str) -> str:
    """`text` in backticks, masked, at most LONGEST characters of it."""
    text = mask(text)  # first: half a key is no longer found
    return f"`{text}`" if len(text) <= LONGEST else f"`{text[: LONGEST - 1]}…`"


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """`a`, `b` and `c`."""
    return f" {last} ".join(", ".join(quote(name) for name in names).rsplit(", ", 1))


def address(url: Url) -> str:
    """A URL quoted without its query and credentials, where secrets are."""
    end = min((at for at in (url.masked.find("?"), url.fragment) if at >= 0), default=url.end)
    if url.userinfo:
        start, stop = url.userinfo
        return quote(url.text[url.start : start] + url.text[stop + 1 : end])
    return quote(url.text[url.start : end])
