"""What doctor says of proxy and certificates: exactly what `probe` then meets, without a step onto the network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcapp.errors import Undecided
from mcapp.net import transport
from mcapp.net.target import choose
from mcapp.net.transport import Proxy, make_transport
from tests.doctor.conftest import Doctor
from tests.harness import Cli, Process

PASSWORD = "opensesame"  # noqa: S105  # nobody's


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there the system decides both")
def test_without_variables_the_way_is_direct_and_httpx_brings_the_certificates(doctor: Doctor) -> None:
    assert [check["message"] for check in doctor("proxy")] == [
        "none: probe, keys add --verify and send connect directly"
    ]
    (check,) = doctor("certificates")
    assert check["status"] == "ok"
    assert check["message"] == "trusts the authorities of certifi"
    assert doctor("connection") == []


@pytest.mark.parametrize(
    "name", ["HTTPS_PROXY", "ALL_PROXY", *(() if sys.platform == "win32" else ("https_proxy", "all_proxy"))]
)  # on Windows the name of a variable has one spelling
def test_a_proxy_is_named_and_its_credentials_are_not(doctor: Doctor, name: str) -> None:
    (check,) = doctor("proxy", env={name: f"http://user:{PASSWORD}@proxy.example:3128"})
    assert check["status"] == "ok"
    assert f"through http://proxy.example:3128 with credentials ({name})" in check["message"]
    assert "never this machine" in check["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="there the two are one variable")
def test_the_stronger_variable_is_named(doctor: Doctor) -> None:
    env = {"HTTPS_PROXY": "http://a.example:1", "https_proxy": "http://b.example:2", "ALL_PROXY": "http://c.example:3"}
    assert "http://b.example:2 (https_proxy)" in doctor("proxy", env=env)[0]["message"]


def test_no_proxy(doctor: Doctor) -> None:
    env = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "localhost,.manychat.com"}
    assert (
        doctor("proxy", env=env)[0]["message"] == "NO_PROXY covers api.manychat.com, so HTTPS_PROXY is not used for it"
    )
    # Python does not take an asterisk for a part of a name.
    assert "NO_PROXY does not cover" in doctor("proxy", env={**env, "NO_PROXY": "*.manychat.com"})[0]["message"]


NOT_ONE = "is not the URL of a proxy"
BAD_PROXIES = {
    "nonsense": NOT_ONE,
    f"user:{PASSWORD}@proxy.example:3128": NOT_ONE,
    f"{PASSWORD}://proxy.example": NOT_ONE,
    f"socks4://user:{PASSWORD}@proxy.example": NOT_ONE,
    f"http://user:{PASSWORD}@proxy.example:port": NOT_ONE,
    f"http://user:{PASSWORD}@": NOT_ONE,
    "http://proxy.example:99999": NOT_ONE,
    "http://prox y.example": NOT_ONE,
    f"socks5://user:{PASSWORD}@proxy.example:1080": "needs the package socksio",
}


@pytest.mark.parametrize("url", BAD_PROXIES)
def test_a_proxy_that_cannot_be_used_stops_doctor_and_probe_alike(
    cli: Cli, doctor: Doctor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)  # as where it is not installed
    monkeypatch.setenv("HTTPS_PROXY", url)
    (check,) = doctor("proxy")
    assert (check["status"], check["code"]) == ("problem", "connection")
    assert BAD_PROXIES[url] in check["message"]
    assert check["hint"]
    told = cli("probe", "--json", env={"MANYCHAT_APP_KEY": "fake-key-fake-key"})
    assert told.code == 3
    (error,) = told.json()["errors"]
    assert (error["code"], error["message"], error["hint"]) == ("connection", check["message"], check["hint"])
    text = cli("doctor")
    assert f"{PASSWORD}@" not in text.out + text.err + told.out + told.err
    assert f":{PASSWORD}" not in text.out + text.err + told.out + told.err


@pytest.mark.parametrize(
    "url", ["http://proxy", "HTTP://[::1]:3128", "https://my_proxy.example:443/", "http://exämple:80"]
)
def test_a_proxy_that_can_be_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    Proxy("HTTPS_PROXY", url).check()
    make_transport(choose())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One authority's certificate, in a folder of its own and under the name that OpenSSL looks for."""
    import certifi

    text = Path(certifi.where()).read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("authorities")
    path = folder / "one.pem"
    end = "-----END CERTIFICATE-----\n"
    path.write_text(text[text.index("-----BEGIN") : text.index(end)] + end)
    return path


def test_certificates_of_ones_own(doctor: Doctor, authority: Path) -> None:
    (check,) = doctor("certificates", env={"SSL_CERT_FILE": str(authority)})
    assert check["message"] == f"trusts only the authorities in {authority} (SSL_CERT_FILE)"
    (both,) = doctor("certificates", env={"SSL_CERT_FILE": str(authority), "SSL_CERT_DIR": "/nowhere"})
    assert both == check
    folder = authority.parent
    assert doctor("certificates", env={"SSL_CERT_DIR": str(folder)})[0]["status"] == "problem"
    (folder / "0a1b2c3d.0").write_bytes(authority.read_bytes())
    (check,) = doctor("certificates", env={"SSL_CERT_DIR": f"/nowhere{os.pathsep}{folder}"})
    assert check["message"].endswith(f"{folder} (SSL_CERT_DIR)")


def test_a_proxy_together_with_ones_own_authorities_is_noted(doctor: Doctor, authority: Path) -> None:
    env = {"SSL_CERT_FILE": str(authority), "HTTPS_PROXY": f"http://user:{PASSWORD}@proxy.example:3128"}
    (check,) = doctor("certificates", env=env)
    assert check["status"] == "note"
    proxy = "http://proxy.example:3128 with credentials (HTTPS_PROXY)"
    assert f"with the proxy {proxy}, anyone who controls both can read App Keys" in check["message"]
    assert doctor("certificates", env={**env, "NO_PROXY": "api.manychat.com"})[0]["status"] == "ok"


@pytest.mark.parametrize("what", ["missing", "a folder", "a FIFO", "empty", "no certificate", "SSL_CERT_DIR"])
def test_certificates_that_cannot_be_used_stop_doctor_and_probe_alike(
    process: Process, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bundle"
    if what in ("a folder", "SSL_CERT_DIR"):
        path.mkdir()
    elif what == "a FIFO":
        if sys.platform == "win32":
            pytest.skip("Windows has no FIFOs in folders")
        subprocess.run(["mkfifo", path], check=True)
    elif what != "missing":
        path.write_text("" if what == "empty" else "nothing that begins a certificate\n")
    monkeypatch.setenv("SSL_CERT_DIR" if what == "SSL_CERT_DIR" else "SSL_CERT_FILE", str(path))
    # In processes of their own, with a time limit: a FIFO may be waited on for ever.
    found = process("doctor", "--json").json()["checks"]
    (check,) = (check for check in found if check["area"] == "certificates")
    assert (check["status"], check["code"]) == ("problem", "connection")
    assert str(path) in check["message"]
    assert "unset SSL_CERT_" in check["hint"]
    told = process("probe", "--json", env={"MANYCHAT_APP_KEY": "fake-key-fake-key"})
    assert (told.code, told.json()["errors"][0]["message"]) == (3, check["message"])


def test_truststore_logs_no_session_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "log")
    for system in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        assert (transport.Trust().key_log, transport.Trust("SSL_CERT_FILE", "bundle").key_log) == ("", "log")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="truststore logs none: see above")
def test_a_log_of_session_keys_is_told(doctor: Doctor, tmp_path: Path) -> None:
    ok, warning = doctor("certificates", env={"SSLKEYLOGFILE": str(tmp_path / "log")})
    assert (ok["status"], warning["status"], warning["code"]) == ("ok", "warning", "key-log")
    problem = doctor("certificates", env={"SSLKEYLOGFILE": str(tmp_path / "no" / "log")})[0]
    assert (problem["status"], problem["hint"]) == ("problem", "unset SSLKEYLOGFILE")
    assert "SSLKEYLOGFILE names " in problem["message"]


def test_whatever_probe_cannot_prepare_is_a_problem(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Undecided("no connection can be prepared: Strange", code="connection")

    monkeypatch.setattr("mcapp.net.transport.httpx.AsyncHTTPTransport", refuse)
    (check,) = doctor("connection")
    assert (check["status"], check["code"]) == ("problem", "connection")
