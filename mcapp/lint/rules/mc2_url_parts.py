"""MC2xx: problems of a valid URL: who can read it, who can reach it, and what it contains."""

import re

from mcapp.appjson import urls
from mcapp.appjson.facts import Facts
from mcapp.document.places import SetText
from mcapp.lint.model import ERROR, SAFE, UNSAFE, WARNING, Bad, Fix, Good, Problem, Problems, Rules, rule
from mcapp.lint.rules.samples import action_url, auth_url, bad_action_url, bad_url, good_url
from mcapp.lint.wording import quote


@rule(
    "MC203",
    WARNING,
    evidence="RX",
    source="RFC 9110, section 17.9: URLs are logged and passed on",
    good=[
        good_url("https://example.com/hook?page={{page_id}}"),
        Good(
            '{"request": {"url": "https://example.com/", "method": "POST", "payload": {"key": "{{app_token}}"}}}',
            "request",
        ),
    ],
    bad=[
        bad_url("https://example.com/hook?token={{app_token}}"),
        bad_url("https://example.com/{{app_token}}/hook"),
        bad_url("https://example.com/hook?token={{ app_token }}"),
        Bad(
            auth_url("https://example.com/?t=<<app_token>>"),
            at=("/request/url",),
            kind="request",
            placeholders="portable",
        ),
    ],
)
def app_key_in_url(facts: Facts) -> Problems:
    """The App Key is sent in the URL.

    URLs end up in access logs, proxies, monitoring and error reports, where a key must not be. A header or the
    payload reaches only the endpoint.
    """
    reported = None
    for use in facts.key_uses:
        if use.part == "url" and use.path != reported:
            reported = use.path
            yield Problem(
                use.path,
                "the App Key is sent in the URL, and URLs are logged on the way",
                "send it in a header, such as `x-token-header: {{app_token}}`, or in the payload",
                chars=use.chars,
            )


def _cleartext(facts: Facts, *, auth: bool) -> Problems:
    for request, url in facts.faults.get(urls.CLEARTEXT, ()):
        if request.zone.auth is not auth:
            continue
        change = SetText(request.url_path, url.start, url.start + len("http"), "https")
        yield Problem(
            request.url_path,
            f"`http://` sends {'the App Key' if auth else 'this request'} in the clear",
            "use `https://`",
            chars=(url.start, url.start + len("http://")),
            fix=Fix("write `https://`", (change,)),
        )


@rule(
    "MC210",
    ERROR,
    evidence="XD",
    source="the App Key is readable on the way; Dev Tools: External request is documented for HTTPS only",
    good=[
        good_url("https://example.com/hook"),
        good_url("[[server_url]]/hook"),
        good_url("http://localhost:3000/hook"),
        good_url("http://192.168.1.20/hook"),
        Good(action_url("http://example.com/x")),
    ],
    bad=[
        bad_url("http://example.com/hook", fixed="https://example.com/hook"),
        bad_url("HTTP://example.com/hook", fixed="https://example.com/hook"),
        bad_url("http://[[host]]/hook", fixed="https://[[host]]/hook"),
        bad_url(" http://example.com/hook", fixed=" https://example.com/hook"),
    ],
    fix=UNSAFE,
)
def cleartext_app_key(facts: Facts) -> Problems:
    """`auth.request` is sent over `http://`.

    Everybody between ManyChat and your server can read the App Key, and use the installer's account with it. A host
    that ManyChat cannot reach anyway (`http://localhost`) is reported as unreachable-host instead.
    """
    return _cleartext(facts, auth=True)


@rule(
    "MC211",
    WARNING,
    evidence="DR",
    source="Dev Tools: External request is documented for HTTPS only; RFC 9110, section 17.2",
    good=[
        Good(action_url("https://example.com/x")),
        Good(action_url("http://localhost/x")),
        good_url("http://example.com/hook"),
    ],
    bad=[
        bad_action_url("http://example.com/x", fixed="https://example.com/x"),
        bad_action_url("http://[[base]]/x", fixed="https://[[base]]/x"),
    ],
    fix=UNSAFE,
)
def cleartext_action(facts: Facts) -> Problems:
    """An action's request is sent over `http://`.

    What it sends, often the installer's credentials and a contact's data, can be read on the way.
    """
    return _cleartext(facts, auth=False)


@rule(
    "MC213",
    WARNING,
    evidence="R",
    source="RFC 1122, 1918, 3927, 4193, 6598, 6761, 6762, 8375: addresses that only their own network knows",
    good=[
        good_url("https://example.com/hook"),
        good_url("https://172.32.0.1/hook"),
        good_url("https://11.0.0.1/hook"),
        good_url("https://localhost.example.com/hook"),
        good_url("https://abc123.ngrok-free.app/hook"),
        good_url("https://[[host]]/hook"),
        good_url("https://[[name]].local/hook"),
    ],
    bad=[
        bad_url("http://localhost:3000/hook"),
        bad_url("https://127.0.0.1/hook"),
        bad_url("https://[::1]:8443/hook"),
        bad_url("https://10.0.0.5/hook"),
        bad_url("https://172.16.0.1/hook"),
        bad_url("https://192.168.1.20/hook"),
        bad_url("https://169.254.169.254/latest"),
        bad_url("https://[fd00::1]/hook"),
        bad_url("https://printer.local/hook"),
        bad_url("https://backend/hook"),
        bad_action_url("http://localhost:8080/x"),
    ],
)
def unreachable_host(facts: Facts) -> Problems:
    """The URL leads to a host that ManyChat cannot reach.

    Loopback and private addresses, `.local` names and names without a dot are known only to their own machine or
    network, and ManyChat sends from outside. For `http://localhost` only this is reported, not the missing
    encryption: the request never leaves ManyChat's own machine.
    """
    for request, url in facts.urls:
        if url.local and url.fault is None:
            at = url.masked.find(url.host, url.start + len(url.scheme))
            yield Problem(
                request.url_path,
                f"ManyChat cannot reach {quote(url.host)}: only its own network knows it",
                "use a public `https://` address; to rehearse on this machine, use `mcapp send --to`",
                chars=(at, at + len(url.host)),
            )


@rule(
    "MC214",
    WARNING,
    evidence="RX",
    source="RFC 9110, section 4.2.4: credentials in an http(s) URL are deprecated",
    good=[
        good_url("https://example.com/hook"),
        good_url("https://example.com/@me"),
        good_url("https://example.com/?mail=me@example.com"),
        good_url("https://example.com/[[user@home]]"),
    ],
    bad=[
        bad_url("https://me:sesame@example.com/hook"),
        bad_url("https://me@example.com/hook"),
        bad_url("https://[[user]]:[[password]]@example.com/hook"),
    ],
)
def credentials_in_url(facts: Facts) -> Problems:
    """The URL contains a user name or a password.

    URLs are logged and shown; clients drop such credentials, refuse them, or send them to the wrong host. Everybody
    who can read the App JSON can read them too.
    """
    for request, url in facts.urls:
        if url.userinfo is not None:
            start, end = url.userinfo
            yield Problem(
                request.url_path,
                "the URL contains credentials",
                "send them in an `Authorization` header, and ask for them with a param",
                chars=(start, end),
            )


_SPACE = r"[\s\x00-\x20\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"


@rule(
    "MC215",
    WARNING,
    evidence="R",
    source="RFC 3986, section 2: a URL has no spaces and no control characters",
    good=[
        good_url("https://example.com/a%20b"),
        good_url("https://example.com/?q=a+b"),
        good_url("https://example.com/{{ page_id }}"),
        good_url("your endpoint is here"),
    ],
    bad=[
        bad_url(" https://example.com/hook", fixed="https://example.com/hook"),
        bad_url("https://example.com/hook\\n", fixed="https://example.com/hook"),
        bad_url("https://example.com/my hook"),
        bad_url("https://exam ple.com/hook"),
        bad_action_url("https://[[base]] /x"),
        bad_url("https://exam\\u200bple.com/hook"),
        bad_url("https://example.com/ho\\u00adok"),
        bad_url("\\ufeffhttps://example.com/hook"),
    ],
    fix=SAFE,
)
def space_in_url(facts: Facts) -> Problems:
    """The URL contains a space, a control character or one that cannot be seen.

    Some clients cut the URL there, some encode it, some refuse it. In a path or query write `%20`.
    """
    for request, url in facts.urls:
        if url.masked.isascii() and url.masked.isprintable() and " " not in url.masked:
            continue
        found = re.search(_SPACE, url.masked)
        if found is None:
            continue
        fix = None
        if not re.search(_SPACE, url.masked[url.start : url.end]):
            trimmed = url.text[url.start : url.end]
            fix = Fix("remove the spaces around it", (SetText(request.url_path, 0, len(url.text), trimmed),))
        what = (
            "a space"
            if found.group() == " "
            else "a line break"
            if found.group() in "\r\n"
            else f"a character that cannot be seen, U+{ord(found.group()):04X}"
        )
        yield Problem(
            request.url_path, f"the URL contains {what}", "remove it, or write it as `%20`", chars=found.span(), fix=fix
        )


@rule(
    "MC216",
    WARNING,
    evidence="R",
    source="RFC 9110, section 7.1: the fragment is not sent",
    good=[
        good_url("https://example.com/hook"),
        good_url("https://example.com/%23hook"),
        good_url("https://example.com/[[room#1]]"),
    ],
    bad=[bad_url("https://example.com/hook#top"), bad_url("https://example.com/#/hook?page={{page_id}}")],
)
def fragment_in_url(facts: Facts) -> Problems:
    """The URL has a fragment.

    The part after `#` is never sent: it is only for the client. Often it is the copied route of a front end.
    """
    for request, url in facts.urls:
        if url.fragment >= 0 and not (facts.key_lost and request is facts.request and not facts.key_uses):
            yield Problem(
                request.url_path,
                "the part after `#` is not sent",
                "remove it, or write the `#` as `%23`",
                chars=(url.fragment, url.end),
            )


RULES: Rules = (
    app_key_in_url,
    cleartext_app_key,
    cleartext_action,
    unreachable_host,
    credentials_in_url,
    space_in_url,
    fragment_in_url,
)
