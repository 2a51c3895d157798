"""The vault of a campaign: settlement tokens owned by a 2-of-2 token multisig of the sponsor and the vault operator.

The multisig's address is sha256(sponsor ‖ base64url(sha256("quanbao.vault.v1" ‖ CampaignId)[:24]) ‖ token program);
the vault is its associated token account. Redemptions draw on it through the redemption authority as delegate, so
what that key can lose is bounded by the approved allowance.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.instruction import Instruction
from codec.solana.system import allocate_with_seed, seeded_address, transfer
from codec.solana.token import MULTISIG_LENGTH, approve, initialize_multisig
from codec.solana.token import transfer as transfer_tokens
from codec.solana.voucher_memo import base64url
from primitives.voucher_id import CampaignId


@dataclass(frozen=True, slots=True)
class CampaignVault:
    """Keys of 32 bytes; `token_program` is the program of `settlement_mint`."""

    campaign: CampaignId
    sponsor: bytes
    operator: bytes
    delegate: bytes
    settlement_mint: bytes
    token_program: bytes
    decimals: int

    @property
    def seed(self) -> str:
        return base64url(hashlib.sha256(b"quanbao.vault.v1" + self.campaign.raw).digest()[:24])

    @property
    def owner(self) -> bytes:
        """The multisig."""
        return seeded_address(self.sponsor, self.seed, self.token_program)

    @property
    def address(self) -> bytes:
        """The token account."""
        return associated_token_address(self.owner, self.settlement_mint, self.token_program)

    @property
    def source(self) -> bytes:
        """The sponsor's own token account, from which the vault is funded."""
        return associated_token_address(self.sponsor, self.settlement_mint, self.token_program)

    def open(self, top_up: int) -> tuple[Instruction, ...]:
        """Make the multisig; the sponsor signs and pays.

        Args:
            top_up: Lamports that the address lacks to be rent-exempt at 355 bytes.
        """
        paid = (transfer(self.sponsor, self.owner, top_up),) if top_up else ()
        return (
            *paid,
            allocate_with_seed(self.owner, self.sponsor, self.seed, MULTISIG_LENGTH, self.token_program),
            initialize_multisig(self.token_program, self.owner, 2, (self.sponsor, self.operator)),
        )

    def create_account(self) -> Instruction:
        return create_associated_token(self.sponsor, self.owner, self.settlement_mint, self.token_program)

    def fund(self, base_units: int) -> Instruction:
        return transfer_tokens(
            self.token_program,
            self.source,
            self.settlement_mint,
            self.address,
            self.sponsor,
            base_units,
            self.decimals,
        )

    def approve(self, base_units: int) -> Instruction:
        """Sponsor and operator let the delegate spend so much."""
        return approve(
            self.token_program,
            self.address,
            self.settlement_mint,
            self.delegate,
            self.owner,
            base_units,
            self.decimals,
            (self.sponsor, self.operator),
        )
