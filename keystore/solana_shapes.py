"""The whole transactions that treasuries and the vault operator sign on Solana, and nothing beside them.

An instruction that is harmless in one transaction moves a vault's money in another. So the whole is read: who owns
what, where it goes, and who else signs.
"""

from __future__ import annotations

from dataclasses import dataclass

from codec.solana.message import decode_message
from codec.solana.plain_payment import decode_plain_payment
from codec.solana.programs import TOKEN_PROGRAMS
from codec.solana.redemption import decode_redemption
from codec.solana.vault_opening import decode_vault_opening
from keystore.model import KeyRecord
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused, SigningRefused
from primitives.signing import KeyPurpose

_INITIALIZE_MULTISIG = b"\x13"


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """The platform's vault operator and redemption authority, 32 bytes each; None while there is none."""

    operator: bytes | None
    authority: bytes | None


def require_known_shape(record: KeyRecord, chain: ChainId, message: bytes, keys: VaultKeys) -> bytes | None:
    """Read the message as one of the transactions that this key has a part in.

    Returns:
        The sponsor (32 bytes) of the vault that is opened, whom the caller must know; None for other transactions.

    Raises:
        SigningRefused: `rule` is transaction_shape.
    """
    try:
        message_shape = _opening if _makes_multisig(message) else _as_merchant
        return message_shape(record, chain, message, keys)
    except (InvalidValue, RedemptionRefused) as error:
        raise _refused(error.message) from error


def _makes_multisig(message: bytes) -> bool:
    return any(
        item.program in TOKEN_PROGRAMS and item.data[:1] == _INITIALIZE_MULTISIG
        for item in decode_message(message).instructions
    )


def _opening(record: KeyRecord, chain: ChainId, message: bytes, keys: VaultKeys) -> bytes:
    opening = decode_vault_opening(message)
    if opening.operator != keys.operator or opening.delegate != keys.authority:
        raise _refused("the vault would belong to, or be spent by, somebody else than this platform's keys")
    own = opening.operator if record.purpose is KeyPurpose.VAULT_OPERATOR else opening.sponsor
    if own != record.public_key.raw:
        raise _refused(f"this {record.purpose} key has another part in the vault")
    return opening.sponsor


def _as_merchant(record: KeyRecord, chain: ChainId, message: bytes, keys: VaultKeys) -> None:
    """A treasury only receives: the authority pays from a vault, the holder pays the rest."""
    if record.purpose is not KeyPurpose.TREASURY:
        raise _refused("the vault operator signs nothing but the opening of vaults")
    try:
        redemption = decode_redemption(message, chain)
    except RedemptionRefused as error:
        if error.facts.get("rule") != "no_burn":
            raise
        payment = decode_plain_payment(message)
        merchant, others = payment.merchant, (payment.fee_payer, payment.holder)
    else:
        if redemption.parties.authority != keys.authority:
            raise _refused("the redemption is under another platform's authority")
        merchant, others = redemption.parties.merchant, (redemption.parties.fee_payer, redemption.parties.holder)
    if merchant != record.public_key.raw or record.public_key.raw in others:
        raise _refused("this treasury is not the merchant, or pays for it as well")


def _refused(reason: str) -> SigningRefused:
    return SigningRefused(
        f"no whole transaction that this key takes part in: {reason}", rule="transaction_shape", reason=reason
    )
