"""Alerts and freezes through HTTP: who sees them, who overrides, who freezes, and who lets go."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest

from api.services import Services
from chains.intent import ContractCall, Intent
from codec.evm.tokens import call
from keystore.service import Keystore
from people.organisations.sql import put_member
from people.roles import MemberRole, PlatformRole
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import SystemClock
from primitives.derivation_path import DerivationPath
from primitives.errors import AccountFrozen
from primitives.signing import Curve, SigningRequest, SigningScheme
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import SignedIn, SignIn
from wallets.freeze.service import FreezeService
from wallets.risk.behaviour import History
from wallets.risk.model import Assessment, NewAlert, Source, digest_of
from wallets.risk.scoring import intent_findings
from wallets.risk.service import RiskService

API = "/api/v1"
CHAIN = ChainId.evm(1)
OWNER = AccountId.from_raw(CHAIN, b"\x01" * 20)


@pytest.fixture
def safe(services: Services, database: Database, clock: StoppedClock) -> Services:
    """The services with risk rules and freezes."""
    factors = services.sessions.second_factor
    services.freezes = FreezeService(database, factors, clock=clock)
    services.risk = RiskService(database, services.freezes, None, factors, clock=clock)
    return services


async def _alert(safe: Services, tenant: UUID, clock: StoppedClock) -> str:
    intent = Intent(OWNER, ContractCall(OWNER, call("approve(address,uint256)", OWNER.address, 2**256 - 1)))
    found = Assessment.of(intent_findings(intent, History(), clock.now()))
    alert = NewAlert(tenant, Source.PAYMENT, str(uuid4()), digest_of(intent), found, OWNER)
    async with safe.database.transaction() as tx:
        return str(await safe.risk.raise_alert(tx, alert))


async def _totp(client: httpx.AsyncClient, person: SignedIn, clock: StoppedClock) -> str:
    secret = (await client.post(f"{API}/auth/totp", headers=person.headers)).json()["secret"]
    code = pyotp.TOTP(secret).at(clock.now())
    confirmed = await client.post(f"{API}/auth/totp/confirm", json={"code": code}, headers=person.headers)
    assert confirmed.status_code == 200, confirmed.text
    clock.advance(timedelta(seconds=60))
    return str(secret)


async def _shop(
    client: httpx.AsyncClient, owner: SignedIn, safe: Services, *others: tuple[SignedIn, MemberRole]
) -> str:
    made = await client.post(f"{API}/organisations", json={"name": "Tea"}, headers=owner.headers)
    organisation = str(made.json()["id"])
    for person, role in others:
        async with safe.database.transaction() as tx:
            await put_member(tx, UUID(organisation), person.person_id, role, SystemClock().now())
    return organisation


async def test_an_alert_is_its_owners_to_read_and_to_override(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei, other = await sign_in("mei"), await sign_in("other")
    alert = await _alert(safe, mei.person_id, clock)
    shown = (await client.get(f"{API}/alerts?unread=true", headers=mei.headers)).json()["items"]
    assert [(one["id"], one["verdict"], one["findings"][0]["rule"]) for one in shown] == [
        (alert, "alert", "approval.unlimited")
    ]
    assert shown[0]["findings"][0]["evidence"]["spender"] == OWNER.address
    assert (await client.get(f"{API}/alerts", headers=other.headers)).json()["items"] == []
    for path in ("", "/acknowledge", "/override"):
        method = "GET" if not path else "POST"
        body = {"reason": "mine"} if path == "/override" else None
        told = await client.request(method, f"{API}/alerts/{alert}{path}", json=body, headers=other.headers)
        assert told.status_code == 404, path
    read = await client.post(f"{API}/alerts/{alert}/acknowledge", headers=mei.headers)
    assert read.json()["acknowledged_by"] == str(mei.person_id)
    assert (await client.get(f"{API}/alerts?unread=true", headers=mei.headers)).json()["items"] == []
    empty = await client.post(f"{API}/alerts/{alert}/override", json={"reason": " "}, headers=mei.headers)
    assert empty.status_code == 422
    told = await client.post(f"{API}/alerts/{alert}/override", json={"reason": "my exchange"}, headers=mei.headers)
    (override,) = told.json()["overrides"]
    assert (override["how"], override["by"], override["reason"]) == ("overridden", str(mei.person_id), "my exchange")


async def test_who_uses_a_second_factor_overrides_with_it(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei = await sign_in("mei")
    secret, alert = await _totp(client, mei, clock), await _alert(safe, mei.person_id, clock)
    path = f"{API}/alerts/{alert}/override"
    without = await client.post(path, json={"reason": "mine"}, headers=mei.headers)
    assert without.json()["code"] == "second_factor_required"
    wrong = await client.post(path, json={"reason": "mine", "code": "000000"}, headers=mei.headers)
    assert wrong.json()["code"] == "login_failed"
    body = {"reason": "mine", "code": pyotp.TOTP(secret).at(clock.now())}
    assert (await client.post(path, json=body, headers=mei.headers)).status_code == 200


async def test_alerts_of_an_organisation_are_for_those_who_lead_it(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    owner, manager, cashier = await sign_in("owner"), await sign_in("manager"), await sign_in("cashier")
    shop = await _shop(client, owner, safe, (manager, MemberRole.MANAGER), (cashier, MemberRole.CASHIER))
    alert = await _alert(safe, UUID(shop), clock)
    for person, status in ((owner, 200), (manager, 200), (cashier, 404)):
        assert (await client.get(f"{API}/alerts/{alert}", headers=person.headers)).status_code == status


async def test_a_person_freezes_at_once_and_releases_with_an_older_factor(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei = await sign_in("mei")
    secret = await _totp(client, mei, clock)
    made = await client.post(f"{API}/freezes", json={"reason": "lost my phone"}, headers=mei.headers)
    assert made.status_code == 201, made.text
    path = f"{API}/freezes/{made.json()['id']}"
    agreed = await client.post(f"{path}/agree", headers=mei.headers)
    assert (agreed.status_code, agreed.json()["code"]) == (403, "not_permitted")
    clock.advance(timedelta(seconds=60))
    body = {"code": pyotp.TOTP(secret).at(clock.now()), "reason": "found it"}
    released = await client.post(f"{path}/release", json=body, headers=mei.headers)
    assert (released.status_code, released.json()["released_how"]) == (200, "second_factor"), released.text
    again = await client.post(f"{path}/release", json=body, headers=mei.headers)
    assert again.json()["released_at"] == released.json()["released_at"]


async def test_a_factor_set_up_after_the_freeze_does_not_release(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei = await sign_in("mei")
    made = await client.post(f"{API}/freezes", json={"reason": "odd"}, headers=mei.headers)
    clock.advance(timedelta(seconds=60))
    secret = await _totp(client, mei, clock)
    body = {"code": pyotp.TOTP(secret).at(clock.now()), "reason": "let me in"}
    told = await client.post(f"{API}/freezes/{made.json()['id']}/release", json=body, headers=mei.headers)
    assert (told.status_code, told.json()["rule"]) == (403, "second_factor_older_than_freeze")


async def test_an_operator_is_the_second_person_of_a_persons_account(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei, operator = await sign_in("mei"), await sign_in("operator")
    await safe.persons.grant(operator.person_id, PlatformRole.OPERATOR)
    made = (await client.post(f"{API}/freezes", json={"reason": "odd"}, headers=mei.headers)).json()
    path = f"{API}/freezes/{made['id']}"
    assert (await client.get(path, headers=operator.headers)).status_code == 404
    await client.post(f"{path}/ask-release", json={"reason": "it was me"}, headers=mei.headers)
    waiting = (await client.get(f"{API}/freezes", headers=operator.headers)).json()["items"]
    assert [one["release_reason"] for one in waiting] == ["it was me"]
    ended = await client.post(f"{path}/agree", headers=operator.headers)
    assert (ended.status_code, ended.json()["released_by"]) == (200, str(operator.person_id))


async def test_an_organisation_is_frozen_by_who_leads_it_and_freed_by_two(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    owner, manager, cashier = await sign_in("owner"), await sign_in("manager"), await sign_in("cashier")
    shop = await _shop(client, owner, safe, (manager, MemberRole.MANAGER), (cashier, MemberRole.CASHIER))
    body = {"organisation_id": shop, "reason": "odd orders"}
    assert (await client.post(f"{API}/freezes", json=body, headers=cashier.headers)).status_code == 404
    made = (await client.post(f"{API}/freezes", json=body, headers=owner.headers)).json()
    path = f"{API}/freezes/{made['id']}"
    await client.post(f"{path}/ask-release", json={"reason": "all is well"}, headers=owner.headers)
    assert (await client.post(f"{path}/agree", headers=owner.headers)).status_code == 403
    assert (await client.post(f"{path}/agree", headers=manager.headers)).status_code == 200


async def test_somebody_elses_account_and_nonsense_are_refused(
    safe: Services, client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    mei = await sign_in("mei")
    for account, status in ((str(OWNER), 404), ("nonsense", 422), ("eip155:1:0x12", 422)):
        body = {"account": account, "reason": "mine"}
        assert (await client.post(f"{API}/freezes", json=body, headers=mei.headers)).status_code == status, account
    for cursor in ("nonsense", "WyIyMDI2IiwieCJd"):
        assert (await client.get(f"{API}/freezes?cursor={cursor}", headers=mei.headers)).status_code == 422
        assert (await client.get(f"{API}/alerts?cursor={cursor}", headers=mei.headers)).status_code == 422


async def test_the_keystore_itself_refuses_a_frozen_tenant(
    safe: Services, keystore: Keystore, clock: StoppedClock
) -> None:
    tenant = uuid4()
    await keystore.set_passphrase(tenant, "a passphrase of tests")
    token = await keystore.unlock(tenant, "a passphrase of tests")
    wallet = await keystore.create_wallet(token, tenant, "mine")
    key = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, DerivationPath.parse("m/44'/60'/0'/0/0"))
    signer = keystore.signer(token)
    request = SigningRequest(key.id, SigningScheme.EVM_MESSAGE, b"hello", CHAIN, "test")
    await signer.sign(request)
    made = await safe.freezes.freeze(tenant, None, "a test", tenant)
    with pytest.raises(AccountFrozen):
        await signer.sign(request)
    with pytest.raises(AccountFrozen):
        await signer.sign_many([request, request])
    await safe.freezes.ask_release([tenant], made.id, tenant, "a test")
    await safe.freezes.agree_to_release([tenant], made.id, uuid4())
    await signer.sign(request)
