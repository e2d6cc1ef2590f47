"""MC3xx: names in placeholders: is there such a value, and is it in the right brackets."""

from mcapp.appjson import placeholder_uses
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholder_uses import Use, Zone
from mcapp.appjson.placeholders import APP_KEY, CURLY, PORTABLE, SQUARE, write
from mcapp.document.places import SetText
from mcapp.lint.model import ERROR, SAFE, UNSAFE, WARNING, Bad, Fix, Good, Label, Problem, Problems, Rules, rule
from mcapp.lint.rules.samples import bad_value, good_value
from mcapp.lint.wording import listed, quote


def tight(use: Use, style: str, name: str) -> str:
    """The placeholder as it should be, its filter kept."""
    return write(style, name, use.at.filter)


def fix(use: Use, written: str) -> Fix:
    """Write that instead."""
    return Fix(f"write {quote(written)}", (SetText(use.path, *use.chars, written),))


def meant(facts: Facts, use: Use) -> str | None:
    """The whole placeholder that was probably meant by a name that nobody knows."""
    name = facts.nearest_any(use)
    return None if name is None else tight(use, SQUARE if use.zone.declares(name) else CURLY, name)


def _where(zone: Zone) -> str:
    return "this action's forms and auth.params" if zone.place is placeholder_uses.IN_ACTION else "auth.params"


@rule(
    "MC301",
    ERROR,
    evidence="DS",
    source="Technical Specification, Quick Start: [[name]] stands for a param or a form field",
    good=[
        good_value("auth", "[[email]]"),
        good_value("action", "[[email]] [[amount]]"),
        good_value("auth", "[[Email]]"),
        good_value("auth", "[[app_token]]"),
        good_value("auth", "[[1,2],[3]]"),
        good_value("auth", "[[true]]"),
        good_value("block", "[[anything]]"),
        Good('{"auth": {"params": "email", "request": {"url": "https://[[email]].example.com/"}}}', "auth"),
        Good(
            '{"auth": {"connection": {"qs": {"key": "[[key]]"}}}, "actions": [{"name": "a", "title": "A", "forms": ['
            '{"name": "key", "type": "string"}], "requests": [{"url": "https://example.com/"}]}]}'
        ),
    ],
    bad=[
        bad_value("auth", "[[emial]]", fixed="[[email]]"),
        bad_value("auth", "Mr [[nothing_alike]]"),
        bad_value("action", "[[amuont]]", fixed="[[amount]]"),
        bad_value("action", "[[ nothing_alike ]]"),
        Bad('{"auth": {"connection": {"qs": {"key": "[[api_key]]"}}}}', ("/auth/connection/qs/key",), "auth"),
    ],
    fix=UNSAFE,
)
def undeclared_placeholder(facts: Facts) -> Problems:
    """A name in `[[ ]]` is declared nowhere.

    `[[name]]` is what the installer typed for a param of `auth.params`, or, in an action, what one of its form fields
    holds. For any other name there is nothing to fill in.
    """
    for use in facts.suspicious.get(placeholder_uses.UNDECLARED, ()):
        form = facts.form_names.get(use.at.name)
        if form is not None and use.zone.place is placeholder_uses.IN_CONNECTION:
            continue  # it is added to the actions' requests, where the form field is known
        name = facts.nearest_declared(use)
        better = tight(use, SQUARE, name) if name else None
        declare = f"declare it in {_where(use.zone).replace(' and ', ' or ')}"
        yield Problem(
            use.path,
            f"{quote(write(SQUARE, use.at.name))} is declared nowhere in {_where(use.zone)}",
            f"write {quote(better)}, or {declare}" if better else declare,
            chars=use.chars,
            related=() if form is None else (Label("this form field is known in its own action alone", form.path),),
            fix=fix(use, better) if better else None,
        )


@rule(
    "MC302",
    ERROR,
    evidence="DS",
    source='"Obtaining API Access through Apps" writes {{app_token}}; [[ ]] is for what the installer typed',
    good=[
        good_value("auth", "{{page_id}}"),
        good_value("auth", "[[email]]"),
        good_value("action", "{{user_id}}"),
        Good(
            '{"auth": {"params": [{"name": "page_id", "title": "Page"}], "request": {"url": '
            '"https://example.com/[[page_id]]?t={{app_token}}", "method": "GET"}}}',
            kind="auth",
        ),
    ],
    bad=[
        bad_value("auth", "[[page_id]]", fixed="{{page_id}}"),
        bad_value("auth", "[[ PAGE_ID ]]", fixed="{{page_id}}"),
        bad_value("block", "[[app_token]]", fixed="{{app_token}}"),
        bad_value("action", "[[user_id]]", fixed="{{user_id}}"),
        bad_value("action", "[[app_token]]"),
        bad_value("auth", '[[page_id|fallback:\\"x\\"]]', fixed='{{page_id|fallback:\\"x\\"}}'),
    ],
    fix=SAFE,
)
def system_value_in_square_brackets(facts: Facts) -> Problems:
    """A value of ManyChat's own stands in `[[ ]]`.

    `[[app_token]]` is what the installer typed into a param named app_token, and there is none. ManyChat's own values
    are written `{{app_token}}`.
    """
    for use in facts.suspicious.get(placeholder_uses.SYSTEM_IN_SQUARE, ()):
        name = use.at.name.casefold()
        written = tight(use, CURLY, name)
        outside = name == APP_KEY and not use.zone.auth
        yield Problem(
            use.path,
            f"{quote(write(SQUARE, use.at.name))} is no param: `{name}` is a value of ManyChat's own",
            "the App Key is known in auth.request alone" if outside else f"write {quote(written)}",
            chars=use.chars,
            fix=None if outside else fix(use, written),
        )


@rule(
    "MC303",
    WARNING,
    evidence="DI",
    source="the values that ManyChat's documents name; contact fields have no list, so an unknown name is no error",
    good=[
        good_value("auth", "{{app_id}} {{app_version}} {{page_id}}"),
        good_value("auth", "{{email}}"),
        good_value("auth", "{{Page_ID}}"),
        good_value("action", "{{user_id}} {{last_input_text}}"),
        good_value("action", "{{first_name}} {{cuf_123}} {{page_id}}"),
        good_value("block", "{{anything}}"),
    ],
    bad=[
        bad_value("auth", "{{pageid}}", fixed="{{page_id}}"),
        bad_value("auth", "{{emial}}", fixed="[[email]]"),
        bad_value("auth", "{{user_id}}"),
        bad_value("auth", "{{ENDPOINT_URL}}"),
        bad_value("auth", "{{}}"),
        bad_value("action", "{{amount}}", fixed="[[amount]]"),
        bad_value("action", "{{something_else}}"),
    ],
    fix=UNSAFE,
)
def unknown_placeholder(facts: Facts) -> Problems:
    """A name in `{{ }}` is no value that ManyChat is known to have.

    It may be misspelt, belong into `[[ ]]` because it is a param or form field, or be the mark of some template that
    was never filled in.
    """
    for use in facts.suspicious.get(placeholder_uses.UNKNOWN, ()):
        name = use.at.name
        declared = use.zone.spelt(name)
        better = tight(use, SQUARE, declared) if declared else meant(facts, use)
        if better:
            help_ = f"write {quote(better)}"
        elif name and name.isupper():
            help_ = "a text in capitals is often a fill-in that was left over: put the value itself there"
        else:
            help_ = f"known here are {listed(use.zone.system)}; a param or form field is written `[[name]]`"
        yield Problem(
            use.path,
            f"{quote(write(CURLY, use.at.inner))} is no value that ManyChat is known to fill in here",
            help_,
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


@rule(
    "MC304",
    WARNING,
    evidence="?",
    source="whether ManyChat tolerates another case is open; its documents write every name in one way",
    good=[
        good_value("auth", "{{page_id}} [[email]]"),
        good_value("auth", "{{Something}}"),
        good_value("auth", "[[Page_Id]]"),
        good_value("block", "[[Email]]"),
    ],
    bad=[
        bad_value("auth", "{{Page_ID}}", fixed="{{page_id}}"),
        bad_value("auth", "{{ PAGE_ID }}", fixed="{{page_id}}"),
        bad_value("auth", "[[Email]]", fixed="[[email]]"),
        bad_value("action", "[[AMOUNT]]", fixed="[[amount]]"),
        bad_value("action", "{{USER_ID}}", fixed="{{user_id}}"),
        bad_value("auth", "<<Email>>", fixed="<<email>>", placeholders="portable"),
    ],
    fix=SAFE,
)
def placeholder_case(facts: Facts) -> Problems:
    """A name in a placeholder is written in another case than where it is declared or documented.

    Whether ManyChat takes `{{App_Token}}` for `{{app_token}}` is written nowhere. If it does not, the text is sent as
    it stands; the spelling of the declaration works in either case.
    """
    for use in facts.suspicious.get(placeholder_uses.CASE, ()):
        name = use.zone.spelt_system(use.at.name) if use.at.style is CURLY else use.zone.spelt(use.at.name)
        written = tight(use, use.at.style, name or use.at.name.casefold())
        yield Problem(
            use.path,
            f"{quote(write(use.at.style, use.at.name))} is written {quote(written)} elsewhere",
            f"write {quote(written)}",
            chars=use.chars,
            fix=fix(use, written),
        )


@rule(
    "MC306",
    WARNING,
    evidence="DX",
    source='"Obtaining API Access through Apps" gives the App Key to auth.request alone',
    good=[
        good_value("auth", "{{app_token}}"),
        good_value("block", "{{ app_token }}"),
        good_value("action", "{{user_id}}"),
        good_value("action", "[[app_token]]"),
    ],
    bad=[
        bad_value("action", "{{app_token}}"),
        bad_value("action", "{{ App_Token }}"),
        bad_value("action", "<<app_token>>", placeholders="portable"),
        Bad(
            '{"auth": {"connection": {"headers": {"x-token": "{{app_token}}"}}}}',
            ("/auth/connection/headers/x-token",),
            kind="auth",
        ),
    ],
)
def app_key_outside_auth(facts: Facts) -> Problems:
    """`{{app_token}}` stands outside `auth.request`.

    ManyChat hands the App Key over once, at install. In an action it is not known to be filled in; if it were, it would
    travel with every step of every contact.
    """
    for use in facts.suspicious.get(placeholder_uses.OUTSIDE, ()):
        yield Problem(
            use.path,
            "`{{app_token}}` is known in auth.request alone",
            "keep the key that your server received at install, and look it up there",
            chars=use.chars,
        )


@rule(
    "MC308",
    WARNING,
    evidence="D",
    source="mcapp's own notation: <<name>> is a system value, a param or a form field",
    good=[
        good_value("auth", "<<page_id>> <<email>>", placeholders="portable"),
        good_value("auth", "<<page_id>>"),
        good_value("auth", "1 << 2 >> 3"),
        good_value("block", "<<anything>>", placeholders="portable"),
    ],
    bad=[
        bad_value("auth", "<<emial>>", fixed="<<email>>", placeholders="portable"),
        bad_value("auth", "<<emial>>", fixed="[[email]]"),
        bad_value("action", "<<something_else>>", placeholders="portable"),
    ],
    fix=UNSAFE,
)
def unknown_portable_name(facts: Facts) -> Problems:
    """A name in `<< >>` is neither a value of ManyChat's own nor declared.

    mcapp cannot tell which brackets it should get.
    """
    for use in facts.suspicious.get(placeholder_uses.UNKNOWN_PORTABLE, ()):
        name = facts.nearest_any(use)
        better = tight(use, PORTABLE, name) if name and facts.portable else meant(facts, use)
        yield Problem(
            use.path,
            f"{quote(write(PORTABLE, use.at.name))} is neither a value of ManyChat's own nor declared",
            f"write {quote(better)}" if better else f"declare it in {_where(use.zone).replace(' and ', ' or ')}",
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


RULES: Rules = (
    undeclared_placeholder,
    system_value_in_square_brackets,
    unknown_placeholder,
    placeholder_case,
    app_key_outside_auth,
    unknown_portable_name,
)
