"""All rules, in the order of their codes."""

from mcapp.lint.model import Rules
from mcapp.lint.rules import (
    actions,
    content_type,
    declared,
    headers,
    method,
    notation,
    placeholders,
    request,
    secrets,
    shape,
    sources,
    text,
    url_parts,
    urls,
)

_FAMILIES = (
    *(text, shape),
    *(request, urls, url_parts, headers, content_type, method),
    *(placeholders, notation, declared, actions, sources),
    secrets,
)

ALL: Rules = tuple(sorted((rule for family in _FAMILIES for rule in family.RULES), key=lambda rule: rule.code))
