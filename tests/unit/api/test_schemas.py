"""What comes in is bounded, storable and exact."""

import pytest
from pydantic import BaseModel, ValidationError

from api.schemas.amounts import ChainAmount, ChainAmountInput, CurrencyAmount
from api.schemas.auth import Login, Passphrase
from api.schemas.base import Line, RequestBody
from primitives.asset import Amount, Asset, AssetId
from primitives.currency import Money

ETH = Asset(AssetId.parse("eip155:31337/slip44:60"), "ETH", 18)


class _Nested(RequestBody):
    rows: list[dict[str, str]]


class _Named(BaseModel):
    name: Line


class TestRequestBody:
    def test_unknown_fields_are_refused(self) -> None:
        with pytest.raises(ValidationError):
            Login.model_validate({"email": "a@example.com", "password": "x", "admin": True})

    def test_the_null_character_is_refused_at_any_depth(self) -> None:
        with pytest.raises(ValidationError, match=r"U\+0000"):
            _Nested.model_validate({"rows": [{"a": "b\x00c"}]})

    def test_an_error_does_not_quote_the_value(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Passphrase.model_validate({"passphrase": ["my secret words"]})
        assert "my secret words" not in str(caught.value)

    def test_a_secret_is_not_shown(self) -> None:
        body = Passphrase.model_validate({"passphrase": "my secret words"})
        assert "my secret words" not in f"{body} {body!r} {body.model_dump_json()}"


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "a\u202eb", "x" * 121, "\u0007"])
def test_a_line_is_printable_and_bounded(text: str) -> None:
    with pytest.raises(ValidationError):
        _Named.model_validate({"name": text})


class TestAmounts:
    def test_base_units_travel_as_text(self) -> None:
        shown = ChainAmount.of(Amount(2**256 - 1, ETH)).model_dump(mode="json")
        assert shown == {
            "base_units": str(2**256 - 1),
            "decimals": 18,
            "asset": "eip155:31337/slip44:60",
            "symbol": "ETH",
        }

    @pytest.mark.parametrize("text", ["", "-1", "1.5", "01", "1e18", " 1", "٣", "9" * 79, 5, "1\n"])
    def test_other_figures_are_refused(self, text: object) -> None:
        with pytest.raises(ValidationError):
            ChainAmountInput.model_validate({"base_units": text, "asset": "eip155:31337/slip44:60"})

    def test_currency_comes_back(self) -> None:
        assert CurrencyAmount.of(Money(2000, "CNY")).to_domain() == Money(2000, "CNY")

    @pytest.mark.parametrize("minor", [-1, 2.5, "20", True, 2**53])
    def test_other_sums_are_refused(self, minor: object) -> None:
        with pytest.raises(ValidationError):
            CurrencyAmount.model_validate({"minor": minor, "currency": "CNY"})
