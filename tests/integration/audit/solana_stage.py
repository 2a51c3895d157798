"""A real redemption on the local Solana chain, made with the codec alone: mint, vault, voucher, order."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from nacl.signing import SigningKey

from audit.proofs.ports import CampaignCommitment, ProofSubject, RedemptionRef
from chains.rpc.client import JsonRpcClient
from codec.canonical_json import encode_canonical
from codec.evm.campaign_id import derive_campaign_id
from codec.solana.associated_token import associated_token_address
from codec.solana.burn_guard import BurnGuard
from codec.solana.campaign_mint import CampaignMint
from codec.solana.campaign_vault import CampaignVault
from codec.solana.compute_budget import set_compute_unit_limit
from codec.solana.instruction import Instruction
from codec.solana.message import assemble_transaction, build_message
from codec.solana.redemption import (
    RedemptionParties,
    TokensToMove,
    VoucherToBurn,
    decode_redemption,
    redemption_instructions,
)
from codec.solana.token import MULTISIG_LENGTH
from codec.solana.voucher_act import CampaignKeys, issue_instructions, move_instructions
from primitives.account_id import AccountId
from primitives.base58 import decode_base58, encode_base58
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.fakes.solana_localnet import SolanaLocalnet

RULES = encode_canonical({"schema": "quanbao.rules.v1", "title": "满100减20", "kind": "threshold", "amount_off": 2000})
SALT = keccak256(b"salt")


class SolanaStage:
    """The chain with everybody on it; `open` launches and funds the campaign."""

    def __init__(
        self, network: SolanaLocalnet, guard: BurnGuard = BurnGuard.PERMISSIONED, *, vouchers: int = 10
    ) -> None:
        self._funding = 20_000_000 * vouchers
        self.guard = guard
        self.network = network
        self.chain = network.chain_id
        self.rpc = JsonRpcClient(network.url, timeout_seconds=20)
        names = ("issuer", "operator", "merchant", "relayer", "holder", "authority")
        self._keys = {name: SigningKey(keccak256(name.encode())) for name in names}
        self._issued = 0
        self.sent: list[str] = []

    def key(self, name: str) -> bytes:
        return bytes(self._keys[name].verify_key)

    @property
    def campaign_id(self) -> CampaignId:
        return derive_campaign_id(keccak256(RULES), bytes(20), self.key("issuer"), SALT)

    async def send(self, instructions: Sequence[Instruction], *signers: str) -> str:
        """Sign by everybody named, the first pays; send and close the slot. Answers the transaction's id."""
        latest = await self.rpc.call("getLatestBlockhash", {"commitment": "confirmed"})
        blockhash = decode_base58(latest["value"]["blockhash"], length=32)
        message = build_message(self.key(signers[0]), instructions, blockhash)
        signatures = {self.key(name): self._keys[name].sign(message).signature for name in signers}
        raw = assemble_transaction(message, signatures)
        sent: str = await self.rpc.call(
            "sendTransaction",
            base64.b64encode(raw).decode(),
            {"encoding": "base64", "preflightCommitment": "confirmed"},
        )
        self.sent.append(sent)
        await self.network.advance()
        return sent

    async def open(self) -> None:
        for name in ("issuer", "relayer"):
            await self.network.give(self._account(name), lamports=10**10)
        for name in ("issuer", "holder", "merchant"):
            await self.network.give(self._account(name), cny=10**10)
        self.money = decode_base58(self.network.cny.id.reference, length=32)
        info = await self.rpc.call("getAccountInfo", self.network.cny.id.reference, {"encoding": "base64"})
        self.token_program = decode_base58(info["value"]["owner"], length=32)
        self.mint = CampaignMint(
            issuer=self.key("issuer"),
            burn_authority=self.key("authority"),
            campaign=self.campaign_id,
            rules_hash=keccak256(RULES),
            title="满100减20",
            kind="threshold",
            currency="CNY",
            valid_from=0,
            valid_until=2**40,
            guard=self.guard,
        )
        await self.send(self.mint.instructions(await self._rent(self.mint.final_length)), "issuer")
        self.vault = CampaignVault(
            campaign=self.campaign_id,
            sponsor=self.key("issuer"),
            operator=self.key("operator"),
            delegate=self.key("authority"),
            settlement_mint=self.money,
            token_program=self.token_program,
            decimals=self.network.cny.decimals,
        )
        made = (*self.vault.open(await self._rent(MULTISIG_LENGTH)), self.vault.create_account())
        await self.send(
            (*made, self.vault.fund(self._funding), self.vault.approve(self._funding)), "issuer", "operator"
        )

    async def issue(self) -> VoucherId:
        return (await self.issue_many(1))[0]

    async def issue_many(self, count: int) -> list[VoucherId]:
        """In one transaction."""
        numbers = range(self._issued + 1, self._issued + count + 1)
        vouchers = [VoucherId(self.campaign_id, Serial(1, SerialClass.SINGLE, number)) for number in numbers]
        self._issued += count
        keys, serials = self.keys, [voucher.serial for voucher in vouchers]
        instructions = issue_instructions(keys, keys.issuer, [self.key("holder")] * count, serials)
        await self.send(instructions, "issuer", *self._guardian)
        return vouchers

    async def move(self, voucher: VoucherId, to: str) -> str:
        """Hand a voucher on, as the ledger's transfers do."""
        instructions = move_instructions(
            self.keys, self.key("relayer"), self.key("holder"), self.key(to), [voucher.serial]
        )
        return await self.send(instructions, "relayer", "holder", "issuer", "authority")

    @property
    def keys(self) -> CampaignKeys:
        return CampaignKeys(self.campaign_id, self.mint.address, self.key("issuer"), self.key("authority"), self.guard)

    @property
    def _guardian(self) -> tuple[str, ...]:
        return ("authority",) if self.guard is BurnGuard.FROZEN else ()

    async def redeem(
        self, *vouchers: VoucherId, order_hash: bytes, remainder: int = 80_000_000, holder: str = "holder"
    ) -> str:
        """100.00 less 20.00 per voucher, submitted by the relayer."""
        parties = RedemptionParties(
            self.chain, self.key("relayer"), self.key(holder), self.key("merchant"), self.key("authority")
        )
        instructions = redemption_instructions(
            parties,
            order_hash,
            [VoucherToBurn(voucher, self.mint.address, 2000, self.guard) for voucher in vouchers],
            [self._tokens(self.vault.address, 20_000_000 * len(vouchers))],
            self._tokens(self._account_of(holder), remainder) if remainder else None,
            (),
        )
        limited = (set_compute_unit_limit(200_000), *instructions)
        return await self.send(limited, "relayer", holder, "merchant", "authority")

    async def subject(self, tx_hash: str, *, order_document: bytes | None = None, item: int = 0) -> ProofSubject:
        """What the ledger would say of the transaction's redemption number `item`."""
        found = await self.rpc.call("getTransaction", tx_hash, {"encoding": "base64", "commitment": "confirmed"})
        raw = base64.b64decode(found["transaction"][0])
        redemption = decode_redemption(raw[1 + 64 * raw[0] :], self.chain)
        burned = redemption.vouchers[item]
        return ProofSubject(
            redemption=RedemptionRef(
                redemption_id=burned.redemption_id,
                voucher=burned.voucher,
                chain=self.chain,
                tx_hash=tx_hash,
                height=found["slot"],
                order_hash=redemption.order_hash,
            ),
            campaign_id=self.campaign_id,
            campaign=CampaignCommitment(RULES, bytes(20), self.key("issuer"), SALT),
            order_document=order_document,
        )

    async def _rent(self, size: int) -> int:
        answer: Any = await self.rpc.call("getMinimumBalanceForRentExemption", size)
        return int(answer)

    def _account(self, name: str) -> AccountId:
        return AccountId(self.chain, encode_base58(self.key(name)))

    def _account_of(self, name: str) -> bytes:
        return associated_token_address(self.key(name), self.money, self.token_program)

    def _tokens(self, source: bytes, base_units: int) -> TokensToMove:
        return TokensToMove(self.token_program, self.money, self.network.cny.decimals, source, base_units)
