"""Tokens that follow no standard, or another one: moved, or refused with the reason, and told honestly."""

from __future__ import annotations

from typing import Any

from codec.evm import tokens
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.hashing import keccak256
from tests.dapps.deploy import SENDER, deploy_odd, give, plain_token, send
from tests.integration.defi.conftest import CHAIN, COIN, Trader

FRIEND = AccountId.of(CHAIN, "0x2222222222222222222222222222222222222222")
SUPPLY = 10**24


async def _token(trader: Trader, name: str, amount: int = 10**20) -> str:
    """One that the trader holds some of; CAIP-19."""
    token = await deploy_odd(trader.node, name, "uint256", SUPPLY)
    await give(trader.node, token.address, trader.account, amount)
    return str(AssetId.fungible(CHAIN, token.address))


def _address(asset: str) -> str:
    return asset.rpartition(":")[2].partition("/")[0]


async def _refused(trader: Trader, code: str, **body: Any) -> dict[str, Any]:
    """With and without a preview the same, and nothing is stored or sent."""
    nonce = await trader.nonce()
    previewed = await trader.send("refused", "/transfers/preview", recipient=FRIEND.address, **body)
    sent = await trader.send("refused", recipient=FRIEND.address, **body)
    assert previewed.json().get("code") == sent.json().get("code") == code, (previewed.text, sent.text)
    assert await trader.nonce() == nonce
    told: dict[str, Any] = sent.json()
    return told


async def _moved(trader: Trader, asset: str, units: int, key: str, *warnings: str) -> int:
    """What arrived."""
    before = await trader.units(_address(asset), FRIEND)
    sent = await trader.send(
        key, recipient=FRIEND.address, asset=asset, base_units=str(units), accept_warnings=list(warnings)
    )
    assert sent.status_code == 202, sent.text
    assert (await trader.ended(f"/transfers/{sent.json()['id']}"))["status"] == "done"
    return await trader.units(_address(asset), FRIEND) - before


async def test_odd_fungible_tokens_move_or_are_refused(trader: Trader) -> None:
    silent, old, no_zero = [await _token(trader, name) for name in ("SilentToken", "OldToken", "NoZeroToken")]
    assert await _moved(trader, silent, 10**6, "silent") == 10**6
    assert await _moved(trader, no_zero, 5, "nozero") == 5
    # Zero is refused here, before the token could.
    assert (await _refused(trader, "amount_not_positive", asset=no_zero, base_units="0"))["status"] == 422
    preview = await trader.send("o", "/transfers/preview", recipient=FRIEND.address, asset=old, value="1")
    # A symbol of 32 bytes, and no answer to `decimals` but the right one.
    assert (preview.json()["amount"]["symbol"], preview.json()["amount"]["decimals"]) == ("OLD", 18)
    assert await _moved(trader, old, 7, "old") == 7
    false = await _token_of(trader, "FalseToken")
    told = await _refused(trader, "transaction_reverted", asset=false, base_units="5")
    assert told["reason"] == "the token returned false"


async def _token_of(trader: Trader, name: str) -> str:
    """One that the trader made: it cannot be given on."""
    token = await deploy_odd(trader.node, name, "uint256", SUPPLY)
    slot_of_balances = 3
    key = trader.account.raw.rjust(32, b"\0") + slot_of_balances.to_bytes(32, "big")
    place = "0x" + keccak256(key).hex()
    await trader.node.rpc.call("anvil_setStorageAt", token.address, place, "0x" + (10**20).to_bytes(32, "big").hex())
    assert await trader.units(token.address) == 10**20
    return str(AssetId.fungible(CHAIN, token.address))


async def test_what_a_token_keeps_is_told_before_and_accepted_by_name(trader: Trader) -> None:
    """Also by one whose logs say that everything arrived: balances count, not logs."""
    for name in ("FeeToken", "LyingToken"):
        asset = await _token(trader, name)
        body = {"recipient": FRIEND.address, "asset": asset, "base_units": "1000"}
        preview = (await trader.send(name, "/transfers/preview", **body)).json()
        assert [one["code"] for one in preview["warnings"]] == ["transfer_fee"], preview
        changes = {one["account"]: int(one["base_units"]) for one in preview["balance_changes"]}
        assert changes == {str(trader.account): -1000, str(FRIEND): 990}
        refused = await trader.send(name, **body)
        assert (refused.status_code, refused.json()["warnings"]) == (409, ["transfer_fee"])
        assert await _moved(trader, asset, 1000, name, "transfer_fee") == 990


async def test_no_decimals_and_as_many_as_there_can_be(trader: Trader) -> None:
    for places in (0, 77):
        token = await plain_token(trader.node, f"D{places}", decimals=places, supply=10**places)
        await give(trader.node, token.id.reference, trader.account, 10**places)
        body = {"recipient": FRIEND.address, "asset": str(token.id)}
        sent = await trader.send(f"d{places}", value="1", **body)
        assert sent.status_code == 202, sent.text
        done = await trader.ended(f"/transfers/{sent.json()['id']}")
        assert done["amount"]["base_units"] == str(10**places)
        assert await trader.units(token.id.reference, FRIEND) == 10**places
        finest = "0." + "0" * places + "1"
        precise = await trader.send("fine", value=finest, **body)
        assert precise.json()["code"] == "precision_loss", precise.text
    more = await deploy_odd(trader.node, "PlainToken", "string,uint8,uint256", "D78", 78, 1)
    asset = str(AssetId.fungible(CHAIN, more.address))
    assert (await _refused(trader, "unknown_asset", asset=asset, base_units="1"))["decimals"] == 78


async def test_collectibles_come_and_go(trader: Trader) -> None:
    """ERC-721 and ERC-1155: found when they come, sent on, and never to a contract that does not take them."""
    cat = await deploy_odd(trader.node, "Collectible", "uint256", 42)
    tea = await deploy_odd(trader.node, "Collectibles", "uint256,uint256", 7, 100)
    me = trader.account.address
    await send(trader.node, cat.address, tokens.call("safeTransferFrom(address,address,uint256)", SENDER, me, 42))
    signature = "safeTransferFrom(address,address,uint256,uint256,bytes)"
    await send(trader.node, tea.address, tokens.call(signature, SENDER, me, 7, 60, b""))
    cats, teas = f"{CHAIN}/erc721:{cat.address}/42", f"{CHAIN}/erc1155:{tea.address}/7"
    held = {
        one["asset"]: one["base_units"] for one in (await trader.get(f"/holdings?account={trader.account}"))["items"]
    }
    assert (held[cats], held[teas]) == ("1", "60")
    deaf, keeper = await deploy_odd(trader.node, "Deaf"), await deploy_odd(trader.node, "Keeper")
    for asset, amount in ((cats, "1"), (teas, "25")):
        body = {"asset": asset, "base_units": amount}
        lost = await trader.send("deaf", recipient=deaf.address, **body)
        assert (lost.status_code, lost.json()["code"]) == (409, "recipient_cannot_receive"), lost.text
        more = await trader.send("more", recipient=FRIEND.address, asset=asset, base_units="61")
        assert more.json()["code"] == ("invalid_value" if asset == cats else "insufficient_funds"), more.text
        previewed = await trader.send("p", "/transfers/preview", recipient=keeper.address, **body)
        assert previewed.json()["warnings"] == [], "a contract that takes it is told of it"
        changes = {one["account"]: one["base_units"] for one in previewed.json()["balance_changes"]}
        assert changes == {str(trader.account): f"-{amount}", str(keeper): amount}
        sent = await trader.send(asset, recipient=keeper.address, **body)
        assert sent.status_code == 202, sent.text
        assert (await trader.ended(f"/transfers/{sent.json()['id']}"))["status"] == "done"
    owner = await trader.node.rpc.call(
        "eth_call", {"to": cat.address, "data": "0x" + tokens.call("ownerOf(uint256)", 42).hex()}, "latest"
    )
    assert owner.endswith(keeper.address[2:].lower())
    gone = await trader.send("again", recipient=FRIEND.address, asset=cats, base_units="1")
    assert (gone.json()["code"], int(gone.json()["available"])) == ("insufficient_funds", 0)
    nowhere = await trader.send("none", recipient=FRIEND.address, asset=f"{CHAIN}/erc721:{tea.address}/7", value="1")
    assert nowhere.json()["code"] == "unknown_asset"


async def test_coins_to_a_plain_contract_need_the_warning_accepted(trader: Trader) -> None:
    """A contract that takes no coins is refused by the simulation; a person's delegated account is no contract."""
    deaf, thrower = await deploy_odd(trader.node, "Deaf"), await deploy_odd(trader.node, "Thrower")
    refused = await trader.send(recipient=deaf.address, asset=COIN, value="1")
    assert (refused.status_code, refused.json()["warnings"]) == (409, ["contract_recipient"])
    assert await trader.wei(deaf.address) == 0
    sent = await trader.send(recipient=deaf.address, asset=COIN, value="1", accept_warnings=["contract_recipient"])
    assert (await trader.ended(f"/transfers/{sent.json()['id']}"))["status"] == "done"
    assert await trader.wei(deaf.address) == 10**18
    closed = await trader.send("closed", recipient=thrower.address, asset=COIN, value="1")
    assert (closed.status_code, closed.json()["code"]) == (409, "transaction_reverted")
    await trader.node.rpc.call("anvil_setCode", FRIEND.address, "0xef0100" + deaf.raw.hex())
    friend = await trader.send("friend", "/transfers/preview", recipient=FRIEND.address, asset=COIN, value="1")
    assert friend.json()["warnings"] == []
