"""MC2xx: faults of a whole URL, in auth.request or in an action's request. A URL has one at most."""

import re

from mcapp.appjson import urls
from mcapp.appjson.facts import Facts
from mcapp.document.places import SetText
from mcapp.lint.model import ERROR, UNSAFE, Fix, Good, Problem, Problems, Rules, rule
from mcapp.lint.rules.samples import action_url, auth_url, bad_action_url, bad_url, good_url
from mcapp.lint.wording import address, quote

_HELP = "write the full address, such as `https://example.com/manychat/install`"


@rule(
    "MC201",
    ERROR,
    evidence="R",
    source="RFC 9110, section 7.1: a request needs a target",
    good=[good_url("https://example.com/hook"), good_url("[[server_url]]")],
    bad=[bad_url(""), bad_url("  "), bad_action_url("")],
)
def empty_url(facts: Facts) -> Problems:
    """The URL is empty.

    The request has no target. In `auth.request` the App Key then reaches nobody.
    """
    for request, _ in facts.faults.get(urls.EMPTY, ()):
        yield Problem(request.url_path, "the URL is empty", _HELP)


_HOST_FIRST = r"\s*((?://)?)(?=[\w-]+(?:\.[\w-]+)+(?:[:/?#]|\s*$))"


@rule(
    "MC202",
    ERROR,
    evidence="R",
    source="RFC 3986, section 4.3; RFC 9110, section 4.2: an http(s) URL has a scheme and a host",
    good=[
        good_url("https://example.com/hook"),
        good_url("HTTPS://EXAMPLE.COM/HOOK"),
        good_url("https://203.0.113.7:8443/hook"),
        good_url("https://[2001:db8::7]/hook"),
        good_url("[[server_url]]"),
        good_url("[[server_url]]/manychat?page={{page_id}}"),
        good_url("https://[[base]]/x"),
        good_url("{{ENDPOINT_URL}}/hook"),
        Good(action_url("[[base]]/orders")),
        Good(auth_url("<<server_url>>/hook"), kind="request", placeholders="portable"),
        Good(auth_url("your endpoint is here"), kind="request"),
    ],
    bad=[
        bad_url("/manychat/install"),
        bad_url("example.com/hook", fixed="https://example.com/hook"),
        bad_url("//example.com/hook", fixed="https://example.com/hook"),
        bad_url("example.com:8443/hook", fixed="https://example.com:8443/hook"),
        bad_url("hook"),
        bad_url("https:/example.com/hook"),
        bad_url("https://"),
        bad_action_url("/orders"),
    ],
    fix=UNSAFE,
)
def relative_url(facts: Facts) -> Problems:
    """The URL does not name a host.

    ManyChat sends the request from its own servers: it cannot know which host a relative URL belongs to. A URL that
    begins with a placeholder is not relative.
    """
    for request, url in facts.faults.get(urls.RELATIVE, ()):
        fix = None
        host = re.match(_HOST_FIRST, url.masked)
        if host:
            change = SetText(request.url_path, *host.span(1), "https://")
            fix = Fix("add `https://` in front", (change,))
        what = "has no host" if url.scheme in ("http", "https") else "is not an absolute URL"
        yield Problem(request.url_path, f"{address(url)} {what}", _HELP, fix=fix)


@rule(
    "MC204",
    ERROR,
    evidence="DX",
    source='"Obtaining API Access through Apps": its sample says `your endpoint is here`',
    good=[
        good_url("https://example.com/your/endpoint"),
        good_url("https://yours.example.com/hook"),
        good_url("https://yourls.org/hook"),
        good_url("https://example.com/{id}"),
        good_url("{{ENDPOINT_URL}}"),
        good_url("[[your_server]]/hook"),
        good_url("/your/endpoint"),
    ],
    bad=[
        bad_url("your endpoint is here"),
        bad_url("YOUR_ENDPOINT_URL"),
        bad_url("https://your-domain.com/hook"),
        bad_url("https://api.yourserver.com/hook"),
        bad_url("https://<your-server>/hook"),
        bad_url("https://YOUR_HOST/hook"),
        bad_url("https://.../hook"),
        bad_url("{base_url}/hook"),
        bad_url("${BASE_URL}/hook"),
        bad_action_url("<url>"),
    ],
)
def unfilled_url(facts: Facts) -> Problems:
    """The URL is sample text that was never replaced.

    Samples have text where your own address belongs. If it is left in, the request goes nowhere; if the text
    happens to be somebody's host, the App Key goes to them.
    """
    for request, url in facts.faults.get(urls.UNFILLED, ()):
        yield Problem(request.url_path, f"{address(url)} is sample text: write your own address there", _HELP)


@rule(
    "MC208",
    ERROR,
    evidence="DR",
    source="Dev Tools: External request (HTTPS); RFC 9110, section 4.2",
    good=[
        good_url("https://example.com/hook"),
        good_url("[[scheme]]://example.com"),
        good_url("example.com:8443/hook"),
    ],
    bad=[
        bad_url("ftp://example.com/hook"),
        bad_url("wss://example.com/hook"),
        bad_url("mailto:me@example.com"),
        bad_url("htps://example.com/hook", fixed="https://example.com/hook"),
        bad_action_url("ws://example.com/x"),
    ],
    fix=UNSAFE,
)
def not_http_url(facts: Facts) -> Problems:
    """The URL is not an http or https URL.

    ManyChat sends HTTP requests; other schemes have no method, headers or payload.
    """
    for request, url in facts.faults.get(urls.OTHER_SCHEME, ()):
        fix = None
        if facts.nearest(url.scheme, ("https",)):
            fix = Fix("write `https`", (SetText(request.url_path, url.start, url.start + len(url.scheme), "https"),))
        chars = (url.start, url.start + len(url.scheme) + 1)
        yield Problem(
            request.url_path, f"`{url.scheme}:` is not HTTP", "use an `https://` address", chars=chars, fix=fix
        )


@rule(
    "MC209",
    ERROR,
    evidence="SR",
    source="published App JSON copied out of Notion; RFC 3986, appendix C: angle brackets are not part of a URL",
    good=[
        good_url("https://example.com/hook"),
        good_url("https://<your-server>/hook"),
        good_url("https://[[host]]/hook"),
        Good(auth_url("https://<<host>>/hook"), kind="request", placeholders="portable"),
    ],
    bad=[
        bad_url("<https://example.com/hook>", fixed="https://example.com/hook"),
        bad_url("<https://host.example.com/[[x]>]", fixed="https://host.example.com/[[x]]"),
        bad_url("[example.com](https://example.com/hook)", fixed="https://example.com/hook"),
        bad_url("https://example.com/a>b"),
        bad_action_url("<https://[[base]]/x>", fixed="https://[[base]]/x"),
    ],
    fix=UNSAFE,
)
def damaged_url(facts: Facts) -> Problems:
    """The URL has angle brackets, or was turned into a link by an editor.

    Notion, mail programs and Markdown write links as `<https://…>` or `[text](https://…)`, and the brackets are
    copied along with the App JSON.
    """
    for request, url in facts.faults.get(urls.DAMAGED, ()):
        meant = urls.repaired(url)
        fix = Fix(f"write {quote(meant)}", (SetText(request.url_path, 0, len(url.text), meant),)) if meant else None
        help_ = f"write {quote(meant)}" if meant else "write the plain address; encode an angle bracket as %3C or %3E"
        yield Problem(
            request.url_path, f"{address(url)} is damaged: a link was copied with its brackets", help_, fix=fix
        )


@rule(
    "MC230",
    ERROR,
    evidence="R",
    source="RFC 3986, sections 3.2.2 and 3.2.3; RFC 1123, section 2.1: what a host and a port are",
    good=[
        good_url("https://example.com:8443/hook"),
        good_url("https://xn--bcher-kva.example/hook"),
        good_url("https://bücher.example/hook"),
        good_url("https://a_b.example.com./hook"),
        good_url("https://203.0.113.7/hook"),
        good_url("https://[2001:db8::7]:8443/hook"),
        good_url("https://[[host]]:[[port]]/hook"),
        good_url("https://user:word@example.com/hook"),
    ],
    bad=[
        bad_url("https://example.com:65536/hook"),
        bad_url("https://example.com:port/hook"),
        bad_url("https://example..com/hook"),
        bad_url("https://[::g]/hook"),
        bad_url("https://999.1.1.1/hook"),
        bad_url("https://2001:db8::7/hook"),
        bad_url("https://https://example.com/hook"),
        bad_url("https://example,com/hook"),
        bad_action_url("https://example.com:0/x"),
    ],
)
def impossible_host(facts: Facts) -> Problems:
    """The URL's host or port cannot exist.

    No server can be found there, so the request fails. In `auth.request` the App Key then reaches nobody.
    """
    for request, url in facts.faults.get(urls.AUTHORITY, ()):
        what = urls.authority_fault(url.masked[url.start : url.end])
        yield Problem(request.url_path, f"the URL has no valid host: {what}", _HELP)


RULES: Rules = (empty_url, relative_url, unfilled_url, not_http_url, damaged_url, impossible_host)
