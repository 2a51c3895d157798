"""Every chain of the registry, against a node that answers under its id."""

from __future__ import annotations

from pathlib import Path

import pytest
from coincurve import PrivateKey

from chains.configuration import read_chains
from chains.intent import Intent, Transfer
from chains.registry import ConfiguredChains
from codec.evm.transaction import signing_hash
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.position import Finality
from primitives.signing import Curve, PublicKey, Signature
from tests.fakes.anvil import FIRST_KEY, running_anvil
from tests.fakes.faulty_proxy import faulty_proxy

_KEY = PrivateKey(FIRST_KEY)


@pytest.mark.parametrize(
    ("number", "name", "symbol", "least_priority"),
    [
        (1, "Ethereum", "ETH", 0),
        (56, "BNB Smart Chain", "BNB", 50_000_000),
        (137, "Polygon", "POL", 25_000_000_000),
        (66, "OKTC", "OKT", 100_000_000),
        (196, "X Layer", "OKB", 0),
        (42161, "Arbitrum One", "ETH", 0),
        (10, "OP Mainnet", "ETH", 0),
        (8453, "Base", "ETH", 0),
    ],
)
async def test_a_payment_is_made_and_final_by_the_chains_own_rules(
    tmp_path: Path, number: int, name: str, symbol: str, least_priority: int
) -> None:
    async with (
        running_anvil(block_time=None, arguments=["--chain-id", str(number)]) as node,
        faulty_proxy(node.url) as proxy,
    ):
        if number == 66:
            # Its nodes know no tag but `latest`.
            proxy.unknown_words = frozenset({"safe", "finalized"})
        path = tmp_path / "chains.toml"
        path.write_text(f'[[chain]]\nid = "eip155:{number}"\nnodes = ["{proxy.url}"]')
        chains = await ConfiguredChains.connect(read_chains(path, book=bytes(20)))
        chain = ChainId.evm(number)
        info, adapter = chains.info(chain), chains.adapter(chain)
        assert (info.name, info.native.symbol, info.required_finality) == (name, symbol, Finality.FINALIZED)
        sender = adapter.account_of(PublicKey(Curve.SECP256K1, _KEY.public_key.format()))
        recipient = AccountId.from_raw(chain, b"\x42" * 20)
        intent = Intent(sender, Transfer(Amount(10**15, info.native), recipient))
        prepared = await adapter.prepare(intent, nonce=0, preview=await adapter.preview(intent))
        assert prepared.bid is not None
        assert (prepared.bid.priority_fee if prepared.bid.priority_fee is not None else prepared.bid.price) >= (
            least_priority
        )
        raw = _KEY.sign_recoverable(signing_hash(prepared.payload), hasher=None)
        signed = adapter.assemble(prepared, {sender: Signature(Curve.SECP256K1, raw)})
        await adapter.broadcast(signed)
        await node.mine(1 if number == 66 else 3)
        receipt = await adapter.receipt(signed.tx_hash)
        assert receipt is not None
        assert (receipt.ok, receipt.finality) == (True, Finality.FINALIZED)
        assert (await adapter.balance(recipient, info.native)).base_units == 10**15
        await chains.close()
