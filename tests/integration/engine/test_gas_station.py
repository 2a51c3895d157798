"""The gas station fills the relayer up, with a real keystore; it may pay nobody else, and not much."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import text

from api.service_balances import ServiceBalances, of_chain
from chains.intent import Intent, Transfer
from chains.registry import ConfiguredChains
from keystore import PLATFORM_TENANT
from keystore.service import Keystore
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.signing import KeyPurpose
from tests.integration.engine.stage import CHAIN, ETHER, Bench, OneChain
from wallets.accounts.service import AccountService
from wallets.engine.model import PaymentRequest, PaymentStatus
from wallets.engine.service import Engine
from wallets.engine.watch.service import WATCH

_ALARM, _FULL = 10**17, 10**18


async def test_the_relayer_is_filled_up_and_nobody_else_is_paid(
    bench: Bench, database_url: str, tmp_path: Path
) -> None:
    key_file = tmp_path / "operator.key"
    key_file.write_text(secrets.token_hex(32))
    key_file.chmod(0o600)
    audit = Database(database_url, pool_size=2)
    keystore = Keystore(bench.database, audit)
    try:
        await keystore.open_service(key_file)
        chains: Any = OneChain(bench.adapter)
        accounts = AccountService(bench.database, keystore, chains)
        engine = Engine(bench.database, chains, accounts, keystore.service_signer())
        balances = ServiceBalances(
            bench.database,
            cast(ConfiguredChains, chains),
            keystore,
            accounts,
            engine,
            alarm_below={"eip155": _ALARM},
            top_up_to={str(CHAIN): _FULL},
        )
        merchant = uuid4()
        relayer = (await accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, CHAIN)).account
        treasury = (await accounts.service_account(merchant, KeyPurpose.TREASURY, CHAIN)).account
        await balances.allow()
        await balances.start()
        await balances.start()
        station = (await accounts.service_account(PLATFORM_TENANT, KeyPurpose.GAS_STATION, CHAIN)).account
        await bench.node.fund(station.address, 100 * _FULL)
        await Worker(bench.database, {WATCH: engine.balances.look}).run_due(rounds=1)
        bench.engine = engine
        async with bench.database.transaction() as tx:
            (payment,) = await engine.list(tx, PLATFORM_TENANT)
            told = await tx.execute(
                text("SELECT tenant_id, data ->> 'account' FROM event WHERE kind = 'account.low_balance'")
            )
            assert {tuple(row) for row in told} == {(PLATFORM_TENANT, str(relayer)), (merchant, str(treasury))}
        bench.tenant = PLATFORM_TENANT
        async with bench.working():
            assert (await bench.ended(payment)).status is PaymentStatus.DONE
        assert (await bench.adapter.balance(relayer, ETHER)).base_units == _FULL
        assert (await bench.adapter.balance(treasury, ETHER)).base_units == 0, "an organisation pays its own fees"
        for recipient, amount in ((treasury, 1), (relayer, _FULL + 1)):
            assert await _refusal(bench, station, recipient, amount) == "signing_refused"
    finally:
        keystore.close()
        await audit.close()


async def _refusal(bench: Bench, station: AccountId, recipient: AccountId, amount: int) -> str | None:
    intent = Intent(station, Transfer(Amount(amount, ETHER), recipient))
    async with bench.database.transaction() as tx:
        payment = await bench.engine.request(tx, PaymentRequest(PLATFORM_TENANT, uuid4().hex, intent, "theft"))
    async with bench.working():
        ended = await bench.ended(payment)
    return None if ended.failure is None else ended.failure.code


def test_a_chains_own_amount_goes_before_its_familys() -> None:
    amounts = {"eip155": 1, "eip155:137": 2}
    assert (of_chain(amounts, ChainId.evm(137)), of_chain(amounts, ChainId.evm(1)), of_chain({}, CHAIN)) == (2, 1, None)
