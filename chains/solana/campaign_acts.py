"""What can be done with a campaign and its vouchers beside launching, issuing and redeeming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chains.campaign import (
    CampaignPower,
    CampaignTerms,
    ClaimTicket,
    DropClaim,
    IssuerPower,
    MerchantCredit,
    ReversedRedemption,
    TransferPolicy,
)
from chains.intent import Intent, ProgramCall
from chains.solana.campaign_accounts import CampaignAccounts
from chains.solana.instructions import require_own, token_balance
from chains.solana.node import SolanaNode
from chains.solana.token_transfer import token_account
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.burn_guard import BurnGuard
from codec.solana.drop import drop_leaf, drop_serial, proves
from codec.solana.instruction import Instruction
from codec.solana.mint_powers import HeldPower, mint_powers
from codec.solana.programs import TOKEN_2022
from codec.solana.redemption import TokensToMove
from codec.solana.token import transfer as transfer_tokens
from codec.solana.token_control import close_account, revoke
from codec.solana.token_extensions import pause, resume
from codec.solana.voucher_act import (
    Reversal,
    issue_instructions,
    move_instructions,
    reversal_instructions,
    void_instructions,
)
from primitives.account_id import AccountId
from primitives.errors import CampaignNotActive, CampaignNotFound, FeatureUnavailable, InvalidTerms, InvalidValue
from primitives.signing import Signature
from primitives.voucher_id import Serial, SerialClass, VoucherId


class _Book(Protocol):
    @property
    def authority(self) -> AccountId: ...

    @property
    def operator(self) -> AccountId: ...

    @property
    def node(self) -> SolanaNode: ...

    async def accounts(self, terms: CampaignTerms) -> CampaignAccounts: ...


class _PoweredBook(_Book, Protocol):
    async def powers(self, terms: CampaignTerms) -> tuple[HeldPower, ...]: ...


class CampaignActs:
    """Mixed into the Solana voucher book. Each act is one transaction that the issuer pays for, all or nothing; the
    redemption authority is the last cosigner wherever a voucher is burned."""

    async def move(
        self: _Book, terms: CampaignTerms, holder: AccountId, recipient: AccountId, vouchers: Sequence[VoucherId]
    ) -> Intent:
        """Hand vouchers on: burned at one holder and minted at the other, under the same serials.

        Raises:
            InvalidTerms: The campaign's vouchers are bound to their holder.
            InvalidValue: No voucher, one named twice or of another campaign, or a recipient who is the holder.
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        if terms.transfer_policy is TransferPolicy.BOUND:
            raise InvalidTerms("vouchers of this campaign cannot be handed on", field="transfer_policy")
        for account in (holder, recipient):
            require_own(terms.chain, account)
        if holder == recipient:
            raise InvalidValue("holder and recipient are the same account")
        one = await self.accounts(terms)
        serials = _serials(terms, vouchers)
        return Intent(
            terms.issuer,
            ProgramCall(move_instructions(one.keys, terms.issuer.raw, holder.raw, recipient.raw, serials)),
            _cosigners(terms.issuer, holder, self.authority),
        )

    async def void(self: _Book, terms: CampaignTerms, holder: AccountId, vouchers: Sequence[VoucherId]) -> Intent:
        """Take vouchers back without paying: with the holder's signature, or that of the delegate in the terms.

        Raises:
            InvalidTerms: The terms declare no such power.
            InvalidValue: No voucher, one named twice or of another campaign.
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        _require_power(terms, CampaignPower.VOID)
        require_own(terms.chain, holder)
        one = await self.accounts(terms)
        delegate = None if terms.delegate is None else terms.delegate.raw
        instructions = void_instructions(one.keys, holder.raw, _serials(terms, vouchers), delegate=delegate)
        return Intent(
            terms.issuer,
            ProgramCall(instructions),
            _cosigners(terms.issuer, terms.delegate or holder, self.authority),
        )

    async def reverse(
        self: _Book, terms: CampaignTerms, undone: ReversedRedemption, number: int, *, now: int
    ) -> Intent:
        """Undo a redemption: the merchant returns the payout to the vault, and the holder gets a voucher of class
        reissue with this number.

        Args:
            now: Block time, Unix seconds.

        Raises:
            InvalidTerms: The campaign has no refund window, or another merchant is named.
            CampaignNotActive: The refund window, or the campaign's own, is over.
            InvalidAddress, InvalidValue, UnknownAsset, NodeUnavailable
        """
        if not terms.refund_window:
            raise InvalidTerms("redemptions of this campaign cannot be reversed", field="refund_window")
        if undone.merchant not in terms.merchants:
            raise InvalidTerms(f"{undone.merchant} is not a merchant of the campaign", field="merchants")
        if undone.voucher.campaign != terms.id or undone.payout != terms.payout(undone.amount_minor):
            raise InvalidValue("the redemption to reverse is not one of this campaign's")
        until = min(undone.redeemed_at + terms.refund_window, terms.valid_until)
        if now >= until:
            raise CampaignNotActive("the time for giving the voucher back is over", status="ended", until=until)
        require_own(terms.chain, undone.holder)
        one = await self.accounts(terms)
        vault = one.vault
        source = associated_token_address(undone.merchant.raw, vault.settlement_mint, vault.token_program)
        back = TokensToMove(vault.token_program, vault.settlement_mint, vault.decimals, source, undone.payout)
        reversal = Reversal(
            holder=undone.holder.raw,
            merchant=undone.merchant.raw,
            redemption_id=undone.redemption_id,
            order_hash=undone.order_hash,
            amount_minor=undone.amount_minor,
            serial=Serial(terms.lane, SerialClass.REISSUE, number),
            vault=vault.address,
            returned=back if undone.payout else None,
        )
        frozen = (self.authority,) if one.mint.guard is BurnGuard.FROZEN else ()
        return Intent(
            terms.issuer,
            ProgramCall(reversal_instructions(one.keys, terms.issuer.raw, reversal)),
            _cosigners(terms.issuer, undone.merchant, *frozen),
        )

    async def take_back(
        self: _Book, terms: CampaignTerms, undone: ReversedRedemption, number: int, *, now: int, relayer: AccountId
    ) -> Sequence[Intent]:
        """As `reverse`, which the issuer pays for. `number` is not used again, whatever becomes of it.

        Before it the allowance is renewed where the vault will hold more than that: what was paid out has used it up,
        and the holder's new voucher shall be paid like any other.
        """
        reversal = await CampaignActs.reverse(self, terms, undone, number, now=now)
        vault = (await self.accounts(terms)).vault
        held = token_account(await self.node.account(vault.address))
        if not undone.payout or held is None:
            return (reversal,)
        # More may be in the vault than all vouchers can cost, and is never approved.
        if held.delegated_amount >= min(terms.full_funding, held.amount + undone.payout):
            return (reversal,)
        return (Intent(terms.funder, ProgramCall((vault.approve(terms.full_funding),)), (self.operator,)), reversal)

    async def return_payout(
        self, terms: CampaignTerms, undone: ReversedRedemption, amount: int, *, relayer: AccountId
    ) -> Sequence[Intent]:
        """Raises FeatureUnavailable: a vault takes back whole redemptions only, so the share stays a debt."""
        raise FeatureUnavailable(
            "on Solana a part of a payout does not go back to the vault: it is owed to the sponsor",
            feature="return_payout",
        )

    async def settle(self, terms: CampaignTerms, merchant: AccountId, *, relayer: AccountId) -> Sequence[Intent]:
        """Nothing: every redemption pays at once."""
        return ()

    async def credit(self, terms: CampaignTerms, merchant: AccountId) -> MerchantCredit:
        """None: every redemption pays at once."""
        return MerchantCredit(0, 0)

    async def hand_on(
        self: _Book, terms: CampaignTerms, holder: AccountId, recipient: AccountId, voucher: VoucherId
    ) -> Intent:
        """As `move` of one voucher."""
        return await CampaignActs.move(self, terms, holder, recipient, [voucher])

    async def claim(
        self: _Book, terms: CampaignTerms, claim: DropClaim, *, submitter: AccountId | None = None
    ) -> Intent:
        """Mint the voucher of one leaf; whether it was claimed before is the caller's to know. The issuer pays.

        Raises:
            InvalidTerms: The campaign has no drop.
            InvalidValue: The leaf is not under the campaign's root.
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        if terms.drop_root is None:
            raise InvalidTerms("the campaign has no drop", field="drop_root")
        require_own(terms.chain, claim.holder)
        leaf = drop_leaf(terms.id, claim.index, claim.holder.raw)
        if claim.index >= terms.drop_count or not proves(terms.drop_root, leaf, claim.proof):
            raise InvalidValue("the proof does not lead to the campaign's drop", index=claim.index)
        one = await self.accounts(terms)
        frozen = (self.authority,) if one.mint.guard is BurnGuard.FROZEN else ()
        serials = [drop_serial(terms.lane, claim.index)]
        return Intent(
            terms.issuer,
            ProgramCall(issue_instructions(one.keys, terms.issuer.raw, [claim.holder.raw], serials)),
            _cosigners(terms.issuer, *frozen),
        )

    async def pause(self: _Book, terms: CampaignTerms) -> Intent:
        """Stop issuing, redeeming and handing on. Raises InvalidTerms without the declared power."""
        _require_power(terms, CampaignPower.PAUSE)
        mint = (await self.accounts(terms)).mint.address
        return Intent(terms.issuer, ProgramCall((pause(mint, terms.issuer.raw),)))

    async def resume(self: _Book, terms: CampaignTerms) -> Intent:
        """End a pause. Raises InvalidTerms without the declared power."""
        _require_power(terms, CampaignPower.PAUSE)
        mint = (await self.accounts(terms)).mint.address
        return Intent(terms.issuer, ProgramCall((resume(mint, terms.issuer.raw),)))

    async def reclaim(self: _Book, terms: CampaignTerms, *, now: int) -> Sequence[Intent]:
        """After window and refund window: everything in the vault, and its rent, back to the sponsor, with the vault
        operator as cosigner. Empty where there is no vault any more.

        Args:
            now: Block time, Unix seconds.

        Raises:
            CampaignNotActive: Vouchers can still be redeemed or given back.
            UnknownAsset, NodeUnavailable
        """
        opens = terms.valid_until + terms.refund_window
        if now < opens:
            raise CampaignNotActive("the vault stays until its vouchers have ended", status="active", opens=opens)
        vault = (await self.accounts(terms)).vault
        held = await self.node.account(vault.address)
        if held is None:
            return ()
        signers = (vault.sponsor, vault.operator)
        steps: list[Instruction] = [revoke(vault.token_program, vault.address, vault.owner, signers)]
        amount = token_balance(held)
        if amount:
            steps += [
                create_associated_token(vault.sponsor, vault.sponsor, vault.settlement_mint, vault.token_program),
                transfer_tokens(
                    vault.token_program,
                    vault.address,
                    vault.settlement_mint,
                    vault.source,
                    vault.owner,
                    amount,
                    vault.decimals,
                    signers,
                ),
            ]
        steps.append(close_account(vault.token_program, vault.address, vault.sponsor, vault.owner, signers))
        return [Intent(terms.funder, ProgramCall(tuple(steps)), (self.operator,))]

    async def close_holding(self: _Book, terms: CampaignTerms, holder: AccountId) -> Intent:
        """Close a holder's empty account, so that its rent goes back to the issuer who paid it; the holder signs.

        Raises:
            InvalidValue: It still holds vouchers.
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        require_own(terms.chain, holder)
        account = (await self.accounts(terms)).keys.account(holder.raw)
        held = token_balance(await self.node.account(account))
        if held:
            raise InvalidValue(f"{holder.address} still holds {held} vouchers of the campaign", held=held)
        closing = close_account(TOKEN_2022, account, terms.issuer.raw, holder.raw)
        return Intent(terms.issuer, ProgramCall((closing,)), _cosigners(terms.issuer, holder))

    async def close_mint(self: _Book, terms: CampaignTerms) -> Intent:
        """Close the mint of a campaign without a live unit and take its rent back; the chain refuses any other."""
        mint = (await self.accounts(terms)).mint.address
        return Intent(terms.issuer, ProgramCall((close_account(TOKEN_2022, mint, terms.issuer.raw, terms.issuer.raw),)))

    async def fund(self: _Book, terms: CampaignTerms, base_units: int) -> Sequence[Intent]:
        """One transaction: from the sponsor's account into the vault, and its allowance anew for all vouchers.

        Raises:
            CampaignNotActive: There is no vault: the campaign pays nothing, or it was reclaimed.
            UnknownAsset, NodeUnavailable
        """
        vault = (await self.accounts(terms)).vault
        if await self.node.account(vault.address) is None:
            raise CampaignNotActive("the campaign has no vault that could be funded", status="ended")
        steps = (vault.fund(base_units), vault.approve(terms.full_funding))
        return (Intent(terms.funder, ProgramCall(steps), (self.operator,)),)

    async def commit_drop(self: _Book, terms: CampaignTerms, drop: int, root: bytes, count: int) -> Intent:
        """Raises FeatureUnavailable: the root stands in the mint's metadata, which nobody can change."""
        raise FeatureUnavailable("on Solana a drop is fixed before the launch", feature="drop_after_launch")

    async def ticket_payload(self: _Book, terms: CampaignTerms, ticket: ClaimTicket) -> bytes:
        """Raises FeatureUnavailable: nobody but the issuer mints, so a claim is the issuer's own transaction."""
        raise FeatureUnavailable("claim tickets exist on EVM chains only", feature="tickets")

    async def ticket_call(
        self: _Book, terms: CampaignTerms, ticket: ClaimTicket, signature: Signature, *, submitter: AccountId
    ) -> Intent:
        """Raises FeatureUnavailable."""
        raise FeatureUnavailable("claim tickets exist on EVM chains only", feature="tickets")

    async def powers_of(self: _PoweredBook, terms: CampaignTerms) -> tuple[IssuerPower, ...]:
        """`powers` in the words of every chain. Raises CampaignNotFound, UnknownAsset, NodeUnavailable."""
        return tuple(
            IssuerPower(
                held.power.value,
                str(held),
                None if held.who is None else AccountId.from_raw(terms.chain, held.who),
            )
            for held in await self.powers(terms)
        )

    async def powers(self: _Book, terms: CampaignTerms) -> tuple[HeldPower, ...]:
        """What issuer and platform can still do to the holders, as the mint itself says. Raises CampaignNotFound."""
        found = await self.node.account((await self.accounts(terms)).mint.address)
        if found is None or found.owner != TOKEN_2022:
            raise CampaignNotFound(f"campaign {terms.id} is not on {terms.chain} yet", campaign=str(terms.id))
        return mint_powers(found.data)


def _require_power(terms: CampaignTerms, power: CampaignPower) -> None:
    if power not in terms.powers:
        raise InvalidTerms(f"the terms declare no power to {power}", field="powers")


def _serials(terms: CampaignTerms, vouchers: Sequence[VoucherId]) -> list[Serial]:
    if not vouchers or len(set(vouchers)) != len(vouchers):
        raise InvalidValue("name at least one voucher, and each once")
    if any(voucher.campaign != terms.id for voucher in vouchers):
        raise InvalidValue("a voucher is of another campaign")
    return [voucher.serial for voucher in vouchers]


def _cosigners(sender: AccountId, *others: AccountId) -> tuple[AccountId, ...]:
    return tuple(account for account in dict.fromkeys(others) if account != sender)


__all__ = ["CampaignActs", "DropClaim"]
