"""How the rules quote what stands in a file, without quoting a key."""

from typing import TYPE_CHECKING

from mcapp.lint.words import quoted
from mcapp.terminal.redact import mask

if TYPE_CHECKING:
    from mcapp.appjson.urls import Url


def quote(text: str) -> str:
    """`text` in backticks, shortened where it is long; keys are masked first, because half a key is a key in part."""
    return quoted(mask(text))


def address(url: "Url") -> str:
    """A URL quoted without its query and credentials, where secrets are."""
    end = min((at for at in (url.masked.find("?"), url.fragment) if at >= 0), default=url.end)
    if url.userinfo:
        start, stop = url.userinfo
        return quote(url.text[url.start : start] + url.text[stop + 1 : end])
    return quote(url.text[url.start : end])
