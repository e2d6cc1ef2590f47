"""TLS is verified: a server that cannot prove who it is gets no key, one that can is asked."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mcapp.api import probe
from mcapp.scopes.catalogue import READ, load


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the parent's name
        assert isinstance(self.server, _Server)
        self.server.seen.append(self.headers.get("Authorization", ""))
        body = b'{"status":"success","data":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:  # the parent's name
        assert isinstance(self.server, _Server)
        self.server.seen.append(self.path)
        self.send_error(502)

    def log_message(self, *_: object) -> None:
        pass


class _Server(HTTPServer):
    seen: list[str]

    def handle_error(self, *_: object) -> None:
        """A client that breaks off the handshake is what is tested."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody but a test trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", path, "-out", f"{path}.crt"),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("ab") as file:
        file.write(Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[_Server]:
    listening = _Server(("127.0.0.1", 0), _Handler)
    listening.seen = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # The handshake is made where it can fail without ending the server's own loop.
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield listening
    listening.shutdown()
    listening.server_close()
    thread.join(5)


def test_an_unknown_authority_gets_no_key(server: _Server) -> None:
    report = probe("fake-key-fake-key", base_url=f"https://127.0.0.1:{server.server_port}", rate=1000, concurrency=1)
    assert server.seen == []
    assert report.key is not None
    assert (report.key.verdict, report.exit_code) == ("unreachable", 3)
    assert "no trusted encrypted connection" in report.key.reason
    # A certificate does not get better by asking again.
    assert {result.attempts for result in report.scopes if result.attempts} == {1}


def test_a_known_authority_does(server: _Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    options = {"rate": 1000, "concurrency": 1}
    report = probe("fake-key-fake-key", base_url=f"https://127.0.0.1:{server.server_port}", **options)  # type: ignore[arg-type]
    assert report.exit_code == 0
    assert server.seen == ["Bearer fake-key-fake-key"] * sum(endpoint.send == READ for endpoint in load())


def test_the_name_must_be_right_too(server: _Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    report = probe("fake-key-fake-key", base_url=f"https://localhost:{server.server_port}", rate=1000, concurrency=1)
    assert report.exit_code == 3
    assert server.seen == []


def test_a_proxy_that_is_reached_over_tls_is_verified_too(
    server: _Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{server.server_port}")
    options = {"only": ["GET /fb/page/getInfo"], "deadline": 5}
    assert probe("fake-key-fake-key", **options).exit_code == 3  # type: ignore[arg-type]
    assert server.seen == []
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    assert probe("fake-key-fake-key", **options).exit_code == 3  # type: ignore[arg-type]
    assert set(server.seen) == {"api.manychat.com:443"}
