"""`mcapp.build_request`: the block for Python programs."""

from collections.abc import Mapping, Sequence
from typing import Literal

from mcapp.appjson.build import Param, RequestSpec, parse_param
from mcapp.appjson.build import build_request as build
from mcapp.appjson.draft import draft
from mcapp.errors import Refused, UsageProblem
from mcapp.lint.model import NOTE


def build_request(
    url: str,
    *,
    method: Literal["POST", "GET", "PUT", "DELETE"] = "POST",
    headers: Mapping[str, str] | Sequence[str] = (),
    payload: Mapping[str, object] | None = None,
    params: Mapping[str, str] | Sequence[str] = (),
    token_in: Literal["header", "payload", "both"] | None = None,
    token_header: str | None = None,
    placeholders: Literal["manychat", "portable"] = "manychat",
) -> dict[str, object]:
    """The value of `auth.request`, as `mcapp generate` writes it: a new dict of url, method, headers, mapping, payload.

    `headers` are "Name: value" lines, or names with their values. `payload` None means the default one: the App Key
    with page_id, app_id and app_version. `params` are names from `auth.params`, or names with their titles.
    `token_in` says where the key travels; None means in a header and in the payload, unless what is given carries it.
    `token_header` names the header, by default x-token-header. Texts may hold `<<name>>`, which becomes `{{name}}` for
    ManyChat's own values and `[[name]]` for params; `placeholders="portable"` leaves it.

    Raises UsageProblem where the arguments contradict each other or are nothing that JSON can say, and Refused for an
    unknown `<<name>>` (code "unknown-placeholder") and for a block in which `mcapp.validate` would find an error or a
    warning (code: the rule's name). Both are `mcapp.errors.McappError`, with `message` and `hint`.

        app["auth"]["request"] = mcapp.build_request("https://example.com/install", payload={"key": "<<app_token>>"})
    """
    if placeholders not in ("manychat", "portable"):
        raise UsageProblem(f"placeholders cannot be {placeholders!r}", hint="'manychat' or 'portable'")
    spec = RequestSpec(
        url=url,
        method=method,
        headers=_lines(headers),
        payload=payload,
        params=_params(params),
        token_in=token_in,
        token_header=token_header,
        portable=placeholders == "portable",
    )
    request = build(spec)
    for finding in draft(spec).findings:
        if finding.severity != NOTE:
            raise Refused(finding.message, hint=finding.help, code=finding.name)
    return request


def _lines(headers: Mapping[str, str] | Sequence[str]) -> tuple[str, ...]:
    if isinstance(headers, str):
        raise UsageProblem("headers is one text", hint='give a list of "Name: value" lines, or a dict')
    if isinstance(headers, Mapping):
        return tuple(f"{name}: {value}" for name, value in headers.items())
    if not all(isinstance(line, str) for line in headers):
        raise UsageProblem("headers holds something that is no text", hint='give a list of "Name: value" lines')
    return tuple(headers)


def _params(params: Mapping[str, str] | Sequence[str]) -> tuple[Param, ...]:
    if isinstance(params, str):
        raise UsageProblem("params is one text", hint="give a list of names, or a dict of names and titles")
    if isinstance(params, Mapping):
        return tuple(parse_param(f"{name}={title}") for name, title in params.items())
    return tuple(map(parse_param, params))
