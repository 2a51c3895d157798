"""A link for people of an identity level: by no other way of being somebody is more claimed, and each of them once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from people.identity.model import IdentityLevel
from people.persons.sql import insert_person
from primitives.clock import SystemClock
from primitives.errors import CampaignExhausted, IdempotencyConflict, IdentityLevelTooLow
from tests.integration.vouchers.test_handouts import WAYS, Handing
from vouchers.claims.service import LinkTerms
from vouchers.rules import ClaimTerms


@pytest.fixture
def stage(database):
    return Handing(database)


async def known(stage, level):
    """A holder of that level."""
    person, account = stage.holder()
    async with stage.database.transaction() as tx:
        await insert_person(tx, person, b"sealed", None, None, SystemClock().now())
        if level >= IdentityLevel.EMAIL:
            await tx.execute(text("UPDATE person SET email_verified_at = now() WHERE id = :id"), {"id": person})
        if level >= IdentityLevel.DOCUMENT:
            await tx.execute(
                text(
                    "INSERT INTO identity_review (id, tenant_id, kind, media_type, status, document, submitted_at, "
                    "reviewer_id, decided_at) VALUES "
                    "(gen_random_uuid(), :id, 'passport', 'image/png', 'approved', '', now(), gen_random_uuid(), now())"
                ),
                {"id": person},
            )
    return person, account


@pytest.mark.parametrize("needed", list(IdentityLevel))
async def test_people_of_the_level_claim_and_others_are_told_which_it_is(stage, needed):
    campaign = await stage.campaign(claim=WAYS)
    code = await stage.code(campaign, level=needed)
    for level in IdentityLevel:
        person, account = await known(stage, level)
        if level >= needed:
            await stage.claim(code, person, account)
            continue
        with pytest.raises(IdentityLevelTooLow) as refusal:
            await stage.claim(code, person, account)
        assert (refusal.value.needed, refusal.value.have) == (needed.word, level.word)
    (link,) = await stage.claims.links(stage.merchant, campaign.id, before=None, limit=5)
    assert (link.level, link.used) == (needed, len(IdentityLevel) - needed)


async def test_a_verified_person_gets_one_by_any_account_and_device(stage):
    campaign = await stage.campaign(claim=ClaimTerms(WAYS.ways, per_identity=1))
    code = await stage.code(campaign, level=IdentityLevel.DOCUMENT)
    person, account = await known(stage, IdentityLevel.DOCUMENT)
    accounts = [account, *(stage.holder()[1] for _ in range(4))]
    ends = await asyncio.gather(
        *(stage.claim(code, person, one, device=f"phone {place}") for place, one in enumerate(accounts)),
        return_exceptions=True,
    )
    refused = [end for end in ends if isinstance(end, CampaignExhausted)]
    assert (len(refused), {end.limit for end in refused}) == (4, {"identity"})


async def test_links_of_another_level_are_another_request(stage):
    campaign = await stage.campaign(claim=WAYS)

    async def made(level):
        terms = LinkTerms(1, 1, 1, None, None, level)
        return await stage.claims.create_links(
            stage.merchant, campaign.id, terms, created_by=stage.merchant, idempotency_key="k"
        )

    ((first, _),), ((again, _),) = await made(IdentityLevel.EMAIL), await made(IdentityLevel.EMAIL)
    assert (first.id, again.level) == (again.id, IdentityLevel.EMAIL)
    with pytest.raises(IdempotencyConflict):
        await made(IdentityLevel.WALLET)
