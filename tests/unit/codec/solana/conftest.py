"""A Solana virtual machine in this process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from codec.solana.instruction import Instruction
from codec.solana.message import assemble_transaction, build_message


class VirtualMachine:
    """Runs instructions; answers the error in Agave's JSON shape, None when they were carried out."""

    def __init__(self) -> None:
        self.svm = LiteSVM()

    def key(self, lamports: int = 10**10) -> Keypair:
        keypair = Keypair()
        if lamports:
            self.svm.airdrop(keypair.pubkey(), lamports)
        return keypair

    def rent(self, length: int) -> int:
        return self.svm.minimum_balance_for_rent_exemption(length)

    def data(self, address: bytes) -> bytes:
        account = self.svm.get_account(Pubkey(address))
        assert account is not None
        return account.data

    def sign(self, instructions: Sequence[Instruction], *signers: Keypair) -> bytes:
        """The raw transaction; the first signer pays."""
        blockhash = bytes(self.svm.latest_blockhash())
        message = build_message(bytes(signers[0].pubkey()), instructions, blockhash)
        return assemble_transaction(message, {bytes(k.pubkey()): bytes(k.sign_message(message)) for k in signers})

    def run(self, instructions: Sequence[Instruction], *signers: Keypair) -> Any:
        self.svm.expire_blockhash()
        outcome = self.svm.send_transaction(VersionedTransaction.from_bytes(self.sign(instructions, *signers)))
        if isinstance(outcome, FailedTransactionMetadata):
            return json.loads(outcome.to_json())["err"]
        return None


@pytest.fixture
def vm() -> VirtualMachine:
    return VirtualMachine()
