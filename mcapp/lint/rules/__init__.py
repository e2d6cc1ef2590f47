"""All rules, in the order of their codes: each file of a family lists its own in RULES."""

from mcapp.lint.model import Rules
from mcapp.lint.rules import (
    mc0_text,
    mc1_shape,
    mc1_unknown_keys,
    mc2_headers,
    mc2_request,
    mc2_url,
    mc2_url_parts,
    mc3_mc4_declared,
    mc3_notation,
    mc3_placeholders,
    mc4_actions,
    mc5_secrets,
)

FAMILIES = (
    *(mc0_text, mc1_shape, mc1_unknown_keys),
    *(mc2_request, mc2_url, mc2_url_parts, mc2_headers),
    *(mc3_placeholders, mc3_notation, mc3_mc4_declared),
    *(mc4_actions, mc5_secrets),
)

ALL: Rules = tuple(sorted((rule for family in FAMILIES for rule in family.RULES), key=lambda rule: rule.code))
