"""Messages, help, comments, names and documents are in plain technical English: the words to avoid are in words.py."""

import pytest

from tests.house.words import AVOIDED, Text, everything, found


@pytest.mark.parametrize(
    "sentence",
    [
        "how to mend it",
        "this is no file",
        "a word that is none",
        "it is told on stderr",
        "who judges the answers",
        "it looks odd",
        "it heeds NO_COLOR",
        "a blank in the URL",
        "the file lies in the folder",
        "it ends by itself",
        "leave it as it is.",
        "whoever reads it",
    ],
)
def test_an_avoided_word_is_found(sentence: str) -> None:
    assert list(found(iter([Text("here", sentence)])))


@pytest.mark.parametrize(
    "sentence",
    [
        "there is no file",
        "it is no longer there",
        "subscriber_id cannot be blank.",
        "a blank line",
        "use this instead",
        "recommend it",
        "not to be told apart",
        "as it is written in RFC 8259",
    ],
)
def test_plain_english_is_left_alone(sentence: str) -> None:
    assert not list(found(iter([Text("here", sentence)])))


def test_every_word_to_avoid_has_its_reason() -> None:
    assert all(len(reason) > 3 for reason in AVOIDED.values())


def test_nobody_uses_an_avoided_word() -> None:
    texts = list(everything())
    files = {text.where.partition(":")[0] for text in texts}
    assert {"README.md", "mcapp/errors.py", "schemas/report.schema.json", "mcapp/scopes/endpoints.toml"} <= files
    wrong = [f"{place.where}: …{place.word}… (instead: {place.instead})" for place in found(iter(texts))]
    assert not wrong, "\n".join(wrong)
