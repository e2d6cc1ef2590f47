"""No false alarm: documents that a careful reader has nothing to say about."""

import json

from mcapp.document import read
from mcapp.lint.check import check
from tests.lint.well_formed import documents


def test_well_formed_documents_have_no_error_and_no_warning() -> None:
    seen = list(documents())
    assert len(seen) >= 80
    for data in seen:
        found = check(read(json.dumps(data).encode())).findings
        assert [(each.rule, each.message) for each in found if each.severity != "note"] == [], json.dumps(data)
