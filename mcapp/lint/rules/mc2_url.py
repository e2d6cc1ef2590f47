"""MC2xx: URLs, in auth.request or in an action's request: the one fault of a whole URL, and what a valid one has."""

import re

from mcapp.appjson import urls
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import FILLER
from mcapp.document.places import SetText
from mcapp.lint.model import SAFE, UNSAFE, Fix, Problem, Problems, error, quote, warning
from mcapp.lint.rules.samples import KEY_HEADER, Sample, block, with_action

URL = Sample(block(KEY_HEADER).replace("https://example.com/hook", "VALUE"), "/request/url", "https://example.com/hook")
ACTION_URL = Sample(
    with_action('"requests": [{"url": "VALUE", "method": "GET"}]', '{"params": [{"name": "base", "title": "Server"}]}'),
    "/actions/0/requests/0/url",
    "https://example.com/x",
)

_HELP = "write the full address, such as `https://example.com/manychat/install`"


def _address(url: urls.Url) -> str:
    """A URL quoted without its query and credentials, where secrets are."""
    end = min((at for at in (url.masked.find("?"), url.fragment) if at >= 0), default=url.end)
    if url.userinfo:
        start, stop = url.userinfo
        return quote(url.text[url.start : start] + url.text[stop + 1 : end])
    return quote(url.text[url.start : end])


@error("MC201", URL.wrong(""))
def empty_url(facts: Facts) -> Problems:
    """The URL is empty.

    The request has no target. In `auth.request` the App Key then reaches nobody.

    R: RFC 9110, section 7.1: a request needs a target
    """
    for request, _ in facts.faults.get(urls.EMPTY, ()):
        yield Problem(request.url_path, "the URL is empty", _HELP)


_HOST_FIRST = r"\s*((?://)?)(?=[\w-]+(?:\.[\w-]+)+(?:[:/?#]|\s*$))"


@error("MC202", URL.wrong("/manychat/install"), fix=UNSAFE)
def relative_url(facts: Facts) -> Problems:
    """The URL does not name a host.

    ManyChat sends the request from its own servers: it cannot know which host a relative URL belongs to. A URL that
    begins with a placeholder is not relative.

    R: RFC 3986, section 4.3; RFC 9110, section 4.2: an http(s) URL has a scheme and a host
    """
    for request, url in facts.faults.get(urls.RELATIVE, ()):
        fix = None
        host = re.match(_HOST_FIRST, url.masked)
        if host:
            change = SetText(request.url_path, *host.span(1), "https://")
            fix = Fix("add `https://` in front", (change,))
        what = "has no host" if url.scheme in ("http", "https") else "is not an absolute URL"
        yield Problem(request.url_path, f"{_address(url)} {what}", _HELP, fix=fix)


@error("MC204", URL.wrong("your endpoint is here", right="https://example.com/your/endpoint"))
def unfilled_url(facts: Facts) -> Problems:
    """The URL is sample text that was never replaced.

    Samples have text where your own address belongs. If it is left in, the request goes nowhere; if the text
    happens to be somebody's host, the App Key goes to them.

    DX: "Obtaining API Access through Apps": its sample says `your endpoint is here`
    """
    for request, url in facts.faults.get(urls.UNFILLED, ()):
        yield Problem(request.url_path, f"{_address(url)} is sample text: write your own address there", _HELP)


@error("MC208", URL.wrong("ftp://example.com/hook"), fix=UNSAFE)
def not_http_url(facts: Facts) -> Problems:
    """The URL is not an http or https URL.

    ManyChat sends HTTP requests; other schemes have no method, headers or payload.

    DR: Dev Tools: External request (HTTPS); RFC 9110, section 4.2
    """
    for request, url in facts.faults.get(urls.OTHER_SCHEME, ()):
        fix = None
        if facts.nearest(url.scheme, ("https",)):
            fix = Fix("write `https`", (SetText(request.url_path, url.start, url.start + len(url.scheme), "https"),))
        message, chars = f"`{url.scheme}:` is not HTTP", (url.start, url.start + len(url.scheme) + 1)
        yield Problem(request.url_path, message, "use an `https://` address", chars=chars, fix=fix)


@error("MC209", URL.wrong("<https://example.com/hook>", fixed="https://example.com/hook"), fix=UNSAFE)
def damaged_url(facts: Facts) -> Problems:
    """The URL has angle brackets, or was turned into a link by an editor.

    Notion, mail programs and Markdown write links as `<https://…>` or `[text](https://…)`, and the brackets are
    copied along with the App JSON.

    SR: published App JSON copied out of Notion; RFC 3986, appendix C: angle brackets are not part of a URL
    """
    for request, url in facts.faults.get(urls.DAMAGED, ()):
        meant = urls.repaired(url)
        fix = Fix(f"write {quote(meant)}", (SetText(request.url_path, 0, len(url.text), meant),)) if meant else None
        help_ = fix.title if fix else "write the plain address; encode an angle bracket as %3C or %3E"
        message = f"{_address(url)} is damaged: a link was copied with its brackets"
        yield Problem(request.url_path, message, help_, fix=fix)


@error("MC230", URL.wrong("https://example.com:65536/hook", right="https://example.com:8443/hook"))
def impossible_host(facts: Facts) -> Problems:
    """The URL's host or port cannot exist.

    No server can be found there, so the request fails. In `auth.request` the App Key then reaches nobody.

    R: RFC 3986, sections 3.2.2 and 3.2.3; RFC 1123, section 2.1: what a host and a port are
    """
    for request, url in facts.faults.get(urls.AUTHORITY, ()):
        what = urls.authority_fault(url.masked[url.start : url.end])
        yield Problem(request.url_path, f"the URL has no valid host: {what}", _HELP)


@warning(
    "MC203",
    URL.wrong("https://example.com/hook?token={{app_token}}", right="https://example.com/hook?page={{page_id}}"),
)
def app_key_in_url(facts: Facts) -> Problems:
    """The App Key is sent in the URL.

    URLs end up in access logs, proxies, monitoring and error reports, where a key must not be. A header or the
    payload reaches only the endpoint.

    RX: RFC 9110, section 17.9: URLs are logged and passed on
    """
    reported = None
    for use in facts.key_uses:
        if use.part == "url" and use.path != reported:
            reported = use.path
            what = "the App Key is sent in the URL, and URLs are logged on the way"
            help_ = "send it in a header, such as `x-token-header: {{app_token}}`, or in the payload"
            yield Problem(use.path, what, help_, chars=use.chars)


def _cleartext(facts: Facts, *, auth: bool) -> Problems:
    for request, url in facts.faults.get(urls.CLEARTEXT, ()):
        if request.zone.auth is auth:
            message = f"`http://` sends {'the App Key' if auth else 'this request'} in the clear"
            chars = (url.start, url.start + len("http://"))
            change = SetText(request.url_path, url.start, url.start + len("http"), "https")
            fix = Fix("write `https://`", (change,))
            yield Problem(request.url_path, message, "use `https://`", chars=chars, fix=fix)


@error("MC210", URL.wrong("http://example.com/hook", fixed="https://example.com/hook"), fix=UNSAFE)
def cleartext_app_key(facts: Facts) -> Problems:
    """`auth.request` is sent over `http://`.

    Everybody between ManyChat and your server can read the App Key, and use the installer's account with it. A host
    that ManyChat cannot reach anyway (`http://localhost`) is reported as unreachable-host instead.

    XD: the App Key is readable on the way; Dev Tools: External request is documented for HTTPS only
    """
    return _cleartext(facts, auth=True)


@warning("MC211", ACTION_URL.wrong("http://example.com/x", fixed="https://example.com/x"), fix=UNSAFE)
def cleartext_action(facts: Facts) -> Problems:
    """An action's request is sent over `http://`.

    What it sends, often the installer's credentials and a contact's data, can be read on the way.

    DR: Dev Tools: External request is documented for HTTPS only; RFC 9110, section 17.2
    """
    return _cleartext(facts, auth=False)


@warning("MC213", URL.wrong("http://localhost:3000/hook"))
def unreachable_host(facts: Facts) -> Problems:
    """The URL leads to a host that ManyChat cannot reach.

    Loopback and private addresses, `.local` names and names without a dot are known only to their own machine or
    network, and ManyChat sends from outside. For `http://localhost` only this is reported, not the missing
    encryption: the request never leaves ManyChat's own machine.

    R: RFC 1122, 1918, 3927, 4193, 6598, 6761, 6762, 8375: addresses that only their own network knows
    """
    for request, url in facts.urls:
        if url.local and url.fault is None:
            at = url.masked.find(url.host, url.start + len(url.scheme))
            what = f"ManyChat cannot reach {quote(url.host)}: only its own network knows it"
            help_ = "use a public `https://` address; to rehearse on this machine, use `mcapp send --to`"
            yield Problem(request.url_path, what, help_, chars=(at, at + len(url.host)))


@warning("MC214", URL.wrong("https://me:sesame@example.com/hook"))
def credentials_in_url(facts: Facts) -> Problems:
    """The URL contains a user name or a password.

    URLs are logged and shown; clients drop such credentials, refuse them, or send them to the wrong host. Everybody
    who can read the App JSON can read them too.

    RX: RFC 9110, section 4.2.4: credentials in an http(s) URL are deprecated
    """
    for request, url in facts.urls:
        if url.userinfo is not None:
            start, end = url.userinfo
            what = "the URL contains credentials"
            help_ = "send them in an `Authorization` header, and ask for them with a param"
            yield Problem(request.url_path, what, help_, chars=(start, end))


_SPACE = rf"[\s\x00-\x20\x7f{urls.INVISIBLE}]"


@warning("MC215", URL.wrong(" https://example.com/hook", fixed="https://example.com/hook"), fix=SAFE)
def space_in_url(facts: Facts) -> Problems:
    """The URL contains a space, a control character or one that cannot be seen.

    Some clients cut the URL there, some encode it, some refuse it. In a path or query write `%20`.

    R: RFC 3986, section 2: a URL has no spaces and no control characters
    """
    for request, url in facts.urls:
        plain = url.masked.replace(FILLER, "")
        if plain.isascii() and plain.isprintable() and " " not in plain:
            continue
        found = re.search(_SPACE, url.masked)
        if found is None:
            continue
        fix = None
        if not re.search(_SPACE, url.masked[url.start : url.end]):
            trimmed = url.text[url.start : url.end]
            fix = Fix("remove the spaces around it", (SetText(request.url_path, 0, len(url.text), trimmed),))
        named = {" ": "a space", "\r": "a line break", "\n": "a line break"}
        what = named.get(found[0], f"a character that cannot be seen, U+{ord(found[0]):04X}")
        help_ = "remove it, or write it as `%20`"
        yield Problem(request.url_path, f"the URL contains {what}", help_, chars=found.span(), fix=fix)


@warning("MC216", URL.wrong("https://example.com/hook#top"))
def fragment_in_url(facts: Facts) -> Problems:
    """The URL has a fragment.

    The part after `#` is never sent: it is only for the client. Often it is the copied route of a front end.

    R: RFC 9110, section 7.1: the fragment is not sent
    """
    for request, url in facts.urls:
        if url.fragment >= 0 and not (facts.key_lost and request is facts.request and not facts.key_uses):
            what = "the part after `#` is not sent"
            yield Problem(request.url_path, what, "remove it, or write the `#` as `%23`", chars=(url.fragment, url.end))
