"""A voucher book and test money on a real node, with the people of one campaign."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from coincurve import PrivateKey

from chains.campaign import CampaignTerms, Redemption, RedemptionItem, TransferPolicy
from chains.evm.voucher_book import EvmVoucherBook
from chains.intent import ContractCall, Intent
from chains.ports import ConsentRequest
from codec.evm import create2, erc20
from codec.evm.campaign_id import derive_campaign_id
from codec.evm.typed_data import parse_typed_data
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.hashing import keccak256
from primitives.signing import Curve, Signature
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.anvil import Anvil, running_anvil

CHAIN = ChainId.evm(31337)
HOLDER_KEY = PrivateKey(keccak256(b"the holder of the contract tests"))
FUNDS = 1_000_000_000
"""Base units of test money that funder and holder start with."""


def account(name: str) -> AccountId:
    """An account that the node sends for without a key."""
    return AccountId.from_raw(CHAIN, keccak256(name.encode())[12:])


HOLDER = AccountId.from_raw(CHAIN, keccak256(HOLDER_KEY.public_key.format(compressed=False)[1:])[12:])
ISSUER, FUNDER, MERCHANT, RELAYER, MINTER, FRIEND = map(
    account, ("issuer", "funder", "merchant", "relayer", "minter", "friend")
)


class Refused(AssertionError):
    """The node would not carry the intent out."""


@dataclass(frozen=True, slots=True)
class Stage:
    node: Anvil
    book: EvmVoucherBook
    money: Asset

    async def send(self, intent: Intent) -> dict[str, Any]:
        """Carry an intent out in a block of its own; its receipt."""
        assert isinstance(intent.action, ContractCall)
        call = {"from": intent.sender.address, "to": intent.action.to.address, "data": "0x" + intent.action.data.hex()}
        gas = await self.node.rpc.call("eth_estimateGas", call)
        tx_hash = await self.node.rpc.call("eth_sendTransaction", {**call, "gas": gas})
        await self.node.mine()
        receipt: dict[str, Any] = await self.node.rpc.call("eth_getTransactionReceipt", tx_hash)
        if receipt["status"] != "0x1":
            raise Refused(str(receipt))
        return receipt

    async def send_all(self, intents: Sequence[Intent]) -> None:
        for intent in intents:
            await self.send(intent)

    async def balance(self, owner: AccountId) -> int:
        data = "0x" + erc20.balance_of_call(owner.raw).hex()
        answer = await self.node.rpc.call("eth_call", {"to": self.money.id.reference, "data": data}, "latest")
        return int(answer, 16)

    async def height(self) -> int:
        return int(await self.node.rpc.call("eth_blockNumber"), 16)

    async def terms(self, **changes: Any) -> CampaignTerms:
        """满100减20, funded for five, from now on for a day."""
        block = await self.node.rpc.call("eth_getBlockByNumber", "latest", False)
        now = int(block["timestamp"], 16)
        rules_hash, salt = keccak256(b"rules"), bytes(32)
        values: dict[str, Any] = {
            "id": derive_campaign_id(rules_hash, ISSUER.raw, bytes(32), salt),
            "chain": CHAIN,
            "rules_hash": rules_hash,
            "evm_issuer": ISSUER.raw,
            "solana_issuer": bytes(32),
            "salt": salt,
            "lane": 0,
            "cap": 5,
            "issuer": ISSUER,
            "funder": FUNDER,
            "merchants": (MERCHANT,),
            "settlement": self.money,
            "max_payout": 20_000_000,
            "units_per_minor": 10_000,
            "sponsor_bp": 10_000,
            "valid_from": now,
            "valid_until": now + 86_400,
            "transfer_policy": TransferPolicy.FREE,
            "title": "满100减20",
            "kind": "threshold",
            "currency": "CNY",
        }
        return CampaignTerms(**{**values, **changes})

    def redemption(self, terms: CampaignTerms, number: int = 1, **changes: Any) -> Redemption:
        """100.00 less 20.00, sent by the relayer."""
        voucher = VoucherId(terms.id, Serial(terms.lane, SerialClass.SINGLE, number))
        values: dict[str, Any] = {
            "holder": HOLDER,
            "merchant": MERCHANT,
            "submitter": RELAYER,
            "order_hash": keccak256(b"order"),
            "valid_before": terms.valid_until,
            "remainder": Amount(80_000_000, self.money),
            "items": (RedemptionItem(voucher, 2_000, 0),),
        }
        return Redemption(**{**values, **changes})


def sign(requests: Sequence[ConsentRequest]) -> dict[str, Signature]:
    """What the holder's keystore answers."""
    return {
        request.name: Signature(
            Curve.SECP256K1, HOLDER_KEY.sign_recoverable(parse_typed_data(request.payload).signing_hash(), hasher=None)
        )
        for request in requests
    }


@asynccontextmanager
async def stage(*, arguments: Sequence[str] = ()) -> AsyncIterator[Stage]:
    """A node that mines by hand, with the contracts where CREATE2 puts them; `arguments` go to Anvil."""
    async with running_anvil(block_time=None, arguments=arguments) as node:
        for person in (ISSUER, FUNDER, MERCHANT, RELAYER, MINTER, FRIEND):
            await node.fund(person.address, 10**20)
            await node.rpc.call("anvil_impersonateAccount", person.address)
        book = EvmVoucherBook(CHAIN, node.rpc, create2.book_address())
        name, symbol = create2.TEST_MONEY[0]
        money_account = AccountId.from_raw(CHAIN, create2.money_address(name, symbol, MINTER.raw))
        money = Asset(AssetId.fungible(CHAIN, money_account.address), symbol, 6)
        made = Stage(node, book, money)
        deployer = AccountId.from_raw(CHAIN, create2.DEPLOYER)
        for data in (create2.book_deployment(), create2.money_deployment(name, symbol, MINTER.raw)):
            await made.send(Intent(MINTER, ContractCall(deployer, data)))
        for person in (FUNDER, HOLDER):
            await made.send(Intent(MINTER, ContractCall(money_account, erc20.mint_call(person.raw, FUNDS))))
        yield made
