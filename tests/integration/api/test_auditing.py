"""Auditors over HTTP: grants, what they limit, masking, and the record of every reading."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio
from fastapi import FastAPI
from nacl.signing import VerifyKey
from sqlalchemy import text

from api.app import create_app
from api.auditing import Auditing
from api.paging import encode_cursor
from api.schemas.auditing import FindingRead
from api.services import Services
from audit.access import VoucherAccess
from audit.attestation import FileAttester
from audit.auditors.service import AuditorService
from audit.export.service import EXPORT_TAG, ExportService
from audit.masking import Masking
from audit.provenance.custody import CustodyService
from audit.rebuild.service import RebuildService
from audit.reconciliation.service import ReconciliationService
from audit.replay.service import ReplayFault, ReplayFinding, ReplayService
from codec.canonical_json import encode_canonical
from keystore.audit import AuditLog
from keystore.audit_export import export_log
from keystore.audit_verifier.inclusion import verify_inclusion
from keystore.audit_verifier.verify import LogRejected, verify_log
from people.roles import PlatformRole
from persistence.database import Database
from primitives.clock import SystemClock
from primitives.hashing import keccak256
from tests.integration.api.conftest import SignIn
from tests.integration.vouchers.stage import Stage
from vouchers.campaigns.model import Campaign
from vouchers.ledger.sql import cursors
from vouchers.settlement.books import Books

ATTESTER = FileAttester(keccak256(b"attester"))


class Shop:
    """One campaign of one organisation, with two vouchers issued to two holders."""

    def __init__(self, stage: Stage, campaign: Campaign, holders: list[str]) -> None:
        self.stage, self.campaign, self.holders = stage, campaign, holders


@pytest_asyncio.fixture
async def shop(database: Database) -> Shop:
    stage = Stage(database)
    campaign = await stage.campaign()
    accounts = [stage.holder()[1] for _ in range(2)]
    await stage.issue(campaign, *accounts)
    stage.chain.mine(4)
    await stage.scan()
    return Shop(stage, campaign, [str(one) for one in accounts])


@pytest_asyncio.fixture
async def app(services: Services, database: Database, shop: Shop) -> FastAPI:
    class Nobody:
        async def list(self, tenant_id: object) -> list[Any]:
            return []

    access = VoucherAccess(database, Nobody())
    stage = shop.stage
    services.auditing = Auditing(
        auditors=AuditorService(database, AuditLog(database, SystemClock())),
        custody=CustodyService(database),
        exports=ExportService(database, ATTESTER),
        reconciliation=ReconciliationService(database, stage.chains, {}),
        replay=ReplayService(database, access),
        rebuilding=RebuildService(database, stage.indexer, Books(database, stage.chains)),
        keeping=None,  # type: ignore[arg-type]
        database=database,
        attester=ATTESTER,
    )
    return create_app(services, web_dist=None)


async def granted(services: Services, shop: Shop, **changes: Any) -> tuple[str, dict[str, str]]:
    """A token for the campaign and all times, as its headers; the grant's id."""
    values: dict[str, Any] = {
        "label": "Annual audit",
        "campaigns": [shop.campaign.id],
        "facts_since": 0,
        "facts_until": 2**33,
        "expires_at": datetime.now(UTC) + timedelta(days=1),
        **changes,
    }
    grant, token = await services.auditing.auditors.grant(shop.stage.merchant, uuid4(), **values)
    return str(grant.id), {"Authorization": f"Bearer {token}"}


async def platform(sign_in: SignIn, services: Services) -> dict[str, str]:
    signed_in = await sign_in("an")
    await services.persons.grant(signed_in.person_id, PlatformRole.AUDITOR)
    return dict(signed_in.headers)


async def test_a_grant_reads_its_campaign_and_nothing_else(
    client: httpx.AsyncClient, services: Services, shop: Shop
) -> None:
    _, headers = await granted(services, shop)
    other = "ab" * 24
    seen = await client.get(f"/api/v1/audit/campaigns/{shop.campaign.id}/reconciliation", headers=headers)
    assert seen.status_code == 200, seen.text
    (lane,) = seen.json()["items"]
    assert (lane["agrees"], lane["figures"]["ledger"]["issued"], lane["findings"]) == (True, "2", [])
    for path in (
        f"/audit/campaigns/{other}/reconciliation",
        f"/audit/provenance/campaign/{other}",
        f"/audit/export?kind=facts&campaign={other}",
        f"/audit/log/{uuid4()}/1",
    ):
        refused = await client.get(f"/api/v1{path}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted"), path
    for path in ("/auth/me", "/wallets", "/audit/search?q=ab"):
        assert (await client.get(f"/api/v1{path}", headers=headers)).status_code == 401, path


async def test_a_grant_ends_by_revocation_and_by_time(
    client: httpx.AsyncClient, services: Services, shop: Shop
) -> None:
    person = uuid4()
    grant, token = await services.auditing.auditors.grant(
        shop.stage.merchant,
        person,
        label="x",
        campaigns=[shop.campaign.id],
        facts_since=0,
        facts_until=10,
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    headers = {"Authorization": f"Bearer {token}"}
    custody = await client.get(f"/api/v1/audit/provenance/campaign/{shop.campaign.id}", headers=headers)
    # The facts are later than what the grant's time shows.
    assert (custody.status_code, custody.json()["acts"]) == (200, [])
    await services.auditing.auditors.revoke(grant.id, person)
    assert (await client.get("/api/v1/audit/divergences", headers=headers)).status_code == 401


async def test_exports_are_masked_for_outsiders_and_their_manifests_signed(
    client: httpx.AsyncClient, services: Services, shop: Shop, sign_in: SignIn
) -> None:
    _, outside = await granted(services, shop)
    for headers, masked in ((outside, True), (await platform(sign_in, services), False)):
        query = f"kind=vouchers&format=csv&campaign={shop.campaign.id}"
        answer = await client.get(f"/api/v1/audit/export?{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            data, manifest = archive.read("data.csv"), json.loads(archive.read("manifest.json"))
        rows = list(csv.DictReader(io.StringIO(data.decode())))
        assert [row["holder"] in shop.holders for row in rows] == [not masked] * 2
        assert len({row["holder"] for row in rows}) == 2
        assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
        assert (manifest["rows"], bool(manifest["masked"])) == (2, masked)
        signature = bytes.fromhex(manifest.pop("signature"))
        VerifyKey(bytes.fromhex(manifest["key"])).verify(EXPORT_TAG + encode_canonical(manifest), signature)
    answer = await client.get("/api/v1/audit/export?kind=facts&format=jsonl&of=issued", headers=outside)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = [json.loads(line) for line in archive.read("data.jsonl").splitlines()]
    assert [(line["kind"], line["fact"]["holder"].startswith("person:")) for line in lines] == [("issued", True)] * 2


async def test_custody_has_four_shapes(
    client: httpx.AsyncClient, services: Services, shop: Shop, sign_in: SignIn
) -> None:
    """And markup in what is shown stays text; a picture and a page run nothing."""
    headers = await platform(sign_in, services)
    path = f"/api/v1/audit/provenance/holder/{shop.holders[0]}"
    (act,) = (await client.get(path, headers=headers)).json()["acts"]
    assert (act["act"], act["details"]["holder"], act["place"]["finality"]) == ("issue", shop.holders[0], "finalized")
    for shape, kind, begin in (
        ("csv", "text/csv", "time,chain,height"),
        ("html", "text/html", "<table>"),
        ("svg", "image/svg+xml", "<svg"),
    ):
        answer = await client.get(f"{path}?shape={shape}", headers=headers)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
        assert begin in answer.text
        assert "sandbox" in answer.headers["content-security-policy"]
    before = await client.get(f"{path}?height={act['place']['height'] - 1}", headers=headers)
    assert before.json()["acts"] == []


async def exported_holders(client: httpx.AsyncClient, headers: dict[str, str]) -> set[str]:
    answer = await client.get("/api/v1/audit/export?kind=vouchers&format=jsonl", headers=headers)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {json.loads(line)["holder"] for line in archive.read("data.jsonl").splitlines()}


async def test_outsiders_follow_persons_by_the_same_pseudonyms_as_in_exports(
    client: httpx.AsyncClient, services: Services, shop: Shop
) -> None:
    """In every shape and for every subject; a pseudonym may be asked for, and means nothing in another grant."""
    _, headers = await granted(services, shop)
    _, elsewhere = await granted(services, shop)
    known = await exported_holders(client, headers)
    assert len(known) == 2
    assert known.isdisjoint(await exported_holders(client, elsewhere))
    base = "/api/v1/audit/provenance"
    whole = (await client.get(f"{base}/campaign/{shop.campaign.id}", headers=headers)).json()["acts"]
    assert {act["details"]["holder"] for act in whole if act["act"] == "issue"} == known
    voucher = whole[-1]["voucher"]
    for pseudonym in known:
        found = (await client.get(f"{base}/holder/{pseudonym}", headers=headers)).json()
        (act,) = found["acts"]
        assert (found["subject"], act["details"]["holder"]) == (pseudonym, pseudonym)
        assert (await client.get(f"{base}/holder/{pseudonym}", headers=elsewhere)).json()["acts"] == []
    by_account = (await client.get(f"{base}/holder/{shop.holders[0]}", headers=headers)).json()
    assert {by_account["subject"], by_account["acts"][0]["details"]["holder"]} <= known
    subjects = (f"campaign/{shop.campaign.id}", f"voucher/{voucher}", f"holder/{shop.holders[0]}")
    for path in [f"{base}/{one}?shape={shape}" for one in subjects for shape in ("json", "csv", "html", "svg")]:
        shown = (await client.get(path, headers=headers)).text
        assert "person:" in shown, path
        assert not [one for one in shop.holders if one in shown], path
        assert not [one for one in shop.holders if one.rpartition(":")[2][:20] in shown], path


async def test_findings_name_no_persons_to_outsiders(
    client: httpx.AsyncClient, services: Services, shop: Shop, sign_in: SignIn, database: Database
) -> None:
    """An edited row and an edited fact are found by name of the field, with pseudonyms in it."""
    first, second = shop.holders
    _, outside = await granted(services, shop)
    values = {"first": first, "second": second}
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE voucher SET holder = :second WHERE holder = :first"), values)
        edited = "jsonb_set(fact, '{holder}', to_jsonb(CAST(:first AS text)))"
        await tx.execute(text(f"UPDATE ledger_entry SET fact = {edited} WHERE fact->>'holder' = :second"), values)
    for headers, named in ((await platform(sign_in, services), True), (outside, False)):
        answer = await client.get(
            f"/api/v1/audit/campaigns/{shop.campaign.id}/reconciliation?deep=true", headers=headers
        )
        (lane,) = answer.json()["items"]
        assert {"row_edited", "event_edited"} <= {one["fault"] for one in lane["findings"]}
        assert [one in answer.text for one in shop.holders] == [named] * 2, lane["findings"]
        assert ("person:" in answer.text) is not named
    finding = ReplayFinding(ReplayFault.CHAIN_DIFFERS, "holder", first, second)
    assert FindingRead.of(finding, Masking()).found == second
    told = FindingRead.of(finding, Masking(uuid4()))
    assert [one.partition(":")[0] for one in (told.expected, told.found)] == ["person"] * 2
    assert told.expected != told.found


async def test_the_board_shows_each_campaign_as_it_was_compared_last(
    client: httpx.AsyncClient, services: Services, shop: Shop, sign_in: SignIn, database: Database
) -> None:
    """Per chain, with its open alarms; an outside auditor's board has the campaigns of the grant."""
    path, chain = "/api/v1/audit/reconciliations", str(shop.campaign.lanes[0].chain)
    _, outside = await granted(services, shop)
    everything = await platform(sign_in, services)
    assert (await client.get(path, headers=outside)).json()["items"] == []
    values = {"campaign": str(shop.campaign.id), "chain": chain}
    async with database.transaction() as tx:
        await tx.execute(
            text(
                "INSERT INTO audit_reconciliation (campaign_id, chain, height, agrees, figures)"
                ' VALUES (:campaign, :chain, 7, false, \'{"ledger": {"issued": "2"}}\')'
            ),
            values,
        )
        for subject, cleared in (("open", "NULL"), ("over", "now()")):
            await tx.execute(
                text(
                    "INSERT INTO audit_divergence (id, campaign_id, chain, fault, subject, height, expected, found,"
                    f" cleared_at) VALUES (gen_random_uuid(), :campaign, :chain, 'f', :subject, 7, 'a', 'b', {cleared})"
                ),
                values | {"subject": subject},
            )
    for headers in (outside, everything):
        page = (await client.get(path, headers=headers)).json()
        (lane,) = page["items"]
        assert (lane["campaign"], lane["chain"], lane["height"]) == (str(shop.campaign.id), chain, 7)
        assert (lane["agrees"], lane["open_alarms"], lane["figures"]["ledger"]["issued"]) == (False, 1, "2")
        assert lane["settlement"]["asset"] == str(shop.campaign.rules.lanes[0].settlement.id)
        assert (lane["title"], page["next_cursor"]) == (shop.campaign.rules.title, None)
    for cursor, status in (("x", 422), (encode_cursor(str(shop.campaign.id), chain), 200)):
        assert (await client.get(f"{path}?cursor={cursor}", headers=outside)).status_code == status


async def test_every_reading_is_an_entry_that_can_be_proven(
    client: httpx.AsyncClient, services: Services, database: Database, shop: Shop
) -> None:
    grant, headers = await granted(services, shop)
    await client.get(f"/api/v1/audit/provenance/campaign/{shop.campaign.id}", headers=headers)
    await client.get("/api/v1/audit/divergences", headers=headers)
    answer = await client.get(f"/api/v1/audit/log/{grant}/2", headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    root, proof = (json.dumps(told[name]).encode() for name in ("root", "proof"))
    entry = verify_inclusion(proof, root, ATTESTER.public_key.hex())
    assert (entry["event"], entry["facts"]["kind"]) == ("audit.read.provenance", "campaign")
    changed = json.loads(proof)
    changed["entry"]["facts"]["kind"] = "holder"
    moved = json.loads(proof) | {"index": told["proof"]["index"] + 1}
    for wrong in (changed, moved):
        try:
            verify_inclusion(json.dumps(wrong).encode(), root)
        except LogRejected:
            continue
        raise AssertionError(wrong)
    heads = verify_log([line async for line in export_log(database)])
    # Granted, two readings, and the reading of the log itself.
    assert heads[grant].count == 4


async def test_nothing_is_shown_that_cannot_be_recorded(
    client: httpx.AsyncClient, services: Services, shop: Shop, database: Database
) -> None:
    _, headers = await granted(services, shop)
    async with database.transaction() as tx:
        await tx.execute(text("ALTER TABLE keystore_audit_entry RENAME TO elsewhere"))
    answer = await client.get("/api/v1/audit/divergences", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "audit_unavailable")
    async with database.transaction() as tx:
        assert await cursors(tx)
