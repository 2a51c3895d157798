"""Whether a key may sign what was read: key policy, limits, whole Solana transactions, co-signed serials.

A person's key signs whatever the payload check lets through while it is unlocked. Every other key signs only what its
own tables allow, and nothing without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from codec.solana.act_transaction import ActTransaction, decode_act, is_act, mints_vouchers, require_signatures
from codec.solana.programs import MEMO
from codec.solana.redemption import RedemptionTransaction, decode_redemption
from codec.solana.refund_payment import decode_refund_payment, is_refund_payment
from codec.solana.vault_closing import closes_vault, decode_vault_closing
from codec.solana.vault_funding import decode_vault_funding, funds_vault
from codec.solana.voucher_memo import VoucherAct
from keystore import PLATFORM_TENANT, sql
from keystore.batch.model import PreparedBatch
from keystore.limits import sql as limits
from keystore.limits.model import Spend
from keystore.model import KeyRecord
from keystore.payload import CheckedPayload
from keystore.policy import ProgramTarget, Target, require_allowed
from keystore.serials import sql as serials
from keystore.solana_shapes import VaultKeys, require_known_shape
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId
from primitives.clock import Clock
from primitives.errors import InvalidValue, RedemptionRefused, SigningRefused
from primitives.signing import Curve, KeyPurpose, SigningRequest, SigningScheme
from primitives.voucher_id import CampaignId, SerialClass

_NONCE_OWNERS = frozenset({KeyPurpose.RELAYER, KeyPurpose.ISSUER, KeyPurpose.TREASURY})
"""Service keys whose accounts send transactions, and so may have to use up a nonce."""

_WHOLE_TRANSACTIONS = frozenset({KeyPurpose.TREASURY, KeyPurpose.VAULT_OPERATOR})
"""Keys that move campaign money on Solana: bounded by the whole transaction, not by its instructions alone."""


class KeyRefused(Exception):
    """One of several keys may not sign what it was asked for."""

    def __init__(self, record: KeyRecord, reason: SigningRefused | RedemptionRefused) -> None:
        super().__init__(reason.message)
        self.record = record
        self.reason = reason


class Judge:
    """Decides from the keystore's own tables; what it counts is committed before anything is signed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def allow(self, record: KeyRecord, asked: Sequence[tuple[SigningRequest, CheckedPayload]]) -> None:
        """Let the requests of one key through, all or none.

        Raises:
            SigningRefused: `rule` names which.
            RedemptionRefused: From the redemption authority.
        """
        try:
            await self.allow_all([(record, asked)])
        except KeyRefused as refused:
            raise refused.reason from refused.reason.__cause__

    async def allow_all(
        self, groups: Sequence[tuple[KeyRecord, Sequence[tuple[SigningRequest, CheckedPayload]]]]
    ) -> None:
        """`allow` for several keys, no key twice: all of them or none, and nothing is counted unless all are let
        through.

        Raises:
            KeyRefused: With the key and what `allow` would raise.
        """
        watched = [group for group in groups if group[0].purpose is not KeyPurpose.HOLDER]
        if not watched:
            return
        async with self._database.transaction() as tx:
            # In one order, so that two who count against the same limits never wait for each other in a circle.
            for record, asked in sorted(watched, key=lambda group: str(group[0].id)):
                try:
                    await self._allow(tx, record, asked)
                except (SigningRefused, RedemptionRefused) as reason:
                    raise KeyRefused(record, reason) from reason

    async def _allow(
        self, tx: Transaction, record: KeyRecord, asked: Sequence[tuple[SigningRequest, CheckedPayload]]
    ) -> None:
        for chain in {request.chain for request, _ in asked}:
            here = [(request, payload) for request, payload in asked if request.chain == chain]
            if record.purpose is KeyPurpose.REDEMPTION_AUTHORITY:
                for request, _ in here:
                    with _naming(request.payload):
                        await self._cosign(tx, record, request)
            else:
                await self._allow_targets(tx, record, chain, here)
            await self._spend(tx, record, chain, _total([payload for _, payload in here]))

    async def allow_batch(self, record: KeyRecord, chain: ChainId, batch: PreparedBatch) -> None:
        """Let a batch through by its template and its totals.

        Raises:
            SigningRefused: `rule` names which.
        """
        if record.purpose is KeyPurpose.HOLDER:
            return
        if record.purpose is KeyPurpose.REDEMPTION_AUTHORITY or (
            record.purpose in _WHOLE_TRANSACTIONS and record.curve is Curve.ED25519
        ):
            raise SigningRefused(
                f"a {record.purpose} key signs whole transactions one by one, never a batch", rule="no_batch"
            )
        async with self._database.transaction() as tx:
            await self._require_targets(tx, record, chain, batch.targets)
            spend = Spend(batch.value, batch.fee, batch.largest_value, batch.largest_fee, len(batch.hashes))
            await self._spend(tx, record, chain, spend)

    async def _allow_targets(
        self,
        tx: Transaction,
        record: KeyRecord,
        chain: ChainId,
        asked: Sequence[tuple[SigningRequest, CheckedPayload]],
    ) -> None:
        targets: dict[Target, None] = {}
        for _, payload in asked:
            if payload.void and record.purpose in _NONCE_OWNERS:
                continue
            if payload.hides_accounts:
                raise SigningRefused(
                    "a service key signs no message that loads accounts from lookup tables", rule="lookup_tables"
                )
            targets |= dict.fromkeys(payload.targets)
        if targets:
            await self._require_targets(tx, record, chain, tuple(targets))
        if record.purpose is KeyPurpose.ISSUER:
            for request, _ in asked:
                if request.scheme is SigningScheme.SOLANA_MESSAGE and mints_vouchers(request.payload):
                    with _naming(request.payload):
                        await self._require_issue(tx, record, chain, request.payload)
        if record.purpose not in _WHOLE_TRANSACTIONS:
            return
        wholes = [request.payload for request, _ in asked if request.scheme is SigningScheme.SOLANA_MESSAGE]
        if wholes:
            keys = await self._vault_keys(tx, record)
            for message in wholes:
                await self._require_shape(tx, record, chain, message, keys)

    async def _require_targets(
        self, tx: Transaction, record: KeyRecord, chain: ChainId, targets: tuple[Target, ...]
    ) -> None:
        rules = await sql.policy_rules(tx, record.tenant_id, record.purpose, chain)
        require_allowed(record.purpose, targets, rules)

    async def _require_issue(self, tx: Transaction, record: KeyRecord, chain: ChainId, message: bytes) -> None:
        """A mint authority signs no unit without a memo that names its serial, nor one beyond the cap."""
        act = decode_act(message)
        if act.issuer != record.public_key.raw:
            raise RedemptionRefused("the mint is another issuer's", rule="foreign_mint")
        rules = await sql.redemption_rules(tx, chain, [act.campaign])
        await self._require_issuable(tx, chain, act, rules[act.campaign].mint if rules else None)

    async def _require_shape(
        self, tx: Transaction, record: KeyRecord, chain: ChainId, message: bytes, keys: VaultKeys
    ) -> None:
        if is_act(message):
            await self._require_returned(tx, record, chain, message)
            return
        if closes_vault(message):
            await self._require_closing(tx, record, chain, message, keys)
            return
        if funds_vault(message):
            await self._require_funding(tx, record, chain, message, keys)
            return
        if is_refund_payment(message):
            await self._require_refund(tx, record, chain, message)
            return
        sponsor = require_known_shape(record, chain, message, keys)
        if sponsor is not None and await sql.service_key_owner(tx, KeyPurpose.TREASURY, sponsor) is None:
            raise SigningRefused(
                "the vault's sponsor is not the treasury of an organisation here", rule="transaction_shape"
            )

    async def _require_returned(self, tx: Transaction, record: KeyRecord, chain: ChainId, message: bytes) -> None:
        """A treasury's part in a reversal: it pays the payout back to the campaign's vault, and nothing else."""
        act = decode_act(message)
        rule = (await sql.redemption_rules(tx, chain, [act.campaign])).get(act.campaign)
        key = record.public_key.raw
        if rule is None or act.act is not VoucherAct.REVERSE or key not in act.said_by or key not in rule.merchants:
            raise _no_shape("this key has no part in it")
        await self._require_issuable(tx, chain, act, rule.mint)
        paid = [(item.destination, item.authority, item.mint, item.amount) for item in act.payments]
        owed = rule.payout(act.said.amount_minor or 0)
        if paid != ([(rule.vault, key, rule.settlement_mint, owed)] if owed else []):
            raise _no_shape("a reversal pays back to the vault what the vault has paid")

    async def _require_refund(self, tx: Transaction, record: KeyRecord, chain: ChainId, message: bytes) -> None:
        """A treasury pays back exactly what a rule lists: this order, this holder, this much of this token."""
        try:
            refund = decode_refund_payment(message)
        except InvalidValue as error:
            raise _no_shape(error.message) from error
        listed = await sql.policy_rules(tx, record.tenant_id, record.purpose, chain)
        if refund.merchant != record.public_key.raw or ProgramTarget(MEMO, refund.memo) not in list(listed):
            raise _no_shape("no rule lists this refund")

    async def _require_closing(
        self, tx: Transaction, record: KeyRecord, chain: ChainId, message: bytes, keys: VaultKeys
    ) -> None:
        """A vault is emptied to its sponsor once its campaign's window is over."""
        try:
            closing = decode_vault_closing(message)
        except InvalidValue as error:
            raise _no_shape(error.message) from error
        own = closing.operator if record.purpose is KeyPurpose.VAULT_OPERATOR else closing.sponsor
        if closing.operator != keys.operator or own != record.public_key.raw:
            raise _no_shape("the vault belongs to others")
        ends = await sql.window_end_of_vault(tx, chain, closing.vault)
        if ends is None or int(self._clock.now().timestamp()) < ends:
            raise SigningRefused(
                "a vault stays until its campaign's window is over", rule="outside_window", valid_until=ends
            )

    async def _require_funding(
        self, tx: Transaction, record: KeyRecord, chain: ChainId, message: bytes, keys: VaultKeys
    ) -> None:
        """While its campaign runs, a vault's allowance is renewed up to what all its vouchers can cost."""
        try:
            funding = decode_vault_funding(message)
        except InvalidValue as error:
            raise _no_shape(error.message) from error
        own = funding.operator if record.purpose is KeyPurpose.VAULT_OPERATOR else funding.sponsor
        parties = (funding.operator, funding.delegate)
        if own != record.public_key.raw or parties != (keys.operator, keys.authority):
            raise _no_shape("the vault belongs to, or would be spent by, others")
        campaign = await sql.campaign_of_vault(tx, chain, funding.vault)
        if campaign is None:
            raise _no_shape("no campaign has this vault")
        rule = (await sql.redemption_rules(tx, chain, [campaign]))[campaign]
        issued = (await serials.ranges_of(tx, chain, [campaign])).get(campaign)
        most = 0 if issued is None else issued.cap * rule.max_payout
        if funding.allowance > most or funding.settlement_mint != rule.settlement_mint:
            raise _no_shape(f"the campaign's vouchers cost {most} at most, and are paid in its own money")
        if int(self._clock.now().timestamp()) >= rule.valid_until:
            raise SigningRefused(
                "nothing is approved once the campaign's window is over",
                rule="outside_window",
                valid_until=rule.valid_until,
            )

    async def _vault_keys(self, tx: Transaction, record: KeyRecord) -> VaultKeys:
        """Who holds vaults and spends from them here: read from the keystore's own records, not from the request."""
        operator = await sql.service_public_key(tx, PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, Curve.ED25519)
        authority = await sql.service_public_key(tx, PLATFORM_TENANT, KeyPurpose.REDEMPTION_AUTHORITY, Curve.ED25519)
        return VaultKeys(operator, authority)

    async def _spend(self, tx: Transaction, record: KeyRecord, chain: ChainId, spent: Spend) -> None:
        for limit in await limits.limits_of(tx, record.tenant_id, record.purpose, chain):
            for name, amount, most in (
                ("value", spent.largest_value, limit.value),
                ("fee", spent.largest_fee, limit.fee),
            ):
                if most is not None and amount > most:
                    raise SigningRefused(
                        f"a {record.purpose} key may not spend {amount} base units as {name}: its limit is {most}",
                        rule="limit",
                        limit=name,
                        most=str(most),
                        total=str(amount),
                    )
            await limits.spend(tx, record.id, chain, limit, spent, int(self._clock.now().timestamp()))

    async def _cosign(self, tx: Transaction, record: KeyRecord, request: SigningRequest) -> None:
        """The authority signs nothing but whole redemptions, last, after holder and merchant, and each serial once; and
        whole acts that issuer and holder have signed."""
        if is_act(request.payload):
            await self._cosign_act(tx, record, request)
            return
        redemption = decode_redemption(request.payload, request.chain)
        if redemption.parties.authority != record.public_key.raw:
            raise RedemptionRefused("the redemption names another authority than this key", rule="foreign_authority")
        signatures = {key.raw: signature.raw for key, signature in request.cosignatures}
        redemption.require_signature(redemption.parties.holder, signatures)
        redemption.require_signature(redemption.parties.merchant, signatures)
        campaigns = {item.voucher.campaign for item in redemption.vouchers}
        rules = await sql.redemption_rules(tx, request.chain, campaigns)
        redemption.check_campaigns(rules)
        redemption.check_windows(rules, int(self._clock.now().timestamp()))
        for campaign, allowed in (await serials.ranges_of(tx, request.chain, campaigns)).items():
            _check_serials(redemption, campaign, allowed)
        vouchers = [item.voucher for item in redemption.vouchers]
        holder = redemption.parties.holder
        await serials.require_within_limits(tx, request.chain, holder, vouchers)
        payload_hash = hashlib.sha256(request.payload).digest()
        await serials.claim(tx, request.chain, vouchers, payload_hash, _last_height(request), redeemed_by=holder)

    async def _cosign_act(self, tx: Transaction, record: KeyRecord, request: SigningRequest) -> None:
        """Handing on and voiding: a serial that somebody is redeeming stays where it is, and the other way round."""
        act = decode_act(request.payload)
        if act.authority != record.public_key.raw:
            raise RedemptionRefused("the act names another authority than this key", rule="foreign_authority")
        require_signatures(request.payload, act.signers, record.public_key.raw, request.cosignatures)
        rules = await sql.redemption_rules(tx, request.chain, [act.campaign])
        await self._require_issuable(tx, request.chain, act, rules[act.campaign].mint if rules else None)
        if act.act in (VoucherAct.MOVE, VoucherAct.VOID):
            payload_hash = hashlib.sha256(request.payload).digest()
            moves = act.act is VoucherAct.MOVE
            await serials.claim(tx, request.chain, act.vouchers, payload_hash, _last_height(request), moves=moves)

    async def _require_issuable(self, tx: Transaction, chain: ChainId, act: ActTransaction, mint: bytes | None) -> None:
        """Serials of the chain's lane and within its cap, on the campaign's own mint."""
        if mint is None:
            raise RedemptionRefused(f"campaign {act.campaign} is not known here", rule="unknown_campaign")
        if act.mint != mint:
            raise RedemptionRefused("the mint is not the campaign's", rule="foreign_mint")
        allowed = (await serials.ranges_of(tx, chain, [act.campaign])).get(act.campaign)
        for voucher in act.vouchers:
            serial = voucher.serial
            single = serial.kind is SerialClass.SINGLE
            if allowed is not None and (
                serial.lane != allowed.lane or (single and not 1 <= serial.number <= allowed.cap)
            ):
                raise RedemptionRefused(
                    f"serial {int(serial)} is outside lane {allowed.lane} with its cap of {allowed.cap}",
                    rule="serial_outside_cap",
                    lane=allowed.lane,
                    cap=allowed.cap,
                )


def _last_height(request: SigningRequest) -> int:
    if request.last_valid_height is None:
        raise RedemptionRefused(
            "the request does not say until which block height the transaction can land", rule="no_expiry"
        )
    return request.last_valid_height


@contextmanager
def _naming(message: bytes) -> Iterator[None]:
    """A refusal says which of several messages it is about."""
    try:
        yield
    except RedemptionRefused as refusal:
        facts = {**refusal.facts, "payload_sha256": hashlib.sha256(message).hexdigest()}
        raise RedemptionRefused(refusal.message, **facts) from refusal


def _no_shape(reason: str) -> SigningRefused:
    return SigningRefused(
        f"no whole transaction that this key takes part in: {reason}", rule="transaction_shape", reason=reason
    )


def _check_serials(redemption: RedemptionTransaction, campaign: CampaignId, allowed: serials.SerialRange) -> None:
    """A serial must lie in the chain's lane and within its cap, or it was never issued."""
    for item in redemption.vouchers:
        if item.voucher.campaign != campaign:
            continue
        serial = item.voucher.serial
        issued = serial.kind is not SerialClass.SINGLE or 1 <= serial.number <= allowed.cap
        if serial.lane != allowed.lane or not issued:
            raise RedemptionRefused(
                f"serial {int(serial)} is outside lane {allowed.lane} with its cap of {allowed.cap}",
                rule="serial_outside_cap",
                lane=allowed.lane,
                cap=allowed.cap,
            )


def _total(payloads: Sequence[CheckedPayload]) -> Spend:
    return Spend(
        value=sum(payload.value for payload in payloads),
        fee=sum(payload.fee for payload in payloads),
        largest_value=max(payload.value for payload in payloads),
        largest_fee=max(payload.fee for payload in payloads),
        count=len(payloads),
    )
