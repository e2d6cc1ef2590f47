"""MC3xx and MC4xx: declared names that are taken twice, and declared things that are never used."""

from typing import TYPE_CHECKING

from mcapp.appjson.app_schema import APP
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import AUTH_REQUEST
from mcapp.document.places import Path
from mcapp.lint.model import Bad, Good, Label, Problem, Problems, note, warning
from mcapp.lint.rules import samples
from mcapp.lint.wording import quote

if TYPE_CHECKING:
    from mcapp.appjson.placeholders import Declared


@warning(
    "MC307",
    'C: "Obtaining API Access through Apps" does not say which brackets a param has',
    wrong=Bad(samples.param("page_id"), ("/auth/params/0/name",), "auth"),
    right=Good(samples.param("email"), "auth"),
)
def param_named_like_system_value(facts: Facts) -> Problems:
    """A param has the name of a system value.

    `{{page_id}}` and `[[page_id]]` are then two different values that are easily confused.
    """
    for param in facts.params:
        if param.name.casefold() in AUTH_REQUEST:
            yield Problem(
                (*param.path, "name") if "name" in param.data else param.path,
                f"{quote(param.name)} is the name of a system value",
                f"rename the param, for example to `my_{param.name.casefold()}`",
            )


def _unused(facts: Facts, entry: "Declared", where: Path) -> bool:
    """Whether a name that no value uses is not used in keys or in undocumented parts (`enum:rpc`) either.

    A use that is misspelt is reported where it is.
    """
    if not entry.name or not facts.whole(()):
        return False
    return entry.name.casefold() not in facts.names_in(where) and entry.name not in facts.misspelt_names


@note(
    "MC314",
    "I: input that is not sent is of no use to the app",
    wrong=Bad(samples.sent("email"), ("/auth/params/0",)),
    right=Good(samples.sent("[[email]]")),
)
def unused_param(facts: Facts) -> Problems:
    """A param is never used.

    The installer is asked for something that no request sends.
    """
    if facts.kind != APP:
        return
    for param in facts.params:
        if param.name.casefold() not in facts.used and _unused(facts, param, ()):
            yield Problem(
                param.path,
                f"the param {quote(param.name)} is never used",
                f"send it as `[[{param.name}]]`, or remove the param",
            )


@warning(
    "MC403",
    "I: entries are referred to by name; which of two is meant is not documented",
    wrong=Bad(
        '{"auth": null, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}, '
        '{"name": "a", "title": "B", "requests": [{"url": "https://example.com/"}]}]}',
        ("/actions/1",),
    ),
    right=Good(
        '{"auth": null, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}, '
        '{"name": "A", "title": "A", "requests": [{"url": "https://example.com/"}]}]}'
    ),
)
def duplicate_name(facts: Facts) -> Problems:
    """Two actions, params, form fields, sources, mappings, triggers or context fields have the same name.

    A reference to the name can mean only one of them, and which one is not documented. Often the second is a copy
    whose name was not changed.
    """
    for what, entries in facts.lists:
        if len({entry.name for entry in entries}) == len(entries):
            continue
        seen: dict[str, Declared] = {}
        for entry in entries:
            first = seen.setdefault(entry.name, entry)
            if first is not entry and entry.name:
                yield Problem(
                    entry.path,
                    f"there are two {what}s named {quote(entry.name)}",
                    "rename one of them",
                    related=(Label("the first one", first.path),),
                )


@note(
    "MC409",
    "I: input that is not sent is of no use to the action",
    wrong=Bad(
        samples.pay(
            '"forms": [{"name": "amount", "type": "number"}, {"name": "note", "type": "string"}], '
            + samples.PAY_REQUESTS
        ),
        ("/actions/0/forms/1",),
    ),
    right=Good(samples.pay('"forms": [{"name": "amount", "type": "number"}], ' + samples.PAY_REQUESTS)),
)
def unused_form_field(facts: Facts) -> Problems:
    """A form field is never used.

    Users who set up the action fill in something that its requests do not send.
    """
    shared = facts.connection_zone.used
    for form in facts.forms:
        name = form.name.casefold()
        used = form.zone is not None and name in form.zone.used
        if not used and name not in shared and _unused(facts, form, form.path[:2]):
            yield Problem(
                form.path,
                f"the form field {quote(form.name)} is never used",
                f"send it as `[[{form.name}]]`, or remove the field",
            )


@note(
    "MC410",
    "?: which of the two `[[name]]` means is not documented",
    wrong=Bad(
        samples.pay(
            '"forms": [{"name": "amount", "type": "number"}], ' + samples.PAY_REQUESTS,
            '{"params": [{"name": "amount"}]}',
        ),
        ("/actions/0/forms/0",),
    ),
    right=Good(
        samples.pay(
            '"forms": [{"name": "amount", "type": "number"}], ' + samples.PAY_REQUESTS,
            '{"params": [{"name": "email"}]}',
        )
    ),
)
def form_field_named_like_param(facts: Facts) -> Problems:
    """A form field has the name of a param.

    In the action, `[[name]]` can then mean either of the two.
    """
    params = facts.auth_zone.params.entries
    for form in facts.forms:
        if form.name in params:
            yield Problem(
                form.path,
                f"the form field {quote(form.name)} has the name of a param",
                "rename one of them",
                related=(Label("the param", params[form.name].path),),
            )
