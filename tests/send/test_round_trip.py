"""The whole way, over real sockets: generate, send, listen, the key in the store, probe against the emulator."""

import json
import re
import subprocess
import sys

import pytest

from mcapp.terminal import redact
from mcapp.testing import Emulator
from tests.harness import Cli, environment

SCOPES = ["GET /fb/page/getInfo", "GET /fb/page/getTags"]
VALUE = 'quotes " \\ {{page_id}} <<app_token>>\nsecond line ü🎉'


@pytest.mark.parametrize("notation", ["manychat", "portable"])
def test_from_the_block_to_a_probed_key(cli: Cli, notation: str) -> None:
    words = ["--payload", "app_token=<<app_token>>", "--payload", "page=<<page_id>>", "--payload", "mail=<<email>>"]
    url = "https://example.com/install?mail=<<email>>"
    made = cli(
        "generate", "--url", url, *words, "--param", "email=E-mail", "--emit", "app", "--placeholders", notation,
        "-o", "app.json",
    )  # fmt: skip
    assert made.code == 0, made.err
    with Emulator() as manychat:
        key = manychat.key(SCOPES)
        listener = subprocess.Popen(
            [
                *[sys.executable, "-m", "mcapp", "listen", "--path", "/install", "--app", "app.json", "--json"],
                *["--store-as", "shop-a", "--once", "--timeout", "40"],
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what is read ahead of a line would be lost to `communicate`
            env=environment({"MCAPP_KEY_STORE": "file"}),
        )
        try:
            assert listener.stderr is not None
            match = re.fullmatch(r"listening on (\S+)\n", listener.stderr.readline().decode())
            assert match
            sent = cli(
                "send", "--to", match[1], "--set", f"email={VALUE}", "--set", "page_id=42", "--key", "MANYCHAT_APP_KEY",
                env={"MANYCHAT_APP_KEY": key},
            )  # fmt: skip
            assert sent.code == 0, sent.out + sent.err
            out, err = listener.communicate(timeout=40)
        finally:
            listener.kill()
            listener.communicate()
        assert listener.returncode == 0, err
        assert key.encode() not in out + err
        (delivery,) = json.loads(out)["deliveries"]
        assert delivery["body"] == {"app_token": "*" * len(key), "page": "42", "mail": VALUE}
        assert delivery["query"] == [{"name": "mail", "value": VALUE}]
        assert delivery["stored_as"] == "shop-a"
        redact._loaded.clear()
        probed = cli(
            *("probe", "--key", "shop-a", "--base-url", manychat.base_url, "--rate", "1000"),
            *("--expect", ",".join(SCOPES), "--json"),
        )
        assert probed.code == 0, probed.out + probed.err
        assert probed.json()["key"]["verdict"] == "working"
        assert manychat.unchanged
    redact._loaded.clear()
