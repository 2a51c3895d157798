"""WebSocket subscriptions of one connection."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from solders.account import Account
from solders.pubkey import Pubkey

from localnet.solana.bank import Bank
from localnet.solana.blocks import block_json
from localnet.solana.encoding import encode_account
from localnet.solana.errors import METHOD_NOT_FOUND, RpcError, invalid_params
from localnet.solana.filters import checked_filters, matches
from localnet.solana.params import Options, Params, parse_address, parse_signature
from localnet.solana.records import SlotBatch, TransactionRecord

_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one subscriber wants: `subject` is a signature, an address, a mention, or None for everything."""

    id: int
    kind: str
    commitment: str
    subject: str | None
    options: Options


class Subscriptions:
    """The subscriptions of one connection; `send` puts one notification on its way."""

    def __init__(self, bank: Bank, send: Callable[[dict[str, Any]], None]) -> None:
        self._bank = bank
        self._send = send
        self._active: dict[int, Subscription] = {}
        self._after_answer: list[Callable[[], None]] = []

    def handles(self, method: str) -> bool:
        return method.removesuffix("Unsubscribe").removesuffix("Subscribe") in _KINDS and method.endswith("ubscribe")

    def call(self, method: str, params: Params) -> Any:
        """Subscribe (returns the id) or unsubscribe (returns True)."""
        if method.endswith("Unsubscribe"):
            if self._active.pop(params.integer(0, "subscription"), None) is None:
                raise invalid_params("Invalid subscription id.")
            return True
        kind = method.removesuffix("Subscribe")
        if kind not in _KINDS:
            raise RpcError(METHOD_NOT_FOUND, "Method not found")
        subscription = self._subscription(kind, params)
        self._active[subscription.id] = subscription
        if kind == "signature":
            # It may have got there before the subscription did; the answer with the id has to go first.
            self._after_answer.append(lambda: self._tell_past(subscription))
        return subscription.id

    def answered(self) -> None:
        """The answer to the last call is on its way; send what had to wait for it."""
        waiting, self._after_answer = self._after_answer, []
        for act in waiting:
            act()

    # --- events of the bank ---

    def executed(self, record: TransactionRecord, accounts: dict[Pubkey, Account | None]) -> None:
        self._tell("processed", [record], accounts)

    def confirmed(self, batch: SlotBatch) -> None:
        self._tell("confirmed", batch.transactions, batch.accounts)
        self._tell_block("confirmed", batch)
        failed = sum(record.error is not None for record in batch.transactions)
        stats = {
            "maxTransactionsPerEntry": min(1, len(batch.transactions)),
            "numFailedTransactions": failed,
            "numSuccessfulTransactions": len(batch.transactions) - failed,
            "numTransactionEntries": len(batch.transactions),
        }
        self._tell_update("frozen", batch.slot, stats=stats)
        self._tell_update("optimisticConfirmation", batch.slot)

    def finalized(self, batch: SlotBatch) -> None:
        self._tell("finalized", batch.transactions, batch.accounts)
        self._tell_block("finalized", batch)
        self._tell_update("root", batch.slot)

    def slot_opened(self, slot: int, root: int) -> None:
        for subscription in list(self._active.values()):
            if subscription.kind == "slot":
                self._notify(subscription, {"slot": slot, "parent": slot - 1, "root": root})
            elif subscription.kind == "root":
                self._notify(subscription, root)
        self._tell_update("createdBank", slot, parent=slot - 1)

    # --- inside ---

    def _subscription(self, kind: str, params: Params) -> Subscription:
        if kind in ("slot", "root", "slotsUpdates", "vote"):
            return Subscription(next(_ids), kind, "processed", None, Options({}))
        options = params.options(1)
        subject: str | None
        if kind == "signature":
            subject = parse_signature(params.get(0))
        elif kind == "logs":
            rule = params.get(0)
            if rule in ("all", "allWithVotes"):
                subject = None
            elif isinstance(rule, dict) and isinstance(rule.get("mentions"), list) and len(rule["mentions"]) == 1:
                subject = str(parse_address(rule["mentions"][0]))
            else:
                raise invalid_params("Invalid Request: Only 1 address supported")
        elif kind == "block":
            options.durable_commitment()
            rule = params.get(0)
            subject = None
            if isinstance(rule, dict):
                subject = str(parse_address(rule.get("mentionsAccountOrProgram")))
            elif rule != "all":
                raise invalid_params("Invalid params: expected all or mentionsAccountOrProgram")
        else:
            subject = str(params.address(0))
            checked_filters(options)
        return Subscription(next(_ids), kind, options.commitment(), subject, options)

    def _tell_update(self, kind: str, slot: int, **facts: Any) -> None:
        for subscription in list(self._active.values()):
            if subscription.kind == "slotsUpdates":
                update = {"slot": slot, "timestamp": time.time_ns() // 1_000_000, "type": kind, **facts}
                self._notify(subscription, update)

    def _tell_block(self, level: str, batch: SlotBatch) -> None:
        for subscription in list(self._active.values()):
            if subscription.kind != "block" or subscription.commitment != level:
                continue
            records = batch.transactions
            if subscription.subject is not None:
                records = [record for record in records if subscription.subject in record.accounts]
                if not records:
                    continue
            options, error = subscription.options, None
            block: dict[str, Any] | None = None
            try:
                rewards = bool(options.get("showRewards", options.get("rewards", True)))
                block = block_json(self._bank, batch.slot, records, options, rewards=rewards)
            except RpcError as refused:
                error = refused.message
            self._notify(subscription, self._value(batch.slot, {"slot": batch.slot, "block": block, "err": error}))

    def _tell(self, level: str, records: list[TransactionRecord], accounts: dict[Pubkey, Account | None]) -> None:
        for subscription in list(self._active.values()):
            if level == "processed" and subscription.kind == "signature":
                self._tell_received(subscription, records)
            if subscription.commitment != level:
                continue
            if subscription.kind == "signature":
                for record in records:
                    if record.signature == subscription.subject:
                        self._tell_signature(subscription, record)
            elif subscription.kind == "logs":
                for record in records:
                    if subscription.subject is None or subscription.subject in record.accounts:
                        value = {"signature": record.signature, "err": record.error, "logs": record.logs}
                        self._notify(subscription, self._value(record.slot, value))
            elif subscription.kind in ("account", "program"):
                self._tell_accounts(subscription, accounts)

    def _tell_accounts(self, subscription: Subscription, accounts: dict[Pubkey, Account | None]) -> None:
        slot = self._bank.slot_at(subscription.commitment)
        for address, account in accounts.items():
            shown = account or Account(0, b"", Pubkey.default())
            if subscription.kind == "account" and str(address) == subscription.subject:
                value: Any = encode_account(self._bank, address, shown, subscription.options, default="binary")
            elif subscription.kind == "program" and str(shown.owner) == subscription.subject:
                if not all(matches(shown, rule) for rule in subscription.options.get("filters", [])):
                    continue
                body = encode_account(self._bank, address, shown, subscription.options, default="binary")
                value = {"pubkey": str(address), "account": body}
            else:
                continue
            self._notify(subscription, self._value(slot, value))

    def _tell_past(self, subscription: Subscription) -> None:
        if subscription.subject is None or subscription.id not in self._active:
            return
        record = self._bank.record(subscription.subject, subscription.commitment)
        if record is not None:
            self._tell_signature(subscription, record)

    def _tell_received(self, subscription: Subscription, records: list[TransactionRecord]) -> None:
        if not subscription.options.flag("enableReceivedNotification"):
            return
        for record in records:
            if record.signature == subscription.subject:
                self._notify(subscription, self._value(record.slot, "receivedSignature"))

    def _tell_signature(self, subscription: Subscription, record: TransactionRecord) -> None:
        # A signature is told once, then the subscription is over.
        if self._active.pop(subscription.id, None) is not None:
            self._notify(subscription, self._value(record.slot, {"err": record.error}))

    def _notify(self, subscription: Subscription, result: Any) -> None:
        params = {"subscription": subscription.id, "result": result}
        self._send({"jsonrpc": "2.0", "method": f"{subscription.kind}Notification", "params": params})

    @staticmethod
    def _value(slot: int, value: Any) -> dict[str, Any]:
        return {"context": {"slot": slot}, "value": value}


_KINDS = ("signature", "account", "program", "logs", "slot", "root", "block", "slotsUpdates", "vote")
