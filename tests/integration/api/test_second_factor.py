"""Codes beside a password: set up, asked for, used once, bounded."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pyotp
from sqlalchemy import text

from people.kdf import PasswordKdf
from persistence.database import Database
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignedIn, SignIn

AUTH = "/api/v1/auth"


def _now(secret: str, clock: StoppedClock, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


async def _set_up(client: httpx.AsyncClient, person: SignedIn, clock: StoppedClock) -> tuple[str, list[str]]:
    """Secret and recovery codes; the code of this moment is used up."""
    secret = (await client.post(f"{AUTH}/totp", headers=person.headers)).json()["secret"]
    confirmed = await client.post(f"{AUTH}/totp/confirm", json={"code": _now(secret, clock)}, headers=person.headers)
    assert confirmed.status_code == 200, confirmed.text
    clock.advance(timedelta(seconds=60))
    return secret, confirmed.json()["codes"]


async def _login(client: httpx.AsyncClient, code: str | None = None, password: str = PASSWORD) -> httpx.Response:
    body = {"email": "mei@example.com", "password": password}
    return await client.post(f"{AUTH}/login", json=body if code is None else {**body, "code": code})


async def test_a_right_password_is_not_enough(client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock) -> None:
    secret, _ = await _set_up(client, await sign_in("mei"), clock)
    refused = await _login(client)
    assert (refused.status_code, refused.json()["code"]) == (401, "second_factor_required")
    assert "totp" in refused.json()["methods"]
    # Whether a code would be asked for is not told to who does not know the password.
    assert (await _login(client, password="wrong password")).json()["code"] == "login_failed"
    opened = await _login(client, _now(secret, clock))
    headers = {"Authorization": f"Bearer {opened.json()['token']}"}
    sessions = (await client.get(f"{AUTH}/sessions", headers=headers)).json()["items"]
    assert sessions[0]["method"] in {"second_factor", "password"}
    assert {item["method"] for item in sessions} == {"second_factor", "password"}


async def test_a_code_is_good_once(client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock) -> None:
    secret, _ = await _set_up(client, await sign_in("mei"), clock)
    code = _now(secret, clock)
    assert (await _login(client, code)).status_code == 200
    assert (await _login(client, code)).json()["code"] == "login_failed"
    # An earlier one than the last used is no better.
    assert (await _login(client, _now(secret, clock, steps=-1))).json()["code"] == "login_failed"


async def test_a_code_of_another_time_is_refused(
    client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    secret, _ = await _set_up(client, await sign_in("mei"), clock)
    for steps in (-2, 2, 100):
        assert (await _login(client, _now(secret, clock, steps=steps))).status_code == 401


async def test_recovery_codes_work_once_each(client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock) -> None:
    mei = await sign_in("mei")
    _, codes = await _set_up(client, mei, clock)
    assert len(set(codes)) == 10
    assert (await _login(client, codes[0].lower().replace("-", " "))).status_code == 200
    assert (await _login(client, codes[0])).status_code == 401
    left = (await client.get(f"{AUTH}/second-factor", headers=mei.headers)).json()
    assert left == {"totp": True, "recovery_codes_left": 9}
    renewed = await client.post(f"{AUTH}/recovery-codes", json={"code": codes[1]}, headers=mei.headers)
    assert (await _login(client, codes[2])).status_code == 401
    assert (await _login(client, renewed.json()["codes"][0])).status_code == 200


async def test_guessing_codes_is_bounded_also_by_who_knows_the_password(
    client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock, kdf: PasswordKdf
) -> None:
    secret, _ = await _set_up(client, await sign_in("mei"), clock)
    statuses = [(await _login(client, "000000")).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    # The right one is not judged either, until the wait is over; and in a day it is fifty at most.
    assert (await _login(client, _now(secret, clock))).status_code == 429
    tried = 10
    while tried < 60:
        clock.advance(timedelta(minutes=16))
        batch = [(await _login(client, "000000")).status_code for _ in range(10)]
        tried += batch.count(401)
        if 429 in batch:
            break
    assert 40 <= tried <= 50


async def test_nothing_counts_before_it_is_confirmed(
    client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei = await sign_in("mei")
    await client.post(f"{AUTH}/totp", headers=mei.headers)
    wrong = await client.post(f"{AUTH}/totp/confirm", json={"code": "000000"}, headers=mei.headers)
    assert wrong.status_code == 401
    assert (await _login(client)).status_code == 200


async def test_removing_needs_a_code_and_replacing_needs_removing(
    client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei = await sign_in("mei")
    secret, _ = await _set_up(client, mei, clock)
    assert (await client.post(f"{AUTH}/totp", headers=mei.headers)).json()["rule"] == "totp_in_use"
    wrong = await client.post(f"{AUTH}/totp/remove", json={"code": "000000"}, headers=mei.headers)
    assert wrong.status_code == 401
    right = await client.post(f"{AUTH}/totp/remove", json={"code": _now(secret, clock)}, headers=mei.headers)
    assert right.status_code == 204
    assert (await _login(client)).status_code == 200


async def test_neither_secret_nor_codes_are_stored_readable(
    client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock, database: Database
) -> None:
    secret, codes = await _set_up(client, await sign_in("mei"), clock)
    async with database.transaction() as tx:
        rows = [
            str(row)
            for table in ("totp", "recovery_code", "job", "event")
            for row in await tx.execute(text(f"SELECT to_jsonb({table})::text FROM {table}"))
        ]
    assert len(rows) >= 11
    for plain in (secret, codes[0], codes[0].replace("-", "")):
        assert not any(plain in row or plain.encode().hex() in row for row in rows)
