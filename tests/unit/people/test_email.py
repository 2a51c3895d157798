"""One mailbox is one account."""

import pytest

from people.persons.email import normalised_email
from primitives.errors import InvalidValue


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Mei@Example.COM", "mei@example.com"),
        ("  mei@example.com ", "mei@example.com"),
        ("cafe\u0301@example.com", "caf\u00e9@example.com"),
        ("mei@例子.测试", "mei@例子.测试"),
    ],
)
def test_spellings_of_one_address_are_one(written: str, kept: str) -> None:
    assert normalised_email(written) == kept


@pytest.mark.parametrize(
    "text", ["", "mei", "mei@", "@example.com", "a@b@c.com", "a b@example.com", "x" * 300 + "@e.com"]
)
def test_text_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        normalised_email(text)
