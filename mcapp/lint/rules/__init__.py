"""All rules, in the order of their codes: whatever a file of a family defines."""

from mcapp.lint.model import Rule, Rules
from mcapp.lint.rules import (
    mc0_text,
    mc1_shape,
    mc1_unknown_keys,
    mc2_headers,
    mc2_request,
    mc2_url,
    mc3_mc4_declared,
    mc3_placeholders,
    mc4_actions,
    mc5_secrets,
)

FAMILIES = (
    *(mc0_text, mc1_shape, mc1_unknown_keys, mc2_request, mc2_url, mc2_headers),
    *(mc3_placeholders, mc3_mc4_declared, mc4_actions, mc5_secrets),
)


def rules_of(module: object) -> Rules:
    """The rules that a family's file defines."""
    return tuple(each for each in vars(module).values() if isinstance(each, Rule))


ALL: Rules = tuple(sorted((rule for family in FAMILIES for rule in rules_of(family)), key=lambda rule: rule.code))
NAMES = tuple(word for rule in ALL for word in (rule.code, rule.name))  # what calls one of them
