"""What the book refuses is one typed error: in a simulation, in a block, and as a payment's failure."""

from __future__ import annotations

import pytest

from chains.evm.adapter import EvmAdapter
from chains.intent import ContractCall, Intent
from codec.evm.book.calls import issue_call
from primitives import contract_errors, errors
from primitives.asset import Asset, AssetId
from tests.conformance.evm_contract.anvil_stage import CHAIN, HOLDER, ISSUER, MERCHANT, RELAYER, sign, stage
from wallets.engine.model import Failure


async def test_a_second_redemption_is_told_alike_everywhere() -> None:
    """The voucher by its id, the code that clients know, and the chain's own words."""
    async with stage() as place:
        adapter = EvmAdapter(CHAIN, place.node.rpc, native=Asset(AssetId.native(CHAIN), "ETH", 18))
        terms = await place.terms()
        await place.send_all(await place.book.launch(terms))
        await place.send_all(await place.book.appoint_relayer(MERCHANT, RELAYER))
        await place.send_all(await place.book.issue(terms, [HOLDER], 1))
        redemption = place.redemption(terms)
        voucher = redemption.items[0].voucher
        intent = await place.book.redeem([terms], redemption, sign(await place.book.consents([terms], redemption)))
        assert isinstance(intent.action, ContractCall)
        await place.send(intent)

        facts = {"voucher": str(voucher), "reason": f"VoucherAlreadyRedeemed({voucher.token_id})"}
        with pytest.raises(errors.VoucherAlreadyRedeemed) as simulated:
            await adapter.preview(intent)
        assert isinstance(simulated.value, contract_errors.VoucherAlreadyRedeemed)
        assert simulated.value.facts == facts

        call = {"from": RELAYER.address, "to": place.book.address.address, "data": "0x" + intent.action.data.hex()}
        tx_hash = await place.node.rpc.call("eth_sendTransaction", {**call, "gas": hex(500_000)})
        await place.node.mine()
        receipt = await adapter.receipt(tx_hash)
        assert receipt is not None
        assert not receipt.ok
        assert receipt.reason == facts["reason"]
        assert isinstance(receipt.refusal, contract_errors.VoucherAlreadyRedeemed)
        failure = Failure.of(receipt.refusal)
        assert failure.code == "voucher_already_redeemed"
        assert failure.facts == {**facts, "tx_hash": tx_hash}


async def test_both_halves_of_the_book_are_understood() -> None:
    """What the issuer may not do, and what nobody may do before the funding."""
    async with stage() as place:
        adapter = EvmAdapter(CHAIN, place.node.rpc, native=Asset(AssetId.native(CHAIN), "ETH", 18))
        terms = await place.terms()
        await place.send(next(iter(await place.book.launch(terms))))
        issue = ContractCall(place.book.address, issue_call(terms.id, 1, [HOLDER.raw]))
        with pytest.raises(contract_errors.UnderFunded) as poor:
            await adapter.preview(Intent(ISSUER, issue))
        assert (poor.value.needed, poor.value.have) == (terms.max_payout, 0)
        with pytest.raises(contract_errors.NotIssuer) as stranger:
            await adapter.preview(Intent(MERCHANT, issue))
        assert (stranger.value.caller, stranger.value.issuer) == (MERCHANT.address, ISSUER.address)
