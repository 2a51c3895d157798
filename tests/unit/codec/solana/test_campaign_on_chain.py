"""A campaign's whole life in the virtual machine: what the programs accept and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from solders.keypair import Keypair

from codec.solana import token
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.campaign_mint import CampaignMint
from codec.solana.campaign_vault import CampaignVault
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.message import build_message, decode_transaction
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.redemption import (
    RedemptionParties,
    RedemptionRule,
    TokensToMove,
    VoucherToBurn,
    decode_redemption,
    redemption_instructions,
)
from codec.solana.system import allocate_with_seed, transfer
from codec.solana.token import Mint, Multisig, TokenAccount
from codec.solana.token_extensions import ExtensionType, account_length, parse_extensions, permissioned_burn
from codec.solana.voucher_memo import SerialRange, VoucherAct, VoucherMemo
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.unit.codec.solana.conftest import VirtualMachine

CHAIN = ChainId("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1")
ORDER = b"\x0b" * 32
YUAN = 1_000_000


def raw(keypair: Keypair) -> bytes:
    return bytes(keypair.pubkey())


class Stage:
    """Issuer, sponsor who is also the merchant, holder, relayer, and the platform's two keys; test CNY in hand."""

    def __init__(self, vm: VirtualMachine, money_program: bytes) -> None:
        self.vm = vm
        self.issuer, self.merchant, self.relayer, self.bank = (vm.key() for _ in range(4))
        self.holder, self.authority, self.operator = (vm.key(0) for _ in range(3))
        self.campaign = CampaignId(b"\xc0" * 24)
        self.mint = CampaignMint(
            raw(self.issuer),
            raw(self.authority),
            self.campaign,
            b"\x09" * 32,
            "满100减20",
            "threshold",
            "CNY",
            1_700_000_000,
            1_800_000_000,
        )
        money = vm.key(0)
        self.money_program, self.cny = money_program, raw(money)
        self.vault = CampaignVault(
            self.campaign, raw(self.merchant), raw(self.operator), raw(self.authority), self.cny, money_program, 6
        )
        bank = raw(self.bank)
        self.must(
            [
                transfer(bank, self.cny, vm.rent(82)),
                Instruction(bytes(32), allocate(self.cny), b"\x08\0\0\0" + (82).to_bytes(8, "little")),
                Instruction(bytes(32), allocate(self.cny), b"\x01\0\0\0" + money_program),
                token.initialize_mint(money_program, self.cny, 6, bank, None),
                create_associated_token(bank, raw(self.merchant), self.cny, money_program),
                create_associated_token(bank, raw(self.holder), self.cny, money_program),
                token.mint_to(money_program, self.cny, self.vault.source, bank, 1_000 * YUAN, 6),
                token.mint_to(money_program, self.cny, self.money_of(self.holder), bank, 1_000 * YUAN, 6),
            ],
            self.bank,
            money,
        )

    def must(self, instructions: list[Instruction], *signers: Keypair) -> None:
        assert self.vm.run(instructions, *signers) is None

    def money_of(self, owner: Keypair) -> bytes:
        return associated_token_address(raw(owner), self.cny, self.money_program)

    def vouchers_of(self, owner: Keypair) -> bytes:
        return associated_token_address(raw(owner), self.mint.address, TOKEN_2022)

    def balance(self, account: bytes) -> int:
        return TokenAccount.parse(self.vm.data(account)).amount

    def launch(self) -> None:
        self.must(list(self.mint.instructions(self.vm.rent(self.mint.final_length))), self.issuer)
        self.must(
            [
                *self.vault.open(self.vm.rent(355)),
                self.vault.create_account(),
                self.vault.fund(200 * YUAN),
                self.vault.approve(200 * YUAN),
            ],
            self.merchant,
            self.operator,
        )

    def issue(self, count: int = 1) -> None:
        text = VoucherMemo(
            VoucherAct.ISSUE, self.campaign, (SerialRange(Serial(1, SerialClass.SINGLE, 1), count),)
        ).encode()
        self.must(
            [
                create_associated_token(raw(self.issuer), raw(self.holder), self.mint.address, TOKEN_2022),
                token.mint_to(TOKEN_2022, self.mint.address, self.vouchers_of(self.holder), raw(self.issuer), count, 0),
                memo(text, (raw(self.issuer),)),
            ],
            self.issuer,
        )

    @property
    def parties(self) -> RedemptionParties:
        return RedemptionParties(CHAIN, raw(self.relayer), raw(self.holder), raw(self.merchant), raw(self.authority))

    @property
    def signers(self) -> tuple[Keypair, ...]:
        return self.relayer, self.holder, self.merchant, self.authority

    def voucher(self, number: int = 1) -> VoucherToBurn:
        voucher = VoucherId(self.campaign, Serial(1, SerialClass.SINGLE, number))
        return VoucherToBurn(voucher, self.mint.address, 2000)

    def money(self, source: bytes, base_units: int) -> TokensToMove:
        return TokensToMove(self.money_program, self.cny, 6, source, base_units)

    def redemption(self, number: int = 1, *, create: bool = False) -> list[Instruction]:
        return list(
            redemption_instructions(
                self.parties,
                ORDER,
                [self.voucher(number)],
                [self.money(self.vault.address, 20 * YUAN)],
                self.money(self.money_of(self.holder), 80 * YUAN),
                [(self.cny, self.money_program)] if create else [],
            )
        )

    def message(self, instructions: list[Instruction]) -> bytes:
        return build_message(raw(self.relayer), instructions, bytes(32))

    @property
    def rule(self) -> RedemptionRule:
        return RedemptionRule(
            self.campaign,
            self.mint.address,
            self.vault.address,
            self.cny,
            frozenset({raw(self.merchant)}),
            20 * YUAN,
            10_000,
            10_000,
            0,
            2**40,
        )


def allocate(account: bytes) -> tuple[token.AccountMeta, ...]:
    return (token.AccountMeta(account, True, True),)


@pytest.fixture(params=[TOKEN, TOKEN_2022], ids=["money in SPL Token", "money in Token-2022"])
def stage(vm: VirtualMachine, request: pytest.FixtureRequest) -> Stage:
    return Stage(vm, request.param)


class TestLaunch:
    def test_mint_says_what_its_campaign_is(self, stage: Stage) -> None:
        stage.launch()
        data = stage.vm.data(stage.mint.address)
        stage.mint.check(data)
        assert len(data) == stage.mint.final_length
        assert Mint.parse(data) == Mint(raw(stage.issuer), 0, 0, None)
        assert set(parse_extensions(data)) == {
            ExtensionType.METADATA_POINTER,
            ExtensionType.NON_TRANSFERABLE,
            ExtensionType.PERMISSIONED_BURN,
            ExtensionType.MINT_CLOSE_AUTHORITY,
            ExtensionType.TOKEN_METADATA,
        }

    def test_mint_of_another_campaign_is_told_apart(self, stage: Stage) -> None:
        stage.launch()
        data = stage.vm.data(stage.mint.address)
        with pytest.raises(InvalidValue) as refused:
            replace(stage.mint, rules_hash=bytes(32)).check(data)
        assert refused.value.field == "fields"
        with pytest.raises(InvalidValue) as refused:
            replace(stage.mint, burn_authority=bytes(32)).check(data)
        assert refused.value.field == "burn_authority"

    def test_prefunding_does_not_block_it(self, stage: Stage) -> None:
        rent = stage.vm.rent(stage.mint.final_length)
        stage.must([transfer(raw(stage.bank), stage.mint.address, rent + 5)], stage.bank)
        stage.must(list(stage.mint.instructions(0)), stage.issuer)
        stage.mint.check(stage.vm.data(stage.mint.address))

    def test_nobody_else_can_take_the_address(self, stage: Stage) -> None:
        mint = stage.mint
        theft = allocate_with_seed(mint.address, raw(stage.bank), stage.vault.seed, mint.allocated_length, TOKEN_2022)
        assert stage.vm.run([theft], stage.bank) == {"InstructionError": [0, {"Custom": 5}]}

    def test_second_initialisation_is_refused(self, stage: Stage) -> None:
        stage.launch()
        again = stage.vm.run(list(stage.mint.instructions(0)), stage.issuer)
        assert again == {"InstructionError": [0, {"Custom": 0}]}

    def test_vault_is_held_by_sponsor_and_operator_together(self, stage: Stage) -> None:
        stage.launch()
        multisig = Multisig.parse(stage.vm.data(stage.vault.owner))
        assert multisig == Multisig(2, (raw(stage.merchant), raw(stage.operator)))
        account = TokenAccount.parse(stage.vm.data(stage.vault.address))
        assert account == TokenAccount(
            stage.cny, stage.vault.owner, 200 * YUAN, raw(stage.authority), 200 * YUAN, False
        )
        for signers in ((stage.merchant,), (stage.operator,), (stage.merchant, stage.holder)):
            take = token.transfer(
                stage.money_program,
                stage.vault.address,
                stage.cny,
                stage.vault.source,
                stage.vault.owner,
                1,
                6,
                tuple(raw(s) for s in signers),
            )
            assert stage.vm.run([take], stage.relayer, *signers) is not None


class TestIssue:
    def test_holder_gets_the_units_in_an_account_of_the_reckoned_size(self, stage: Stage) -> None:
        stage.launch()
        stage.issue(3)
        data = stage.vm.data(stage.vouchers_of(stage.holder))
        assert TokenAccount.parse(data).amount == 3
        assert len(data) == account_length(parse_extensions(stage.vm.data(stage.mint.address)))

    def test_only_the_issuer_issues(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        more = token.mint_to(TOKEN_2022, stage.mint.address, stage.vouchers_of(stage.holder), raw(stage.merchant), 1, 0)
        assert stage.vm.run([more], stage.merchant) == {"InstructionError": [0, {"Custom": 4}]}


class TestRedeem:
    def test_merchant_gets_payout_and_remainder_and_the_voucher_is_gone(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        stage.must(stage.redemption(create=True), *stage.signers)
        assert stage.balance(stage.money_of(stage.merchant)) == (1_000 - 200 + 20 + 80) * YUAN
        assert stage.balance(stage.money_of(stage.holder)) == 920 * YUAN
        assert stage.balance(stage.vault.address) == 180 * YUAN
        assert stage.balance(stage.vouchers_of(stage.holder)) == 0
        assert Mint.parse(stage.vm.data(stage.mint.address)).supply == 0

    def test_transaction_with_an_account_to_create_fits(self, stage: Stage) -> None:
        assert len(stage.vm.sign(stage.redemption(create=True), *stage.signers)) <= 1232

    def test_second_burn_is_refused_and_moves_no_money(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        stage.must(stage.redemption(), *stage.signers)
        assert stage.vm.run(stage.redemption(), *stage.signers) == {"InstructionError": [0, {"Custom": 1}]}
        assert stage.balance(stage.vault.address) == 180 * YUAN

    def test_holder_alone_is_refused(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        account, mint, holder = stage.vouchers_of(stage.holder), stage.mint.address, raw(stage.holder)
        plain = token.burn(TOKEN_2022, account, mint, holder, 1, 0)
        assert stage.vm.run([plain], stage.relayer, stage.holder) == {"InstructionError": [0, {"Custom": 12}]}
        himself = permissioned_burn(account, mint, holder, holder, 1)
        assert stage.vm.run([himself], stage.relayer, stage.holder) == {"InstructionError": [0, "InvalidAccountData"]}

    def test_strangers_authority_is_refused(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        burn = permissioned_burn(
            stage.vouchers_of(stage.holder), stage.mint.address, raw(stage.merchant), raw(stage.holder), 1
        )
        error = stage.vm.run([burn], stage.relayer, stage.merchant, stage.holder)
        assert error == {"InstructionError": [0, "InvalidAccountData"]}

    def test_strangers_hold_on_a_voucher_is_refused(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        burn = permissioned_burn(
            stage.vouchers_of(stage.holder), stage.mint.address, raw(stage.authority), raw(stage.merchant), 1
        )
        error = stage.vm.run([burn], stage.relayer, stage.authority, stage.merchant)
        assert error == {"InstructionError": [0, {"Custom": 4}]}

    def test_transfer_is_refused(self, stage: Stage) -> None:
        stage.launch()
        stage.issue()
        move = token.transfer(
            TOKEN_2022,
            stage.vouchers_of(stage.holder),
            stage.mint.address,
            stage.vouchers_of(stage.merchant),
            raw(stage.holder),
            1,
            0,
        )
        create = create_associated_token(raw(stage.relayer), raw(stage.merchant), stage.mint.address, TOKEN_2022)
        error = stage.vm.run([create, move], stage.relayer, stage.holder)
        assert error == {"InstructionError": [1, {"Custom": 37}]}


class TestDecode:
    def test_reads_back_what_was_built(self, stage: Stage) -> None:
        message = stage.message(stage.redemption(create=True))
        decoded = decode_redemption(message, CHAIN)
        assert decoded.parties == stage.parties
        assert decoded.order_hash == ORDER
        assert [(v.voucher, v.mint, v.amount_minor) for v in decoded.vouchers] == [
            (stage.voucher().voucher, stage.mint.address, 2000)
        ]
        assert [(p.source, p.base_units) for p in decoded.payouts] == [(stage.vault.address, 20 * YUAN)]
        assert decoded.remainder is not None
        assert decoded.remainder.base_units == 80 * YUAN
        decoded.check_campaigns({stage.campaign: stage.rule})

    def test_holders_signature_is_required(self, stage: Stage) -> None:
        message = stage.message(stage.redemption())
        decoded = decode_redemption(message, CHAIN)
        holder = raw(stage.holder)
        decoded.require_signature(holder, {holder: bytes(stage.holder.sign_message(message))})
        for signatures, rule in (
            ({}, "missing_signature"),
            ({holder: bytes(stage.merchant.sign_message(message))}, "wrong_signature"),
            ({holder: bytes(stage.holder.sign_message(message + b"x"))}, "wrong_signature"),
        ):
            with pytest.raises(RedemptionRefused) as refused:
                decoded.require_signature(holder, signatures)
            assert refused.value.rule == rule

    def refused(self, stage: Stage, instructions: list[Instruction], chain: ChainId = CHAIN) -> str:
        with pytest.raises(RedemptionRefused) as refused:
            decode_redemption(stage.message(instructions), chain)
        return str(refused.value.rule)

    def test_memo_that_does_not_match_is_refused(self, stage: Stage) -> None:
        burn, note, *payments = stage.redemption()
        other = stage.redemption(2)[1]
        parties = (raw(stage.holder), raw(stage.merchant))
        said = VoucherMemo.parse(note.data)

        def with_memo(changed: VoucherMemo) -> list[Instruction]:
            return [burn, memo(changed.encode(), parties), *payments]

        assert self.refused(stage, [burn, *payments]) == "memo_count"
        assert self.refused(stage, [burn, note, other, *payments]) == "memo_count"
        assert self.refused(stage, [burn, memo(b"thanks", parties), *payments]) == "memo"
        assert self.refused(stage, with_memo(replace(said, amount_minor=2001))) == "redemption_id"
        assert self.refused(stage, with_memo(replace(said, order_hash=bytes(32)))) == "redemption_id"
        other_serial = VoucherMemo.parse(other.data).serials
        assert self.refused(stage, with_memo(replace(said, serials=other_serial))) == "redemption_id"
        assert self.refused(stage, with_memo(replace(said, act=VoucherAct.REVERSE))) == "memo_act"
        only_holder = memo(note.data, (raw(stage.holder),))
        assert self.refused(stage, [burn, only_holder, *payments]) == "memo_signers"
        elsewhere = ChainId("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
        assert self.refused(stage, stage.redemption(), elsewhere) == "redemption_id"

    def test_anything_beside_the_redemption_is_refused(self, stage: Stage) -> None:
        good = stage.redemption()
        authority, relayer, merchant = raw(stage.authority), raw(stage.relayer), raw(stage.merchant)
        second = token.transfer(
            stage.money_program,
            stage.vault.address,
            stage.cny,
            stage.money_of(stage.holder),
            authority,
            1,
            6,
        )
        unchecked = Instruction(
            stage.money_program,
            tuple(
                token.AccountMeta(k, s, True)
                for k, s in ((stage.vault.address, False), (stage.vault.source, False), (authority, True))
            ),
            b"\x03" + bytes(8),
        )
        for extra, rule in (
            (transfer(relayer, merchant, 1), "foreign_instruction"),
            (stage.vault.approve(1), "foreign_instruction"),
            (second, "payout_destination"),
            (unchecked, "foreign_instruction"),
            (stage.vault.fund(1), "payout_destination"),
            (create_associated_token(relayer, raw(stage.holder), stage.cny, stage.money_program), "created_account"),
            (create_associated_token(relayer, merchant, stage.mint.address, TOKEN_2022), "created_account"),
        ):
            assert self.refused(stage, [*good, extra]) in (rule, "foreign_transfer")

    def test_authority_as_party_is_refused(self, stage: Stage) -> None:
        message = build_message(raw(stage.authority), stage.redemption(), bytes(32))
        with pytest.raises(RedemptionRefused) as refused:
            decode_redemption(message, CHAIN)
        assert refused.value.rule == "fee_payer"

    def test_burn_without_naming_is_refused(self, stage: Stage) -> None:
        burn, note, *payments = stage.redemption()
        two = permissioned_burn(
            stage.vouchers_of(stage.holder), stage.mint.address, raw(stage.authority), raw(stage.holder), 2
        )
        assert self.refused(stage, [two, note, *payments]) == "burn_amount"
        assert self.refused(stage, [burn, note, burn, note, *payments]) == "memo_count"
        assert self.refused(stage, [burn, burn, note, *payments]) == "memo_count"
        assert self.refused(stage, payments) == "no_burn"

    def test_foreign_mint_cannot_draw_on_the_vault(self, stage: Stage) -> None:
        own = replace(stage.voucher(), mint=b"\x33" * 32)
        vault = stage.money(stage.vault.address, 20 * YUAN)
        forged = list(redemption_instructions(stage.parties, ORDER, [own], [vault], None, []))
        decoded = decode_redemption(stage.message(forged), CHAIN)
        with pytest.raises(RedemptionRefused) as refused:
            decoded.check_campaigns({stage.campaign: stage.rule})
        assert refused.value.rule == "foreign_mint"

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"merchants": frozenset({bytes(32)})}, "wrong_merchant"),
            ({"vault": b"\x44" * 32}, "wrong_vault"),
            ({"settlement_mint": b"\x44" * 32}, "wrong_vault"),
            ({"max_payout": 19 * YUAN}, "wrong_payout"),
            ({"sponsor_bp": 5_000}, "wrong_payout"),
        ],
    )
    def test_terms_bind_the_payment(self, stage: Stage, change: dict[str, object], rule: str) -> None:
        decoded = decode_redemption(stage.message(stage.redemption()), CHAIN)
        with pytest.raises(RedemptionRefused) as refused:
            decoded.check_campaigns({stage.campaign: replace(stage.rule, **change)})  # type: ignore[arg-type]
        assert refused.value.rule == rule

    def test_unknown_campaign_is_refused(self, stage: Stage) -> None:
        decoded = decode_redemption(stage.message(stage.redemption()), CHAIN)
        with pytest.raises(RedemptionRefused) as refused:
            decoded.check_campaigns({})
        assert refused.value.rule == "unknown_campaign"

    def test_decoding_a_landed_transaction(self, stage: Stage) -> None:
        raw_transaction = stage.vm.sign(stage.redemption(), *stage.signers)
        signatures, message = decode_transaction(raw_transaction)
        decoded = decode_redemption(message, CHAIN)
        by_key = dict(zip((raw(k) for k in stage.signers[:1]), signatures[:1], strict=True))
        decoded.require_signature(raw(stage.relayer), by_key)
