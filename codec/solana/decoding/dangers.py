"""Instructions that do more than move an amount: what somebody could do afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from codec.solana.decoding.layout import Parsed


class DangerKind(StrEnum):
    """Why a signer should stop and read."""

    AUTHORITY_CHANGES = "authority_changes"
    ACCOUNT_REASSIGNED = "account_reassigned"
    SPENDING_ALLOWED = "spending_allowed"
    NEVER_EXPIRES = "never_expires"
    ACCOUNT_CLOSED = "account_closed"
    HOLDERS_EXPOSED = "holders_exposed"
    UNKNOWN_PROGRAM = "unknown_program"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Danger:
    """`english` and `chinese` say what follows from signing."""

    kind: DangerKind
    english: str
    chinese: str


_AUTHORITY = Danger(
    DangerKind.AUTHORITY_CHANGES,
    "Somebody else gets control, and whoever has it now loses it.",
    "控制权将转给他人，原控制者失去控制。",
)
_OWNER = Danger(
    DangerKind.AUTHORITY_CHANGES,
    "All tokens in this account belong to somebody else afterwards.",
    "此账户中的全部代币此后归他人所有。",
)
_CLOSER = Danger(
    DangerKind.AUTHORITY_CHANGES,
    "Somebody else may close the account and take its lamports.",
    "他人可以关闭此账户并取走其中的 lamports。",
)
_REASSIGNED = Danger(
    DangerKind.ACCOUNT_REASSIGNED,
    "The account and all its SOL are under that program's control afterwards; this wallet can no longer move them.",
    "此账户及其全部 SOL 此后由该程序控制，本钱包无法再动用。",
)
_SPENDING = Danger(
    DangerKind.SPENDING_ALLOWED,
    "The delegate may take the amount at any later time, without another signature.",
    "被授权者可在以后任何时候取走该数额，无需再次签名。",
)
_NEVER = Danger(
    DangerKind.NEVER_EXPIRES,
    "Once signed, this transaction can be sent at any later time until the nonce is used.",
    "一经签名，此交易可在以后任何时候发出，直到该 nonce 被使用。",
)
_CLOSED = Danger(
    DangerKind.ACCOUNT_CLOSED,
    "The account is gone afterwards; check who gets its lamports.",
    "账户将被关闭；请核对其中的 lamports 归谁。",
)
_EXPOSED = Danger(
    DangerKind.HOLDERS_EXPOSED,
    "Somebody can take, destroy, freeze or intercept what other people hold of this token.",
    "有人可以取走、销毁、冻结或拦截他人持有的此代币。",
)
UNKNOWN = Danger(
    DangerKind.UNKNOWN_PROGRAM,
    "What this program does with the accounts is not known here.",
    "此处不了解该程序会对这些账户做什么。",
)
UNREADABLE = Danger(
    DangerKind.UNREADABLE,
    "The program is known, but this instruction cannot be read.",
    "程序已知，但无法读懂此指令。",
)

_BY_KIND = {
    ("system", "assign"): _REASSIGNED,
    ("system", "assignWithSeed"): _REASSIGNED,
    ("system", "advanceNonce"): _NEVER,
    ("system", "authorizeNonce"): _AUTHORITY,
    ("spl-token", "approve"): _SPENDING,
    ("spl-token", "approveChecked"): _SPENDING,
    ("spl-token", "setAuthority"): _AUTHORITY,
    ("spl-token", "updateTokenMetadataAuthority"): _AUTHORITY,
    ("spl-token", "updateTokenGroupAuthority"): _AUTHORITY,
    ("spl-token", "closeAccount"): _CLOSED,
    ("spl-token", "disableCpiGuard"): _SPENDING,
    ("spl-token", "initializePermanentDelegate"): _EXPOSED,
    ("spl-token", "initializeTransferHook"): _EXPOSED,
    ("spl-token", "updateTransferHook"): _EXPOSED,
}
_BY_AUTHORITY_TYPE = {
    "accountOwner": _OWNER,
    "closeAccount": _CLOSER,
    "permanentDelegate": _EXPOSED,
    "transferHookProgramId": _EXPOSED,
}


def danger_of(parsed: Parsed) -> Danger | None:
    """None for what only does what it says."""
    if parsed.kind == "setAuthority" and parsed.facts["newAuthority"] is not None:
        return _BY_AUTHORITY_TYPE.get(parsed.facts["authorityType"], _AUTHORITY)
    return _BY_KIND.get((parsed.program, parsed.kind))
