"""Solana Pay links: the forms of the specification, and everything it calls malformed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from primitives.base58 import encode_base58
from primitives.errors import InvalidAddress, InvalidValue
from wallets.solana_pay.link import TransactionRequest, TransferRequest, parse_link

# The examples of the specification (docs.solanapay.com/spec), Apache-2.0.
RECIPIENT = "mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
REFERENCE = "82ZJ7nbGpixjeDCmEhUcmwXYfvurzAgGdtSMuHnUgyny"
OFF_CURVE = str(Pubkey.find_program_address([b"no wallet"], Pubkey.default())[0])


def test_a_transfer_of_sol() -> None:
    link = parse_link(
        f"solana:{RECIPIENT}?amount=1&label=Michael&message=Thanks%20for%20all%20the%20fish&memo=OrderId12345"
    )
    assert isinstance(link, TransferRequest)
    assert encode_base58(link.recipient) == RECIPIENT
    assert (link.amount, link.spl_token) == (Decimal(1), None)
    assert (link.label, link.message, link.memo) == ("Michael", "Thanks for all the fish", "OrderId12345")


def test_a_transfer_of_a_token_with_a_reference() -> None:
    link = parse_link(f"solana:{RECIPIENT}?amount=0.01&spl-token={USDC}&reference={REFERENCE}&reference={RECIPIENT}")
    assert isinstance(link, TransferRequest)
    assert link.amount == Decimal("0.01")
    assert link.spl_token is not None
    assert encode_base58(link.spl_token) == USDC
    assert [encode_base58(key) for key in link.references] == [REFERENCE, RECIPIENT]


def test_the_payer_may_choose_the_amount() -> None:
    link = parse_link(f"solana:{RECIPIENT}?label=Michael")
    assert isinstance(link, TransferRequest)
    assert link.amount is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("solana:https://example.com/solana-pay", "https://example.com/solana-pay"),
        ("solana:https%3A%2F%2Fexample.com%2Fsolana-pay%3Forder%3D12345", "https://example.com/solana-pay?order=12345"),
    ],
)
def test_transaction_requests(text: str, url: str) -> None:
    link = parse_link(text)
    assert link == TransactionRequest(url)
    assert str(link) == text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("bitcoin:abc", "link"),
        ("solana:", None),
        ("solana:abc", None),
        (f"solana:{RECIPIENT}?amount=1e3", "amount"),
        (f"solana:{RECIPIENT}?amount=.5", "amount"),
        (f"solana:{RECIPIENT}?amount=-1", "amount"),
        (f"solana:{RECIPIENT}?amount=", "amount"),
        (f"solana:{RECIPIENT}?amount=1&amount=2", "amount"),
        (f"solana:{RECIPIENT}?amount=١", "amount"),
        (f"solana:{RECIPIENT}?spl-token=abc", None),
        (f"solana:{RECIPIENT}?reference=0OIl", None),
        (f"solana:{RECIPIENT}?memo={'m' * 567}", "memo"),
        (f"solana:{RECIPIENT}?label=%FF", "link"),
        (f"solana:{RECIPIENT}?label={'x' * 2048}", "link"),
        ("solana:http://example.com/pay", "link"),
        ("solana:https://user:secret@example.com/pay", "link"),
        ("solana:javascript:alert(1)", "link"),
        ("solana:https%3A%2F%2F", "link"),
        (f"solana:{OFF_CURVE}?amount=1", None),
    ],
)
def test_malformed_links(text: str, field: str | None) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_link(text)
    if field is None:
        assert isinstance(refused.value, InvalidAddress)
    else:
        assert refused.value.facts["field"] == field


@given(
    amount=st.none() | st.decimals(min_value=0, max_value=10**12, places=9, allow_nan=False),
    references=st.lists(st.binary(min_size=32, max_size=32), max_size=4),
    label=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    memo=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    token=st.none() | st.binary(min_size=32, max_size=32),
)
def test_writing_and_reading_are_inverse(
    amount: Decimal | None, references: list[bytes], label: str | None, memo: str | None, token: bytes | None
) -> None:
    recipient = bytes(Keypair.from_seed(b"7" * 32).pubkey())
    link = TransferRequest(recipient, amount, token, tuple(references), label, None, memo)
    assert parse_link(str(link)) == link


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, f"solana:{text}", f"solana:{RECIPIENT}?{text}"):
        try:
            parse_link(candidate)
        except InvalidValue:
            continue
