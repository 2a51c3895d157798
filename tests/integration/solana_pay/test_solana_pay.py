"""A till asks, a wallet pays, the payment is found once and counted once."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import pytest
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction
from sqlalchemy import text

from codec.solana import system
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.lookup_table import create_lookup_table, extend_lookup_table, lookup_table_address
from codec.solana.memo import memo
from persistence.database import Database
from persistence.jobs import Worker
from primitives.base58 import decode_base58
from tests.fakes.solana_localnet import SolanaLocalnet
from tests.integration.api.conftest import SignIn
from tests.integration.solana_pay.conftest import SOL, Shop
from wallets.solana_pay.link import parse_link


def gift(shop: Shop, payer: Keypair, lamports: int, *references: str) -> Instruction:
    """A transfer of SOL to the shop that names these references."""
    one = system.transfer(bytes(payer.pubkey()), shop.treasury.raw, lamports)
    named = (AccountMeta(decode_base58(text, length=32), False, False) for text in references)
    return replace(one, accounts=(*one.accounts, *named))


async def test_a_transaction_request_is_composed_signed_and_found(shop: Shop) -> None:
    """Pending when it is on the chain, paid when it is final; the amount arrives once."""
    payer = await shop.payer()
    request = await shop.ask(2 * SOL, memo="order 7", message="两杯茶")
    told = await shop.client.get("/api/v1" + request["transaction_link"].rpartition("/api/v1")[2])
    assert told.json()["label"] == "茶馆"
    assert (await shop.read(request))["status"] == "open"
    signature = await shop.send(await shop.composed(request, payer))
    pending = await shop.read(request)
    assert (pending["status"], pending["seen"]["signature"]) == ("pending", signature)
    await shop.node.finalise()
    paid = await shop.read(request)
    assert (paid["status"], paid["signature"]) == ("paid", signature)
    assert paid["payer"].endswith(str(payer.pubkey()))
    path = f"/api/v1/solana-pay/{request['id']}"
    again = await shop.client.post(path, json={"account": str(payer.pubkey())})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


async def test_a_token_is_paid_to_an_account_that_did_not_exist(shop: Shop) -> None:
    payer = await shop.payer()
    request = await shop.ask(1_500_000, shop.node.cny)
    link = parse_link(request["transfer_link"])
    assert "amount=1.5" in str(link)
    signature = await shop.send(await shop.composed(request, payer))
    await shop.node.finalise()
    assert (await shop.read(request))["signature"] == signature


async def test_a_transfer_request_is_found_by_its_reference(shop: Shop) -> None:
    """As any wallet pays it, without our server."""
    payer = await shop.payer()
    request = await shop.ask(SOL // 2, memo="order 8")
    note = memo(b"order 8", ())
    signature = await shop.send(await shop.signed(payer, note, gift(shop, payer, SOL // 2, request["reference"])))
    await shop.node.finalise()
    assert (await shop.read(request))["signature"] == signature


async def test_what_does_not_pay_the_request_is_not_taken(shop: Shop) -> None:
    """Too little, without the memo, to somebody else, or without the reference; then the right one."""
    payer, stranger = await shop.payer(), Keypair()
    request = await shop.ask(SOL // 2, memo="order 9")
    reference, note = request["reference"], memo(b"order 9", ())
    elsewhere = system.transfer(bytes(payer.pubkey()), bytes(stranger.pubkey()), SOL // 2)
    elsewhere = replace(
        elsewhere, accounts=(*elsewhere.accounts, AccountMeta(decode_base58(reference, length=32), False, False))
    )
    beside = replace(memo(b"order 9", ()), accounts=(AccountMeta(bytes(payer.pubkey()), True, False),))
    unnamed = gift(shop, payer, SOL // 2 + 1)
    await shop.send(await shop.signed(payer, gift(shop, payer, SOL, reference)))
    await shop.send(await shop.signed(payer, note, gift(shop, payer, SOL // 2 - 1, reference)))
    await shop.send(await shop.signed(payer, note, elsewhere))
    await shop.send(await shop.signed(payer, beside, unnamed))
    await shop.node.finalise()
    assert (await shop.read(request))["status"] == "open"
    right = await shop.send(await shop.signed(payer, note, gift(shop, payer, SOL // 2, reference)))
    await shop.node.finalise()
    assert (await shop.read(request))["signature"] == right


async def test_one_signature_never_pays_two_requests(shop: Shop) -> None:
    """One transfer names both references; both searches run at once, one of them gets it, for ever."""
    payer = await shop.payer()
    first, second = await shop.ask(SOL // 4), await shop.ask(SOL // 4)
    signature = await shop.send(
        await shop.signed(payer, gift(shop, payer, SOL // 4, first["reference"], second["reference"]))
    )
    await shop.node.finalise()
    states = await asyncio.gather(*(shop.read(request) for request in (first, second, first, second)))
    assert sorted({(state["id"], state["status"]) for state in states}, key=lambda item: item[1])[0][1] == "open"
    after = [await shop.read(first), await shop.read(second)]
    assert sorted(state["status"] for state in after) == ["open", "paid"]
    assert [state["signature"] for state in after if state["status"] == "paid"] == [signature]


async def test_the_worker_finds_it_without_being_asked(shop: Shop, database: Database) -> None:
    payer = await shop.payer()
    request = await shop.ask(SOL // 4)
    await shop.send(await shop.composed(request, payer))
    await shop.node.finalise()
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE job SET due_at = now() WHERE kind = 'solana_pay.look'"))
    await Worker(database, shop.pay.handlers()).run_due()
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM solana_pay_receipt"))).scalar_one() == 1
        assert (await tx.execute(text("SELECT count(*) FROM job WHERE kind = 'solana_pay.look'"))).scalar_one() == 0
    assert (await shop.read(request))["status"] == "paid"


async def test_an_expired_request_composes_nothing(shop: Shop, database: Database) -> None:
    request = await shop.ask(SOL // 4)
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE solana_pay_request SET expires_at = now() - interval '1 second'"))
    assert (await shop.read(request))["status"] == "expired"
    payer = await shop.payer()
    answer = await shop.client.post(f"/api/v1/solana-pay/{request['id']}", json={"account": str(payer.pubkey())})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("So11111111111111111111111111111111111111112", "invalid_address"),
        (str(Pubkey.find_program_address([b"no wallet"], Pubkey.default())[0]), "invalid_address"),
        ("0" * 40, "invalid_address"),
        ("1" * 44, "invalid_address"),
        ("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "invalid_address"),
    ],
)
async def test_only_wallets_pay(shop: Shop, account: str, code: str) -> None:
    """Off the curve, no address, or owned by a program: refused with a reason."""
    request = await shop.ask(SOL // 4)
    answer = await shop.client.post(f"/api/v1/solana-pay/{request['id']}", json={"account": account})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_payer_without_money_is_told_so(shop: Shop) -> None:
    request = await shop.ask(SOL // 4)
    answer = await shop.client.post(f"/api/v1/solana-pay/{request['id']}", json={"account": str(Keypair().pubkey())})
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_funds")


async def test_others_see_nothing(shop: Shop, sign_in: SignIn) -> None:
    request = await shop.ask(SOL // 4)
    other = await sign_in("li")
    made = await shop.client.post("/api/v1/organisations", json={"name": "面馆"}, headers=other.headers)
    headers = other.acting_for(made.json()["id"])
    answer = await shop.client.get(f"/api/v1/solana-pay/requests/{request['id']}", headers=headers)
    assert answer.status_code == 404
    listed = await shop.client.get("/api/v1/solana-pay/requests", headers=headers)
    assert listed.json()["items"] == []
    own = await shop.client.get("/api/v1/solana-pay/requests", headers=shop.person.acting_for(shop.organisation))
    assert [item["id"] for item in own.json()["items"]] == [request["id"]]


async def test_links_and_transactions_are_read_for_people(shop: Shop, node: SolanaLocalnet) -> None:
    payer = await shop.payer()
    request = await shop.ask(SOL // 4, memo="order 10")
    headers = {**shop.person.headers, "Accept-Language": "zh"}
    link = await shop.client.post("/api/v1/solana-pay/links", json={"link": request["transfer_link"]}, headers=headers)
    assert (link.json()["kind"], link.json()["amount"]) == ("transfer", "0.25")
    wire = await shop.composed(request, payer)
    body = {"transaction": base64.b64encode(wire).decode()}
    told = (await shop.client.post("/api/v1/solana-pay/transactions", json=body, headers=headers)).json()
    assert told["fee_payer"] == str(payer.pubkey())
    assert told["dangerous"] is False
    assert "备注：order 10" in [one["words"] for one in told["instructions"]]
    spend = Instruction(bytes(32), (AccountMeta(bytes(payer.pubkey()), True, True),), b"\x01\0\0\0" + b"\x05" * 32)
    wire = await shop.signed(payer, spend)
    body = {"transaction": base64.b64encode(wire).decode()}
    told = (await shop.client.post("/api/v1/solana-pay/transactions", json=body, headers=headers)).json()
    assert (told["dangerous"], told["instructions"][0]["danger"]) == (True, "account_reassigned")
    bad = await shop.client.post("/api/v1/solana-pay/transactions", json={"transaction": "AAAA"}, headers=headers)
    assert bad.status_code == 422


async def test_a_transaction_with_lookup_tables_is_read_on_its_chain(shop: Shop) -> None:
    """Its accounts are named as the chain's table has them; without the chain it is refused with what to do."""
    payer, receiver = await shop.payer(), Keypair().pubkey()
    key = bytes(payer.pubkey())
    slot = shop.node.chain.bank.confirmed_slot
    table, _ = lookup_table_address(key, slot)
    made = (create_lookup_table(key, key, slot), extend_lookup_table(table, key, key, [bytes(receiver)]))
    await shop.send(await shop.signed(payer, *made))
    known = AddressLookupTableAccount(Pubkey(table), [receiver])
    gift = transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=receiver, lamports=5))
    message = MessageV0.try_compile(payer.pubkey(), [gift], [known], shop.node.chain.bank.newest_blockhash)
    wire = bytes(VersionedTransaction(message, [payer]))
    body = {"transaction": base64.b64encode(wire).decode(), "chain": str(shop.node.chain_id)}
    path = "/api/v1/solana-pay/transactions"
    told = await shop.client.post(path, json=body, headers=shop.person.headers)
    assert told.status_code == 200, told.text
    assert str(receiver) in told.json()["instructions"][0]["words"]
    refused = await shop.client.post(path, json={**body, "chain": None}, headers=shop.person.headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "chain")
