"""What a holder signs on EVM chains before an order can be paid."""

from __future__ import annotations

from chains.campaign import Redemption
from chains.evm.errors import revert_data
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import erc20
from codec.evm.permit import Permit, PermitDomain
from codec.evm.redeem_order import RedeemItem, RedeemOrder, domain_separator
from primitives.account_id import AccountId, parse_evm_address
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, NodeUnavailable

_NO_ASSET = bytes(20)


def order_of(redemption: Redemption) -> RedeemOrder:
    """The order that holder and merchant consent to.

    Raises:
        InvalidValue: The remainder is not an ERC-20 token.
    """
    asset = _NO_ASSET
    if redemption.remainder.base_units:
        if redemption.remainder.asset.id.namespace != "erc20":
            raise InvalidValue(f"a remainder is paid in an ERC-20 token, not in {redemption.remainder.asset.id}")
        asset = parse_evm_address(redemption.remainder.asset.id.reference)
    return RedeemOrder(
        holder=redemption.holder.raw,
        merchant=redemption.merchant.raw,
        order_hash=redemption.order_hash,
        valid_before=redemption.valid_before,
        remainder_asset=asset,
        remainder_amount=redemption.remainder.base_units,
        items=tuple(RedeemItem(item.voucher, item.amount_minor, item.moves) for item in redemption.items),
    )


def permit_of(redemption: Redemption, book: bytes, nonce: int) -> Permit:
    """The holder's permit for exactly the remainder, for as long as the order counts."""
    return Permit(
        owner=redemption.holder.raw,
        spender=book,
        value=redemption.remainder.base_units,
        nonce=nonce,
        deadline=redemption.valid_before,
    )


async def permit_domain(rpc: JsonRpcClient, chain: ChainId, token: AccountId) -> PermitDomain | None:
    """The EIP-712 domain of a token's permits; None for a token without ERC-2612.

    Name and version come from ERC-5267 where the token has it, else from `name` with the usual version "1"; either way
    the token's own DOMAIN_SEPARATOR must equal what follows from them.

    Raises:
        NodeUnavailable
    """
    answers = await rpc.settle(
        [
            ("eth_call", [{"to": token.address, "data": "0x" + data.hex()}, "latest"])
            for data in (erc20.eip712_domain_call(), erc20.name_call(), erc20.domain_separator_call())
        ]
    )
    for answer in answers:
        if isinstance(answer, NodeRefusal) and revert_data(answer) is None:
            raise NodeUnavailable(
                f"the node cannot answer {answer.method}: {answer.text[:200]}", reason=answer.text[:200]
            )
    described, named, separator = (b"" if isinstance(a, NodeRefusal) else bytes.fromhex(a[2:]) for a in answers)
    try:
        name, version = erc20.decode_domain(described) if described else (erc20.decode_text(named), "1")
    except InvalidValue:
        return None
    domain = PermitDomain(name, version, chain.evm_number, token.raw)
    return domain if domain_separator(name, version, chain.evm_number, token.raw) == separator else None
