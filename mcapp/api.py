"""mcapp for Python programs: the functions behind the commands, with the result classes that the commands use.

What a function needs is imported when it is called, so that `mcapp.validate` pays for neither httpx nor a key store.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fsdecode
from types import UnionType
from typing import TYPE_CHECKING, Literal

from mcapp.errors import UsageProblem

if TYPE_CHECKING:
    from mcapp.keys.secret import Secret
    from mcapp.report.result import Report
    from mcapp.scopes.report import ProbeReport

__all__ = ["build_request", "probe", "validate"]


def validate(
    source: str | bytes | PathLike[str] | dict[str, object],
    *,
    kind: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    fail_on: str = "error",
    placeholders: str = "manychat",
    name: str | None = None,
) -> "Report":
    """Check one App JSON: its text (str or bytes), a path (`pathlib.Path`), or the data itself (dict).

    `kind` is "app", "auth" or "request"; None finds out. `select` and `ignore` take rule codes, names or beginnings of
    codes; `fail_on` ("error", "warning", "note" or "never") decides what makes `report.ok` false; `placeholders` may be
    "portable", so that `<<name>>` is not a finding. `name` is what `finding.path` says; by default the path, or
    "<string>". No configuration file is read, nothing is printed, no socket is opened.

    Raises InputProblem when a path cannot be read, and UsageProblem for a rule, kind or setting that does not exist.

        report = mcapp.validate(Path("app.json"))
        for finding in report.findings:
            print(finding.path, finding.line, finding.rule, finding.message)
    """
    from mcapp.config import FAIL_ON, PLACEHOLDERS
    from mcapp.files import read_document
    from mcapp.lint.check import Settings, check, choose, read
    from mcapp.report.result import FileResult, Report

    for word, value, known in (
        ("kind", kind, (None, "app", "auth", "request")),
        ("fail_on", fail_on, FAIL_ON),
        ("placeholders", placeholders, PLACEHOLDERS),
    ):
        if value not in known:
            raise UsageProblem(f"{word} cannot be {value!r}", hint=f"it is one of {', '.join(map(repr, known))}")
    _check_types(str | None, "a str", name=name)
    chosen = choose(_words("select", select), _words("ignore", ignore))
    if isinstance(source, dict):
        source = _as_json(source, indent=2)
    if isinstance(source, str):
        if re.fullmatch(r"[^{}\[\]\n]+\.json\s*", source):
            raise UsageProblem("source is the name of a file, not its text", hint=f"give a path: Path({source!r})")
        source = source.encode("utf-8", "surrogatepass")  # which JSON can only write escaped
    elif isinstance(source, PathLike):
        name = name or fsdecode(source)
        source = read_document(fsdecode(source))
    elif not isinstance(source, bytes):
        raise UsageProblem(f"source is of type {type(source).__name__}", hint="give a text, a pathlib.Path or a dict")
    document = read(source, name or "<string>")
    checked = check(document, Settings(chosen, kind, placeholders))
    documents = {document.name: document} if checked.findings else {}
    file = FileResult(document.name, checked.kind, document.readable)
    return Report((file,), checked.findings, (), documents, fail_on)


def build_request(
    url: str,
    *,
    method: Literal["POST", "GET", "PUT", "DELETE"] = "POST",
    headers: Mapping[str, str] | Iterable[str] = (),
    payload: Mapping[str, object] | None = None,
    params: Mapping[str, str] | Iterable[str] = (),
    token_in: Literal["header", "payload", "both"] | None = None,
    token_header: str | None = None,
    placeholders: Literal["manychat", "portable"] = "manychat",
) -> dict[str, object]:
    """The value of `auth.request`, as `mcapp generate` writes it: a new dict of url, method, headers, mapping, payload.

    `headers` are "Name: value" lines, or names with their values. `payload` None means the default one: the App Key
    with page_id, app_id, app_version and every param. `params` are names from `auth.params`, or names with titles.
    `token_in` says where the key travels; None means in a header and in the payload, unless what is given carries it.
    `token_header` names the header, by default x-token-header. Texts may hold `<<name>>`, which becomes `{{name}}` for
    ManyChat's own values and `[[name]]` for params; `placeholders="portable"` leaves it.

    Raises UsageProblem where the arguments contradict each other or cannot be written as JSON, and Refused for an
    unknown `<<name>>` (code "unknown-placeholder") and for a block in which `mcapp.validate` would find an error or a
    warning (code: the rule's name). Both are `mcapp.errors.McappError`, with `message` and `hint`.

        app["auth"]["request"] = mcapp.build_request("https://example.com/install", payload={"key": "<<app_token>>"})
    """
    from mcapp.generate.build import RequestSpec, parse_object, parse_param
    from mcapp.generate.build import build_request as build
    from mcapp.generate.draft import make

    _check_types(str, "a str", url=url, method=method)
    _check_types(str | None, "a str", token_header=token_header)
    if payload is not None:
        _check_types(Mapping, "a dict, or None", payload=payload)
        payload = parse_object(_as_json(dict(payload)).encode("utf-8", "backslashreplace"), "payload")
    if placeholders not in ("manychat", "portable"):
        raise UsageProblem(f"placeholders cannot be {placeholders!r}", hint="'manychat' or 'portable'")
    if isinstance(headers, Mapping):
        headers = [f"{name}: {value}" for name, value in headers.items()]
    names = _words("params", params)
    if isinstance(params, Mapping):
        for name in names:
            if "=" in name:
                raise UsageProblem(f"a param cannot be named {name!r}", hint="a name has no `=`")
        names = tuple(f"{name}={title}" for name, title in params.items())
    spec = RequestSpec(
        url=url,
        method=method,
        headers=_words("headers", headers),
        payload=payload,
        params=tuple(map(parse_param, names)),
        token_in=token_in,
        token_header=token_header,
        portable=placeholders == "portable",
    )
    request = build(spec)
    make(spec).refuse_flaw()
    return request


def probe(
    key: "str | Secret | None" = None,
    *,
    name: str | None = None,
    only: Sequence[str] = (),
    groups: Sequence[str] = (),
    include_writes: bool = False,
    expect: Sequence[str] | None = None,
    fail_on: Sequence[str] = ("missing", "inconclusive"),
    base_url: str = "https://api.manychat.com",
    allow_host: str | None = None,
    rate: float = 4.0,
    concurrency: int = 4,
    timeout: float = 10.0,
    deadline: float = 60.0,
) -> "ProbeReport":
    """Find out what an App Key may do, as `mcapp probe` does.

    `key` is the App Key itself. Without one it is looked up: the stored key `name`, else MANYCHAT_APP_KEY, else the
    default key. `only` and `groups` choose scopes (`"GET /fb/page/getInfo"` or the bare path); `include_writes` adds
    POSTs that ManyChat refuses for their empty body. `expect` lists the scopes that the key should have; `fail_on`
    ("missing", "extra", "inconclusive") decides what makes `report.ok` false. `rate` is requests a second (at most 10
    against ManyChat), `timeout` and `deadline` are seconds. A key goes to ManyChat or to this machine; to any other
    host only if `base_url` and `allow_host` both name it.

    Nothing is printed, and nothing is remembered for the next comparison. The call blocks, also under a running event
    loop. Raises UsageProblem for an unknown scope or an impossible setting, NoKey where there is no usable key, and
    Undecided where no connection can even be prepared. Whatever the network or the server does is in the report:

        report = mcapp.probe(key)
        for scope in report.scopes:
            print(scope.scope, scope.verdict, scope.reason)
    """
    from mcapp.keys.private_files import Folder
    from mcapp.keys.secret import Secret
    from mcapp.keys.stores import Timeouts
    from mcapp.keys.vault import FoundKey, Vault, resolve
    from mcapp.net import target
    from mcapp.scopes import expect as expectations
    from mcapp.scopes import plan
    from mcapp.scopes.report import FAIL_ON
    from mcapp.scopes.verdicts import run_probe

    _check_types(str, "a str", base_url=base_url)
    _check_types(str | Secret | None, "the App Key as a str", key=key)
    _check_types(int | float, "a number", rate=rate, concurrency=concurrency, timeout=timeout, deadline=deadline)
    fail_on = _words("fail_on", fail_on)
    for word in fail_on:
        if word not in FAIL_ON:
            raise UsageProblem(f"fail_on does not accept {word!r}", hint=f"it accepts: {', '.join(FAIL_ON)}")
    expected = None if expect is None else expectations.scopes(_words("expect", expect))
    selection = plan.Selection(_words("only", only), _words("groups", groups), include_writes)
    planned = plan.build(target.choose(base_url, allow_host), selection, expected=expected or ())
    limits = plan.Limits(rate, concurrency, timeout, deadline)
    if key is None:
        found = resolve(name, Vault(Folder(), Timeouts()))
    else:
        found = FoundKey(key if isinstance(key, Secret) else Secret(key), "argument", "")
    return run_probe(
        planned, found.secret, limits, source=found.source, name=found.name or None, expected=expected, fail_on=fail_on
    )


def _check_types(expected: type | UnionType, hint: str, **given: object) -> None:
    """Raise UsageProblem for an argument of another type."""
    for name, value in given.items():
        if not isinstance(value, expected):
            raise UsageProblem(f"{name} is of type {type(value).__name__}", hint=f"give {hint}")


def _words(name: str, words: Iterable[str]) -> tuple[str, ...]:
    """The words of an argument that takes several: a single str would be read as its letters."""
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise UsageProblem(f"{name} is of type {type(words).__name__}", hint="give a list of str")
    found = tuple(words)
    if not all(isinstance(word, str) for word in found):
        raise UsageProblem(f"{name} contains something that is not a str", hint="give a list of str")
    return found


def _as_json(data: Mapping[str, object], indent: int | None = None) -> str:
    try:
        return json.dumps(data, ensure_ascii=False, indent=indent)
    except (TypeError, ValueError, RecursionError) as problem:
        reason = "it is nested too deep" if isinstance(problem, RecursionError) else str(problem)
        raise UsageProblem(
            f"the data cannot be written as JSON: {reason}",
            hint="give dicts, lists, str, numbers, True, False and None",
        ) from problem
