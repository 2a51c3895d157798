"""Many answers of a voucher book at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chains.evm.errors import revert_data
from chains.evm.reverts import reverted
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.book import answers, calls, lens_answers, lens_calls
from codec.evm.book.lens_structs import CampaignSeen, MerchantKey, MerchantSeen, VoucherSeen
from codec.evm.lens_call import lens_program
from primitives.account_id import AccountId
from primitives.contract_errors import CampaignNotFound, ContractRefused, VoucherNotFound
from primitives.errors import InvalidValue, NodeUnavailable
from primitives.voucher_id import CampaignId, VoucherId

CAMPAIGNS_AT_ONCE, VOUCHERS_AT_ONCE, MERCHANTS_AT_ONCE = 20, 100, 200
"""So many answers stay below `codec.evm.lens_call.MAX_ANSWER_BYTES`."""

Seen = TypeVar("Seen")
Item = TypeVar("Item")


class BookLens:
    """Asks the VoucherLens, which needs no deployment; for a single thing, and where a node will not run the lens, the
    book's own views in a batch.

    Args:
        book: The contract.
    """

    def __init__(self, rpc: JsonRpcClient, book: AccountId) -> None:
        self._rpc = rpc
        self._book = book

    async def campaigns(self, ids: Sequence[CampaignId]) -> list[CampaignSeen | None]:
        """In the order asked for; None for a campaign that does not exist.

        Raises:
            NodeUnavailable
            InvalidValue: There is no book at the address.
        """
        found: list[CampaignSeen | None] = []
        for part in _parts(ids, CAMPAIGNS_AT_ONCE):
            seen = await self._together(
                lens_calls.campaigns_of_call(self._book.raw, part), lens_answers.decode_campaigns_of, len(part)
            )
            found += [one if one.exists else None for one in seen] if seen else await self._campaigns_apart(part)
        return found

    async def vouchers(self, ids: Sequence[VoucherId]) -> list[VoucherSeen | None]:
        """In the order asked for; None for a voucher that was never issued, or a leaf that was never claimed.

        Raises:
            NodeUnavailable
            InvalidValue: There is no book at the address.
        """
        found: list[VoucherSeen | None] = []
        for part in _parts(ids, VOUCHERS_AT_ONCE):
            seen = await self._together(
                lens_calls.vouchers_of_call(self._book.raw, part), lens_answers.decode_vouchers_of, len(part)
            )
            found += [one if one.exists else None for one in seen] if seen else await self._vouchers_apart(part)
        return found

    async def merchants(self, keys: Sequence[MerchantKey]) -> list[MerchantSeen]:
        """Standings and credits, in the order asked for; nothing at all in a campaign that does not exist.

        Raises:
            NodeUnavailable
            InvalidValue: There is no book at the address.
        """
        found: list[MerchantSeen] = []
        for part in _parts(keys, MERCHANTS_AT_ONCE):
            seen = await self._together(
                lens_calls.merchants_of_call(self._book.raw, part), lens_answers.decode_merchants_of, len(part)
            )
            found += seen or await self._merchants_apart(part)
        return found

    async def _together(self, question: bytes, decode: Callable[[bytes], Sequence[Seen]], count: int) -> Sequence[Seen]:
        """Nothing for a single question, where the node refuses creation code in `eth_call`, and where the lens cannot
        read the book."""
        if count < 2:
            return ()
        try:
            answer = await self._rpc.call("eth_call", {"data": "0x" + lens_program(question).hex()}, "latest")
            seen = decode(bytes.fromhex(answer[2:]))
        except (NodeRefusal, InvalidValue):
            return ()
        return seen if len(seen) == count else ()

    # ------------------------------------------------------------------------------------------- one view after another

    async def _campaigns_apart(self, ids: Sequence[CampaignId]) -> list[CampaignSeen | None]:
        told = await self._views([call(one) for one in ids for call in (calls.campaign_of_call, calls.escrow_of_call)])
        found: list[CampaignSeen | None] = []
        for terms, escrow in _pairs(told, CampaignNotFound):
            if terms is None or escrow is None:
                found.append(None)
            else:
                found.append(CampaignSeen(True, answers.decode_escrow_of(escrow), answers.decode_campaign_of(terms)))
        return found

    async def _vouchers_apart(self, ids: Sequence[VoucherId]) -> list[VoucherSeen | None]:
        told = await self._views([call(one) for one in ids for call in (calls.voucher_of_call, calls.value_of_call)])
        found: list[VoucherSeen | None] = []
        for state, value in _pairs(told, VoucherNotFound):
            if state is None or value is None:
                found.append(None)
                continue
            voucher, worth = answers.decode_voucher_of(state), answers.decode_value_of(value)
            found.append(
                VoucherSeen(
                    True,
                    voucher.owner,
                    voucher.moves,
                    voucher.redeemed_at,
                    voucher.voided,
                    worth.sequence,
                    worth.remaining,
                )
            )
        return found

    async def _merchants_apart(self, keys: Sequence[MerchantKey]) -> list[MerchantSeen]:
        told = await self._views(
            [
                call(key.campaign, key.merchant)
                for key in keys
                for call in (calls.credit_of_call, calls.is_merchant_call)
            ]
        )
        found = []
        for credit, accepted in _pairs(told, CampaignNotFound):
            if credit is None or accepted is None:
                found.append(MerchantSeen(False, 0, 0))
            else:
                due = answers.decode_credit_of(credit)
                found.append(MerchantSeen(answers.decode_is_merchant(accepted), due.due, due.waiting))
        return found

    async def _views(self, questions: Sequence[bytes]) -> list[Any]:
        return await self._rpc.settle(
            [("eth_call", [{"to": self._book.address, "data": "0x" + data.hex()}, "latest"]) for data in questions]
        )


def _parts(items: Sequence[Item], size: int) -> Sequence[Sequence[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _pairs(told: Sequence[Any], absence: type[ContractRefused]) -> list[tuple[bytes | None, bytes | None]]:
    """Two answers each; None for a view that the book refuses because there is no such thing."""
    read = [_read(one, absence) for one in told]
    return list(zip(read[::2], read[1::2], strict=True))


def _read(answer: Any, absence: type[ContractRefused]) -> bytes | None:
    if not isinstance(answer, NodeRefusal):
        return bytes.fromhex(answer[2:])
    output = revert_data(answer)
    if output is None:
        raise NodeUnavailable(
            f"the node cannot answer {answer.method}: {answer.text[:200]}", reason=answer.text[:200]
        ) from answer
    error = reverted(output)
    if isinstance(error, absence):
        return None
    raise error from answer


__all__ = ["BookLens"]
