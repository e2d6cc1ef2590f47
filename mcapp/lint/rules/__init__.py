"""All rules, in the order of their codes."""

from mcapp.lint.model import Rules
from mcapp.lint.rules import actions, placeholders, request, secrets, shape, text

ALL: Rules = tuple(
    sorted(
        (*text.RULES, *shape.RULES, *request.RULES, *placeholders.RULES, *actions.RULES, *secrets.RULES),
        key=lambda rule: rule.code,
    )
)
