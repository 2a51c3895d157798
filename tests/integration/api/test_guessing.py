"""Guessing secrets: one answer whatever is wrong, and waits that grow or are long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pyotp
import pytest_asyncio
from sqlalchemy import event

from api.handouts import Handouts
from api.qr import qr_svg
from api.services import Services
from people.kdf import PasswordKdf
from persistence.database import Database
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignedIn, SignIn
from tests.integration.vouchers.stage import Stage
from vouchers.campaigns.model import Campaign
from vouchers.claims.model import ClaimCode
from vouchers.claims.service import Claims, LinkTerms
from vouchers.rules import ClaimTerms, ClaimWay, summary

LOGIN = "/api/v1/auth/login"
CLAIMS = "/api/v1/claims"


def _said(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


class Handing:
    """A campaign that gives vouchers out by links, behind the API."""

    def __init__(self, stage: Stage, claims: Claims, campaign: Campaign) -> None:
        self.stage = stage
        self.claims = claims
        self.campaign = campaign

    async def code(self, uses: int | None = None) -> tuple[str, Any]:
        """Its text, and the link's id."""
        ((link, code),) = await self.claims.create_links(
            self.stage.merchant,
            self.campaign.id,
            LinkTerms(1, uses, None, None, None),
            created_by=self.stage.merchant,
            idempotency_key=uuid4().hex,
        )
        assert code is not None
        return code.reveal(), link.id


@pytest_asyncio.fixture
async def handing(services: Services, database: Database, clock: StoppedClock) -> Handing:
    stage = Stage(database)
    joined = Handouts.join(database, stage.chains, stage.accounts, stage.payments, stage.signer)
    claims = Claims(database, stage.chains, clock=clock)
    services.handouts = replace(joined, claims=claims)
    ways = ClaimTerms(frozenset({ClaimWay.LIST, ClaimWay.LINK}))
    return Handing(stage, claims, await stage.campaign(claim=ways))


class TestClaims:
    async def test_whatever_is_wrong_with_a_code_is_one_answer(
        self, client: httpx.AsyncClient, sign_in: SignIn, handing: Handing, clock: StoppedClock
    ) -> None:
        mei, (_, account) = await sign_in("mei"), handing.stage.holder()
        used, _ = await handing.code(uses=1)
        closed, closed_id = await handing.code()
        await handing.claims.revoke(handing.stage.merchant, handing.campaign.id, closed_id)
        taken = await self._claim(client, mei, used, str(account))
        assert taken.status_code == 202, taken.text
        other_secret = closed[:-4] + ("AAAA" if closed[-4:] != "AAAA" else "BBBB")
        answers = []
        for code in (ClaimCode.fresh().reveal(), used, closed, other_secret, "AAAA", "!" * 30, "x" * 4_000):
            for ask in (self._look, self._draw, self._claim):
                clock.advance(timedelta(hours=1))
                answers.append(await ask(client, mei, code, str(account)))
        assert {answer.status_code for answer in answers} <= {404, 422}
        wrong = [_said(answer) for answer in answers if answer.status_code == 404]
        assert len(wrong) >= 15
        assert wrong[0]["code"] == "claim_code_invalid"
        assert all(one == wrong[0] for one in wrong)

    async def test_each_wrong_code_doubles_the_wait_and_a_right_one_is_not_judged_before(
        self, client: httpx.AsyncClient, sign_in: SignIn, handing: Handing, clock: StoppedClock
    ) -> None:
        mei, (_, account) = await sign_in("mei"), handing.stage.holder()
        right, _ = await handing.code()
        waits = []
        for number in range(15):
            # Looking and claiming count together.
            ask = (self._look, self._claim)[number % 2]
            wrong = await ask(client, mei, ClaimCode.fresh().reveal(), str(account))
            assert wrong.status_code == 404, wrong.text
            refused = await self._claim(client, mei, right, str(account))
            if refused.status_code == 429:
                assert _said(refused)["code"] == "too_many_attempts"
                waits.append(int(refused.headers["retry-after"]))
                clock.advance(timedelta(seconds=waits[-1] - 1))
                assert (await self._look(client, mei, right, str(account))).status_code == 429
                clock.advance(timedelta(seconds=1))
            else:
                assert number < 2, refused.text
        assert waits[:4] == [1, 2, 4, 8]
        assert waits == sorted(waits)
        assert max(waits) == 3600
        assert (await self._look(client, mei, right, str(account))).status_code == 200

    async def test_the_page_and_the_code_of_an_open_link(
        self, client: httpx.AsyncClient, services: Services, handing: Handing
    ) -> None:
        services.page_url = "https://pay.example"
        code, _ = await handing.code(uses=3)
        shown = (await client.get(f"{CLAIMS}/{code}")).json()
        assert (shown["title"], shown["remaining"], shown["open"]) == (handing.campaign.rules.title, 3, True)
        assert shown["terms"] == {
            "en": list(summary(handing.campaign.rules, "en")),
            "zh-CN": list(summary(handing.campaign.rules, "zh-CN")),
        }
        drawn = await client.get(f"{CLAIMS}/{code}/qr")
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
        assert drawn.headers["cache-control"] == "no-store"
        assert drawn.text == qr_svg(f"https://pay.example/claim#{code}")
        assert drawn.text.startswith("<svg")
        whole = await client.get(f"{CLAIMS}/{handing.campaign.id}/qr")
        assert whole.text == qr_svg(f"https://pay.example/claim/{handing.campaign.id}") != drawn.text
        assert (await client.get(f"{CLAIMS}/{'0' * 48}/qr")).json()["code"] == "campaign_not_found"

    async def _draw(self, client: httpx.AsyncClient, person: SignedIn, code: str, _account: str) -> httpx.Response:
        return await client.get(f"{CLAIMS}/{code}/qr")

    async def _look(self, client: httpx.AsyncClient, person: SignedIn, code: str, _account: str) -> httpx.Response:
        return await client.get(f"{CLAIMS}/{code}")

    async def _claim(self, client: httpx.AsyncClient, person: SignedIn, code: str, account: str) -> httpx.Response:
        headers = {**person.headers, "Idempotency-Key": uuid4().hex}
        return await client.post(CLAIMS, json={"code": code, "account": account}, headers=headers)


class TestLogin:
    async def test_accounts_known_unknown_and_with_a_second_factor_cost_the_same(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        kdf: PasswordKdf,
        database: Database,
        clock: StoppedClock,
    ) -> None:
        """Who does not know the password learns nothing: neither by the answer, nor by the work behind it."""
        await sign_in("mei")
        li = await sign_in("li")
        secret = (await client.post("/api/v1/auth/totp", headers=li.headers)).json()["secret"]
        code = {"code": pyotp.TOTP(secret).at(clock.now())}
        assert (await client.post("/api/v1/auth/totp/confirm", json=code, headers=li.headers)).status_code == 200
        statements: list[str] = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _k, statement, *_rest: statements.append(statement),
        )
        work = []
        for email in ("mei@example.com", li.email, "nobody@example.com"):
            for more in ({}, {"code": "000000"}):
                statements.clear()
                runs = kdf.runs
                body = {"email": email, "password": "wrong password", **more}
                answer = await client.post(LOGIN, json=body)
                work.append((answer.status_code, _said(answer), kdf.runs - runs, list(statements)))
        assert (work[0][0], work[0][1]["code"], work[0][2]) == (401, "login_failed", 1)
        assert len(work[0][3]) >= 4
        assert all(one == work[0] for one in work)

    async def test_passwords_and_codes_wait_beside_each_other(
        self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock, kdf: PasswordKdf
    ) -> None:
        """Ten wrong passwords hold an account's address back, ten wrong codes the person; neither opens the other."""
        mei = await sign_in("mei")
        secret = (await client.post("/api/v1/auth/totp", headers=mei.headers)).json()["secret"]
        first = {"code": pyotp.TOTP(secret).at(clock.now())}
        assert (await client.post("/api/v1/auth/totp/confirm", json=first, headers=mei.headers)).status_code == 200
        clock.advance(timedelta(seconds=60))
        right = {"email": mei.email, "password": PASSWORD}
        codes = [await client.post(LOGIN, json={**right, "code": "000000"}) for _ in range(11)]
        assert [answer.status_code for answer in codes] == [401] * 10 + [429]
        assert 0 < codes[-1].json()["retry_after_seconds"] <= 900
        clock.advance(timedelta(seconds=901))
        passwords = [await client.post(LOGIN, json={**right, "password": "wrong password"}) for _ in range(10)]
        assert {answer.status_code for answer in passwords} == {401}
        runs = kdf.runs
        good = {**right, "code": pyotp.TOTP(secret).at(clock.now())}
        assert (await client.post(LOGIN, json=good)).status_code == 429
        assert kdf.runs == runs
        clock.advance(timedelta(seconds=901))
        good = {**right, "code": pyotp.TOTP(secret).at(clock.now())}
        assert (await client.post(LOGIN, json=good)).status_code == 200
