"""MC3xx: names in placeholders: whether there is such a value, and whether the brackets are the right ones."""

from mcapp.appjson import placeholder_uses
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholder_uses import Use, Zone
from mcapp.appjson.placeholders import APP_KEY, CURLY, PORTABLE, SQUARE, write
from mcapp.document.places import SetText
from mcapp.lint.model import ERROR, SAFE, UNSAFE, WARNING, Bad, Fix, Good, Label, Problem, Problems, Rules, rule
from mcapp.lint.rules.samples import bad_value, good_value
from mcapp.lint.wording import listed, quote


def tight(use: Use, style: str, name: str) -> str:
    """The placeholder with this style and name, and its own filter."""
    return write(style, name, use.at.filter)


def fix(use: Use, written: str) -> Fix:
    """A fix that writes `written` in place of the placeholder."""
    return Fix(f"write {quote(written)}", (SetText(use.path, *use.chars, written),))


def meant(facts: Facts, use: Use) -> str | None:
    """The whole placeholder that was probably meant by an unknown name, or None."""
    name = facts.nearest_any(use)
    return None if name is None else tight(use, SQUARE if use.zone.declares(name) else CURLY, name)


def _where(zone: Zone) -> str:
    return "this action's forms or auth.params" if zone.place is placeholder_uses.IN_ACTION else "auth.params"


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
        Good(
            '{"auth": {"connection": {"headers": {"x-session": "[[session]]"}}, "request": {"url": '
            '"https://example.com/?t={{app_token}}", "method": "GET", '
            '"mapping": [{"name": "session", "path": "$.id"}]}}}',
            "auth",
        ),
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
    """A name in `[[ ]]` is not declared.

    `[[name]]` is the installer's input for a param in `auth.params`, or, in an action, the value of one of its form
    fields. What `auth.request` maps from its answer can be used as well. For any other name there is nothing to fill
    in.
    """
    for use in facts.suspicious.get(placeholder_uses.UNDECLARED, ()):
        form = facts.form_names.get(use.at.name)
        if form is not None and use.zone.place is placeholder_uses.IN_CONNECTION:
            continue  # it is added to the actions' requests, where the form field is known
        name = facts.nearest_declared(use)
        better = tight(use, SQUARE, name) if name else None
        declare = f"declare it in {_where(use.zone)}"
        yield Problem(
            use.path,
            f"{quote(write(SQUARE, use.at.name))} is not declared in {_where(use.zone)}",
            f"write {quote(better)}, or {declare}" if better else declare,
            chars=use.chars,
            related=() if form is None else (Label("this form field is known only in its own action", form.path),),
            fix=fix(use, better) if better else None,
        )


@rule(
    "MC302",
    ERROR,
    evidence="DS",
    source='"Obtaining API Access through Apps" writes {{app_token}}; [[ ]] is for what the installer enters',
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
    """A system value is in `[[ ]]`.

    System values, which ManyChat fills in, are written `{{app_token}}`. `[[app_token]]` is the installer's input
    for a param named app_token, and no such param is declared.
    """
    for use in facts.suspicious.get(placeholder_uses.SYSTEM_IN_SQUARE, ()):
        name = use.at.name.casefold()
        written = tight(use, CURLY, name)
        outside = name == APP_KEY and not use.zone.auth
        yield Problem(
            use.path,
            f"{quote(write(SQUARE, use.at.name))} is not a param: `{name}` is a system value",
            "the App Key is known only in auth.request" if outside else f"write {quote(written)}",
            chars=use.chars,
            fix=None if outside else fix(use, written),
        )


@rule(
    "MC303",
    WARNING,
    evidence="DI",
    source="the values that ManyChat's documents name; contact fields have no list, so an unknown name is not an error",
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
    """A name in `{{ }}` is not a value that ManyChat is known to have.

    It may be misspelt, belong in `[[ ]]` because it is a param or form field, or be a template variable that was
    never replaced.
    """
    for use in facts.suspicious.get(placeholder_uses.UNKNOWN, ()):
        name = use.at.name
        declared = use.zone.spelt(name)
        better = tight(use, SQUARE, declared) if declared else meant(facts, use)
        if better:
            help_ = f"write {quote(better)}"
        elif name and name.isupper():
            help_ = "text in capitals is often left over from a template: write the value itself there"
        else:
            help_ = f"known here: {listed(use.zone.system)}; params and form fields are written `[[name]]`"
        yield Problem(
            use.path,
            f"{quote(write(CURLY, use.at.inner))} is not a value that ManyChat is known to fill in here",
            help_,
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


@rule(
    "MC304",
    WARNING,
    evidence="?",
    source="whether ManyChat accepts another case is open; its documents write every name in one way",
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
    """A name in a placeholder has a different case from its declaration or documentation.

    Whether ManyChat accepts `{{App_Token}}` for `{{app_token}}` is not documented. If it does not, the text is sent
    unchanged; the declared spelling works in either case.
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
    source='"Obtaining API Access through Apps" gives the App Key only to auth.request',
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
    """`{{app_token}}` is used outside `auth.request`.

    ManyChat hands over the App Key once, at install. In an action it is not known to be filled in; if it were, the
    key would be sent with every step of every contact.
    """
    for use in facts.suspicious.get(placeholder_uses.OUTSIDE, ()):
        yield Problem(
            use.path,
            "`{{app_token}}` is known only in auth.request",
            "store the key that your server receives at install, and look it up there",
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
    """A name in `<< >>` is neither a system value nor declared.

    mcapp does not know which brackets to write for it.
    """
    for use in facts.suspicious.get(placeholder_uses.UNKNOWN_PORTABLE, ()):
        name = facts.nearest_any(use)
        better = tight(use, PORTABLE, name) if name and facts.portable else meant(facts, use)
        yield Problem(
            use.path,
            f"{quote(write(PORTABLE, use.at.name))} is neither a system value nor declared",
            f"write {quote(better)}" if better else f"declare it in {_where(use.zone)}",
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
