"""A redemption on Solana: what its parties signed is proven; that it landed, and that no act of its mint is left out,
is attested."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Sequence
from typing import Any

from .crypto import base58, is_on_curve
from .envelope import FINALITIES, Envelope, Money, check_redemption
from .fields import Fields
from .report import Fact, Rejected, require
from .solana_history import MEMO, TOKEN_2022, Memo, MintHistory, read_memo
from .solana_message import Instruction, SignedTransaction, read_transaction

MAX_HISTORY = 1024

_TOKEN = bytes.fromhex("06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9")  # Tokenkeg…
_ASSOCIATED_TOKEN = bytes.fromhex("8c97258f4e2489f1bb3d1029148e0d830b5a1399daff1084048e7bd8dbe9f859")  # ATokenGP…
_COMPUTE_BUDGET = bytes.fromhex("0306466fe5211732ffecadba72c39be7bc8ce5bbc5f7126b2c439b3a40000000")  # ComputeB…

# Burns of one unit without decimals: Token-2022's permissioned BurnChecked, and the plain one, which needs a thaw.
_ONE_UNIT = struct.pack("<QB", 1, 0)
_PERMISSIONED, _PLAIN = b"\x2e\x02" + _ONE_UNIT, b"\x0f" + _ONE_UNIT
_FREEZE, _THAW, _TRANSFER_CHECKED = b"\x0a", b"\x0b", b"\x0c"


def verify_solana(envelope: Envelope) -> list[Fact]:
    """Check every statement of the bundle. Raises Rejected at the first that does not hold."""
    evidence = Fields("evidence", envelope.evidence, ("burn_index", "history", "place"))
    history = [read_transaction(raw) for raw in evidence.data_list("history", MAX_HISTORY)]
    place, index = evidence.index("place"), evidence.index("burn_index")
    require(place < len(history), "transaction", f"the history has no transaction {place}")
    transaction = history[place]
    for instruction in transaction.instructions:
        _require_known(instruction)
    burns = [at for at, one in enumerate(transaction.instructions) if one.data in (_PERMISSIONED, _PLAIN)]
    require(index in burns, "burn", f"instruction {index} is not the burn of one voucher")
    memo = _redemption_memo(transaction, len(burns))
    voucher, amount = memo.vouchers[burns.index(index)]
    seeded = envelope.campaign.solana_issuer + base64.urlsafe_b64encode(voucher[:24]) + TOKEN_2022
    mint = hashlib.sha256(seeded).digest()
    holder, authority = _burn(transaction.instructions, index, mint)
    require(len(memo.signers) == 2 and memo.signers[0] == holder, "memo", "it is not signed by its two parties")
    merchant, chain = memo.signers[1], str(envelope.claim["chain"])
    by_holder = [item for item in transaction.instructions if _is_transfer(item, holder)]
    require(len(by_holder) <= 1, "remainder", "the holder pays twice")
    statement, height = _checkpoint(envelope, chain, mint, history, place)
    whole = statement.text("scope") == "mint"
    lives = MintHistory(mint, envelope.campaign.solana_issuer, voucher, whole=whole)
    for one in history:
        lives.follow(one)
    require(lives.home.get(voucher, b"") is None, "conservation", "the voucher's life does not end with its redemption")
    supply = statement.units("supply")
    require(not whole or lives.supply == supply, "conservation", f"{lives.supply} units are left, not {supply}")

    attested = envelope.basis
    parties = [f"{chain}:{base58(key)}" for key in (holder, merchant, authority, transaction.fee_payer)]
    shown = {
        "amount_minor": str(amount),
        "authority": parties[2],
        "block_hash": statement.text("block_hash"),
        "block_time": statement.index("block_time"),
        "chain": chain,
        "height": height,
        "holder": parties[0],
        "merchant": parties[1],
        "mint": base58(mint),
        "moves": "0",
        "payout": _payout(transaction.instructions, chain, authority, memo, voucher),
        "remainder": _money(by_holder[0], chain, merchant, "remainder") if by_holder else None,
        "submitter": parties[3],
        "transaction": transaction.id,
    }
    common = check_redemption(envelope, shown, voucher, memo.order_hash, said_id=memo.redemption_id, paid=attested)
    of_what = f"mint {base58(mint)}" if whole else f"voucher {voucher.hex()}"
    complete = f"the {len(history)} transactions are all of {of_what} up to slot {statement.index('height')}"
    return [
        Fact("landed", attested, f"{transaction.id} succeeded in slot {height} of {chain}"),
        Fact("complete", attested, f"{complete}, and the supply then was {supply}"),
        Fact("conservation", "proven", "in these, every unit has a serial, and the voucher was issued and used once"),
        Fact("signatures", "proven", f"every signature of the {len(history)} transactions fits its key"),
        Fact("mint", "proven", f"{base58(mint)} is the one mint address of the voucher's campaign"),
        Fact("holder_consent", "proven", f"{parties[0]} signed the burn of one unit and the voucher's memo"),
        Fact("merchant_consent", "proven", f"{parties[1]} signed the memo"),
        Fact("serial", f"attested by ed25519:{authority.hex()}", f"the burnt unit is voucher {voucher.hex()}"),
        *common,
    ]


def _checkpoint(
    envelope: Envelope, chain: str, mint: bytes, history: Sequence[SignedTransaction], place: int
) -> tuple[Fields, int]:
    """The signed statement about the history, and the redemption's slot."""
    check, heights = "attestation", [0]
    names = [
        "block_hash",
        "block_time",
        "chain",
        "finality",
        "height",
        "kind",
        "mint",
        "scope",
        "supply",
        "transactions",
    ]
    statement = Fields("attestation.statement", envelope.statement, names)
    require(statement.text("kind") == "solana_history", check, "it is about something else than a mint's history")
    require(statement.text("finality") in FINALITIES, check, "it names no finality that a proof may rest on")
    require(statement.text("scope") in ("mint", "voucher"), check, "it does not say what is complete")
    about = (statement.text("chain"), statement.text("mint"))
    require(about == (chain, base58(mint)), check, "it is about another mint")
    rows = statement.value["transactions"]
    require(isinstance(rows, list) and len(rows) == len(history), check, "it is about other transactions")
    for raw, transaction in zip(rows, history, strict=True):
        row = Fields("attestation.statement.transactions", raw, ("height", "id"))
        require(row.text("id") == transaction.id, check, "it is about another transaction")
        heights.append(row.index("height"))
    require(heights == sorted(heights) and heights[-1] <= statement.index("height"), check, "slots out of order")
    return statement, heights[place + 1]


def _require_known(item: Instruction) -> None:
    """A redemption holds nothing else: an unknown instruction could take back what the others give."""
    known = item.program in (_COMPUTE_BUDGET, MEMO) or (item.program, item.data) == (_ASSOCIATED_TOKEN, b"\x01")
    known |= item.program == TOKEN_2022 and item.data in (_PERMISSIONED, _PLAIN, _FREEZE, _THAW)
    known |= item.program in (_TOKEN, TOKEN_2022) and item.data[:1] == _TRANSFER_CHECKED and len(item.data) == 10
    require(known, "transaction", f"an instruction of {base58(item.program)} has no place in a redemption")


def _redemption_memo(transaction: SignedTransaction, burns: int) -> Memo:
    memos = [item for item in transaction.instructions if item.program == MEMO]
    require(len(memos) == 1 and len(set(memos[0].accounts)) == 2, "memo", "a redemption has one memo of two parties")
    require(set(memos[0].accounts) == memos[0].signers, "memo", "it is not signed by its two parties")
    memo = read_memo(memos[0])
    if memo is None or memo.act != "redeem" or len(memo.vouchers) != burns:
        raise Rejected("memo", f"it does not name {burns} redeemed vouchers")
    return memo


def _burn(instructions: Sequence[Instruction], index: int, mint: bytes) -> tuple[bytes, bytes]:
    """Holder and redemption authority, who both signed. Without permissioned burns the authority thaws the account."""
    item = instructions[index]
    require(len(item.accounts) > 2, "burn", "a burn names its account, mint and owner")
    account, found, *signers = item.accounts
    if item.data == _PLAIN:
        thaws = [one.accounts for one in instructions[:index] if (one.program, one.data) == (TOKEN_2022, _THAW)]
        signers = [*(keys[2] for keys in thaws[-1:] if keys[:2] == (account, found)), *signers]
        require(len(signers) == 2 and any(one.data == _FREEZE for one in instructions[index:]), "burn", "no thaw")
    require(len(signers) == 2 and signers[0] != signers[1], "burn", "a burn names its holder and its authority")
    require(found == mint, "mint", "the burnt token is not the campaign's")
    authority, holder = signers
    signed = {key for one in instructions for key in one.signers}
    require({authority, holder} <= signed, "burn", "holder and redemption authority have not both signed")
    require(account == _associated(holder, mint, TOKEN_2022), "burn", "it is not from the holder's associated account")
    return holder, authority


def _payout(instructions: Sequence[Instruction], chain: str, authority: bytes, memo: Memo, voucher: bytes) -> Money:
    """What the redemption authority moved: one transfer for each campaign of the order, in their order."""
    paid = [item for item in instructions if _is_transfer(item, authority)]
    if not paid:
        return None
    campaigns = list(dict.fromkeys(other[:24] for other, _ in memo.vouchers))
    require(len(paid) == len(campaigns), "payout", "the transaction does not tell which campaign paid")
    return _money(paid[campaigns.index(voucher[:24])], chain, memo.signers[1], "payout")


def _is_transfer(instruction: Instruction, authority: bytes) -> bool:
    is_transfer = instruction.program in (_TOKEN, TOKEN_2022) and instruction.data[:1] == _TRANSFER_CHECKED
    return is_transfer and instruction.accounts[3:] == (authority,) and authority in instruction.signers


def _money(instruction: Instruction, chain: str, merchant: bytes, check: str) -> dict[str, Any]:
    _, mint, destination, _ = instruction.accounts
    own = _associated(merchant, mint, instruction.program)
    require(destination == own, check, "it does not go to the merchant's associated account")
    (amount,) = struct.unpack("<Q", instruction.data[1:9])
    return {"asset": f"{chain}/token:{base58(mint)}", "base_units": str(amount)}


def _associated(owner: bytes, mint: bytes, token_program: bytes) -> bytes:
    """The first program address off the curve. Source: spl-associated-token-account; solana.com/docs/core/pda."""
    for bump in range(255, -1, -1):
        seeds = owner + token_program + mint + bytes([bump])
        address = hashlib.sha256(seeds + _ASSOCIATED_TOKEN + b"ProgramDerivedAddress").digest()
        if not is_on_curve(address):
            return address
    raise Rejected("transaction", "no associated account exists for an owner")
