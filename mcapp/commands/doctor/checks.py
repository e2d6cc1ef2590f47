"""What `mcapp doctor` checks around the stored keys: Python, configuration, environment, proxy and certificates.

Nothing here knows Typer, writes a file or opens a connection. Proxy and certificates are asked of `mcapp.net.proxies`,
which prepares the connections of probe, keys add --verify and send.
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mcapp import __version__, config
from mcapp.config import OWN, PROJECT, Config, Found
from mcapp.errors import McappError, Undecided, suggestion
from mcapp.keys.checkup import NOTE, OK, PROBLEM, WARNING, Check, failed
from mcapp.keys.vault import from_environment, store_wanted
from mcapp.lint.check import choose as choose_rules
from mcapp.net import proxies
from mcapp.net.target import choose
from mcapp.net.transport import make_transport
from mcapp.scopes.expect import scopes

VARIABLES = ("MCAPP_CONFIG_DIR", "MCAPP_KEY_STORE", "MCAPP_NO_INPUT", "MCAPP_OUTPUT_FORMAT")
_WHO = "probe, keys add --verify and send"


def python() -> Iterator[Check]:
    """Which mcapp this is, and whether the command `mcapp` runs another one."""
    yield Check("python", OK, f"mcapp {__version__}, Python {platform.python_version()} at {sys.executable}")
    other = shutil.which("mcapp")
    if other:
        # The interpreter of a virtual environment is a link: its folder counts before and after following it.
        own = {Path(sys.argv[0]).resolve().parent, Path(sys.executable).resolve().parent}
        own.add(Path(sys.executable).parent.resolve())
        if Path(other).resolve().parent not in own:
            yield Check("python", NOTE, f"the command mcapp is another one: {other}", code="other-mcapp")


def configuration(path: str | None, *, isolated: bool) -> Iterator[Check]:
    """Which file this run uses (`path` is --config), whether it is valid, and what it sets."""
    area = "configuration"
    if path is None and isolated:
        yield Check(area, OK, "none: --isolated")
        return
    try:
        found = Found(Path(path), ()) if path is not None else config.find()
        if found.path is None:
            first, last = found.folders[0], found.folders[-1]
            where = f"in {first}" if first == last else f"from {first} up to {last}"
            yield Check(area, OK, f"none; looked for {OWN} and {PROJECT} {where}")
            return
        settings = config.load(str(found.path))
        _validate(settings)
    except McappError as error:
        yield failed(area, error)
        return
    names = [
        {"fail_on": "fail-on", "expect": "scopes.expect"}.get(name, name)
        for name, value in settings._asdict().items()
        if name != "path" and value != getattr(Config(), name)
    ]
    table = ", table [tool.mcapp]" if found.path.name == PROJECT else ""
    yield Check(area, OK, f"{found.path}{table}: {'sets ' + ', '.join(names) if names else 'sets nothing'}")
    beside = found.path.with_name(PROJECT)
    with suppress(McappError):
        if found.path.name == OWN and config.speaks(beside):
            message = f"[tool.mcapp] in {beside} is not used: {OWN} in the same folder takes precedence"
            yield Check(area, WARNING, message, "keep only one of them", "unused")


def _validate(settings: Config) -> None:
    """Raise UsageProblem for an unknown rule or scope, as the commands that use them do."""
    for words in (settings.select, settings.ignore):
        try:
            choose_rules(words)
        except McappError as error:
            error.message = f"{settings.path}: {error.message}"
            raise
    scopes(settings.expect or (), str(settings.path))


def environment() -> Iterator[Check]:
    """The environment's key, and the variables of mcapp's own."""
    area = "environment"
    try:
        key = from_environment()
        if key:
            what = f"a key ({key.secret.hint}, fingerprint {key.secret.fingerprint})"
            yield Check(area, OK, f"{key.variable} holds {what}; it is used before the default key")
    except McappError as error:
        yield failed(area, error)
    try:
        store_wanted(None)
    except McappError as error:
        yield failed(area, error)
    for name in sorted(os.environ):
        if name.startswith("MCAPP_") and name not in VARIABLES:
            hint = suggestion(name, VARIABLES, f"known are: {', '.join(VARIABLES)}")
            yield Check(area, WARNING, f"{name} is not a variable that mcapp knows", hint, "unknown-variable")


def network() -> Iterator[Check]:
    """Proxy, certificates, and whether a connection to ManyChat can be prepared as probe does it."""
    checks = [*_proxy(), *_certificates()]
    yield from checks
    if all(check.status != PROBLEM for check in checks):
        try:
            make_transport(choose())
        except Undecided as error:
            yield failed("connection", error)


def _proxy() -> Iterator[Check]:
    area, manychat = "proxy", choose()
    proxy = proxies.proxy(manychat)
    bypass = _variable("no_proxy")
    unused = _variable("https_proxy") or _variable("all_proxy")
    if proxy is not None:
        try:
            proxy.check()
        except Undecided as error:
            yield failed(area, error)
            return
        besides = f"; {bypass} does not cover {manychat.host}" if bypass else ""
        message = f"{_WHO} reach https hosts through {proxy.shown} ({proxy.source}){besides}; never this machine"
        yield Check(area, OK, message)
    elif unused and bypass:
        yield Check(area, OK, f"{bypass} covers {manychat.host}, so {unused} is not used for it")
    else:
        script = "" if sys.platform == "linux" else "; a script (PAC) in the system's settings is not used"
        yield Check(area, OK, f"none: {_WHO} connect directly{script}")


def _certificates() -> Iterator[Check]:
    area, trust = "certificates", proxies.trust()
    try:
        context = trust.context()
    except Undecided as error:
        yield failed(area, error)
    except OSError as error:
        hint = "reinstall them: python -m pip install --force-reinstall certifi"
        yield Check(area, PROBLEM, f"cannot read the certificates of certifi: {error.strerror}", hint, "connection")
    else:
        which = (
            f"only the authorities in {trust.path} ({trust.source})" if trust.source else "the authorities of certifi"
        )
        try:
            number = f": {context.cert_store_stats()['x509']}"
        except NotImplementedError:  # the system checks, and tells no number
            which, number = "the authorities that this system trusts", ""
        if trust.source == proxies.CERTIFICATE_FOLDER:
            number = f": {trust.hashed()} by name"
        through = proxies.route(choose()).proxy if trust.source else ""
        both = f"; with the proxy {through}, anyone who controls both can read App Keys" if through else ""
        yield Check(area, NOTE if both else OK, f"trusts {which}{number}{both}")
    if os.environ.get(proxies.KEY_LOG):
        message = f"{proxies.KEY_LOG} is set: with that file, recorded traffic can be decrypted, App Keys included"
        yield Check(area, WARNING, message, f"unset {proxies.KEY_LOG}", "key-log")


def _variable(name: str) -> str:
    """The variable's name as it is set, the lower case first; empty if it is not set."""
    return max((found for found in os.environ if found.lower() == name and os.environ[found]), default="")
