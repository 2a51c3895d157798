"""Why the redemption authority and the issuer's key refuse: always by name, and by the authority with its signature."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from nacl.signing import SigningKey

from api.key_policy import solana_targets
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.campaign_mint import campaign_mint_address
from codec.solana.campaign_vault import CampaignVault
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.message import build_message
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.redemption import RedemptionParties, TokensToMove, VoucherToBurn, redemption_instructions
from codec.solana.refusal import verify_refusal
from codec.solana.token import mint_to, transfer
from codec.solana.token_control import close_account, revoke
from codec.solana.voucher_act import (
    CampaignKeys,
    Reversal,
    issue_instructions,
    move_instructions,
    reversal_instructions,
    void_instructions,
)
from codec.solana.voucher_memo import VoucherMemo
from keystore import PLATFORM_TENANT
from keystore.model import KeyRecord
from keystore.serials.sql import RedemptionLimits, SerialRange
from keystore.service import Keystore
from persistence.database import Database
from primitives.errors import InvalidValue, RedemptionRefused, SigningRefused
from primitives.signing import Curve, KeyPurpose, PublicKey, Signature, SigningRequest, SigningScheme
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.integration.keystore.test_redemption_authority import (
    CAMPAIGN,
    CHAIN,
    HOLDER,
    MERCHANT,
    MONEY,
    NOW,
    RELAYER,
    RULE,
    VAULT,
    YUAN,
    public,
)

FRIEND = SigningKey(bytes([6] * 32))
CAP = 5


def single(*numbers: int) -> list[Serial]:
    return [Serial(1, SerialClass.SINGLE, number) for number in numbers]


class Platform:
    """One issuer and the redemption authority, under the policy that the program installs."""

    def __init__(self, keystore: Keystore, database: Database, issuer: KeyRecord, authority: KeyRecord) -> None:
        self.keystore, self.database = keystore, database
        self.issuer, self.authority = issuer, authority
        mint = campaign_mint_address(issuer.public_key.raw, CAMPAIGN)
        self.keys = CampaignKeys(CAMPAIGN, mint, issuer.public_key.raw, authority.public_key.raw)
        self.rule = replace(RULE, mint=mint)

    async def allow(self, limits: RedemptionLimits | None = None, **change: object) -> None:
        async with self.database.transaction() as tx:
            rule = replace(self.rule, **change)  # type: ignore[arg-type]
            await self.keystore.allow_redemptions(tx, uuid4(), CHAIN, rule, SerialRange(1, CAP), limits)

    async def sign(self, by: KeyRecord, message: bytes, *given: tuple[bytes, bytes], until: int = 100) -> Signature:
        return await self.keystore.service_signer().sign(self.request(by, message, *given, until=until))

    def request(
        self, by: KeyRecord, message: bytes, *given: tuple[bytes, bytes], until: int | None = 100
    ) -> SigningRequest:
        return SigningRequest(
            by.id,
            SigningScheme.SOLANA_MESSAGE,
            message,
            CHAIN,
            "test",
            cosignatures=tuple((PublicKey(Curve.ED25519, k), Signature(Curve.ED25519, s)) for k, s in given),
            last_valid_height=until,
        )

    def as_issuer(self, instructions: Sequence[Instruction]) -> bytes:
        return build_message(self.keys.issuer, instructions, bytes([5] * 32))

    async def with_issuer(self, message: bytes, *holders: SigningKey) -> list[tuple[bytes, bytes]]:
        signature = await self.sign(self.issuer, message)
        return [(self.keys.issuer, signature.raw), *((public(k), k.sign(message).signature) for k in holders)]

    def redemption(
        self, *numbers: int, holder: SigningKey = HOLDER, merchant: SigningKey = MERCHANT, lie: bool = False
    ) -> bytes:
        return self.redeeming(*single(*(numbers or (1,))), holder=holder, merchant=merchant, lie=lie)

    def redeeming(
        self, *serials: Serial, holder: SigningKey = HOLDER, merchant: SigningKey = MERCHANT, lie: bool = False
    ) -> bytes:
        parties = RedemptionParties(CHAIN, public(RELAYER), public(holder), public(merchant), self.keys.authority)
        vouchers = [VoucherToBurn(VoucherId(CAMPAIGN, serial), self.keys.mint, 0) for serial in serials]
        *burns, note = redemption_instructions(parties, bytes([9] * 32), vouchers, [], None, [])
        if lie:
            said = replace(VoucherMemo.parse(note.data), amount_minor=7)
            note = memo(said.encode(), (public(HOLDER), public(merchant)))
        return build_message(public(RELAYER), (*burns, note), bytes([5] * 32))

    async def redeem(self, message: bytes, holder: SigningKey = HOLDER, until: int = 100) -> Signature:
        given = [(public(key), key.sign(message).signature) for key in (holder, MERCHANT)]
        return await self.sign(self.authority, message, *given, until=until)

    async def refusal(self, message: bytes, *signers: SigningKey) -> RedemptionRefused:
        given = [(public(key), key.sign(message).signature) for key in signers]
        with pytest.raises(RedemptionRefused) as caught:
            await self.sign(self.authority, message, *given)
        return caught.value


@pytest_asyncio.fixture
async def platform(keystore: Keystore, database: Database, key_file: Path) -> Platform:
    await keystore.open_service(key_file)
    tenant: UUID = uuid4()
    issuer = await keystore.service_key(tenant, KeyPurpose.ISSUER, Curve.ED25519)
    authority = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.REDEMPTION_AUTHORITY, Curve.ED25519)
    await keystore.allow(tenant, KeyPurpose.ISSUER, CHAIN, solana_targets()[KeyPurpose.ISSUER])
    return Platform(keystore, database, issuer, authority)


class TestSignedReason:
    @pytest.mark.parametrize(
        ("case", "rule"),
        [
            ("merchant", "wrong_merchant"),
            ("over-issue", "serial_outside_cap"),
            ("expiry", "outside_window"),
            ("memo", "redemption_id"),
            ("unknown", "unknown_campaign"),
            ("unsigned", "missing_signature"),
        ],
    )
    async def test_each_refusal_is_signed(self, platform: Platform, case: str, rule: str) -> None:
        if case != "unknown":
            await platform.allow(valid_until=NOW if case == "expiry" else NOW + 5)
        merchant = FRIEND if case == "merchant" else MERCHANT
        message = platform.redemption(CAP + 1 if case == "over-issue" else 1, merchant=merchant, lie=case == "memo")
        refused = await platform.refusal(message, *(() if case == "unsigned" else (HOLDER, merchant)))
        assert refused.rule == rule
        reason = verify_refusal(refused.signed_reason, bytes.fromhex(refused.reason_signature))
        assert (reason.rule, reason.signer, reason.chain, reason.at) == (rule, platform.keys.authority, CHAIN, NOW)
        assert reason.payload_sha256 == sha256(message).digest()

    async def test_nothing_of_it_can_be_changed(self, platform: Platform) -> None:
        refused = await platform.refusal(platform.redemption(), HOLDER, MERCHANT)
        text, signature = refused.signed_reason, bytes.fromhex(refused.reason_signature)
        for place in range(len(text)):
            for changed in (text[:place] + text[place + 1 :], text[:place] + "1" + text[place + 1 :]):
                if changed != text:
                    with pytest.raises(InvalidValue):
                        verify_refusal(changed, signature)
        with pytest.raises(InvalidValue):
            verify_refusal(text, signature[:-1] + bytes([signature[-1] ^ 1]))

    async def test_limit_on_one_outstanding_redemption(self, platform: Platform) -> None:
        await platform.allow()
        message = platform.redemption()
        given = [(public(key), key.sign(message).signature) for key in (HOLDER, MERCHANT)]
        await platform.sign(platform.authority, message, *given)
        other = message.replace(bytes([5] * 32), bytes([6] * 32))
        refused = await platform.refusal(other, HOLDER, MERCHANT)
        assert refused.rule == "outstanding_serial"
        verify_refusal(refused.signed_reason, bytes.fromhex(refused.reason_signature))


class TestLimits:
    """Per order and per holder, from the authority's own record, each refused with a signed reason."""

    async def refused(self, platform: Platform, message: bytes, holder: SigningKey = HOLDER) -> tuple[str, str]:
        refused = await platform.refusal(message, holder, MERCHANT)
        reason = verify_refusal(refused.signed_reason, bytes.fromhex(refused.reason_signature))
        assert reason.payload_sha256 == sha256(message).digest()
        assert reason.signer == platform.keys.authority
        return reason.rule, reason.facts["limit"]

    async def test_per_order(self, platform: Platform) -> None:
        await platform.allow(RedemptionLimits(per_order=2))
        assert await self.refused(platform, platform.redemption(1, 2, 3)) == ("limit_per_order", "2")
        await platform.redeem(platform.redemption(1, 2))

    async def test_per_holder(self, platform: Platform) -> None:
        await platform.allow(RedemptionLimits(per_holder=2))
        assert await self.refused(platform, platform.redemption(1, 2, 3)) == ("limit_per_holder", "2")
        first = platform.redemption(1)
        await platform.redeem(first)
        await platform.redeem(first)
        await platform.redeem(platform.redemption(2))
        assert await self.refused(platform, platform.redemption(3)) == ("limit_per_holder", "2")
        await platform.redeem(platform.redemption(3, holder=FRIEND), FRIEND)

    async def test_what_came_back_does_not_count(self, platform: Platform) -> None:
        await platform.allow(RedemptionLimits(per_holder=1))
        await platform.redeem(platform.redemption(1))
        await platform.redeem(platform.redeeming(Serial(1, SerialClass.REISSUE, 1)))
        assert await self.refused(platform, platform.redemption(2)) == ("limit_per_holder", "1")

    async def test_what_was_released_does_not_count(self, platform: Platform) -> None:
        await platform.allow(RedemptionLimits(per_holder=1))
        first = platform.redemption(1)
        await platform.redeem(first)
        await platform.keystore.release_serials(CHAIN, sha256(first).digest(), finalized_height=101)
        await platform.redeem(platform.redemption(2))

    async def test_two_at_once_do_not_pass_together(self, platform: Platform) -> None:
        await platform.allow(RedemptionLimits(per_holder=1))
        answers = await asyncio.gather(
            *(platform.redeem(platform.redemption(number)) for number in range(1, 5)), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["RedemptionRefused"] * 3 + ["Signature"]

    async def test_they_never_change(self, platform: Platform) -> None:
        await platform.allow(RedemptionLimits(per_holder=1))
        await platform.allow(RedemptionLimits(per_holder=1))
        with pytest.raises(InvalidValue, match="other limits"):
            await platform.allow(RedemptionLimits(per_holder=2))


class TestIssuer:
    """A mint authority that refuses without a memo, and beyond the cap."""

    async def refused(self, platform: Platform, instructions: Sequence[Instruction]) -> str:
        with pytest.raises(RedemptionRefused) as caught:
            await platform.sign(platform.issuer, platform.as_issuer(instructions))
        return str(caught.value.rule)

    async def test_an_issue_as_it_should_be(self, platform: Platform) -> None:
        await platform.allow()
        good = issue_instructions(platform.keys, platform.keys.issuer, [public(HOLDER)] * 2, single(4, 5))
        await platform.sign(platform.issuer, platform.as_issuer(good))

    async def test_anything_else_is_refused(self, platform: Platform) -> None:
        keys = platform.keys
        good = issue_instructions(keys, keys.issuer, [public(HOLDER)], single(1))
        assert await self.refused(platform, good) == "unknown_campaign"
        await platform.allow()
        note, make, mint = good
        two = mint_to(TOKEN_2022, keys.mint, keys.account(public(HOLDER)), keys.issuer, 2, 0)
        stranger = replace(keys, mint=bytes([8] * 32))
        other = create_associated_token(keys.issuer, public(HOLDER), bytes([8] * 32), TOKEN_2022)
        assert await self.refused(platform, [make, mint]) == "memo_count"
        assert await self.refused(platform, [note, note, make, mint]) == "memo_count"
        assert await self.refused(platform, [note, make, two]) == "memo_units"
        assert await self.refused(platform, [note, make, mint, mint]) == "memo_units"
        assert await self.refused(platform, [memo(note.data, (public(HOLDER),)), make, mint]) == "memo_signers"
        assert await self.refused(platform, [note, other, mint]) == "foreign_mint"
        unlike = issue_instructions(stranger, keys.issuer, [public(HOLDER)], single(1))
        assert await self.refused(platform, unlike) == "foreign_mint"
        for serials in (single(CAP + 1), single(0), [Serial(0, SerialClass.SINGLE, 1)]):
            over = issue_instructions(keys, keys.issuer, [public(HOLDER)], serials)
            assert await self.refused(platform, over) == "serial_outside_cap"

    @pytest.mark.parametrize("alone", [True, False])
    async def test_over_issue_is_refused_with_a_signed_reason(self, platform: Platform, alone: bool) -> None:
        await platform.allow()
        good, over = (
            platform.as_issuer(
                issue_instructions(platform.keys, platform.keys.issuer, [public(HOLDER)], single(number))
            )
            for number in (CAP, CAP + 1)
        )
        with pytest.raises(RedemptionRefused) as caught:
            if alone:
                await platform.sign(platform.issuer, over)
            else:
                requests = [platform.request(platform.issuer, message, until=None) for message in (good, over)]
                await platform.keystore.service_signer().sign_many(requests)
        reason = verify_refusal(caught.value.signed_reason, bytes.fromhex(caught.value.reason_signature))
        assert (reason.rule, reason.signer) == ("serial_outside_cap", platform.issuer.public_key.raw)
        assert reason.payload_sha256 == sha256(over).digest()


class TestCosignedActs:
    async def test_hand_on_and_void(self, platform: Platform) -> None:
        await platform.allow()
        move = move_instructions(platform.keys, platform.keys.issuer, public(HOLDER), public(FRIEND), single(1, 2))
        for instructions in (move, void_instructions(platform.keys, public(HOLDER), single(3))):
            message = platform.as_issuer(instructions)
            if instructions is not move:
                # The issuer's policy reads what it mints; a void mints nothing.
                assert await platform.with_issuer(message)
            given = await platform.with_issuer(message, HOLDER)
            await platform.sign(platform.authority, message, *given)

    async def test_not_without_holder_and_issuer(self, platform: Platform) -> None:
        await platform.allow()
        move = move_instructions(platform.keys, platform.keys.issuer, public(HOLDER), public(FRIEND), single(1))
        message = platform.as_issuer(move)
        assert (await platform.refusal(message, HOLDER)).rule == "missing_signature"
        given = await platform.with_issuer(message)
        with pytest.raises(RedemptionRefused) as caught:
            await platform.sign(platform.authority, message, *given)
        assert caught.value.rule == "missing_signature"

    async def test_not_while_it_is_being_redeemed(self, platform: Platform) -> None:
        await platform.allow()
        redemption = platform.redemption(1)
        given = [(public(key), key.sign(redemption).signature) for key in (HOLDER, MERCHANT)]
        await platform.sign(platform.authority, redemption, *given)
        move = move_instructions(platform.keys, platform.keys.issuer, public(HOLDER), public(FRIEND), single(1))
        message = platform.as_issuer(move)
        with pytest.raises(RedemptionRefused) as caught:
            await platform.sign(platform.authority, message, *await platform.with_issuer(message, HOLDER))
        assert caught.value.rule == "outstanding_serial"

    async def test_what_is_being_handed_on_is_bound(self, platform: Platform) -> None:
        """Another move, a void or a redemption waits until the move landed or cannot; then the new holder redeems."""
        await platform.allow()
        keys = platform.keys
        move = platform.as_issuer(move_instructions(keys, keys.issuer, public(HOLDER), public(FRIEND), single(1)))
        given = await platform.with_issuer(move, HOLDER)
        signature = await platform.sign(platform.authority, move, *given)
        assert await platform.sign(platform.authority, move, *given) == signature
        refused = await platform.refusal(platform.redemption(1), HOLDER, MERCHANT)
        assert refused.rule == "outstanding_serial"
        verify_refusal(refused.signed_reason, bytes.fromhex(refused.reason_signature))
        elsewhere = move_instructions(keys, keys.issuer, public(HOLDER), public(MERCHANT), single(1))
        for instructions in (elsewhere, void_instructions(keys, public(HOLDER), single(1))):
            other = platform.as_issuer(instructions)
            with pytest.raises(RedemptionRefused) as caught:
                await platform.sign(platform.authority, other, *await platform.with_issuer(other, HOLDER))
            assert caught.value.rule == "outstanding_serial"
        redeemed = platform.redemption(1, holder=FRIEND)
        with pytest.raises(RedemptionRefused):
            await platform.redeem(redeemed, FRIEND, until=100 + 182)
        await platform.redeem(redeemed, FRIEND, until=100 + 183)
        refused = await platform.refusal(platform.redemption(1), HOLDER, MERCHANT)
        assert refused.rule == "outstanding_serial"

    async def test_a_voided_serial_stays_bound(self, platform: Platform) -> None:
        await platform.allow()
        void = platform.as_issuer(void_instructions(platform.keys, public(HOLDER), single(1)))
        await platform.sign(platform.authority, void, *await platform.with_issuer(void, HOLDER))
        with pytest.raises(RedemptionRefused) as caught:
            await platform.redeem(platform.redemption(1), until=100_000)
        assert caught.value.rule == "outstanding_serial"

    async def test_the_memo_decides_how_many(self, platform: Platform) -> None:
        await platform.allow()
        note, make, _, mint = move_instructions(
            platform.keys, platform.keys.issuer, public(HOLDER), public(FRIEND), single(1)
        )
        (burn,) = platform.keys.burned(public(HOLDER), 2, by=public(HOLDER))
        message = platform.as_issuer([note, make, burn, mint])
        assert (await platform.refusal(message, HOLDER)).rule == "memo_units"


class TestVaultMoney:
    """A treasury pays back what the vault paid, and with the operator empties the vault once the window is over."""

    @pytest_asyncio.fixture
    async def treasury(self, platform: Platform) -> KeyRecord:
        tenant = uuid4()
        key = await platform.keystore.service_key(tenant, KeyPurpose.TREASURY, Curve.ED25519)
        await platform.keystore.allow(tenant, KeyPurpose.TREASURY, CHAIN, solana_targets()[KeyPurpose.TREASURY])
        return key

    def reversal(self, platform: Platform, treasury: KeyRecord, units: int = 20 * YUAN, vault: bytes = VAULT) -> bytes:
        source = associated_token_address(treasury.public_key.raw, MONEY, TOKEN)
        undone = Reversal(
            holder=public(HOLDER),
            merchant=treasury.public_key.raw,
            redemption_id=bytes([1] * 32),
            order_hash=bytes([2] * 32),
            amount_minor=2_000,
            serial=Serial(1, SerialClass.REISSUE, 1),
            vault=vault,
            returned=TokensToMove(TOKEN, MONEY, 6, source, units),
        )
        return platform.as_issuer(reversal_instructions(platform.keys, platform.keys.issuer, undone))

    async def test_a_reversal_pays_back_exactly(self, platform: Platform, treasury: KeyRecord) -> None:
        await platform.allow(merchants=frozenset({treasury.public_key.raw}))
        good = self.reversal(platform, treasury)
        await platform.sign(platform.issuer, good)
        await platform.sign(treasury, good)
        for bad in (self.reversal(platform, treasury, 20 * YUAN + 1), self.reversal(platform, treasury, vault=MONEY)):
            with pytest.raises(SigningRefused) as caught:
                await platform.sign(treasury, bad)
            assert caught.value.rule == "transaction_shape"

    async def test_only_by_a_merchant_of_the_campaign(self, platform: Platform, treasury: KeyRecord) -> None:
        await platform.allow()
        with pytest.raises(SigningRefused):
            await platform.sign(treasury, self.reversal(platform, treasury))

    async def test_a_vault_is_funded_and_its_allowance_renewed_within_bounds(
        self, platform: Platform, treasury: KeyRecord
    ) -> None:
        """While the campaign runs, for the authority alone, up to what its vouchers can cost."""
        operator = await platform.keystore.service_key(PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, Curve.ED25519)
        await platform.keystore.allow(
            PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, CHAIN, solana_targets()[KeyPurpose.VAULT_OPERATOR]
        )
        vault = CampaignVault(
            CAMPAIGN, treasury.public_key.raw, operator.public_key.raw, platform.keys.authority, MONEY, TOKEN, 6
        )
        await platform.allow(vault=vault.address)
        most = platform.rule.max_payout * CAP

        def message(of: CampaignVault, allowance: int, funded: int = 0) -> bytes:
            paid = [of.fund(funded)] if funded else []
            return build_message(of.sponsor, [*paid, of.approve(allowance)], bytes([5] * 32))

        for good in (message(vault, most), message(vault, 1), message(vault, most, funded=3)):
            for key in (treasury, operator):
                await platform.sign(key, good)
        elsewhere = replace(vault, campaign=CampaignId(bytes([9] * 24)))
        for bad in (
            message(vault, most + 1),
            message(replace(vault, delegate=public(FRIEND)), most),
            message(elsewhere, 1),
        ):
            for key in (treasury, operator):
                with pytest.raises(SigningRefused) as caught:
                    await platform.sign(key, bad)
                assert caught.value.rule == "transaction_shape"
        with pytest.raises(SigningRefused) as caught:
            await platform.sign(treasury, message(replace(vault, operator=public(FRIEND)), most))
        assert caught.value.rule == "transaction_shape"

    async def test_nothing_is_approved_after_the_window(self, platform: Platform, treasury: KeyRecord) -> None:
        operator = await platform.keystore.service_key(PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, Curve.ED25519)
        vault = CampaignVault(
            CAMPAIGN, treasury.public_key.raw, operator.public_key.raw, platform.keys.authority, MONEY, TOKEN, 6
        )
        await platform.allow(vault=vault.address, valid_until=NOW)
        with pytest.raises(SigningRefused) as caught:
            await platform.sign(treasury, build_message(vault.sponsor, [vault.approve(1)], bytes([5] * 32)))
        assert caught.value.rule == "outside_window"

    async def test_a_vault_is_emptied_after_the_window(self, platform: Platform, treasury: KeyRecord) -> None:
        operator = await platform.keystore.service_key(PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, Curve.ED25519)
        await platform.keystore.allow(
            PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, CHAIN, solana_targets()[KeyPurpose.VAULT_OPERATOR]
        )
        vault = CampaignVault(
            CAMPAIGN, treasury.public_key.raw, operator.public_key.raw, platform.keys.authority, MONEY, TOKEN, 6
        )
        signers = (vault.sponsor, vault.operator)

        def closing(to: bytes) -> bytes:
            destination = associated_token_address(to, MONEY, TOKEN)
            return build_message(
                vault.sponsor,
                [
                    revoke(TOKEN, vault.address, vault.owner, signers),
                    create_associated_token(vault.sponsor, to, MONEY, TOKEN),
                    transfer(TOKEN, vault.address, MONEY, destination, vault.owner, 5, 6, signers),
                    close_account(TOKEN, vault.address, vault.sponsor, vault.owner, signers),
                ],
                bytes([5] * 32),
            )

        async def rule(message: bytes) -> list[str]:
            found = []
            for key in (treasury, operator):
                with pytest.raises(SigningRefused) as caught:
                    await platform.sign(key, message)
                found.append(str(caught.value.rule))
            return found

        good = closing(vault.sponsor)
        assert await rule(good) == ["outside_window"] * 2
        await platform.allow(vault=vault.address, valid_until=NOW)
        for key in (treasury, operator):
            await platform.sign(key, good)
        assert await rule(closing(public(FRIEND))) == ["transaction_shape"] * 2
