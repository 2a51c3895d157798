"""A redemption on Solana: what its parties signed is proven; that it landed and succeeded is attested."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .crypto import base58, is_on_curve
from .envelope import FINALITIES, Envelope
from .fields import Fields
from .redemption import Money, Redemption, check_redemption
from .report import Fact, Rejected, require
from .solana_message import Instruction, SignedTransaction, read_transaction

_TOKEN_2022 = bytes.fromhex("06ddf6e1ee758fde18425dbce46ccddab61afc4d83b90d27febdf928d8a18bfc")  # TokenzQd…
_TOKEN = bytes.fromhex("06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9")  # Tokenkeg…
_ASSOCIATED_TOKEN = bytes.fromhex("8c97258f4e2489f1bb3d1029148e0d830b5a1399daff1084048e7bd8dbe9f859")  # ATokenGP…
_MEMO = bytes.fromhex("054a535a992921064d24e87160da387c7c35b5ddbc92bb81e41fa8404105448d")  # MemoSq4g…
_COMPUTE_BUDGET = bytes.fromhex("0306466fe5211732ffecadba72c39be7bc8ce5bbc5f7126b2c439b3a40000000")  # ComputeB…

# Token-2022's permissioned BurnChecked of one unit without decimals: 2e 02, u64 amount, u8 decimals.
_BURN_ONE = b"\x2e\x02" + struct.pack("<QB", 1, 0)
_TRANSFER_CHECKED = b"\x0c"


@dataclass(frozen=True, slots=True)
class _Burn:
    mint: bytes
    authority: bytes
    holder: bytes


@dataclass(frozen=True, slots=True)
class _Said:
    """What the memo, which holder and merchant signed, says of one voucher: no redemption id if it names several."""

    voucher: bytes
    redemption_id: bytes | None
    order_hash: bytes
    amount_minor: int
    merchant: bytes


def verify_solana(envelope: Envelope) -> list[Fact]:
    """Check every statement of the bundle. Raises Rejected at the first that does not hold."""
    evidence = Fields("evidence", envelope.evidence, ("burn_index", "transaction"))
    transaction = read_transaction(evidence.data("transaction"))
    for instruction in transaction.instructions:
        _require_known(instruction)
    burn, said, memos = _redeemed(transaction.instructions, evidence.index("burn_index"))
    seeded = envelope.campaign.solana_issuer + base64.urlsafe_b64encode(said.voucher[:24]) + _TOKEN_2022
    mint = hashlib.sha256(seeded).digest()
    require(burn.mint == mint, "mint", "the burnt token is not the campaign's")
    chain = str(envelope.claim["chain"])
    by_holder = [item for item in transaction.instructions if _is_transfer(item, burn.holder)]
    require(len(by_holder) <= 1, "remainder", "the holder pays twice")
    landed, attested = _landed(envelope, chain, transaction)
    shown = Redemption(
        chain=chain,
        voucher=said.voucher,
        redemption_id=said.redemption_id,
        order_hash=said.order_hash,
        holder=f"{chain}:{base58(burn.holder)}",
        merchant=f"{chain}:{base58(said.merchant)}",
        amount_minor=said.amount_minor,
        moves=0,
        payout=_payout(transaction.instructions, chain, burn, memos, said),
        remainder=_money(by_holder[0], chain, said.merchant, "remainder") if by_holder else None,
        paid=attested,
    )
    of_family = {
        "authority": f"{chain}:{base58(burn.authority)}",
        "block_hash": landed.text("block_hash"),
        "block_time": landed.index("block_time"),
        "height": landed.index("height"),
        "mint": base58(mint),
        "submitter": f"{chain}:{base58(transaction.fee_payer)}",
        "transaction": transaction.id,
    }
    common = check_redemption(envelope, shown, of_family)
    by_authority = f"attested by ed25519:{burn.authority.hex()}"
    burnt = f"one unit of mint {base58(mint)}"
    return [
        Fact("landed", attested, f"{transaction.id} succeeded in slot {landed.index('height')} of {chain}"),
        Fact("signatures", "proven", f"every signature of transaction {transaction.id} fits its key"),
        Fact("mint", "proven", f"{base58(mint)} is the one mint address of the voucher's campaign"),
        Fact("holder_consent", "proven", f"{shown.holder} signed the burn of {burnt} and the voucher's memo"),
        Fact("merchant_consent", "proven", f"{shown.merchant} signed the memo"),
        Fact("serial", by_authority, f"the burnt unit is voucher {said.voucher.hex()}, not redeemed before"),
        *common,
    ]


def _landed(envelope: Envelope, chain: str, transaction: SignedTransaction) -> tuple[Fields, str]:
    attestation, check = envelope.attestation, "attestation"
    names = ("block_hash", "block_time", "chain", "finality", "height", "kind", "success", "transaction")
    statement = Fields("attestation.statement", attestation.statement, names)
    require(statement.text("kind") == "solana_transaction", check, "it is about something else than a transaction")
    require(statement.text("finality") in FINALITIES, check, "it names no finality that a proof may rest on")
    require(statement.value["success"] is True, check, "it does not say that the transaction succeeded")
    about = (statement.text("chain"), statement.text("transaction"))
    require(about == (chain, transaction.id), check, "it is about another transaction")
    return statement, attestation.basis


def _require_known(instruction: Instruction) -> None:
    """A redemption holds nothing else: an unknown instruction could take back what the others give."""
    data = instruction.data
    known = (
        instruction.program in (_COMPUTE_BUDGET, _MEMO)
        or (instruction.program == _ASSOCIATED_TOKEN and data == b"\x01")
        or (instruction.program == _TOKEN_2022 and data == _BURN_ONE)
        or (instruction.program in (_TOKEN, _TOKEN_2022) and data[:1] == _TRANSFER_CHECKED and len(data) == 10)
    )
    require(known, "transaction", f"an instruction of {base58(instruction.program)} has no place in a redemption")


def _redeemed(instructions: Sequence[Instruction], index: int) -> tuple[_Burn, _Said, list[_Said]]:
    """The burn at `index` and its voucher: of both the n-th."""
    burns = [place for place, item in enumerate(instructions) if item.data == _BURN_ONE and item.program == _TOKEN_2022]
    memos = [item for item in instructions if item.program == _MEMO]
    require(len(memos) == 1, "memo", f"{len(memos)} memos, a redemption has one")
    said = _memo(memos[0])
    require(len(burns) == len(said) == len({item.voucher for item in said}), "memo", f"not {len(burns)} vouchers")
    require(index in burns, "burn", f"instruction {index} is not a permissioned burn of one unit")
    item = instructions[index]
    require(len(item.accounts) == 4, "burn", "a burn names four accounts")
    account, mint, authority, holder = item.accounts
    require({authority, holder} <= item.signers, "burn", "holder and redemption authority have not both signed")
    require(account == _associated(holder, mint, _TOKEN_2022), "burn", "it is not from the holder's associated account")
    require(memos[0].accounts[0] == holder, "memo", "the memo's first signer is not the holder")
    return _Burn(mint, authority, holder), said[burns.index(index)], said


def _memo(instruction: Instruction) -> list[_Said]:
    """Read the one encoding of a redemption's memo (docs/proof-bundle.md) and its signers."""
    check, signers = "memo", instruction.accounts
    require(len(signers) == 2 and set(signers) == instruction.signers, check, "it is not signed by its two parties")
    identity, encoded = None, dict[str, Any](quanbao=1, act="redeem")
    try:
        memo = json.loads(instruction.data)
        order = _from_base64(memo["order"])
        if "vouchers" not in memo:
            identity = _from_base64(memo["redemption"])
            memo["vouchers"] = [[memo["campaign"], [[memo["serials"][0][0], memo["amount"]]]]]
        groups = [(_from_base64(name), [(int(s), int(a)) for s, a in items]) for name, items in memo["vouchers"]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Rejected(check, "it is not a redemption's memo") from error
    named = [(campaign, serial, amount) for campaign, items in groups for serial, amount in items]
    fits = len(order) == 32 == len(identity or order) and all(len(name) == 24 and items for name, items in groups)
    require(fits and all(0 <= s < 2**64 and 0 <= a < 2**63 for _, s, a in named), check, "out of range")
    if identity is None:
        require(len(named) > 1 and len(dict(groups)) == len(groups), check, "it names too few, or a campaign twice")
        pairs = [[_to_base64(name), [[str(serial), str(amount)] for serial, amount in items]] for name, items in groups]
        encoded |= {"order": _to_base64(order), "vouchers": pairs}
    else:
        (name, ((serial, amount), *_)), *_ = groups
        encoded |= {"campaign": _to_base64(name), "serials": [[str(serial), "1"]], "redemption": _to_base64(identity)}
        encoded |= {"order": _to_base64(order), "amount": str(amount)}
    canonical = json.dumps(encoded, separators=(",", ":")).encode()
    require(canonical == instruction.data, check, "it is not in its one encoding")
    return [_Said(c + serial.to_bytes(8, "big"), identity, order, amount, signers[1]) for c, serial, amount in named]


def _payout(instructions: Sequence[Instruction], chain: str, burn: _Burn, said: Sequence[_Said], own: _Said) -> Money:
    """What the redemption authority moved: one transfer for each campaign of the order, in their order."""
    paid = [item for item in instructions if _is_transfer(item, burn.authority)]
    if not paid:
        return None
    campaigns = list(dict.fromkeys(other.voucher[:24] for other in said))
    require(len(paid) == len(campaigns), "payout", "the transaction does not tell which campaign paid")
    return _money(paid[campaigns.index(own.voucher[:24])], chain, own.merchant, "payout")


def _is_transfer(instruction: Instruction, authority: bytes) -> bool:
    """TransferChecked (source, mint, destination, authority) that this key signed."""
    is_transfer = instruction.program in (_TOKEN, _TOKEN_2022) and instruction.data[:1] == _TRANSFER_CHECKED
    return is_transfer and instruction.accounts[3:] == (authority,) and authority in instruction.signers


def _money(instruction: Instruction, chain: str, merchant: bytes, check: str) -> dict[str, str]:
    _, mint, destination, _ = instruction.accounts
    own = _associated(merchant, mint, instruction.program)
    require(destination == own, check, "it does not go to the merchant's associated account")
    (amount,) = struct.unpack("<Q", instruction.data[1:9])
    return {"asset": f"{chain}/token:{base58(mint)}", "base_units": str(amount)}


def _associated(owner: bytes, mint: bytes, token_program: bytes) -> bytes:
    """The associated token account: the first program address off the curve.

    Source: spl-associated-token-account; solana.com/docs/core/pda.
    """
    for bump in range(255, -1, -1):
        seeds = owner + token_program + mint + bytes([bump])
        address = hashlib.sha256(seeds + _ASSOCIATED_TOKEN + b"ProgramDerivedAddress").digest()
        if not is_on_curve(address):
            return address
    raise Rejected("transaction", "no associated account exists for an owner")


def _to_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_base64(text: Any) -> bytes:
    return base64.urlsafe_b64decode(f"{text}==")
