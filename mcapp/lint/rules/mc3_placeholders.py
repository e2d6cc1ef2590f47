"""MC3xx: placeholders: whether there is such a value, and how it is written."""

from mcapp.appjson import placeholders
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import APP_KEY, CURLY, PORTABLE, SQUARE, Use, Zone, write
from mcapp.document.places import SetText
from mcapp.lint.model import SAFE, UNSAFE, Example, Fix, Label, Problem, Problems, error, listed, note, quote, warning
from mcapp.lint.rules.samples import IN_ACTION, IN_AUTH, IN_BLOCK


def _problem(use: Use, message: str, better: str | None, otherwise: str = "") -> Problem:
    """The problem of a placeholder, with the fix that writes `better` in its place; without it `otherwise` helps."""
    fix = Fix(f"write {quote(better)}", (SetText(use.path, *use.chars, better),)) if better else None
    return Problem(use.path, message, fix.title if fix else otherwise, chars=use.chars, fix=fix)


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


@error("MC301", IN_AUTH.wrong("[[emial]]", fixed="[[email]]"), fix=UNSAFE)
def undeclared_placeholder(facts: Facts) -> Problems:
    """A name in `[[ ]]` is not declared.

    `[[name]]` is the installer's input for a param in `auth.params`, or, in an action, the value of one of its form
    fields. What `auth.request` maps from its answer can be used as well. For any other name there is nothing to fill
    in.

    DS: Technical Specification, Quick Start: [[name]] stands for a param or a form field
    """
    for use in facts.suspicious.get(placeholders.UNDECLARED, ()):
        form = facts.form_names.get(use.at.name)
        if form is not None and use.zone.place is placeholders.IN_CONNECTION:
            continue  # it is added to the actions' requests, where the form field is known
        name = facts.nearest_declared(use)
        better = _tight(use, SQUARE, name) if name else None
        message = f"{quote(write(SQUARE, use.at.name))} is not declared in {_where(use.zone)}"
        help_ = f"{f'write {quote(better)}, or ' if better else ''}declare it in {_where(use.zone)}"
        related = () if form is None else (Label("this form field is known only in its own action", form.path),)
        yield _problem(use, message, better)._replace(help=help_, related=related)


@error("MC302", IN_AUTH.wrong("[[page_id]]", fixed="{{page_id}}"), fix=SAFE)
def system_value_in_square_brackets(facts: Facts) -> Problems:
    """A system value is in `[[ ]]`.

    System values, which ManyChat fills in, are written `{{app_token}}`. `[[app_token]]` is the installer's input
    for a param named app_token, and no such param is declared.

    DS: "Obtaining API Access through Apps" writes {{app_token}}; [[ ]] is for what the installer enters
    """
    for use in facts.suspicious.get(placeholders.SYSTEM_IN_SQUARE, ()):
        name = use.at.name.casefold()
        message = f"{quote(write(SQUARE, use.at.name))} is not a param: `{name}` is a system value"
        better = None if name == APP_KEY and not use.zone.auth else _tight(use, CURLY, name)
        yield _problem(use, message, better, "the App Key is known only in auth.request")


@warning("MC303", IN_AUTH.wrong("{{pageid}}", fixed="{{page_id}}"), fix=UNSAFE)
def unknown_placeholder(facts: Facts) -> Problems:
    """A name in `{{ }}` is not a value that ManyChat is known to have.

    It may be misspelt, belong in `[[ ]]` because it is a param or form field, or be a template variable that was
    never replaced.

    DI: the values that ManyChat's documents name; contact fields have no list, so an unknown name is not an error
    """
    for use in facts.suspicious.get(placeholders.UNKNOWN, ()):
        name = use.at.name
        declared = use.zone.spelt(name)
        message = f"{quote(write(CURLY, use.at.inner))} is not a value that ManyChat is known to fill in here"
        help_ = f"known here: {listed(use.zone.system)}; params and form fields are written `[[name]]`"
        if name.isupper():
            help_ = "text in capitals is often left over from a template: write the value itself there"
        yield _problem(use, message, _tight(use, SQUARE, declared) if declared else _meant(facts, use), help_)


@warning("MC304", IN_AUTH.wrong("{{Page_ID}}", fixed="{{page_id}}"), fix=SAFE)
def placeholder_case(facts: Facts) -> Problems:
    """A name in a placeholder has a different case from its declaration or documentation.

    Whether ManyChat accepts `{{App_Token}}` for `{{app_token}}` is not documented. If it does not, the text is sent
    unchanged; the declared spelling works in either case.

    ?: whether ManyChat accepts another case is open; its documents write every name in one way
    """
    for use in facts.suspicious.get(placeholders.CASE, ()):
        style = use.at.style
        name = use.zone.spelt_system(use.at.name) if style is CURLY else use.zone.spelt(use.at.name)
        written = _tight(use, style, name or use.at.name.casefold())
        yield _problem(use, f"{quote(write(style, use.at.name))} is written {quote(written)} elsewhere", written)


@warning("MC305", IN_AUTH.wrong("{{page_id}", fixed="{{page_id}}"), fix=UNSAFE)
def unbalanced_placeholder(facts: Facts) -> Problems:
    """A placeholder opens and closes with different brackets.

    It is not filled in: the text is sent unchanged, with its brackets.

    DS: every placeholder in ManyChat's documents opens and closes with the same pair
    """
    for use in facts.suspicious.get(placeholders.UNBALANCED, ()):
        message = f"the brackets of {quote(facts.written(use))} do not match"
        known = _corrected(use)
        likely = known or _meant(facts, use) or write(use.at.meant, use.at.name)
        yield _problem(use, message, known if facts.alone(use) else None, f"write {quote(likely)}")


@warning("MC306", Example(IN_ACTION("{{app_token}}"), IN_ACTION.at, right=IN_AUTH("{{app_token}}")))
def app_key_outside_auth(facts: Facts) -> Problems:
    """`{{app_token}}` is used outside `auth.request`.

    ManyChat hands over the App Key once, at install. In an action it is not known to be filled in; if it were, the
    key would be sent with every step of every contact.

    DX: "Obtaining API Access through Apps" gives the App Key only to auth.request
    """
    help_ = "store the key that your server receives at install, and look it up there"
    for use in facts.suspicious.get(placeholders.OUTSIDE, ()):
        yield _problem(use, "`{{app_token}}` is known only in auth.request", None, help_)


@warning("MC308", IN_AUTH.wrong("<<emial>>", fixed="<<email>>")._replace(placeholders="portable"), fix=UNSAFE)
def unknown_portable_name(facts: Facts) -> Problems:
    """A name in `<< >>` is neither a system value nor declared.

    mcapp does not know which brackets to write for it.

    D: mcapp's own notation: <<name>> is a system value, a param or a form field
    """
    for use in facts.suspicious.get(placeholders.UNKNOWN_PORTABLE, ()):
        name = facts.nearest_any(use)
        message = f"{quote(write(PORTABLE, use.at.name))} is neither a system value nor declared"
        better = _tight(use, PORTABLE, name) if name and facts.portable else _meant(facts, use)
        yield _problem(use, message, better, f"declare it in {_where(use.zone)}")


@warning("MC309", IN_AUTH.wrong("<<page_id>>", fixed="{{page_id}}"), fix=SAFE)
def portable_notation_left(facts: Facts) -> Problems:
    """A placeholder is still in mcapp's own notation.

    `<<name>>` is for the author: `mcapp generate` writes the brackets that ManyChat expects. For files that keep
    it, set `placeholders = "portable"` in the configuration.

    D: mcapp's own notation, which ManyChat is not known to read
    """
    for use in facts.suspicious.get(placeholders.LEFT, ()):
        message = f"{quote(write(PORTABLE, use.at.name))} is mcapp's notation, and ManyChat does not read it"
        yield _problem(use, message, _corrected(use), f"write `[[{use.at.name}]]`, and declare it in auth.params")


@note("MC310", IN_AUTH.wrong("{{email}}", fixed="[[email]]"), fix=UNSAFE)
def param_in_curly_braces(facts: Facts) -> Problems:
    """A param is written `{{name}}` in `auth.request`.

    ManyChat's article can be read either way. All its other documents and all published apps write `[[name]]`.

    C: "Obtaining API Access through Apps" does not say which brackets a param has in auth.request
    """
    for use in facts.suspicious.get(placeholders.PARAM_IN_CURLY, ()):
        better = _tight(use, SQUARE, use.zone.spelt(use.at.name) or use.at.name)
        yield _problem(use, f"the param {quote(use.at.name)} is written with `{{{{ }}}}`", better)


@note("MC311", IN_AUTH.wrong("{{ page_id }}", fixed="{{page_id}}"), fix=SAFE)
def spaces_in_placeholder(facts: Facts) -> Problems:
    """A placeholder has spaces inside its brackets.

    All of ManyChat's samples write `{{name}}` without spaces, and whether `{{ name }}` is filled in is not
    documented. Without spaces it works in either case.

    ?: whether ManyChat accepts spaces inside is open; its documents write none
    """
    for use in facts.suspicious.get(placeholders.SPACES, ()):
        message = f"{quote(write(use.at.style, use.at.inner))} has spaces inside"
        yield _problem(use, message, _tight(use, use.at.style, use.at.name))


@note("MC312", IN_AUTH.wrong("{page_id}", fixed="{{page_id}}"), fix=UNSAFE)
def single_braces(facts: Facts) -> Problems:
    """A known name is in single braces, and is not filled in.

    Placeholders need two braces or two brackets. With one, the endpoint receives the text unchanged: `{page_id}`
    instead of the page's number.

    DI: ManyChat's documents write two braces; a known name in one pair was probably meant to be filled in
    """
    for use in facts.suspicious.get(placeholders.SINGLE_BRACES, ()):
        yield _problem(use, f"`{{{use.at.name}}}` is not filled in", _corrected(use), "use two braces")


@note("MC313", IN_AUTH.wrong("${{page_id}}", fixed="{{page_id}}"), fix=UNSAFE)
def dollar_placeholder(facts: Facts) -> Problems:
    """A placeholder has a `$` in front, as in the files of CI systems.

    ManyChat fills in `{{name}}` and sends the `$` as well.

    DI: no document of ManyChat's has a `$` there; it would be sent as well
    """
    for use in facts.suspicious.get(placeholders.DOLLAR_SIGN, ()):
        better = write(CURLY, use.at.inner)
        message = f"the `$` in front of {quote(better)} is sent as well"
        yield _problem(use, message, better)._replace(help="remove the `$`, unless it is intended")


@note("MC315", IN_BLOCK.wrong("{{email}}"), fix=UNSAFE)
def unknown_in_block(facts: Facts) -> Problems:
    """A name in `{{ }}` is not a known system value, in a request whose params are declared elsewhere.

    If it is a param, `[[name]]` is the safer way to write it.

    I: a bare request does not contain auth.params, so whether the name is declared is not known
    """
    for use in facts.suspicious.get(placeholders.UNDECIDED, ()):
        message = f"{quote(write(CURLY, use.at.inner))} is not a known system value"
        help_ = f"if it is a param, write {quote(_tight(use, SQUARE, use.at.name))}"
        yield _problem(use, message, _meant(facts, use), help_)
