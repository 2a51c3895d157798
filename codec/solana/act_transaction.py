"""A whole transaction that issues, hands on, voids or gives back vouchers, read without trusting its author.

The keys that sign it, the issuer's and for burns the redemption authority's, decide by this reading: everything in the
transaction is known, one memo names as many serials as units are minted or burned, and it is signed by whom the act
belongs to. Anything else is refused, because the signature would cover it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, parse_create
from codec.solana.campaign_mint import campaign_mint_address
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message, verify_message_signature
from codec.solana.programs import MEMO, TOKEN_2022
from codec.solana.token import TokenTransfer, parse_mint_to, parse_transfer
from codec.solana.token_control import parse_freeze
from codec.solana.token_extensions import parse_burn, parse_permissioned_burn
from codec.solana.voucher_memo import VoucherAct, VoucherMemo
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue, RedemptionRefused
from primitives.signing import PublicKey, Signature
from primitives.voucher_id import CampaignId, VoucherId


@dataclass(frozen=True, slots=True)
class ActTransaction:
    """What such a transaction does; keys of 32 bytes.

    Attributes:
        vouchers: In the order of the memo.
        burner: Whose units are burned, or who burns them as permanent delegate; None where nothing is burned.
        authority: The redemption authority that permits the burn; None where nothing is burned.
        signers: Everybody who signs, the fee payer first.
        said, said_by: The memo, and who signed it.
        payments: Of tokens, to the vault that a reversal pays back.
    """

    act: VoucherAct
    campaign: CampaignId
    mint: bytes
    issuer: bytes
    vouchers: tuple[VoucherId, ...]
    burner: bytes | None
    authority: bytes | None
    signers: tuple[bytes, ...]
    said: VoucherMemo
    said_by: frozenset[bytes]
    payments: tuple[TokenTransfer, ...]


def mints_vouchers(message: bytes) -> bool:
    """Whether the message mints units of any Token-2022 mint. Raises InvalidValue for what cannot be read."""
    return any(
        item.program == TOKEN_2022 and parse_mint_to(item) is not None for item in decode_message(message).instructions
    )


def is_act(message: bytes) -> bool:
    """Whether the one memo of the message names an act other than a redemption; False for what cannot be read."""
    try:
        notes = [item for item in decode_message(message).instructions if item.program == MEMO]
        return len(notes) == 1 and VoucherMemo.parse(notes[0].data).act is not VoucherAct.REDEEM
    except InvalidValue:
        return False


def require_signatures(
    message: bytes, signers: Sequence[bytes], last: bytes, given: Sequence[tuple[PublicKey, Signature]]
) -> None:
    """Everybody but the last signer has signed this very message. Raises RedemptionRefused: missing_signature,
    wrong_signature."""
    signatures = {key.raw: signature.raw for key, signature in given}
    for key in signers:
        if key == last:
            continue
        if key not in signatures:
            raise _refused("missing_signature", f"{encode_base58(key)} has not signed the act")
        try:
            verify_message_signature(message, key, signatures[key])
        except InvalidValue as error:
            raise _refused("wrong_signature", error.message) from error


def decode_act(message: bytes) -> ActTransaction:
    """Read the message bytes that the signers sign.

    Raises:
        RedemptionRefused: `rule` names what is wrong: message, memo_count, memo, memo_act, memo_signers, memo_units,
            foreign_instruction, foreign_mint, foreign_account, two_authorities.
    """
    try:
        decoded = decode_message(message)
        instructions = decoded.instructions
    except InvalidValue as error:
        raise _refused("message", error.message) from error
    reading = _Reading()
    for index, instruction in enumerate(instructions):
        if not is_limit_or_price(instruction) and not reading.take(instruction):
            program = encode_base58(instruction.program)
            raise _refused(
                "foreign_instruction", f"instruction {index} of {program} has no place in an act on vouchers"
            )
    return reading.result(decoded.signers)


class _Reading:
    def __init__(self) -> None:
        self._notes: list[Instruction] = []
        self._minted: list[tuple[bytes, bytes, bytes, int]] = []
        self._burned: list[tuple[bytes, bytes, bytes, bytes | None, int]] = []
        self._created: list[tuple[bytes, bytes]] = []
        self._frozen: list[tuple[bytes, bytes]] = []
        self._paid: list[TokenTransfer] = []

    def take(self, instruction: Instruction) -> bool:
        if instruction.program == MEMO:
            self._notes.append(instruction)
        elif instruction.program == TOKEN_2022 and (minted := parse_mint_to(instruction)) is not None:
            self._minted.append((minted.mint, minted.account, minted.authority, minted.amount))
        elif (burned := parse_permissioned_burn(instruction)) is not None:
            self._burned.append((burned.mint, burned.account, burned.owner, burned.authority, burned.amount))
        elif (burned := parse_burn(instruction)) is not None:
            self._burned.append((burned.mint, burned.account, burned.owner, None, burned.amount))
        elif (created := parse_create(instruction)) is not None:
            self._created.append((created.mint, created.account))
        elif (frozen := parse_freeze(instruction)) is not None:
            self._frozen.append((frozen.mint, frozen.authority))
        elif (paid := parse_transfer(instruction)) is not None and len(instruction.accounts) == 4:
            self._paid.append(paid)
        else:
            return False
        return True

    def result(self, signers: tuple[bytes, ...]) -> ActTransaction:
        if len(self._notes) != 1:
            raise _refused("memo_count", f"{len(self._notes)} memos, an act on vouchers has one")
        (note,) = self._notes
        try:
            said = VoucherMemo.parse(note.data)
        except InvalidValue as error:
            raise _refused("memo", error.message) from error
        concerned = (self._minted, self._burned, self._created, self._frozen)
        mints = {entry[0] for entries in concerned for entry in entries}
        if len(mints) != 1:
            raise _refused("foreign_mint", "an act on vouchers concerns one campaign's mint")
        (mint,) = mints
        named = {meta.key for meta in note.accounts}
        issuer = self._issuer(said, mint, named)
        self._require_units(said)
        burner, authority = self._burner(said, mint)
        if said.act is VoucherAct.MOVE and burner not in named:
            raise _refused("memo_signers", "the old holder signs the memo of a voucher that is handed on")
        if self._paid and said.act is not VoucherAct.REVERSE:
            raise _refused("foreign_instruction", f"money moves in a memo's act of {said.act}")
        return ActTransaction(
            act=said.act,
            campaign=said.campaign,
            mint=mint,
            issuer=issuer,
            vouchers=tuple(said.vouchers()),
            burner=burner,
            authority=authority,
            signers=signers,
            said=said,
            said_by=frozenset(named),
            payments=tuple(self._paid),
        )

    def _issuer(self, said: VoucherMemo, mint: bytes, named: set[bytes]) -> bytes:
        """Who signed for the mint: its address follows from the issuer and the campaign."""
        if said.act not in (VoucherAct.ISSUE, VoucherAct.MOVE, VoucherAct.REVERSE, VoucherAct.VOID):
            raise _refused("memo_act", f"the memo says {said.act}")
        asked = {authority for _, _, authority, _ in self._minted} or named
        issuers = [key for key in asked if campaign_mint_address(key, said.campaign) == mint]
        if len(issuers) != 1 or len({authority for _, _, authority, _ in self._minted}) > 1:
            raise _refused("foreign_mint", "the mint is not the one of the campaign that the memo names")
        if said.act is not VoucherAct.MOVE and issuers[0] not in named:
            raise _refused("memo_signers", f"the issuer signs the memo of {said.act}")
        return issuers[0]

    def _require_units(self, said: VoucherMemo) -> None:
        minted = sum(units for *_, units in self._minted)
        burned = sum(units for *_, units in self._burned)
        wanted = {
            VoucherAct.ISSUE: (said.count, 0),
            VoucherAct.MOVE: (said.count, said.count),
            VoucherAct.VOID: (0, said.count),
            VoucherAct.REVERSE: (1, 0),
        }[said.act]
        if (minted, burned) != wanted:
            raise _refused(
                "memo_units",
                f"the memo's {said.count} serials do not fit {minted} units minted and {burned} burned",
                serials=said.count,
                minted=minted,
                burned=burned,
            )

    def _burner(self, said: VoucherMemo, mint: bytes) -> tuple[bytes | None, bytes | None]:
        authorities = {key for *_, key, _ in self._burned if key is not None} | {key for _, key in self._frozen}
        burners = {owner for _, _, owner, _, _ in self._burned}
        if len(authorities) > 1 or len(burners) > 1:
            raise _refused("two_authorities", "one act has one redemption authority and one holder who gives")
        if not burners:
            return None, next(iter(authorities), None)
        (burner,) = burners
        own = associated_token_address(burner, mint, TOKEN_2022)
        if said.act is VoucherAct.MOVE and any(account != own for _, account, *_ in self._burned):
            raise _refused("foreign_account", "a voucher is handed on from the holder's associated account")
        if not authorities:
            raise _refused("foreign_instruction", "a voucher is burned without the redemption authority")
        return burner, authorities.pop()


def _refused(rule: str, message: str, **facts: int) -> RedemptionRefused:
    return RedemptionRefused(message, rule=rule, **facts)
