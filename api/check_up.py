"""The security check-up (S9): what stands between this person and a loss, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from api.services import Services
from keystore.model import WalletKind
from primitives.clock import Clock, SystemClock
from primitives.errors import QuanbaoError

State = Literal["ok", "advice", "mend"]
_ORDER: Mapping[State, int] = {"mend": 0, "advice": 1, "ok": 2}

_MANY_DEVICES = 5
_FORGOTTEN_DEVICE = timedelta(days=30)
_OLD_PASSPHRASE = timedelta(days=365)
_FEW_CODES = 3
_MOST_ACCOUNTS = 10
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line. Texts are (English, Chinese); `act` is the route that mends it."""

    id: str
    state: State
    says: tuple[str, str]
    mend: tuple[str, str] | None = None
    act: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class CheckUp:
    """Asks each part. A part that does not answer is said to be unknown, never to be well."""

    def __init__(self, services: Services, version: str, *, clock: Clock | None = None) -> None:
        self._services = services
        self._version = version
        self._clock = clock or SystemClock()

    async def of(self, person_id: UUID) -> Sequence[CheckItem]:
        """The most urgent first."""
        lines = (
            self._backup,
            self._second_factor,
            self._devices,
            self._email,
            self._passphrase,
            self._approvals,
            self._limits,
            self._running_version,
        )
        items = [await line(person_id) for line in lines]
        return sorted(items, key=lambda item: _ORDER[item.state])

    async def _backup(self, person_id: UUID) -> CheckItem:
        wallets = await self._services.keystore.wallets(person_id)
        open_ = [wallet for wallet in wallets if wallet.kind is WalletKind.MNEMONIC and not wallet.backup_confirmed]
        facts = {"wallets": len(wallets), "unconfirmed": [str(wallet.id) for wallet in open_]}
        if open_:
            return CheckItem(
                "backup",
                "mend",
                (
                    counted(len(open_), "wallet has", "wallets have", "no confirmed backup"),
                    f"{len(open_)} 个钱包尚未确认备份",
                ),
                ("write the words down and confirm them", "抄写助记词并完成确认"),
                "POST /wallets/{wallet_id}/backup/reveal",
                facts,
            )
        return CheckItem("backup", "ok", ("every wallet's backup is confirmed", "所有钱包均已确认备份"), facts=facts)

    async def _second_factor(self, person_id: UUID) -> CheckItem:
        state = await self._services.sessions.second_factor.state(person_id)
        passkeys = len(await self._services.passkeys.list(person_id))
        facts = {"totp": state.totp, "passkeys": passkeys, "recovery_codes_left": state.recovery_codes_left}
        if not state.totp:
            return CheckItem(
                "second_factor",
                "mend",
                ("your password alone opens your account", "仅凭密码即可登录您的账户"),
                ("set up an authenticator; a passkey beside it is quicker to use", "设置验证器；再加通行密钥会更方便"),
                "POST /auth/totp",
                facts,
            )
        if state.recovery_codes_left < _FEW_CODES:
            return CheckItem(
                "second_factor",
                "advice",
                (
                    counted(state.recovery_codes_left, "recovery code is", "recovery codes are", "left"),
                    f"仅剩 {state.recovery_codes_left} 个恢复码",
                ),
                ("make new recovery codes", "重新生成恢复码"),
                "POST /auth/recovery-codes",
                facts,
            )
        return CheckItem("second_factor", "ok", ("a second factor is asked for", "登录需要第二重验证"), facts=facts)

    async def _devices(self, person_id: UUID) -> CheckItem:
        sessions = await self._services.sessions.list(person_id)
        now = self._clock.now()
        idle = [each for each in sessions if now - each.last_seen_at > _FORGOTTEN_DEVICE]
        facts = {"devices": len(sessions), "idle": [str(each.id) for each in idle]}
        if idle or len(sessions) > _MANY_DEVICES:
            return CheckItem(
                "devices",
                "advice",
                (
                    counted(len(sessions), "device is", "devices are", "logged in"),
                    f"有 {len(sessions)} 台设备处于登录状态",
                ),
                ("end the sessions of devices that you do not use", "结束不再使用的设备的会话"),
                "DELETE /auth/sessions/{session_id}",
                facts,
            )
        return CheckItem(
            "devices",
            "ok",
            (counted(len(sessions), "device is", "devices are", "logged in"), f"有 {len(sessions)} 台设备处于登录状态"),
            facts=facts,
        )

    async def _email(self, person_id: UUID) -> CheckItem:
        person = await self._services.persons.get(person_id)
        if person.email_verified:
            return CheckItem("email", "ok", ("your e-mail address is verified", "邮箱已验证"))
        return CheckItem(
            "email",
            "advice",
            ("your e-mail address is not verified: warnings may not reach you", "邮箱未验证，您可能收不到警告"),
            ("verify your e-mail address", "验证邮箱"),
            "POST /auth/email/verification",
        )

    async def _passphrase(self, person_id: UUID) -> CheckItem:
        since: datetime | None = await self._services.keystore.passphrase_since(person_id)
        if since is None:
            return CheckItem("passphrase", "ok", ("you keep no keys here yet", "您尚未在此保存密钥"))
        facts = {"since": since.isoformat()}
        if self._clock.now() - since > _OLD_PASSPHRASE:
            return CheckItem(
                "passphrase",
                "advice",
                ("your passphrase is more than a year old", "您的口令已使用一年以上"),
                ("change it, if anybody may have seen it", "如可能被他人看到，请更换"),
                "PUT /auth/passphrase",
                facts,
            )
        return CheckItem("passphrase", "ok", ("your passphrase is recent", "口令较新"), facts=facts)

    async def _approvals(self, person_id: UUID) -> CheckItem:
        standing, unlimited, unknown = 0, 0, 0
        accounts = [one for one in await self._services.accounts.list(person_id) if one.chain.family == "eip155"]
        for account in accounts[:_MOST_ACCOUNTS]:
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    found, complete = await self._services.assets.approvals(person_id, account.account)
            except (QuanbaoError, TimeoutError):
                unknown += 1
                continue
            standing += len(found)
            unlimited += sum(1 for approval in found if approval.unlimited)
            unknown += not complete
        unknown += len(accounts[_MOST_ACCOUNTS:])
        facts = {"standing": standing, "unlimited": unlimited, "accounts_unknown": unknown}
        if unlimited:
            return CheckItem(
                "approvals",
                "mend",
                (
                    counted(unlimited, "other", "others", "may take without limit from you"),
                    f"有 {unlimited} 项无限额授权",
                ),
                ("revoke what you do not use", "撤销不再使用的授权"),
                "POST /token-approvals/revoke",
                facts,
            )
        if unknown:
            return CheckItem(
                "approvals",
                "advice",
                ("the approvals of some accounts could not be read yet", "部分账户的授权暂时无法读取"),
                ("look again later", "请稍后再看"),
                "GET /token-approvals",
                facts,
            )
        if not standing:
            return CheckItem("approvals", "ok", ("nobody may take from you", "没有人可以动用您的资产"), facts=facts)
        return CheckItem(
            "approvals",
            "ok",
            (counted(standing, "limited approval stands", "limited approvals stand"), f"有 {standing} 项限额授权"),
            facts=facts,
        )

    async def _limits(self, person_id: UUID) -> CheckItem:
        reader = self._services.limits_set
        count = None if reader is None else await reader(person_id)
        if count is None:
            return CheckItem(
                "limits",
                "advice",
                ("this installation keeps no spending limits for persons", "本安装暂无个人支付限额功能"),
                ("keep large amounts in a wallet apart, or in a hardware wallet", "请将大额资产存于独立钱包或硬件钱包"),
            )
        if not count:
            return CheckItem(
                "limits",
                "advice",
                ("you have set no spending limit", "您尚未设置支付限额"),
                ("set a limit for a day and for one payment", "设置单笔和每日限额"),
                "PUT /policies",
                {"limits": 0},
            )
        return CheckItem(
            "limits",
            "ok",
            (counted(count, "limit is", "limits are", "set"), f"已设置 {count} 项限额"),
            facts={"limits": count},
        )

    async def _running_version(self, person_id: UUID) -> CheckItem:
        return CheckItem(
            "version",
            "ok",
            (f"this installation runs version {self._version}", f"本安装的版本为 {self._version}"),
            facts={"version": self._version},
        )


def tip_of(items: Sequence[CheckItem]) -> CheckItem | None:
    """The one thing to say at a moment of risk: the first that must be mended."""
    return next((item for item in items if item.state == "mend"), None)


def counted(count: int, one: str, several: str, rest: str = "") -> str:
    """`1 wallet has no backup`, `2 wallets have no backup`."""
    return " ".join(part for part in (str(count), one if count == 1 else several, rest) if part)
