"""MC3xx: how placeholders are written."""

from mcapp.appjson import placeholder_uses
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholder_uses import Use
from mcapp.appjson.placeholders import CURLY, PORTABLE, SQUARE, write
from mcapp.lint.model import NOTE, SAFE, UNSAFE, WARNING, Good, Problem, Problems, Rules, rule
from mcapp.lint.rules.mc3_placeholders import fix, meant, tight
from mcapp.lint.rules.samples import bad_value, good_value
from mcapp.lint.wording import quote


def _corrected(use: Use) -> str | None:
    """The placeholder in ManyChat's notation, if its name is known here."""
    declared = use.zone.spelt(use.at.name)
    if declared is not None:
        return tight(use, SQUARE, declared)
    system = use.zone.spelt_system(use.at.name)
    return tight(use, CURLY, system) if system is not None else None


@rule(
    "MC305",
    WARNING,
    evidence="DS",
    source="every placeholder in ManyChat's documents opens and closes with the same pair",
    good=[
        good_value("auth", "{{page_id}} [[email]]"),
        good_value("auth", '{\\"a\\": {\\"b\\": {{page_id}}}}'),
        good_value("auth", "[[1, 2], [null]]"),
        good_value("auth", "list[0]] {x}} <b>>"),
        good_value("auth", "{page_id}"),
        Good('{"request": {"url": "<https://host.example.com/[[x]>]", "headers": ["x: {{app_token}}"]}}', "request"),
    ],
    bad=[
        bad_value("auth", "{{page_id}", fixed="{{page_id}}"),
        bad_value("auth", "{{page_id", fixed="{{page_id}}"),
        bad_value("auth", "{page_id}}", fixed="{{page_id}}"),
        bad_value("auth", "{{page_id]]", fixed="{{page_id}}"),
        bad_value("auth", "[[email]", fixed="[[email]]"),
        bad_value("action", "[amount]]", fixed="[[amount]]"),
        bad_value("block", "{{something}"),
        bad_value("auth", "<<page_id>", fixed="{{page_id}}"),
    ],
    fix=UNSAFE,
)
def unbalanced_placeholder(facts: Facts) -> Problems:
    """A placeholder opens and closes with different brackets.

    It is not filled in: the text is sent unchanged, with its brackets.
    """
    for use in facts.suspicious.get(placeholder_uses.UNBALANCED, ()):
        better = _corrected(use) or meant(facts, use)
        text = _shown(facts, use)
        help_ = f"write {quote(better)}" if better else f"write {quote(write(use.at.meant, use.at.name))}"
        yield Problem(
            use.path,
            f"the brackets of {text} do not match",
            help_,
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


def _shown(facts: Facts, use: Use) -> str:
    """The placeholder as written."""
    value = facts.document.data
    for key in use.path:
        value = value[key]  # type: ignore[index]  # the use was found at that path
    return quote(str(value)[use.at.start : use.at.end])


@rule(
    "MC309",
    WARNING,
    evidence="D",
    source="mcapp's own notation, which ManyChat is not known to read",
    good=[
        good_value("auth", "{{page_id}} [[email]]"),
        good_value("auth", "<<page_id>> << email >>", placeholders="portable"),
        good_value("block", "<<email>>", placeholders="portable"),
        good_value("auth", "cat << EOF >> file"),
    ],
    bad=[
        bad_value("auth", "<<page_id>>", fixed="{{page_id}}"),
        bad_value("auth", "<< Email >>", fixed="[[email]]"),
        bad_value("action", "<<amount>>", fixed="[[amount]]"),
        bad_value("block", "<<app_id>>", fixed="{{app_id}}"),
        bad_value("block", "<<email>>"),
    ],
    fix=SAFE,
)
def portable_notation_left(facts: Facts) -> Problems:
    """A placeholder is still in mcapp's own notation.

    `<<name>>` is for the author: `mcapp generate` writes the brackets that ManyChat expects. For files that keep
    it, set `placeholders = "portable"` in the configuration.
    """
    for use in facts.suspicious.get(placeholder_uses.LEFT, ()):
        better = _corrected(use)
        yield Problem(
            use.path,
            f"{quote(write(PORTABLE, use.at.name))} is mcapp's notation, and ManyChat does not read it",
            f"write {quote(better)}" if better else f"write `[[{use.at.name}]]`, and declare it in auth.params",
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


@rule(
    "MC310",
    NOTE,
    evidence="C",
    source='"Obtaining API Access through Apps" does not say which brackets a param has in auth.request',
    good=[
        good_value("auth", "[[email]]"),
        good_value("auth", "{{page_id}}"),
        good_value("action", "{{amount}}"),
        good_value("auth", "<<email>>", placeholders="portable"),
    ],
    bad=[bad_value("auth", "{{email}}", fixed="[[email]]"), bad_value("auth", "{{ Email }}", fixed="[[email]]")],
    fix=UNSAFE,
)
def param_in_curly_braces(facts: Facts) -> Problems:
    """A param is written `{{name}}` in `auth.request`.

    ManyChat's article can be read either way. All its other documents and all published apps write `[[name]]`.
    """
    for use in facts.suspicious.get(placeholder_uses.PARAM_IN_CURLY, ()):
        better = tight(use, SQUARE, use.zone.spelt(use.at.name) or use.at.name)
        yield Problem(
            use.path,
            f"the param {quote(use.at.name)} is written with `{{{{ }}}}`",
            f"write {quote(better)}",
            chars=use.chars,
            fix=fix(use, better),
        )


@rule(
    "MC311",
    NOTE,
    evidence="?",
    source="whether ManyChat accepts spaces inside is open; its documents write none",
    good=[
        good_value("auth", "{{page_id}} [[email]]"),
        good_value("auth", "{{ Page_Id }}"),
        good_value("auth", "{{ nothing_known }}"),
        good_value("auth", "<<page_id>>", placeholders="portable"),
    ],
    bad=[
        bad_value("auth", "{{ page_id }}", fixed="{{page_id}}"),
        bad_value("auth", "[[ email]]", fixed="[[email]]"),
        bad_value("block", "[[anything ]]", fixed="[[anything]]"),
        bad_value("auth", "<< email >>", fixed="<<email>>", placeholders="portable"),
    ],
    fix=SAFE,
)
def spaces_in_placeholder(facts: Facts) -> Problems:
    """A placeholder has spaces inside its brackets.

    All of ManyChat's samples write `{{name}}` without spaces, and whether `{{ name }}` is filled in is not
    documented. Without spaces it works in either case.
    """
    for use in facts.suspicious.get(placeholder_uses.SPACES, ()):
        better = tight(use, use.at.style, use.at.name)
        yield Problem(
            use.path,
            f"{quote(write(use.at.style, use.at.inner))} has spaces inside",
            f"write {quote(better)}",
            chars=use.chars,
            fix=fix(use, better),
        )


@rule(
    "MC312",
    NOTE,
    evidence="DI",
    source="ManyChat's documents write two braces; a known name in one pair was probably meant to be filled in",
    good=[
        good_value("auth", "{{page_id}}"),
        good_value("auth", "{something}"),
        good_value("auth", '{\\"page_id\\": 1}'),
        good_value("auth", "{page_id}}"),
    ],
    bad=[
        bad_value("auth", "{page_id}", fixed="{{page_id}}"),
        bad_value("auth", "{email}", fixed="[[email]]"),
        bad_value("action", "{user_id}", fixed="{{user_id}}"),
    ],
    fix=UNSAFE,
)
def single_braces(facts: Facts) -> Problems:
    """A known name is in single braces, and is not filled in.

    Placeholders need two braces or two brackets. With one, the endpoint receives the text unchanged: `{page_id}`
    instead of the page's number.
    """
    for use in facts.suspicious.get(placeholder_uses.SINGLE_BRACES, ()):
        better = _corrected(use)
        yield Problem(
            use.path,
            f"`{{{use.at.name}}}` is not filled in",
            f"write {quote(better)}" if better else "use two braces",
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


@rule(
    "MC313",
    NOTE,
    evidence="DI",
    source="no document of ManyChat's has a `$` there; it would be sent as well",
    good=[good_value("auth", "{{page_id}}"), good_value("auth", "$ {{page_id}}"), good_value("auth", "$[[email]]")],
    bad=[
        bad_value("auth", "${{page_id}}", fixed="{{page_id}}"),
        bad_value("block", "${{ secrets.KEY }}", fixed="{{ secrets.KEY }}"),
    ],
    fix=UNSAFE,
)
def dollar_placeholder(facts: Facts) -> Problems:
    """A placeholder has a `$` in front, as in the files of CI systems.

    ManyChat fills in `{{name}}` and sends the `$` as well.
    """
    for use in facts.suspicious.get(placeholder_uses.DOLLAR_SIGN, ()):
        better = write(CURLY, use.at.inner)
        yield Problem(
            use.path,
            f"the `$` in front of {quote(better)} is sent as well",
            "remove the `$`, unless it is intended",
            chars=use.chars,
            fix=fix(use, better),
        )


@rule(
    "MC315",
    NOTE,
    evidence="I",
    source="a bare request does not contain auth.params, so whether the name is declared is not known",
    good=[good_value("block", "{{page_id}}"), good_value("block", "[[email]]"), good_value("auth", "{{something}}")],
    bad=[
        bad_value("block", "{{email}}"),
        bad_value("block", "{{pageid}}", fixed="{{page_id}}"),
        bad_value("block", "{{ENDPOINT_URL}}"),
    ],
    fix=UNSAFE,
)
def unknown_in_block(facts: Facts) -> Problems:
    """A name in `{{ }}` is not a known system value, in a request whose params are declared elsewhere.

    If it is a param, `[[name]]` is the safer way to write it.
    """
    for use in facts.suspicious.get(placeholder_uses.UNDECIDED, ()):
        better = meant(facts, use)
        yield Problem(
            use.path,
            f"{quote(write(CURLY, use.at.inner))} is not a known system value",
            f"write {quote(better)}" if better else f"if it is a param, write {quote(tight(use, SQUARE, use.at.name))}",
            chars=use.chars,
            fix=fix(use, better) if better else None,
        )


RULES: Rules = (
    unbalanced_placeholder,
    portable_notation_left,
    param_in_curly_braces,
    spaces_in_placeholder,
    single_braces,
    dollar_placeholder,
    unknown_in_block,
)
