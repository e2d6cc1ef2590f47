"""All rules, in the order of their codes."""

from mcapp.lint.model import Rules
from mcapp.lint.rules import (
    mc0_text,
    mc1_shape,
    mc2_content_type,
    mc2_headers,
    mc2_method,
    mc2_request,
    mc2_url,
    mc2_url_parts,
    mc3_declared,
    mc3_notation,
    mc3_placeholders,
    mc4_actions,
    mc4_sources,
    mc5_secrets,
)

_FAMILIES = (
    *(mc0_text, mc1_shape),
    *(mc2_request, mc2_url, mc2_url_parts, mc2_headers, mc2_content_type, mc2_method),
    *(mc3_placeholders, mc3_notation, mc3_declared, mc4_actions, mc4_sources),
    mc5_secrets,
)

ALL: Rules = tuple(sorted((rule for family in _FAMILIES for rule in family.RULES), key=lambda rule: rule.code))
