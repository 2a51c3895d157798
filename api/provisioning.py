"""What must exist before anybody acts: the platform's accounts and their key policy, the contract, and the accounts of
each new organisation. Everything here may run again after a crash and finds what is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from api.faucet import LocalFaucet
from api.key_policy import evm_limits, evm_targets, solana_limits, solana_targets
from api.organisation_accounts import OrganisationAccount
from api.service_balances import ServiceBalances
from chains.evm.voucher_book import EvmVoucherBook
from chains.evm.voucher_books import EvmVoucherBooks
from chains.intent import ContractCall, Intent
from chains.registry import ConfiguredChains
from codec.evm.create2 import BOOK_SALT, DEPLOYER, book_deployment
from keystore import EVERY_TENANT, PLATFORM_TENANT
from keystore.service import Keystore
from people.organisations.service import ORGANISATION_CREATED
from persistence.database import Database, Transaction
from persistence.jobs import Handler, JobContext
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import ChainMismatch, MissingPart, TransactionReverted
from primitives.signing import KeyPurpose
from wallets.accounts.service import AccountService
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine

_GIFT = {"eip155": 10 * 10**18, "solana": 20 * 10**9}
"""Native base units that a service account gets on a local chain: enough for thousands of transactions."""

_OF_ORGANISATION = (KeyPurpose.ISSUER, KeyPurpose.TREASURY)


class Provisioning:
    """Makes accounts, gives policy, deploys; on local chains also asks the faucet for fees."""

    def __init__(
        self,
        database: Database,
        chains: ConfiguredChains,
        keystore: Keystore,
        accounts: AccountService,
        engine: Engine,
        faucet: LocalFaucet | None,
        balances: ServiceBalances,
    ) -> None:
        self._database = database
        self._chains = chains
        self._keystore = keystore
        self._accounts = accounts
        self._engine = engine
        self._faucet = faucet
        self._balances = balances

    def handlers(self) -> Mapping[str, Handler]:
        return {ORGANISATION_CREATED: self._organisation_created}

    async def allow(self) -> None:
        """Write the key policy of every service key on the configured chains."""
        await self._balances.allow()
        for chain in self._chains.all():
            if chain.family == "solana":
                targets = solana_targets()
            else:
                book = self._chains.book(chain)
                assert isinstance(book, EvmVoucherBook | EvmVoucherBooks)
                relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
                books = [each.raw for each in book.addresses]
                targets = evm_targets(books, relayer.account.raw, self._chains.known_assets(chain))
            for purpose, allowed in targets.items():
                owner = PLATFORM_TENANT if purpose is KeyPurpose.RELAYER else EVERY_TENANT
                await self._keystore.allow_only(owner, purpose, chain, allowed)
            for purpose, limit in (solana_limits() if chain.family == "solana" else evm_limits()).items():
                await self._keystore.limit(EVERY_TENANT, purpose, chain, limit)

    async def recover(self) -> None:
        """After a restore: match what was made since the backup, so that the accounts may sign again."""
        await self._engine.recovery.start()

    async def platform(self) -> None:
        """Fund the relayers on local chains, and put the voucher book where it belongs.

        Raises:
            MissingPart: No voucher book on a chain that is not ours to deploy to unasked.
            TransactionReverted: The deployment failed.
            NodeUnavailable
        """
        for chain in self._chains.all():
            relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
            await self._give_fees(relayer.account)
            if chain.family == "eip155":
                await self._deploy_book(chain, relayer.account)

    async def watch(self) -> None:
        """Look after the balances of the accounts that pay fees."""
        await self._balances.start()

    async def _deploy_book(self, chain: ChainId, deployer: AccountId) -> None:
        book = self._chains.book(chain)
        assert isinstance(book, EvmVoucherBook | EvmVoucherBooks)
        try:
            await book.check()
        except ChainMismatch as absent:
            if not self._chains.info(chain).local:
                raise MissingPart(
                    f"there is no voucher book at {book.address}: deploy it first",
                    mend="quanbao contracts deploy --rpc URL --key-file FILE",
                ) from absent
        else:
            return
        intent = Intent(deployer, ContractCall(AccountId.from_raw(chain, DEPLOYER), book_deployment()))
        async with self._database.transaction() as tx:
            payment = await self._request_anew(
                tx, PLATFORM_TENANT, f"deploy:{chain}:{book.address.address}:{BOOK_SALT.hex()[:16]}", intent, "deploy"
            )
        while not payment.status.ended:
            await asyncio.sleep(0.1)
            async with self._database.transaction() as tx:
                payment = await self._engine.get(tx, PLATFORM_TENANT, payment.id)
        if payment.status is not PaymentStatus.DONE:
            raise TransactionReverted(f"the voucher book could not be deployed on {chain}: {payment.failure}")

    async def _request_anew(self, tx: Transaction, tenant_id: UUID, key: str, intent: Intent, act: str) -> Payment:
        """The payment of this key that is under way or done; after one that failed for good, a new one.

        What is asked for here must come about in the end, so a failure (no fees yet) must not keep its key for ever.
        """
        number = 1
        while (known := await self._engine.by_key(tx, tenant_id, f"{key}:{number}")) is not None:
            if known.status not in (PaymentStatus.FAILED, PaymentStatus.CANCELLED):
                return known
            number += 1
        return await self._engine.request(tx, PaymentRequest(tenant_id, f"{key}:{number}", intent, act))

    async def _give_fees(self, account: AccountId) -> None:
        if self._faucet is not None and self._chains.info(account.chain).local:
            await self._faucet.give(account, "native", _GIFT[account.chain.family], idempotency_key=f"fees:{account}")

    async def organisation_accounts(self, organisation_id: UUID) -> Sequence[OrganisationAccount]:
        """An organisation's issuer and treasury on every chain."""
        return [
            OrganisationAccount(
                purpose, (await self._accounts.service_account(organisation_id, purpose, chain)).account
            )
            for chain in self._chains.all()
            for purpose in _OF_ORGANISATION
        ]

    async def _organisation_created(self, context: JobContext) -> None:
        organisation_id = UUID(context.job.payload["organisation_id"])
        for found in await self.organisation_accounts(organisation_id):
            await self._give_fees(found.account)
        await self.watch()
        await self._appoint_relayer(context, organisation_id)

    async def _appoint_relayer(self, context: JobContext, organisation_id: UUID) -> None:
        """So that it can be paid before, or without, launching a campaign of its own."""
        for chain in self._chains.all():
            treasury = await self._accounts.service_account(organisation_id, KeyPurpose.TREASURY, chain)
            relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
            intents = await self._chains.book(chain).appoint_relayer(treasury.account, relayer.account)
            async with context.transaction() as tx:
                for intent in intents:
                    assert isinstance(intent.action, ContractCall)
                    key = f"relayer:{chain}:{intent.action.to.address}:{relayer.account.address}"
                    await self._request_anew(tx, organisation_id, key, intent, "appoint_relayer")
