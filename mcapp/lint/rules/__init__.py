"""All rules, in the order of their codes: whatever a file of a family defines."""

from mcapp.lint.model import Rule, Rules
from mcapp.lint.rules import mc0_text, mc1_shape, mc2_request, mc2_url, mc3_placeholders, mc4_declared, mc5_secrets

MODULES = (mc0_text, mc1_shape, mc2_request, mc2_url, mc3_placeholders, mc4_declared, mc5_secrets)
# The beginning of a code says what the rule is about.
FAMILIES = {"MC0": "Text", "MC1": "Shape", "MC2": "Requests", "MC3": "Placeholders", "MC4": "Actions", "MC5": "Secrets"}

ALL: Rules = tuple(
    sorted(
        (each for module in MODULES for each in vars(module).values() if isinstance(each, Rule)),
        key=lambda rule: rule.code,
    )
)
NAMES = tuple(word for rule in ALL for word in (rule.code, rule.name))  # what calls one of them
