"""What `mcapp doctor` looks at on the way to ManyChat, without a step on it: proxy and certificates.

Everything is asked of `mcapp.net.proxies`, which prepares the connections of probe, keys add --verify and send.
"""

import os
from collections.abc import Iterator

from mcapp.errors import Undecided
from mcapp.keys.checkup import NOTE, OK, PROBLEM, WARNING, Check, failed
from mcapp.net import proxies
from mcapp.net.proxies import CERTIFICATE_FILE, CERTIFICATE_FOLDER, KEY_LOG
from mcapp.net.target import choose
from mcapp.net.transport import make_transport

WHO = "probe, keys add --verify and send"


def network() -> Iterator[Check]:
    """Proxy, certificates, and at last whether a connection to ManyChat can be prepared just as probe does it."""
    checks = [*_proxy(), *_certificates()]
    yield from checks
    if all(check.status != PROBLEM for check in checks):
        try:
            make_transport(choose())
        except Undecided as error:
            yield failed("connection", error)


def _proxy() -> Iterator[Check]:
    area = "proxy"
    manychat = choose()
    proxy = proxies.proxy(manychat)
    bypass = _variable("no_proxy")
    if proxy is not None:
        try:
            proxy.check()
        except Undecided as error:
            yield failed(area, error)
            return
        besides = f"; {bypass} does not cover {manychat.host}" if bypass else ""
        told = f"{WHO} go to https hosts through {proxy.shown} ({proxy.source}){besides}; never to this machine"
        yield Check(area, OK, told)
        return
    set_so = _variable("https_proxy") or _variable("all_proxy")
    if set_so and bypass:
        yield Check(area, OK, f"{bypass} covers {manychat.host}, so {set_so} is not used for it")
    else:
        yield Check(area, OK, f"none: {WHO} connect directly")
    plain = _variable("http_proxy")
    if plain and not set_so:
        told = f"{plain} is set; mcapp does not heed it, because ManyChat is asked over https"
        yield Check(area, NOTE, told, "the proxy for that is named by HTTPS_PROXY or ALL_PROXY", "not-heeded")


def _certificates() -> Iterator[Check]:
    area = "certificates"
    trust = proxies.trust()
    try:
        count = trust.context().cert_store_stats()["x509"]
    except Undecided as error:
        yield failed(area, error)
    except OSError as error:
        hint = "install them again: python -m pip install --force-reinstall certifi"
        yield Check(area, PROBLEM, f"those that httpx brings cannot be read: {error.strerror}", hint, "connection")
    else:
        if not trust.source:
            yield Check(area, OK, f"{count} authorities are trusted, those that httpx brings (certifi)")
        elif trust.source == CERTIFICATE_FOLDER:
            told = f"those in {trust.path} are trusted ({trust.source}, {trust.hashed()} by name), and no others"
            yield Check(area, OK, told)
        else:
            yield Check(area, OK, f"{count} in {trust.path} are trusted ({trust.source}), and no others")
    if trust.source == CERTIFICATE_FILE and os.environ.get(CERTIFICATE_FOLDER):
        yield Check(area, NOTE, f"{CERTIFICATE_FOLDER} is not used: {CERTIFICATE_FILE} beats it", code="not-heeded")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if not trust.source and os.environ.get(name):
            hint = f'if it is needed: export {CERTIFICATE_FILE}="${name}"'
            yield Check(area, NOTE, f"{name} is set; mcapp does not heed it", hint, "not-heeded")
    if os.environ.get(KEY_LOG):
        told = f"{KEY_LOG} is set: who has that file and the traffic can read App Keys in it"
        yield Check(area, WARNING, told, f"unset {KEY_LOG}", "key-log")


def _variable(name: str) -> str:
    """The variable's name as it is set, the lower case first; empty if it is not set."""
    return max((found for found in os.environ if found.lower() == name and os.environ[found]), default="")
