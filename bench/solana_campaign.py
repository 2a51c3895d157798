"""A campaign for the Solana benchmark: launched, issued, and its redemptions signed ahead of the clock."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import Message
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from chains.campaign import CampaignTerms, Redemption, RedemptionItem, TransferPolicy
from chains.intent import Intent, ProgramCall
from chains.rpc.client import JsonRpcClient
from chains.solana.adapter import SolanaAdapter
from chains.solana.voucher_book import SolanaVoucherBook
from codec.evm.campaign_id import derive_campaign_id
from codec.solana.compute_budget import set_compute_unit_limit
from codec.solana.message import assemble_transaction, build_message, decode_message
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.voucher_id import Serial, SerialClass, VoucherId

YUAN = 1_000_000
_UNITS = 400_000
_ISSUE_UNITS = 1_400_000


class BenchCampaign:
    """Talks to one node; every key is in memory. Call `open` first."""

    def __init__(self, url: str, chain: ChainId, settlement: Asset, *, cap: int) -> None:
        self.rpc = JsonRpcClient(url)
        self._chain = chain
        self._settlement = settlement
        self._cap = cap
        self._keys: dict[bytes, Keypair] = {}
        self.issuer, self.merchant, self.relayer = self.new_account(), self.new_account(), self.new_account()
        self._authority, self._operator = self.new_account(), self.new_account()
        self._orders = 0
        self._next_number = 1
        native = Asset(AssetId.native(chain), "SOL", 9)
        self._adapter = SolanaAdapter(chain, self.rpc, native=native, known_assets=[settlement])
        self._book = SolanaVoucherBook(self._adapter, authority=self._authority, operator=self._operator)
        self.terms = self._make_terms()

    def new_account(self) -> AccountId:
        keypair = Keypair()
        self._keys[bytes(keypair.pubkey())] = keypair
        return AccountId.from_raw(self._chain, bytes(keypair.pubkey()))

    async def open(self) -> None:
        """Launch; issuer, merchant and relayer must have SOL, the merchant the settlement money."""
        for intent in await self._book.launch(self.terms):
            await self.send(self.sign(intent, await self.blockhash(), _ISSUE_UNITS))

    async def issue_wires(self, holders: Sequence[AccountId]) -> list[bytes]:
        """Signed transactions that issue one voucher to each holder."""
        first = self._next_number
        self._next_number += len(holders)
        intents = await self._book.issue(self.terms, holders, first)
        blockhash = await self.blockhash()
        return [self.sign(intent, blockhash, _ISSUE_UNITS) for intent in intents]

    async def issue(self, holders: Sequence[AccountId]) -> list[VoucherId]:
        """Issue one voucher to each holder and wait for nothing: the node executes in order."""
        first = self._next_number
        for wire in await self.issue_wires(holders):
            await self.send(wire)
        return [
            VoucherId(self.terms.id, Serial(self.terms.lane, SerialClass.SINGLE, first + offset))
            for offset in range(len(holders))
        ]

    async def redemptions(self, holders: Sequence[AccountId], vouchers: Sequence[VoucherId]) -> list[bytes]:
        """Signed transactions: burn, memo, payout from the vault, remainder from the holder; four signatures each."""
        blockhash = await self.blockhash()
        wires = []
        for holder, voucher in zip(holders, vouchers, strict=True):
            self._orders += 1
            redemption = Redemption(
                holder=holder,
                merchant=self.merchant,
                submitter=self.relayer,
                order_hash=self._orders.to_bytes(32, "big"),
                valid_before=self.terms.valid_until,
                remainder=Amount(80_000, self._settlement),
                items=(RedemptionItem(voucher, 2, 0),),
            )
            intent = await self._book.redeem([self.terms], redemption, {})
            wires.append(self.sign(intent, blockhash, _UNITS))
        return wires

    async def transfers(self, count: int) -> list[bytes]:
        """Signed SOL transfers from the relayer, each of another amount."""
        blockhash = Hash(await self.blockhash())
        sender, receiver = self._keys[self.relayer.raw], Keypair().pubkey()
        wires = []
        for _ in range(count):
            self._orders += 1
            gift = transfer(
                TransferParams(from_pubkey=sender.pubkey(), to_pubkey=receiver, lamports=900_000 + self._orders)
            )
            message = Message.new_with_blockhash([gift], sender.pubkey(), blockhash)
            wires.append(bytes(VersionedTransaction(message, [sender])))
        return wires

    def sign(self, intent: Intent, blockhash: bytes, units: int) -> bytes:
        assert isinstance(intent.action, ProgramCall)
        instructions = (set_compute_unit_limit(units), *intent.action.instructions)
        message = build_message(intent.sender.raw, instructions, blockhash)
        signers = decode_message(message).signers
        return assemble_transaction(message, {key: bytes(self._keys[key].sign_message(message)) for key in signers})

    async def blockhash(self) -> bytes:
        return (await self._adapter.node.blockhash()).raw

    async def send(self, wire: bytes) -> str:
        options = {"encoding": "base64", "preflightCommitment": "processed"}
        return str(await self.rpc.call("sendTransaction", b64encode(wire).decode(), options))

    async def close(self) -> None:
        await self.rpc.close()

    def _make_terms(self) -> CampaignTerms:
        identity = (b"\x09" * 32, bytes(20), self.issuer.raw, bytes(32))
        return CampaignTerms(
            id=derive_campaign_id(*identity),
            chain=self._chain,
            rules_hash=identity[0],
            evm_issuer=identity[1],
            solana_issuer=identity[2],
            salt=identity[3],
            lane=1,
            cap=self._cap,
            issuer=self.issuer,
            funder=self.merchant,
            merchants=(self.merchant,),
            settlement=self._settlement,
            max_payout=20_000,
            units_per_minor=10_000,
            sponsor_bp=10_000,
            valid_from=1_700_000_000,
            valid_until=1_900_000_000,
            transfer_policy=TransferPolicy.BOUND,
            title="Benchmark",
            kind="threshold",
            currency="CNY",
        )
