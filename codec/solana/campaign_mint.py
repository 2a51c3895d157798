"""The mint of a campaign: its address, its extensions, and the instructions that make it.

The address is sha256(issuer ‖ base64url(CampaignId) ‖ Token-2022 program): nobody but the issuer can allocate it, and
everybody can compute it. It is paid for by a plain transfer and then allocated, so lamports that somebody sent there
beforehand do not stand in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codec.solana.burn_guard import BurnGuard
from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN_2022
from codec.solana.system import allocate_with_seed, seeded_address, transfer
from codec.solana.token import Mint, initialize_mint
from codec.solana.token_extensions import (
    FROZEN_STATE,
    ExtensionType,
    initialize_default_frozen,
    initialize_metadata_pointer,
    initialize_mint_close_authority,
    initialize_non_transferable,
    initialize_pausable,
    initialize_permanent_delegate,
    initialize_permissioned_burn,
    mint_length,
    parse_extensions,
)
from codec.solana.token_metadata import (
    TokenMetadata,
    initialize_metadata,
    metadata_length,
    renounce_update_authority,
    update_field,
)
from codec.solana.voucher_memo import base64url
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId

SYMBOL = "QUANBAO"
_TITLE_BYTES = 64


def campaign_mint_address(issuer: bytes, campaign: CampaignId) -> bytes:
    """32 bytes; `issuer` is the Solana account that the campaign id commits to."""
    return seeded_address(issuer, base64url(campaign.raw), TOKEN_2022)


@dataclass(frozen=True, slots=True)
class CampaignMint:
    """What the mint says of its campaign for ever.

    Attributes:
        issuer: Mint authority and mint close authority, 32 bytes.
        burn_authority: Co-signs every burn: the redemption authority, 32 bytes.
        rules_hash: 32 bytes.
        title: Shown by wallets; what passes 64 bytes of UTF-8 is cut, the rule document holds the whole.
        valid_from, valid_until: Unix seconds, half-open.
        guard: What keeps holders from burning alone; with FROZEN the redemption authority is the freeze authority.
        pausable: The issuer may stop mints and burns.
        delegate: May burn from every holder, 32 bytes; a key of its own, kept cold. None: nobody may.
        drop_root, drop_count: Merkle root (32 bytes) and number of leaves of what can be claimed.
    """

    issuer: bytes
    burn_authority: bytes
    campaign: CampaignId
    rules_hash: bytes
    title: str
    kind: str
    currency: str
    valid_from: int
    valid_until: int
    guard: BurnGuard = BurnGuard.PERMISSIONED
    pausable: bool = False
    delegate: bytes | None = None
    drop_root: bytes | None = None
    drop_count: int = 0

    def __post_init__(self) -> None:
        if self.delegate is not None and self.delegate in (self.issuer, self.burn_authority):
            raise InvalidValue("the permanent delegate is a key of its own, apart from issuer and redemption authority")

    @property
    def address(self) -> bytes:
        return campaign_mint_address(self.issuer, self.campaign)

    @property
    def name(self) -> str:
        return self.title.encode()[:_TITLE_BYTES].decode(errors="ignore")

    @property
    def fields(self) -> Mapping[str, str]:
        fields = {
            "campaign": base64url(self.campaign.raw),
            "rules": base64url(self.rules_hash),
            "kind": self.kind,
            "currency": self.currency,
            "window": f"{self.valid_from}/{self.valid_until}",
        }
        if self.drop_root is not None:
            fields["drop"] = f"{self.drop_count}/{base64url(self.drop_root)}"
        return fields

    @property
    def freeze_authority(self) -> bytes | None:
        return self.burn_authority if self.guard is BurnGuard.FROZEN else None

    @property
    def extensions(self) -> Mapping[ExtensionType, Instruction]:
        """What the mint is made with, and the instruction that sets each, in their order."""
        mint = self.address
        made = {
            ExtensionType.METADATA_POINTER: initialize_metadata_pointer(mint, None, mint),
            ExtensionType.NON_TRANSFERABLE: initialize_non_transferable(mint),
        }
        if self.guard is BurnGuard.PERMISSIONED:
            made[ExtensionType.PERMISSIONED_BURN] = initialize_permissioned_burn(mint, self.burn_authority)
        else:
            made[ExtensionType.DEFAULT_ACCOUNT_STATE] = initialize_default_frozen(mint)
        made[ExtensionType.MINT_CLOSE_AUTHORITY] = initialize_mint_close_authority(mint, self.issuer)
        if self.pausable:
            made[ExtensionType.PAUSABLE] = initialize_pausable(mint, self.issuer)
        if self.delegate is not None:
            made[ExtensionType.PERMANENT_DELEGATE] = initialize_permanent_delegate(mint, self.delegate)
        return made

    @property
    def allocated_length(self) -> int:
        """Bytes to allocate; Token-2022 grows the account by the metadata itself."""
        return mint_length(self.extensions)

    @property
    def final_length(self) -> int:
        """Bytes that must be rent-exempt."""
        return self.allocated_length + metadata_length(self.name, SYMBOL, "", self.fields)

    def instructions(self, top_up: int) -> tuple[Instruction, ...]:
        """Make the mint whole in one transaction, signed by the issuer.

        Args:
            top_up: Lamports that the address lacks to be rent-exempt at `final_length`.
        """
        mint = self.address
        paid = (transfer(self.issuer, mint, top_up),) if top_up else ()
        return (
            *paid,
            allocate_with_seed(mint, self.issuer, base64url(self.campaign.raw), self.allocated_length, TOKEN_2022),
            *self.extensions.values(),
            initialize_mint(TOKEN_2022, mint, 0, self.issuer, self.freeze_authority),
            initialize_metadata(mint, self.issuer, self.issuer, self.name, SYMBOL, ""),
            *(update_field(mint, self.issuer, key, value) for key, value in self.fields.items()),
            renounce_update_authority(mint, self.issuer),
        )

    def check(self, data: bytes) -> None:
        """Compare with the account data found at `address`.

        Raises:
            InvalidValue: The account is not this campaign's mint; `field` names the first difference.
        """
        mint = Mint.parse(data)
        extensions = parse_extensions(data)
        metadata = TokenMetadata.parse(extensions.get(ExtensionType.TOKEN_METADATA, b""))
        pausing = extensions.get(ExtensionType.PAUSABLE)
        permissioned = self.guard is BurnGuard.PERMISSIONED
        found = {
            "authority": mint.authority,
            "decimals": mint.decimals,
            "freeze_authority": mint.freeze_authority,
            "burn_authority": extensions.get(ExtensionType.PERMISSIONED_BURN),
            "account_state": extensions.get(ExtensionType.DEFAULT_ACCOUNT_STATE),
            "non_transferable": extensions.get(ExtensionType.NON_TRANSFERABLE),
            "pause_authority": None if pausing is None else pausing[:32],
            "delegate": extensions.get(ExtensionType.PERMANENT_DELEGATE),
            "hook": extensions.get(ExtensionType.TRANSFER_HOOK),
            "update_authority": metadata.update_authority,
            "name": metadata.name,
            "fields": metadata.fields,
        }
        expected = {
            "authority": self.issuer,
            "decimals": 0,
            "freeze_authority": self.freeze_authority,
            "burn_authority": self.burn_authority if permissioned else None,
            "account_state": None if permissioned else bytes([FROZEN_STATE]),
            "non_transferable": b"",
            "pause_authority": self.issuer if self.pausable else None,
            "delegate": self.delegate,
            "hook": None,
            "update_authority": None,
            "name": self.name,
            "fields": self.fields,
        }
        for field, value in expected.items():
            if found[field] != value:
                raise InvalidValue(f"the account at the campaign's address has another {field}", field=field)
