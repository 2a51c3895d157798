"""Where a campaign lives on Solana: its mint and its vault, as its terms determine them."""

from __future__ import annotations

from dataclasses import dataclass

from chains.campaign import CampaignPower, CampaignTerms
from codec.solana.burn_guard import BurnGuard
from codec.solana.campaign_mint import CampaignMint
from codec.solana.campaign_vault import CampaignVault
from codec.solana.redemption import RedemptionRule
from codec.solana.voucher_act import CampaignKeys
from primitives.account_id import AccountId
from primitives.errors import InvalidTerms

_EVM_ONLY_KINDS = frozenset({"stored_value", "points"})


@dataclass(frozen=True, slots=True)
class CampaignAccounts:
    """Mint and vault of one campaign, and what a redemption of it may do."""

    terms: CampaignTerms
    mint: CampaignMint
    vault: CampaignVault

    @property
    def keys(self) -> CampaignKeys:
        """Whose signatures its mints and burns need."""
        return CampaignKeys(
            self.terms.id, self.mint.address, self.terms.issuer.raw, self.mint.burn_authority, self.mint.guard
        )

    @property
    def rule(self) -> RedemptionRule:
        """What the redemption authority compares a transaction with."""
        return RedemptionRule(
            campaign=self.terms.id,
            mint=self.mint.address,
            vault=self.vault.address,
            settlement_mint=self.vault.settlement_mint,
            merchants=frozenset(account.raw for account in self.terms.merchants),
            max_payout=self.terms.max_payout,
            units_per_minor=self.terms.units_per_minor,
            sponsor_bp=self.terms.sponsor_bp,
            valid_from=self.terms.valid_from,
            valid_until=self.terms.valid_until,
        )


def campaign_accounts(
    terms: CampaignTerms,
    authority: AccountId,
    operator: AccountId,
    token_program: bytes,
    guard: BurnGuard = BurnGuard.PERMISSIONED,
) -> CampaignAccounts:
    """Pure.

    Args:
        authority: The redemption authority.
        operator: The vault operator, who holds the vault together with the campaign's funder.
        token_program: Of the settlement asset's mint, 32 bytes.
        guard: What the mint was, or will be, made with.

    Raises:
        InvalidTerms: They belong elsewhere, or are of a kind that Solana does not carry.
    """
    chain = authority.chain
    if terms.chain != chain:
        raise InvalidTerms(f"the terms are for {terms.chain}, this book is on {chain}", field="chain")
    if terms.issuer.raw != terms.solana_issuer:
        raise InvalidTerms("the issuer's account is not the one in the campaign's identity", field="issuer")
    if terms.kind in _EVM_ONLY_KINDS:
        raise InvalidTerms(f"vouchers of kind {terms.kind} exist on EVM chains only", field="kind")
    if terms.settlement.id.chain != chain or terms.settlement.id.namespace != "token":
        raise InvalidTerms(f"{terms.settlement.id} is not a token of {chain}", field="settlement")
    if terms.delegate is not None and (
        terms.delegate.chain != chain or terms.delegate in (terms.issuer, terms.funder, authority, operator)
    ):
        raise InvalidTerms("the key that may burn from every holder is one of its own", field="delegate")
    if terms.full_funding >= 2**64:
        raise InvalidTerms("the full funding passes 64 bits, which is all that a token account holds", field="cap")
    mint = CampaignMint(
        issuer=terms.issuer.raw,
        burn_authority=authority.raw,
        campaign=terms.id,
        rules_hash=terms.rules_hash,
        title=terms.title,
        kind=terms.kind,
        currency=terms.currency,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        guard=guard,
        pausable=CampaignPower.PAUSE in terms.powers,
        delegate=None if terms.delegate is None else terms.delegate.raw,
        drop_root=terms.drop_root,
        drop_count=terms.drop_count,
    )
    vault = CampaignVault(
        campaign=terms.id,
        sponsor=terms.funder.raw,
        operator=operator.raw,
        delegate=authority.raw,
        settlement_mint=AccountId(chain, terms.settlement.id.reference).raw,
        token_program=token_program,
        decimals=terms.settlement.decimals,
    )
    return CampaignAccounts(terms, mint, vault)
