"""The same request in other hands: an HTTP message, a curl command, a Python program. The key is never in it.

The request is prepared with a mark in the key's place; here the mark becomes a variable that the reader sets.
"""

import shlex

from mcapp.handover.render import Prepared

FORMS = ("http", "curl", "httpx")
VARIABLE = "MANYCHAT_APP_KEY"


def write(form: str, prepared: Prepared, mark: str, timeout: float) -> str:
    """The request in one of FORMS; `mark` is the text that stands for the key in `prepared`."""
    return {"http": _http, "curl": _curl, "httpx": _httpx}[form](prepared, mark, timeout)


def _http(prepared: Prepared, mark: str, timeout: float) -> str:  # noqa: ARG001  # all three have this form
    """As editors and the .http files of their HTTP clients have it."""
    lines = [f"{prepared.method} {prepared.url} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in prepared.headers]
    if prepared.body is not None:
        lines += ["", prepared.body.decode("utf-8")]
    return "\n".join(lines).replace(mark, f"{{{{{VARIABLE}}}}}") + "\n"


def _curl(prepared: Prepared, mark: str, timeout: float) -> str:
    def word(text: str) -> str:
        return f'"${VARIABLE}"'.join(shlex.quote(part) if part else "" for part in text.split(mark)) or "''"

    lines = [f"curl --globoff --path-as-is --include --max-time {timeout:g} --request {word(prepared.method)}"]
    if prepared.place.target.kind == "loopback":
        lines[0] += " --noproxy '*'"
    # A semicolon is curl's way to send an empty header; a colon and nothing behind it takes its own header away.
    lines += [f"--header {word(f'{name}: {value}' if value else f'{name};')}" for name, value in prepared.headers]
    # Without data curl leaves out the length too, which every client sends with these methods (RFC 9110, 8.6).
    if prepared.body is not None or prepared.method in ("POST", "PUT", "PATCH"):
        if not any(name.lower() == "content-type" for name, _ in prepared.headers):
            lines.append("--header 'Content-Type:'")
        lines.append(f"--data-raw {word((prepared.body or b'').decode('utf-8'))}")
    lines.append(word(prepared.url))
    return " \\\n  ".join(lines) + "\n"


def _httpx(prepared: Prepared, mark: str, timeout: float) -> str:
    def text(value: str) -> str:
        parts = [repr(part) if part else "" for part in value.split(mark)]
        words = [word for index, part in enumerate(parts) for word in (("key", part) if index else (part,)) if word]
        return " + ".join(words) or "''"

    def encoded(value: str) -> str:
        return text(value) if value.isascii() else f"({text(value)}).encode()"

    lines = ["import os", "", "import httpx", ""]
    if (
        mark in prepared.url
        or any(mark in value for _, value in prepared.headers)
        or mark.encode() in (prepared.body or b"")
    ):
        lines += [f'key = os.environ["{VARIABLE}"]']
    else:
        lines = lines[2:]
    loopback = prepared.place.target.kind == "loopback"
    # Dots in a path are for the server to resolve; httpx would, unless it is told what to ask for.
    dots = {".", ".."} & set(prepared.path.partition("?")[0].split("/"))
    lines += [
        f"response = httpx.Client({'trust_env=False' if loopback else ''}).request("
        if dots
        else "response = httpx.request(",
        f"    {text(prepared.method)},",
        f"    {text(prepared.url)},",
        "    headers=[",
    ]
    lines += [f"        ({text(name)}, {encoded(value)})," for name, value in prepared.headers]
    lines += ["    ],"]
    if prepared.body is not None:
        lines += [f"    content=({text(prepared.body.decode('utf-8'))}).encode(),"]
    lines += [f"    timeout={timeout:g},", "    follow_redirects=False,"]
    if dots:
        lines += [f"    extensions={{'target': ({text(prepared.path)}).encode()}},"]
    elif loopback:
        lines += ["    trust_env=False,"]
    lines += [")", "print(response.status_code, response.text)"]
    return "\n".join(lines) + "\n"
