"""What users do with the peers, measured: handing out to distinct holders, claiming, giving back or to the merchant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.gas.chain import OWNER, Chain, Contract, account
from bench.gas.compiled import Peer
from codec.evm.abi import Abi, encode

ZERO = bytes(20)
NATIVE = bytes.fromhex("EeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE")
"""thirdweb's name for the chain's own coin."""
TRANSACTION_CAP = 2**24
"""EIP-7825."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Gas of one transaction that is about `vouchers` of them."""

    peer: str
    act: str
    gas: int
    vouchers: int = 1

    @property
    def each(self) -> float:
        return self.gas / self.vouchers

    @property
    def fits(self) -> bool:
        """Whether a chain with EIP-7825 takes the transaction."""
        return self.gas <= TRANSACTION_CAP


def holders(count: int, kind: str) -> list[bytes]:
    """Accounts that hold nothing yet."""
    return [account(f"{kind} holder {number}") for number in range(count)]


async def measure(chain: Chain, found: Mapping[str, Peer], *, many: int) -> list[Cost]:
    """Every act; lists hold 10, 100 and `many` holders."""
    costs: list[Cost] = []
    for act in (_erc721, _erc1155, _erc721a, _thirdweb, _unlock):
        costs += await act(chain, found, many)
    return costs


async def _plain(chain: Chain, found: Mapping[str, Peer], name: str) -> Contract:
    return await chain.deploy(found[name].abi, found[name].bytecode)


async def _erc721(chain: Chain, found: Mapping[str, Peer], many: int) -> list[Cost]:
    token, peer = await _plain(chain, found, "PlainErc721"), "OpenZeppelin ERC-721"
    first, second = holders(2, "721")
    await chain.gas(token, "mintOne", first, 1)
    costs = [Cost(peer, "mint one", await chain.gas(token, "mintOne", second, 2))]
    number = 10
    for count in (10, 100, many):
        gas = await chain.gas(token, "mintMany", holders(count, f"721 {count}"), number)
        costs.append(Cost(peer, f"mint to {count:,}", gas, count))
        number += count
    merchant = account("merchant")
    costs.append(
        Cost(peer, "hand to the merchant", await chain.gas(token, "transferFrom", first, merchant, 1, by=first))
    )
    costs.append(Cost(peer, "burn by its holder", await chain.gas(token, "burn", 2, by=second)))
    return costs


async def _erc1155(chain: Chain, found: Mapping[str, Peer], many: int) -> list[Cost]:
    token, peer = await _plain(chain, found, "PlainErc1155"), "OpenZeppelin ERC-1155, unique ids"
    first, second = holders(2, "1155")
    await chain.gas(token, "mintOne", first, 1)
    costs = [Cost(peer, "mint one", await chain.gas(token, "mintOne", second, 2))]
    number = 10
    for count in (10, 100, many):
        gas = await chain.gas(token, "mintMany", holders(count, f"1155 {count}"), number)
        costs.append(Cost(peer, f"mint to {count:,}", gas, count))
        number += count
    gas = await chain.gas(token, "safeTransferFrom", first, account("merchant"), 1, 1, b"", by=first)
    costs.append(Cost(peer, "hand to the merchant", gas))
    costs.append(Cost(peer, "burn by its holder", await chain.gas(token, "burn", 2, by=second)))
    return costs


async def _erc721a(chain: Chain, found: Mapping[str, Peer], many: int) -> list[Cost]:
    token, peer = await _plain(chain, found, "PlainErc721A"), "ERC721A"
    first, run = holders(2, "721A")
    await chain.gas(token, "mintOne", account("somebody"), 1)
    costs = [Cost(peer, "mint one", await chain.gas(token, "mintOne", first, 1))]
    costs.append(Cost(peer, "mint 100 to one holder", await chain.gas(token, "mintOne", run, 100), 100))
    # Ids count from 0: somebody 0, first 1, the run 2–101.
    costs.append(Cost(peer, "burn by its holder", await chain.gas(token, "burn", 1, by=first)))
    costs.append(Cost(peer, "burn in the middle of a run", await chain.gas(token, "burn", 52, by=run)))
    for count in (10, 100, many):
        gas = await chain.gas(token, "mintMany", holders(count, f"721A {count}"))
        costs.append(Cost(peer, f"mint to {count:,}", gas, count))
    return costs


async def _thirdweb(chain: Chain, found: Mapping[str, Peer], many: int) -> list[Cost]:
    peer = "thirdweb Drop (ERC-1155)"
    drop = await chain.clone(await _plain(chain, found, "DropERC1155"))
    await chain.gas(drop, "initialize", OWNER, "Drop", "DROP", "", [], OWNER, OWNER, 0, 0, OWNER)
    await chain.gas(drop, "lazyMint", 10, "ipfs://x/", b"")
    condition = (0, 1_000_000, 0, 2 * many, bytes(32), 0, NATIVE, "")
    await chain.gas(drop, "setClaimConditions", 0, [condition], False)
    open_to_all = ([], 0, 0, ZERO)
    costs: list[Cost] = []
    for who in holders(2, "thirdweb"):
        gas = await chain.gas(drop, "claim", who, 0, 1, NATIVE, 0, open_to_all, b"", by=who)
        costs = [Cost(peer, "claim", gas)]
    who = holders(2, "thirdweb")[1]
    gas = await chain.gas(drop, "safeTransferFrom", who, account("shop"), 0, 1, b"", by=who)
    costs.append(Cost(peer, "hand to the merchant", gas))
    airdrop = await chain.clone(await _plain(chain, found, "AirdropERC1155"))
    await chain.gas(airdrop, "initialize", OWNER, "", [])
    await chain.gas(drop, "claim", OWNER, 0, 111 + many, NATIVE, 0, open_to_all, b"")
    await chain.gas(drop, "setApprovalForAll", airdrop.address, True)
    for count in (10, 100):
        contents = [(holder, 0, 1) for holder in holders(count, f"airdrop {count}")]
        gas = await chain.gas(airdrop, "airdropERC1155", drop.address, OWNER, contents)
        costs.append(Cost(peer, f"airdrop to {count:,}", gas, count))
    return costs


async def _unlock(chain: Chain, found: Mapping[str, Peer], many: int) -> list[Cost]:
    peer = "Unlock PublicLock 15"
    original = await _plain(chain, found, "Unlock")
    start = encode(["address", "bytes"], [original.address, original.abi.encode_call("initialize", OWNER)])
    proxy = await chain.deploy(found["ConstructedProxy"].abi, found["ConstructedProxy"].bytecode + start)
    unlock = Contract(original.abi, proxy.address)
    template = await _plain(chain, found, "PublicLock")
    await chain.gas(unlock, "addLockTemplate", template.address, 15)
    await chain.gas(unlock, "setLockTemplate", template.address)
    lock_abi = _without_overload(found["PublicLock"].abi)
    terms = lock_abi.encode_call("initialize", OWNER, 86_400, ZERO, 0, 1_000_000, "Vouchers")
    receipt = await chain.send(unlock.address, unlock.abi.encode_call("createUpgradeableLock", terms))
    costs = [Cost(peer, "create a campaign", int(receipt["gasUsed"], 16))]
    created = unlock.abi.topic("NewLock").hex()
    log = next(log for log in receipt["logs"] if log["topics"][0] == "0x" + created)
    lock = Contract(lock_abi, bytes.fromhex(log["topics"][2][26:]))
    for who in holders(2, "unlock"):
        gas = await chain.gas(lock, "purchase", [0], [who], [ZERO], [ZERO], [b""], by=who)
    costs.append(Cost(peer, "claim at no price", gas))
    for count in (10, 100):
        people = holders(count, f"keys {count}")
        gas = await chain.gas(lock, "grantKeys", people, [2**40] * count, [ZERO] * count)
        costs.append(Cost(peer, f"grant to {count:,}", gas, count))
    who = holders(2, "unlock")[1]
    costs.append(Cost(peer, "burn by its holder", await chain.gas(lock, "burn", 2, by=who)))
    return costs


def _without_overload(description: Any) -> Abi:
    """The list form of `purchase`; version 15 also has one with structs."""
    return Abi([part for part in description if part.get("name") != "purchase" or len(part["inputs"]) == 5])
