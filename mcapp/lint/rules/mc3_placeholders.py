"""MC3xx: placeholders: whether there is such a value, and how it is written."""

from collections.abc import Iterator

from mcapp.appjson import placeholders
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import APP_KEY, CURLY, PORTABLE, SQUARE, Use, Zone, write
from mcapp.document.places import SetText
from mcapp.lint.model import SAFE, UNSAFE, Fix, Label, Problem, Problems, error, note, warning
from mcapp.lint.rules.samples import bad_value, good_value
from mcapp.lint.wording import listed, quote


def _uses(facts: Facts, verdict: str) -> Iterator[Use]:
    """The placeholders with this problem; each has one at most."""
    return iter(facts.suspicious.get(verdict, ()))


def _problem(
    use: Use, message: str, better: str | None, otherwise: str = "", *, help_: str = "", related: tuple[Label, ...] = ()
) -> Problem:
    """The problem of a placeholder, and the fix that writes `better` in its place; `otherwise` helps if that is None.

    `help_` says more than to write `better`.
    """
    fix = Fix(f"write {quote(better)}", (SetText(use.path, *use.chars, better),)) if better else None
    help_ = help_ or (f"write {quote(better)}" if better else otherwise)
    return Problem(use.path, message, help_, chars=use.chars, related=related, fix=fix)


def _tight(use: Use, style: str, name: str) -> str:
    """The placeholder with this style and name, and its own filter."""
    return write(style, name, use.at.filter)


def _meant(facts: Facts, use: Use) -> str | None:
    """The whole placeholder that was probably meant by an unknown name, or None."""
    name = facts.nearest_any(use)
    return None if name is None else _tight(use, SQUARE if use.zone.declares(name) else CURLY, name)


def _corrected(use: Use) -> str | None:
    """The placeholder in ManyChat's notation, if its name is known here."""
    declared = use.zone.spelt(use.at.name)
    if declared is not None:
        return _tight(use, SQUARE, declared)
    system = use.zone.spelt_system(use.at.name)
    return _tight(use, CURLY, system) if system is not None else None


def _where(zone: Zone) -> str:
    return "this action's forms or auth.params" if zone.place is placeholders.IN_ACTION else "auth.params"


@error(
    "MC301",
    "DS: Technical Specification, Quick Start: [[name]] stands for a param or a form field",
    fix=UNSAFE,
    wrong=bad_value("auth", "[[emial]]", fixed="[[email]]"),
)
def undeclared_placeholder(facts: Facts) -> Problems:
    """A name in `[[ ]]` is not declared.

    `[[name]]` is the installer's input for a param in `auth.params`, or, in an action, the value of one of its form
    fields. What `auth.request` maps from its answer can be used as well. For any other name there is nothing to fill
    in.
    """
    for use in _uses(facts, placeholders.UNDECLARED):
        form = facts.form_names.get(use.at.name)
        if form is not None and use.zone.place is placeholders.IN_CONNECTION:
            continue  # it is added to the actions' requests, where the form field is known
        name = facts.nearest_declared(use)
        better = _tight(use, SQUARE, name) if name else None
        declare = f"declare it in {_where(use.zone)}"
        yield _problem(
            use,
            f"{quote(write(SQUARE, use.at.name))} is not declared in {_where(use.zone)}",
            better,
            help_=f"write {quote(better)}, or {declare}" if better else declare,
            related=() if form is None else (Label("this form field is known only in its own action", form.path),),
        )


@error(
    "MC302",
    'DS: "Obtaining API Access through Apps" writes {{app_token}}; [[ ]] is for what the installer enters',
    fix=SAFE,
    wrong=bad_value("auth", "[[page_id]]", fixed="{{page_id}}"),
)
def system_value_in_square_brackets(facts: Facts) -> Problems:
    """A system value is in `[[ ]]`.

    System values, which ManyChat fills in, are written `{{app_token}}`. `[[app_token]]` is the installer's input
    for a param named app_token, and no such param is declared.
    """
    for use in _uses(facts, placeholders.SYSTEM_IN_SQUARE):
        name = use.at.name.casefold()
        yield _problem(
            use,
            f"{quote(write(SQUARE, use.at.name))} is not a param: `{name}` is a system value",
            None if name == APP_KEY and not use.zone.auth else _tight(use, CURLY, name),
            "the App Key is known only in auth.request",
        )


@warning(
    "MC303",
    "DI: the values that ManyChat's documents name; contact fields have no list, so an unknown name is not an error",
    fix=UNSAFE,
    wrong=bad_value("auth", "{{pageid}}", fixed="{{page_id}}"),
)
def unknown_placeholder(facts: Facts) -> Problems:
    """A name in `{{ }}` is not a value that ManyChat is known to have.

    It may be misspelt, belong in `[[ ]]` because it is a param or form field, or be a template variable that was
    never replaced.
    """
    for use in _uses(facts, placeholders.UNKNOWN):
        name = use.at.name
        declared = use.zone.spelt(name)
        yield _problem(
            use,
            f"{quote(write(CURLY, use.at.inner))} is not a value that ManyChat is known to fill in here",
            _tight(use, SQUARE, declared) if declared else _meant(facts, use),
            "text in capitals is often left over from a template: write the value itself there"
            if name.isupper()
            else f"known here: {listed(use.zone.system)}; params and form fields are written `[[name]]`",
        )


@warning(
    "MC304",
    "?: whether ManyChat accepts another case is open; its documents write every name in one way",
    fix=SAFE,
    wrong=bad_value("auth", "{{Page_ID}}", fixed="{{page_id}}"),
)
def placeholder_case(facts: Facts) -> Problems:
    """A name in a placeholder has a different case from its declaration or documentation.

    Whether ManyChat accepts `{{App_Token}}` for `{{app_token}}` is not documented. If it does not, the text is sent
    unchanged; the declared spelling works in either case.
    """
    for use in _uses(facts, placeholders.CASE):
        style = use.at.style
        name = use.zone.spelt_system(use.at.name) if style is CURLY else use.zone.spelt(use.at.name)
        written = _tight(use, style, name or use.at.name.casefold())
        yield _problem(use, f"{quote(write(style, use.at.name))} is written {quote(written)} elsewhere", written)


@warning(
    "MC305",
    "DS: every placeholder in ManyChat's documents opens and closes with the same pair",
    fix=UNSAFE,
    wrong=bad_value("auth", "{{page_id}", fixed="{{page_id}}"),
)
def unbalanced_placeholder(facts: Facts) -> Problems:
    """A placeholder opens and closes with different brackets.

    It is not filled in: the text is sent unchanged, with its brackets.
    """
    for use in _uses(facts, placeholders.UNBALANCED):
        yield _problem(
            use,
            f"the brackets of {quote(facts.written(use))} do not match",
            _corrected(use) or _meant(facts, use),
            f"write {quote(write(use.at.meant, use.at.name))}",
        )


@warning(
    "MC306",
    'DX: "Obtaining API Access through Apps" gives the App Key only to auth.request',
    wrong=bad_value("action", "{{app_token}}"),
    right=good_value("auth", "{{app_token}}"),
)
def app_key_outside_auth(facts: Facts) -> Problems:
    """`{{app_token}}` is used outside `auth.request`.

    ManyChat hands over the App Key once, at install. In an action it is not known to be filled in; if it were, the
    key would be sent with every step of every contact.
    """
    help_ = "store the key that your server receives at install, and look it up there"
    for use in _uses(facts, placeholders.OUTSIDE):
        yield _problem(use, "`{{app_token}}` is known only in auth.request", None, help_)


@warning(
    "MC308",
    "D: mcapp's own notation: <<name>> is a system value, a param or a form field",
    fix=UNSAFE,
    wrong=bad_value("auth", "<<emial>>", fixed="<<email>>", placeholders="portable"),
)
def unknown_portable_name(facts: Facts) -> Problems:
    """A name in `<< >>` is neither a system value nor declared.

    mcapp does not know which brackets to write for it.
    """
    for use in _uses(facts, placeholders.UNKNOWN_PORTABLE):
        name = facts.nearest_any(use)
        yield _problem(
            use,
            f"{quote(write(PORTABLE, use.at.name))} is neither a system value nor declared",
            _tight(use, PORTABLE, name) if name and facts.portable else _meant(facts, use),
            f"declare it in {_where(use.zone)}",
        )


@warning(
    "MC309",
    "D: mcapp's own notation, which ManyChat is not known to read",
    fix=SAFE,
    wrong=bad_value("auth", "<<page_id>>", fixed="{{page_id}}"),
)
def portable_notation_left(facts: Facts) -> Problems:
    """A placeholder is still in mcapp's own notation.

    `<<name>>` is for the author: `mcapp generate` writes the brackets that ManyChat expects. For files that keep
    it, set `placeholders = "portable"` in the configuration.
    """
    for use in _uses(facts, placeholders.LEFT):
        yield _problem(
            use,
            f"{quote(write(PORTABLE, use.at.name))} is mcapp's notation, and ManyChat does not read it",
            _corrected(use),
            f"write `[[{use.at.name}]]`, and declare it in auth.params",
        )


@note(
    "MC310",
    'C: "Obtaining API Access through Apps" does not say which brackets a param has in auth.request',
    fix=UNSAFE,
    wrong=bad_value("auth", "{{email}}", fixed="[[email]]"),
)
def param_in_curly_braces(facts: Facts) -> Problems:
    """A param is written `{{name}}` in `auth.request`.

    ManyChat's article can be read either way. All its other documents and all published apps write `[[name]]`.
    """
    for use in _uses(facts, placeholders.PARAM_IN_CURLY):
        better = _tight(use, SQUARE, use.zone.spelt(use.at.name) or use.at.name)
        yield _problem(use, f"the param {quote(use.at.name)} is written with `{{{{ }}}}`", better)


@note(
    "MC311",
    "?: whether ManyChat accepts spaces inside is open; its documents write none",
    fix=SAFE,
    wrong=bad_value("auth", "{{ page_id }}", fixed="{{page_id}}"),
)
def spaces_in_placeholder(facts: Facts) -> Problems:
    """A placeholder has spaces inside its brackets.

    All of ManyChat's samples write `{{name}}` without spaces, and whether `{{ name }}` is filled in is not
    documented. Without spaces it works in either case.
    """
    for use in _uses(facts, placeholders.SPACES):
        message = f"{quote(write(use.at.style, use.at.inner))} has spaces inside"
        yield _problem(use, message, _tight(use, use.at.style, use.at.name))


@note(
    "MC312",
    "DI: ManyChat's documents write two braces; a known name in one pair was probably meant to be filled in",
    fix=UNSAFE,
    wrong=bad_value("auth", "{page_id}", fixed="{{page_id}}"),
)
def single_braces(facts: Facts) -> Problems:
    """A known name is in single braces, and is not filled in.

    Placeholders need two braces or two brackets. With one, the endpoint receives the text unchanged: `{page_id}`
    instead of the page's number.
    """
    for use in _uses(facts, placeholders.SINGLE_BRACES):
        yield _problem(use, f"`{{{use.at.name}}}` is not filled in", _corrected(use), "use two braces")


@note(
    "MC313",
    "DI: no document of ManyChat's has a `$` there; it would be sent as well",
    fix=UNSAFE,
    wrong=bad_value("auth", "${{page_id}}", fixed="{{page_id}}"),
)
def dollar_placeholder(facts: Facts) -> Problems:
    """A placeholder has a `$` in front, as in the files of CI systems.

    ManyChat fills in `{{name}}` and sends the `$` as well.
    """
    for use in _uses(facts, placeholders.DOLLAR_SIGN):
        better = write(CURLY, use.at.inner)
        message = f"the `$` in front of {quote(better)} is sent as well"
        yield _problem(use, message, better, help_="remove the `$`, unless it is intended")


@note(
    "MC315",
    "I: a bare request does not contain auth.params, so whether the name is declared is not known",
    fix=UNSAFE,
    wrong=bad_value("block", "{{email}}"),
    right=good_value("block", "{{page_id}}"),
)
def unknown_in_block(facts: Facts) -> Problems:
    """A name in `{{ }}` is not a known system value, in a request whose params are declared elsewhere.

    If it is a param, `[[name]]` is the safer way to write it.
    """
    for use in _uses(facts, placeholders.UNDECIDED):
        yield _problem(
            use,
            f"{quote(write(CURLY, use.at.inner))} is not a known system value",
            _meant(facts, use),
            f"if it is a param, write {quote(_tight(use, SQUARE, use.at.name))}",
        )
