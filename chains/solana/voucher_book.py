"""Campaigns and vouchers on one Solana cluster: a Token-2022 mint and a vault per campaign, no program of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chains.campaign import CampaignTerms, Redemption, VoucherState
from chains.events import CampaignLaunched, Divergence, EventPage, TokenEvent
from chains.intent import Intent, ProgramCall
from chains.ports import ConsentRequest
from chains.solana.adapter import SolanaAdapter
from chains.solana.burn_guards import guard_of_cluster, guard_of_mint
from chains.solana.campaign_accounts import CampaignAccounts, campaign_accounts
from chains.solana.campaign_acts import CampaignActs
from chains.solana.instructions import require_own, token_balance
from chains.solana.landed import landed_transaction
from chains.solana.node import Account, Block, SolanaNode
from chains.solana.voucher_events import voucher_events
from codec.solana.associated_token import associated_token_address
from codec.solana.burn_guard import BurnGuard
from codec.solana.campaign_mint import campaign_mint_address
from codec.solana.compute_budget import MAX_COMPUTE_UNITS, set_compute_unit_limit, set_compute_unit_price
from codec.solana.instruction import Instruction
from codec.solana.message import MAX_TRANSACTION_BYTES, build_message, decode_message
from codec.solana.plain_payment import plain_payment_instructions
from codec.solana.programs import TOKEN_2022
from codec.solana.redemption import (
    RedemptionParties,
    RedemptionRule,
    TokensToMove,
    VoucherToBurn,
    redemption_instructions,
)
from codec.solana.refund_payment import RefundPayment, refund_payment_instructions
from codec.solana.token import MULTISIG_LENGTH, Multisig, parse_initialize_mint
from codec.solana.token_extensions import ExtensionType, parse_extensions
from codec.solana.voucher_act import issue_instructions
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    CampaignExhausted,
    CampaignNotFound,
    InvalidTerms,
    InvalidValue,
    LedgerDiverged,
    NodeUnavailable,
)
from primitives.signing import Signature
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

_MOST_INSTRUCTIONS = 64
"""Of one transaction, inner ones counted. Source: Agave, `MAX_INSTRUCTION_TRACE_LENGTH`."""
_AROUND_AN_ISSUE = 3
"""Memo, compute limit, compute price."""
_INSTRUCTIONS_PER_ACCOUNT = 7
"""A new token account takes 5, and 7 when somebody sent lamports to its address beforehand: counted always, or anybody
could make an issue fail."""
_UNITS_PER_TRANSACTION = 18
_MOST_VOUCHERS = 2
"""Of two campaigns with two payouts and a remainder: 1,212 bytes at most, 1,232 where accounts are frozen."""

_BLOCKS_AT_ONCE = 16


class SolanaVoucherBook(CampaignActs):
    """`chains.ports.VoucherBook` by shape.

    Args:
        adapter: Of the same cluster.
        authority: The redemption authority: co-signs every burn and spends from vaults within their allowance.
        operator: Holds each vault together with its sponsor.
    """

    def __init__(self, adapter: SolanaAdapter, *, authority: AccountId, operator: AccountId) -> None:
        require_own(adapter.chain_id, authority)
        require_own(adapter.chain_id, operator)
        self._adapter = adapter
        self._chain = adapter.chain_id
        self._node: SolanaNode = adapter.node
        self._authority = authority
        self._operator = operator
        self._guards: dict[CampaignId, BurnGuard] = {}
        self._guard: BurnGuard | None = None

    @property
    def chain_id(self) -> ChainId:
        return self._chain

    @property
    def authority(self) -> AccountId:
        return self._authority

    @property
    def operator(self) -> AccountId:
        return self._operator

    @property
    def node(self) -> SolanaNode:
        return self._node

    async def launch(self, terms: CampaignTerms) -> Sequence[Intent]:
        """Two transactions, each whole or not at all: the issuer makes the mint; the funder, with the vault operator as
        cosigner, makes, funds and approves the vault. What exists already is left out. Where the cluster's Token-2022
        has no PermissionedBurn, the mint's accounts are frozen by default instead (`codec.solana.burn_guard`).

        Raises:
            InvalidTerms: They belong elsewhere, Solana does not carry this kind, or the settlement token takes a fee or
                runs a program on transfers.
            FeatureUnavailable: The cluster has no Token-2022.
            LedgerDiverged: Another thing lives at the campaign's addresses.
            UnknownAsset, NodeUnavailable
        """
        one = await self.accounts(terms)
        mint, owner, money = await self._node.accounts([one.mint.address, one.vault.owner, one.vault.settlement_mint])
        _check_settlement(money)
        mint_rent, owner_rent = await self._node.rents([one.mint.final_length, MULTISIG_LENGTH])
        steps: list[Intent] = []
        if mint is None or mint.owner != TOKEN_2022:
            top_up = max(0, mint_rent - (mint.lamports if mint else 0))
            steps.append(Intent(terms.issuer, ProgramCall(one.mint.instructions(top_up))))
            if _size(steps[-1]) > MAX_TRANSACTION_BYTES:
                raise InvalidTerms("kind, currency and title are too long for the mint's metadata", field="title")
        else:
            _check_mint(one, mint.data)
        if not terms.full_funding:
            return steps
        if owner is None or owner.owner != one.vault.token_program:
            vault = one.vault
            instructions = (
                *vault.open(max(0, owner_rent - (owner.lamports if owner else 0))),
                vault.create_account(),
                vault.fund(terms.full_funding),
                vault.approve(terms.full_funding),
            )
            steps.append(Intent(terms.funder, ProgramCall(instructions), (self._operator,)))
        else:
            _check_vault(one, owner.data)
        return steps

    async def most_vouchers(self, merchant: AccountId, settlement: Asset) -> int | None:
        """What always fits into 1,232 bytes, every number as long as it can be: the merchant's token account takes the
        place of the second voucher where it is yet to be made."""
        require_own(self._chain, merchant)
        program = await self._adapter.token_program(settlement.id)
        mint = AccountId(self._chain, settlement.id.reference).raw
        held = await self._node.account(associated_token_address(merchant.raw, mint, program))
        return _MOST_VOUCHERS if held is not None else 1

    async def appoint_relayer(self, merchant: AccountId, relayer: AccountId) -> Sequence[Intent]:
        """Nothing: the merchant signs each redemption, and any account may pay its fee."""
        return ()

    async def issue(self, terms: CampaignTerms, holders: Sequence[AccountId], first_number: int) -> Sequence[Intent]:
        """As many holders a transaction as fit (seven different ones), each with its account made if missing; the memo
        names the serials in the order of the holders. The same arguments always give the same intents, whatever has
        landed already.

        Raises:
            CampaignExhausted: The numbers pass the cap.
            AmountNotPositive: No holder.
            InvalidAddress, InvalidTerms, UnknownAsset, NodeUnavailable
        """
        one = await self.accounts(terms)
        if not holders:
            raise AmountNotPositive("name at least one holder")
        if not 1 <= first_number <= terms.cap + 1 - len(holders):
            raise CampaignExhausted(
                f"numbers {first_number} to {first_number + len(holders) - 1} do not lie within the cap of {terms.cap}",
                cap=terms.cap,
                first_number=first_number,
                count=len(holders),
            )
        for holder in holders:
            require_own(self._chain, holder)
        steps: list[Intent] = []
        start = 0
        while start < len(holders):
            count = _fitting(one, holders[start : start + _UNITS_PER_TRANSACTION], first_number + start)
            steps.append(_issue(one, holders[start : start + count], first_number + start))
            start += count
        return steps

    async def consents(self, terms: Sequence[CampaignTerms], redemption: Redemption) -> Sequence[ConsentRequest]:
        """None: the holder signs the transaction itself."""
        return ()

    async def redeem(
        self, terms: Sequence[CampaignTerms], redemption: Redemption, consents: Mapping[str, Signature]
    ) -> Intent:
        """One transaction; holder, merchant and, last, the redemption authority are its cosigners.

        Raises:
            CampaignNotFound: An item's campaign is not among `terms`.
            InvalidTerms: The campaigns' terms belong elsewhere.
            InvalidValue: The remainder is not a token, the order moves nothing, or does not fit into one transaction.
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        for account in (redemption.holder, redemption.merchant, redemption.submitter):
            require_own(self._chain, account)
        accounts = {item.id: await self.accounts(item) for item in terms}
        parties = RedemptionParties(
            chain=self._chain,
            fee_payer=redemption.submitter.raw,
            holder=redemption.holder.raw,
            merchant=redemption.merchant.raw,
            authority=self._authority.raw,
        )
        if not redemption.items:
            return await self._plain_payment(redemption, parties)
        vouchers = []
        owed: dict[CampaignId, int] = {}
        for item in redemption.items:
            one = accounts.get(item.voucher.campaign)
            if one is None:
                raise CampaignNotFound(
                    f"the terms of campaign {item.voucher.campaign} are missing", campaign=str(item.voucher.campaign)
                )
            vouchers.append(VoucherToBurn(item.voucher, one.mint.address, item.amount_minor, one.mint.guard))
            owed[one.terms.id] = owed.get(one.terms.id, 0) + one.terms.payout(item.amount_minor)
        payouts = [_payout(accounts[campaign], amount) for campaign, amount in owed.items() if amount]
        remainder = await self._remainder(redemption)
        paid = [*payouts, *([remainder] if remainder else [])]
        instructions = redemption_instructions(
            parties, redemption.order_hash, vouchers, payouts, remainder, await self._missing(redemption.merchant, paid)
        )
        cosigners = tuple(
            account
            for account in (redemption.holder, redemption.merchant, self._authority)
            if account != redemption.submitter
        )
        intent = Intent(redemption.submitter, ProgramCall(instructions), cosigners)
        size = _size(intent)
        if size > MAX_TRANSACTION_BYTES:
            raise InvalidValue(
                f"the order needs {size} bytes, a Solana transaction has {MAX_TRANSACTION_BYTES}: use fewer vouchers",
                size=size,
                limit=MAX_TRANSACTION_BYTES,
            )
        return intent

    async def _plain_payment(self, redemption: Redemption, parties: RedemptionParties) -> Intent:
        """An order without vouchers: nothing for the redemption authority to judge."""
        remainder = await self._remainder(redemption)
        if remainder is None:
            raise InvalidValue("the order redeems no voucher and moves no money")
        missing = await self._missing(redemption.merchant, [remainder])
        instructions = plain_payment_instructions(parties, redemption.order_hash, remainder, missing)
        cosigners = tuple(
            account for account in (redemption.holder, redemption.merchant) if account != redemption.submitter
        )
        return Intent(redemption.submitter, ProgramCall(instructions), cosigners)

    async def pay_back(self, merchant: AccountId, holder: AccountId, amount: Amount, order_hash: bytes) -> Intent:
        """A token transfer with a memo that names order, recipient and amount; the merchant pays the fee.

        Raises:
            InvalidValue: Not a token.
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        for account in (merchant, holder):
            require_own(self._chain, account)
        if amount.asset.id.is_native:
            raise InvalidValue("a refund is paid in a token, not in SOL", asset=str(amount.asset.id))
        program = await self._adapter.token_program(amount.asset.id)
        mint = AccountId(self._chain, amount.asset.id.reference).raw
        refund = RefundPayment(merchant.raw, holder.raw, order_hash, mint, amount.base_units)
        there = await self._node.account(associated_token_address(holder.raw, mint, program))
        instructions = refund_payment_instructions(refund, program, amount.asset.decimals, create_account=there is None)
        return Intent(merchant, ProgramCall(instructions))

    async def voucher(self, voucher: VoucherId) -> VoucherState | None:
        """None: units of a mint have no identity of their own; the memos attest the serials."""
        return None

    async def vouchers(self, vouchers: Sequence[VoucherId]) -> Sequence[VoucherState | None]:
        """None for each, as `voucher`."""
        return [None] * len(vouchers)

    async def escrow(self, terms: CampaignTerms) -> Amount:
        """What the vault holds; zero while it does not exist."""
        one = await self.accounts(terms)
        return Amount(token_balance(await self._node.account(one.vault.address)), terms.settlement)

    async def events(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> EventPage:
        """Facts from every confirmed transaction that names a campaign's mint or vault.

        Raises:
            NodeUnavailable: Also when the node has not yet stored a transaction that it lists; ask again.
        """
        accounts = [await self.accounts(terms) for terms in campaigns]
        addresses = [address for one in accounts for address in (one.mint.address, one.vault.address)]
        listed = [entry for entry in await self._node.histories(addresses, since, until) if entry.ok]
        blocks = await self._blocks(sorted({entry.slot for entry in listed}))
        found: list[TokenEvent] = []
        documents = await self._node.transactions([entry.signature for entry in listed])
        for entry, document in zip(listed, documents, strict=True):
            if document is None or int(document["slot"]) != entry.slot:
                raise NodeUnavailable(f"the node does not have transaction {entry.signature} yet: ask again")
            found += voucher_events(
                self._chain, accounts, landed_transaction(entry.signature, document, blocks[entry.slot])
            )
        found = [await self._once(event, accounts) for event in found]
        found.sort(key=lambda event: event.position)
        return EventPage(since, until, tuple(found))

    async def _once(self, event: TokenEvent, campaigns: Sequence[CampaignAccounts]) -> TokenEvent:
        """A launch as it is, or a divergence in its place when the campaign's mint existed before and was closed."""
        if not isinstance(event.fact, CampaignLaunched):
            return event
        mint = next(one.mint.address for one in campaigns if one.terms.id == event.fact.campaign)
        listed = [entry for entry in await self._node.histories([mint], 0, event.position.height) if entry.ok]
        others = [entry.signature for entry in listed if entry.signature != event.tx_hash]
        block = (await self._blocks([event.position.height]))[event.position.height]
        later = set(block.signatures[event.position.transaction_index :])
        earlier = [text for text in others if text not in later]
        for signature, document in zip(earlier, await self._node.transactions(earlier), strict=True):
            if document is None:
                raise NodeUnavailable(f"the node does not have transaction {signature} yet: ask again")
            alone = landed_transaction(signature, document, replace(block, signatures=(signature,)))
            if any(parse_initialize_mint(item) == mint for item in alone.instructions):
                what = "the campaign's mint was closed and made again"
                return replace(event, fact=Divergence(event.fact.campaign, what))
        return event

    async def redemption_rule(self, terms: CampaignTerms) -> RedemptionRule:
        """What the redemption authority must compare a transaction of this campaign with before it signs."""
        return (await self.accounts(terms)).rule

    async def accounts(self, terms: CampaignTerms) -> CampaignAccounts:
        """Mint and vault of a campaign, whether they exist yet or not. Raises InvalidTerms, UnknownAsset,
        FeatureUnavailable, NodeUnavailable."""
        program = await self._adapter.token_program(terms.settlement.id)
        known = self._guards.get(terms.id)
        if known is None:
            address = campaign_mint_address(terms.solana_issuer, terms.id)
            known = guard_of_mint(await self._node.account(address))
            if known is not None:
                self._guards[terms.id] = known
        if known is None:
            self._guard = known = self._guard or await guard_of_cluster(self._node)
        return campaign_accounts(terms, self._authority, self._operator, program, known)

    async def _remainder(self, redemption: Redemption) -> TokensToMove | None:
        amount = redemption.remainder
        if not amount.base_units:
            return None
        if amount.asset.id.is_native:
            raise InvalidValue("the remainder is paid in a token, not in SOL", asset=str(amount.asset.id))
        program = await self._adapter.token_program(amount.asset.id)
        mint = AccountId(self._chain, amount.asset.id.reference).raw
        source = associated_token_address(redemption.holder.raw, mint, program)
        return TokensToMove(program, mint, amount.asset.decimals, source, amount.base_units)

    async def _missing(self, merchant: AccountId, paid: Sequence[TokensToMove]) -> list[tuple[bytes, bytes]]:
        """Mint and program of the merchant's token accounts that do not exist yet."""
        wanted = list({(item.mint, item.token_program): None for item in paid})
        found = await self._node.accounts(
            [associated_token_address(merchant.raw, mint, program) for mint, program in wanted]
        )
        return [key for key, account in zip(wanted, found, strict=True) if account is None]

    async def _blocks(self, slots: Sequence[int]) -> dict[int, Block]:
        blocks: dict[int, Block] = {}
        for start in range(0, len(slots), _BLOCKS_AT_ONCE):
            part = slots[start : start + _BLOCKS_AT_ONCE]
            for slot, block in zip(part, await asyncio.gather(*map(self._node.block, part)), strict=True):
                if block is None:
                    raise NodeUnavailable(f"the node does not have the block of slot {slot} yet: ask again", slot=slot)
                blocks[slot] = block
        return blocks


def _fitting(one: CampaignAccounts, holders: Sequence[AccountId], first_number: int) -> int:
    """How many of these holders, from the first, one transaction can serve."""
    per_unit = 3 if one.mint.guard is BurnGuard.FROZEN else 1
    for count in range(len(holders), 1, -1):
        part = holders[:count]
        runs = _AROUND_AN_ISSUE + _INSTRUCTIONS_PER_ACCOUNT * len(set(part)) + per_unit * count
        if runs <= _MOST_INSTRUCTIONS and _size(_issue(one, part, first_number)) <= MAX_TRANSACTION_BYTES:
            return count
    return 1


def _issue(one: CampaignAccounts, holders: Sequence[AccountId], first_number: int) -> Intent:
    issuer = one.terms.issuer
    serials = [Serial(one.terms.lane, SerialClass.SINGLE, first_number + place) for place in range(len(holders))]
    instructions = issue_instructions(one.keys, issuer.raw, [holder.raw for holder in holders], serials)
    frozen = one.mint.guard is BurnGuard.FROZEN
    authority = (AccountId.from_raw(issuer.chain, one.mint.burn_authority),) if frozen else ()
    return Intent(issuer, ProgramCall(instructions), authority)


def _payout(one: CampaignAccounts, base_units: int) -> TokensToMove:
    vault = one.vault
    return TokensToMove(vault.token_program, vault.settlement_mint, vault.decimals, vault.address, base_units)


def _check_mint(one: CampaignAccounts, data: bytes) -> None:
    try:
        one.mint.check(data)
    except InvalidValue as error:
        raise LedgerDiverged(
            f"campaign {one.terms.id} exists on {one.terms.chain}, but not as the terms say: {error.message}",
            campaign=str(one.terms.id),
            **error.facts,
        ) from error


def _check_settlement(mint: Account | None) -> None:
    """What holders and vault expect to arrive must arrive."""
    extensions = parse_extensions(mint.data) if mint is not None and mint.owner == TOKEN_2022 else {}
    hook = extensions.get(ExtensionType.TRANSFER_HOOK, bytes(64))[32:]
    if ExtensionType.TRANSFER_FEE_CONFIG in extensions or any(hook) or ExtensionType.NON_TRANSFERABLE in extensions:
        raise InvalidTerms(
            "a campaign settles in a token that arrives whole: not in one with a transfer fee, a transfer program, or "
            "that cannot be transferred",
            field="settlement",
        )


def _check_vault(one: CampaignAccounts, data: bytes) -> None:
    expected = Multisig(2, (one.vault.sponsor, one.vault.operator))
    if Multisig.parse(data) != expected:
        raise LedgerDiverged(f"the vault of campaign {one.terms.id} has other owners", campaign=str(one.terms.id))


def _size(intent: Intent) -> int:
    """Bytes of the signed transaction, compute limit and price included."""
    assert isinstance(intent.action, ProgramCall)
    budget: tuple[Instruction, ...] = (set_compute_unit_limit(MAX_COMPUTE_UNITS), set_compute_unit_price(1))
    message = build_message(intent.sender.raw, (*budget, *intent.action.instructions), bytes(32))
    return 1 + 64 * decode_message(message).required_signatures + len(message)
