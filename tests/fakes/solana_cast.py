"""A campaign's cast on the local Solana chain: real node, real adapter, keys in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from solders.keypair import Keypair

from chains.campaign import CampaignTerms, Redemption, RedemptionItem, TransferPolicy
from chains.events import Fact, TokenEvent
from chains.intent import Intent
from chains.ports import Receipt, SignedTransaction
from chains.rpc.client import JsonRpcClient
from chains.solana.adapter import SolanaAdapter
from chains.solana.voucher_book import SolanaVoucherBook
from codec.evm.campaign_id import derive_campaign_id
from codec.solana.campaign_mint import campaign_mint_address
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.base58 import encode_base58
from primitives.signing import Curve, Signature
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.solana_localnet import SolanaLocalnet, running_solana

YUAN = 1_000_000
SOL = 10**9
ORDER = b"\x0b" * 32


class Cast:
    """Issuer, merchant (also sponsor), holder, stranger, relayer, and the platform's two keys."""

    def __init__(self, node: SolanaLocalnet, adapter: SolanaAdapter) -> None:
        self.node, self.adapter = node, adapter
        self.keys: dict[AccountId, Keypair] = {}
        names = ["issuer", "merchant", "holder", "stranger", "relayer", "authority", "operator"]
        made = {name: self.account(name) for name in names}
        self.issuer, self.merchant, self.holder = made["issuer"], made["merchant"], made["holder"]
        self.stranger, self.relayer = made["stranger"], made["relayer"]
        self.authority, self.operator = made["authority"], made["operator"]
        self.book = SolanaVoucherBook(adapter, authority=self.authority, operator=self.operator)
        self.terms = self.make_terms()

    def account(self, name: str) -> AccountId:
        keypair = Keypair.from_seed(name.encode().ljust(32, b"-"))
        account = AccountId.from_raw(self.node.chain_id, bytes(keypair.pubkey()))
        self.keys[account] = keypair
        return account

    def make_terms(self, salt: bytes = bytes(32), cap: int = 10) -> CampaignTerms:
        identity = (b"\x09" * 32, bytes(20), self.issuer.raw, salt)
        return CampaignTerms(
            id=derive_campaign_id(*identity),
            chain=self.node.chain_id,
            rules_hash=identity[0],
            evm_issuer=identity[1],
            solana_issuer=identity[2],
            salt=salt,
            lane=1,
            cap=cap,
            issuer=self.issuer,
            funder=self.merchant,
            merchants=(self.merchant,),
            settlement=self.node.cny,
            max_payout=20 * YUAN,
            units_per_minor=10_000,
            sponsor_bp=10_000,
            valid_from=1_700_000_000,
            valid_until=1_900_000_000,
            transfer_policy=TransferPolicy.BOUND,
            title="满100减20",
            kind="threshold",
            currency="CNY",
        )

    async def fund(self) -> None:
        await self.node.give(self.issuer, lamports=SOL)
        await self.node.give(self.merchant, lamports=SOL, cny=1_000 * YUAN)
        await self.node.give(self.holder, cny=1_000 * YUAN)
        await self.node.give(self.stranger, lamports=SOL)
        await self.node.give(self.relayer, lamports=SOL)

    def voucher(self, number: int = 1, terms: CampaignTerms | None = None) -> VoucherId:
        one = terms or self.terms
        return VoucherId(one.id, Serial(one.lane, SerialClass.SINGLE, number))

    def redemption(self, *numbers: int, remainder: int = 80 * YUAN, order: bytes = ORDER) -> Redemption:
        return Redemption(
            holder=self.holder,
            merchant=self.merchant,
            submitter=self.relayer,
            order_hash=order,
            valid_before=1_900_000_000,
            remainder=Amount(remainder, self.node.cny),
            items=tuple(RedemptionItem(self.voucher(number), 2_000, 0) for number in numbers or (1,)),
        )

    async def signed(self, intent: Intent) -> SignedTransaction:
        preview = await self.adapter.preview(intent)
        prepared = await self.adapter.prepare(intent, nonce=None, preview=preview)
        signatures = {
            account: Signature(Curve.ED25519, bytes(self.keys[account].sign_message(prepared.payload)))
            for account in prepared.signers
        }
        return self.adapter.assemble(prepared, signatures)

    async def carry_out(self, intent: Intent) -> Receipt:
        signed = await self.signed(intent)
        await self.adapter.broadcast(signed)
        await self.node.advance()
        receipt = await self.adapter.receipt(signed.tx_hash)
        assert receipt is not None
        assert receipt.ok, receipt.reason
        return receipt

    async def carry_out_all(self, intents: Sequence[Intent]) -> list[Receipt]:
        return [await self.carry_out(intent) for intent in intents]

    async def launch(self) -> None:
        await self.carry_out_all(await self.book.launch(self.terms))

    async def issue(self, *holders: AccountId, first: int = 1) -> list[Receipt]:
        return await self.carry_out_all(await self.book.issue(self.terms, holders or (self.holder,), first))

    async def redeem(self, redemption: Redemption | None = None) -> Receipt:
        return await self.carry_out(await self.book.redeem([self.terms], redemption or self.redemption(), {}))

    async def cny(self, account: AccountId) -> int:
        return (await self.adapter.balance(account, self.node.cny)).base_units

    async def vouchers(self, account: AccountId) -> int:
        mint = self.terms_mint
        return (await self.adapter.balance(account, await self.adapter.asset(mint))).base_units

    @property
    def terms_mint(self) -> AssetId:
        address = campaign_mint_address(self.issuer.raw, self.terms.id)
        return AssetId.fungible(self.node.chain_id, encode_base58(address))

    async def events(self, since: int = 0) -> tuple[TokenEvent, ...]:
        head = (await self.adapter.heads()).included
        return (await self.book.events([self.terms], since, head)).events

    async def facts(self, since: int = 0) -> list[Fact]:
        return [event.fact for event in await self.events(since)]


@asynccontextmanager
async def solana_cast() -> AsyncIterator[Cast]:
    """A fresh chain with everybody funded and nothing launched."""
    async with running_solana() as node:
        rpc = JsonRpcClient(node.url)
        native = Asset(AssetId.native(node.chain_id), "SOL", 9)
        made = Cast(node, SolanaAdapter(node.chain_id, rpc, native=native, known_assets=[node.cny]))
        await made.fund()
        yield made
        await rpc.close()
