"""Links that ask for a payment: what is read is what was written, and everything else is refused by name."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.routes.payment_requests import qr_svg
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.errors import InvalidAddress, PaymentLinkRefused, PrecisionLoss
from tests.fakes.chains import BalanceAdapter, BalanceChains
from tests.fakes.vouchers import EVM, SOLANA
from wallets.payment_requests.eip681 import EvmPayment, parse_eip681
from wallets.payment_requests.service import PaymentRequests

ADDRESS = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
TOKEN = "0x89205A3A3b2A69De6Dbf7f01ED13B2108B2c43e7"
MINT = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
WALLET = "mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN"
USDC = Asset(AssetId.fungible(SOLANA, MINT), "USDC", 6)
TKN = Asset(AssetId.fungible(EVM, TOKEN), "TKN", 18)

raw = st.binary(min_size=20, max_size=20)


@given(
    chain=st.none() | st.integers(1, 2**53),
    recipient=raw,
    token=st.none() | raw,
    units=st.none() | st.integers(0, 2**256 - 1),
)
@settings(max_examples=60)
def test_writing_and_reading_are_inverse(chain, recipient, token, units):
    payment = EvmPayment(chain, recipient, token, units)
    assert parse_eip681(str(payment)) == payment


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        # The first two are the examples of ERC-681 itself.
        (f"ethereum:{ADDRESS}?value=2.014e18", (None, None, 2_014_000_000_000_000_000)),
        (f"ethereum:{TOKEN}/transfer?address={ADDRESS.lower()}&uint256=1", (None, TOKEN, 1)),
        (f"ethereum:pay-{ADDRESS}@1", (1, None, None)),
        (f"ethereum:{ADDRESS}@137?value=1e18&gasPrice=5&label=Tea%20shop", (137, None, 10**18)),
    ],
)
def test_links_of_the_standard(link, expected):
    found = parse_eip681(link)
    token = None if found.token is None else AccountId.from_raw(EVM, found.token).address
    assert (found.chain, token, found.base_units) == expected
    assert found.recipient.hex() == ADDRESS[2:].lower()


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "scheme"),
        (f"Ethereum:{ADDRESS}", "scheme"),
        ("ethereum:", "malformed"),
        ("ethereum:vitalik.eth?value=1", "name"),
        (f"ethereum:{ADDRESS}@0", "malformed"),
        (f"ethereum:{ADDRESS}@x", "malformed"),
        (f"ethereum:{TOKEN}/approve?address={ADDRESS}&uint256=1", "function"),
        (f"ethereum:{TOKEN}/transfer?uint256=1", "malformed"),
        (f"ethereum:{ADDRESS}?value=1&value=2", "malformed"),
        (f"ethereum:{ADDRESS}?value=1.5", "amount"),
        (f"ethereum:{ADDRESS}?value=-1", "amount"),
        (f"ethereum:{ADDRESS}?value=1e99", "amount"),
        (f"ethereum:{ADDRESS}?value=", "amount"),
        (f"ethereum:{ADDRESS}?data=0x00", "malformed"),
        (f"ethereum:{ADDRESS}?" + "a" * 3_000, "malformed"),
    ],
)
def test_everything_else_is_refused_by_name(link, reason):
    with pytest.raises(PaymentLinkRefused) as caught:
        parse_eip681(link)
    assert caught.value.reason == reason


def test_a_wrong_checksum_is_a_wrong_address():
    with pytest.raises(InvalidAddress):
        parse_eip681(f"ethereum:{ADDRESS[:-1]}A")


@pytest.fixture
def requests():
    me = SimpleNamespace(account=AccountId.of(EVM, ADDRESS))
    mine = SimpleNamespace(account=AccountId.of(SOLANA, WALLET))

    class Accounts:
        async def list(self, tenant_id):
            return [me, mine]

    class Book:
        async def name_of(self, tenant_id, account):
            return "Wang" if account.address == TOKEN else None

    chains = BalanceChains(BalanceAdapter(EVM, [TKN]), BalanceAdapter(SOLANA, [USDC]))
    return PaymentRequests(chains, Accounts(), Book())


@pytest.mark.parametrize(
    ("account", "asset", "units"),
    [
        (AccountId.of(EVM, ADDRESS), TKN, 5),
        (AccountId.of(EVM, ADDRESS), Asset(AssetId.native(EVM), "ETH", 18), None),
        (AccountId.of(SOLANA, WALLET), USDC, 1_500_000),
        (AccountId.of(SOLANA, WALLET), Asset(AssetId.native(SOLANA), "SOL", 9), 1),
    ],
)
async def test_what_one_asks_for_the_other_reads(requests, account, asset, units, monkeypatch):
    for adapter in (requests._chains.adapter(EVM), requests._chains.adapter(SOLANA)):
        adapter._assets[adapter.native.id] = adapter.native
    made = await requests.make(uuid4(), account, asset.id, units)
    read = await requests.read(uuid4(), made.link)
    assert (read.recipient, read.asset, read.own) == (account, asset, True)
    assert (None if read.amount is None else read.amount.base_units) == units
    assert qr_svg(made.link).startswith("<svg")


@pytest.mark.parametrize(
    ("text", "chain", "reason"),
    [
        (f"ethereum:{ADDRESS}@1", None, "chain"),
        (f"ethereum:{ADDRESS}", None, "chain"),
        (f"ethereum:{ADDRESS}@31337", SOLANA, "chain"),
        (f"solana:{WALLET}", EVM, "chain"),
        (f"eip155:1:{ADDRESS}", None, "chain"),
        (ADDRESS, None, "chain"),
        (WALLET, EVM, "chain"),
        ("lightning:LNBC1", EVM, "scheme"),
        ("https://example.com/pay", None, "scheme"),
        ("solana:https%3A%2F%2Fshop.example%2Fpay%3Fa%3D1", None, "server"),
        (f"solana:{WALLET}?amount=1e3", None, "malformed"),
        (" ", None, "malformed"),
    ],
)
async def test_another_scheme_or_chain_is_refused(requests, text, chain, reason):
    with pytest.raises(PaymentLinkRefused) as caught:
        await requests.read(uuid4(), text, chain=chain)
    assert caught.value.reason == reason


async def test_a_bare_address_and_too_many_decimals(requests):
    read = await requests.read(uuid4(), f" {TOKEN} ", chain=EVM)
    assert (read.recipient.address, read.known_as, read.own) == (TOKEN, "Wang", False)
    with pytest.raises(PrecisionLoss):
        await requests.read(uuid4(), f"solana:{WALLET}?amount=0.0000001&spl-token={MINT}")
    with pytest.raises(InvalidAddress):
        await requests.make(uuid4(), AccountId.of(EVM, TOKEN), TKN.id, 1)
