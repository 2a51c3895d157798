"""Test SOL and test money on the local Solana chain.

The test monies are plain SPL Token mints: a `transferChecked` of them is as small as it gets, and a redemption
must fit 1,232 bytes. Their names live in the asset lists, not on the chain.
"""

from __future__ import annotations

import asyncio
import secrets
import struct

from solders.compute_budget import set_compute_unit_limit
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from solders.transaction import VersionedTransaction

from localnet.solana.bank import Bank, Simulation
from localnet.solana.chain import SolanaChain, public_test_keypair
from localnet.solana.errors import describe_transaction_error
from localnet.solana.nonce import SYSTEM_PROGRAM
from localnet.solana.tokens import ASSOCIATED_TOKEN_PROGRAM, TOKEN_PROGRAM, Mint
from localnet.test_money import DECIMALS, TEST_MONIES, TestMoney
from primitives.errors import LocalnetError, TransactionReverted

_MINT_BYTES = 82
# SPL Token instruction tags (`TokenInstruction`), and the associated token program's CreateIdempotent.
_INITIALIZE_MINT_2 = 20
_MINT_TO_CHECKED = 14
_CREATE_IDEMPOTENT = 1
_BASE_UNITS_OF_WORK = 200_000


class SolanaFaucet:
    """Gives SOL and makes test money; its key is public and worth nothing."""

    def __init__(self, chain: SolanaChain, *, mines_by_hand: bool) -> None:
        self._chain = chain
        self._mines_by_hand = mines_by_hand

    @staticmethod
    def mint_address(money: TestMoney) -> Pubkey:
        """The mint of a test money: the same address on every local chain."""
        return public_test_keypair(money.symbol).pubkey()

    async def make_mints(self) -> None:
        """Make the mints of the test monies, unless they exist already."""
        for money in TEST_MONIES:
            mint = public_test_keypair(money.symbol)
            if Mint.read(self._bank.account(mint.pubkey())) is not None:
                continue
            authority = self._chain.faucet.pubkey()
            make = create_account(
                CreateAccountParams(
                    from_pubkey=authority,
                    to_pubkey=mint.pubkey(),
                    lamports=self._bank.minimum_balance(_MINT_BYTES),
                    space=_MINT_BYTES,
                    owner=TOKEN_PROGRAM,
                )
            )
            # tag ‖ decimals ‖ mint authority ‖ no freeze authority
            data = bytes([_INITIALIZE_MINT_2, DECIMALS]) + bytes(authority) + b"\0"
            initialise = Instruction(TOKEN_PROGRAM, data, [AccountMeta(mint.pubkey(), False, True)])
            await self.include(self._execute([make, initialise], mint))

    async def give_native(self, recipient: Pubkey, lamports: int) -> str:
        """Send lamports; the signature, at `processed`.

        Raises:
            TransactionReverted: The chain refused, for example because the recipient would be below rent exemption.
        """
        gift = transfer(TransferParams(from_pubkey=self._chain.faucet.pubkey(), to_pubkey=recipient, lamports=lamports))
        return self._execute([gift])

    async def give_money(self, money: TestMoney, holder: Pubkey, base_units: int) -> str:
        """Make test money in the holder's associated token account; the signature, at `processed`.

        Raises:
            TransactionReverted: The chain refused.
        """
        mint, payer = self.mint_address(money), self._chain.faucet.pubkey()
        account = associated_token_account(holder, mint)
        open_account = Instruction(
            ASSOCIATED_TOKEN_PROGRAM,
            bytes([_CREATE_IDEMPOTENT]),
            [
                AccountMeta(payer, True, True),
                AccountMeta(account, False, True),
                AccountMeta(holder, False, False),
                AccountMeta(mint, False, False),
                AccountMeta(SYSTEM_PROGRAM, False, False),
                AccountMeta(TOKEN_PROGRAM, False, False),
            ],
        )
        make = Instruction(
            TOKEN_PROGRAM,
            struct.pack("<BQB", _MINT_TO_CHECKED, base_units, DECIMALS),
            [AccountMeta(mint, False, True), AccountMeta(account, False, True), AccountMeta(payer, True, False)],
        )
        return self._execute([open_account, make])

    async def include(self, signature: str) -> None:
        """Wait until the transaction is on disk (`confirmed`).

        Raises:
            LocalnetError: The chain stopped before.
        """
        while self._bank.recent_record(signature) is not None:
            if self._mines_by_hand:
                await self._chain.mine()
            elif self._bank.broken:
                raise LocalnetError("the local Solana chain stopped", signature=signature)
            await asyncio.sleep(0.02)

    def knows(self, signature: str) -> bool:
        """Whether the chain has executed this signature."""
        return self._bank.record(signature) is not None

    @property
    def _bank(self) -> Bank:
        return self._chain.bank

    def _execute(self, instructions: list[Instruction], *others: Keypair) -> str:
        # A random compute limit makes equal gifts in one slot different transactions.
        limit = set_compute_unit_limit(_BASE_UNITS_OF_WORK + secrets.randbelow(1_000_000))
        blockhash = self._bank.newest_blockhash
        payer = self._chain.faucet
        message = Message.new_with_blockhash([limit, *instructions], payer.pubkey(), blockhash)
        transaction = self._bank.decode(bytes(VersionedTransaction(message, [payer, *others])))
        refusal = self._bank.refusal(transaction)
        simulation = Simulation(refusal, None, {}) if refusal else self._bank.simulate(transaction)
        if simulation.error is None:
            outcome = self._bank.execute(transaction)
            if outcome.error is None:
                return transaction.signature
            reason = outcome.error
        else:
            reason = simulation.error
        raise TransactionReverted(f"the faucet was refused: {describe_transaction_error(reason)}", reason=str(reason))


def associated_token_account(holder: Pubkey, mint: Pubkey) -> Pubkey:
    """The token account that wallets look for.

    Source: Associated Token Account program, seeds (holder, token program, mint).
    """
    address, _ = Pubkey.find_program_address(
        [bytes(holder), bytes(TOKEN_PROGRAM), bytes(mint)], ASSOCIATED_TOKEN_PROGRAM
    )
    return address
