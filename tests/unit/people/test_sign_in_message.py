"""The sign-in text: written as the standards have it, read strictly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.wallet_login.message import Family, parse_sign_in
from primitives.errors import InvalidValue

# The example of EIP-4361, "Example message"; its resources as there.
EXAMPLE = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""


def test_the_standards_example() -> None:
    message = parse_sign_in(EXAMPLE)
    assert message.family is Family.ETHEREUM
    assert message.domain == "example.com"
    assert message.address == "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
    assert message.statement == "I accept the ExampleOrg Terms of Service: https://example.com/tos"
    assert (message.uri, message.chain_id, message.nonce) == ("https://example.com/login", "1", "32891756")
    assert message.issued_at == datetime(2021, 9, 30, 16, 25, 24, tzinfo=UTC)
    assert len(message.resources) == 2


def test_written_and_read_again() -> None:
    message = parse_sign_in(EXAMPLE)
    assert parse_sign_in(message.text()) == message


def test_without_a_statement_there_are_two_blank_lines() -> None:
    text = EXAMPLE.replace("I accept the ExampleOrg Terms of Service: https://example.com/tos\n", "")
    assert parse_sign_in(text).statement is None


def test_solana_without_a_statement_has_one() -> None:
    text = "\n".join(
        [
            "example.com wants you to sign in with your Solana account:",
            "5EUjf4oPLzrA7w7M9EC9fDEyBBjkAVS4QgqrZhRx3G9s",
            "",
            "URI: https://example.com",
            "Version: 1",
            "Nonce: 32891756",
            "Issued At: 2021-09-30T16:25:24Z",
        ]
    )
    assert parse_sign_in(text).family is Family.SOLANA


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ethereum", "Bitcoin"),
        ("0xC02aaA39", "0xc02aaA39"),
        ("Version: 1", "Version: 1\nVersion: 1"),
        ("Version: 1\nChain ID: 1", "Chain ID: 1\nVersion: 1"),
        ("Nonce: 32891756", "Nonce: short"),
        ("Nonce: 32891756", "Nonce: 3289 1756"),
        ("Chain ID: 1", "Chain ID: -1"),
        ("Chain ID: 1", "Chain ID: 01"),
        ("2021-09-30T16:25:24Z", "yesterday"),
        ("2021-09-30T16:25:24Z", "2021-13-30T16:25:24Z"),
        ("- ipfs", "* ipfs"),
        ("Resources:", "Other:"),
        ("example.com wants", "exam ple.com wants"),
        ("example.com wants", "user@example.com wants"),
        ("example.com wants", "example.com/ wants"),
        ("\n\nURI", "\nURI"),
        ("I accept", "I accept\u202e"),
        ("I accept", "I accept\r\nme"),
    ],
)
def test_anything_else_is_refused(old: str, new: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(InvalidValue):
        parse_sign_in(EXAMPLE.replace(old, new, 1))


@given(st.text(max_size=400) | st.text(alphabet="URI:Version1ChainIDNonce \n-", max_size=400))
def test_nonsense_never_crashes(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_sign_in(text)


@pytest.mark.parametrize("text", ["", "\n" * 5000, "x" * 5000, EXAMPLE + "\n" + "- https://x\n" * 500])
def test_giants_and_nothing(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_sign_in(text)
