"""Session tokens show nothing of themselves."""

import pytest

from people.events.model import EventCursor
from people.sessions.model import SessionToken
from primitives.errors import InvalidValue


class TestSessionToken:
    def test_it_is_rendered_without_its_text(self) -> None:
        token = SessionToken.new()
        for shown in (str(token), repr(token), f"{token}"):
            assert token.text not in shown

    def test_it_has_256_bits_and_never_repeats(self) -> None:
        texts = {SessionToken.new().text for _ in range(100)}
        assert len(texts) == 100
        assert {len(text) for text in texts} == {43}  # 32 bytes in base64 without padding

    def test_the_csrf_token_is_another_value_than_the_stored_hash(self) -> None:
        token = SessionToken.new()
        assert token.csrf not in {token.text, token.digest.hex()}


class TestEventCursor:
    def test_parse_and_str_are_inverses(self) -> None:
        assert str(EventCursor.parse("741-12")) == "741-12"

    def test_a_later_transaction_comes_after_an_earlier_row_number(self) -> None:
        assert EventCursor(741, 13) < EventCursor(742, 12)

    @pytest.mark.parametrize("text", ["", "1", "-1-2", "1-2-3", "a-b", f"1-{2**63}", "1-2\n", "٣-٤"])
    def test_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidValue):
            EventCursor.parse(text)
