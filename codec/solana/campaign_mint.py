"""The mint of a campaign: its address, its extensions, and the instructions that make it.

The address is sha256(issuer ‖ base64url(CampaignId) ‖ Token-2022 program): nobody but the issuer can allocate it, and
everybody can compute it. It is paid for by a plain transfer and then allocated, so lamports that somebody sent there
beforehand do not stand in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN_2022
from codec.solana.system import allocate_with_seed, seeded_address, transfer
from codec.solana.token import Mint, initialize_mint
from codec.solana.token_extensions import (
    ExtensionType,
    initialize_metadata_pointer,
    initialize_mint_close_authority,
    initialize_non_transferable,
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
_EXTENSIONS = (
    ExtensionType.METADATA_POINTER,
    ExtensionType.NON_TRANSFERABLE,
    ExtensionType.PERMISSIONED_BURN,
    ExtensionType.MINT_CLOSE_AUTHORITY,
)


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

    @property
    def address(self) -> bytes:
        return campaign_mint_address(self.issuer, self.campaign)

    @property
    def name(self) -> str:
        return self.title.encode()[:_TITLE_BYTES].decode(errors="ignore")

    @property
    def fields(self) -> Mapping[str, str]:
        return {
            "campaign": base64url(self.campaign.raw),
            "rules": base64url(self.rules_hash),
            "kind": self.kind,
            "currency": self.currency,
            "window": f"{self.valid_from}/{self.valid_until}",
        }

    @property
    def allocated_length(self) -> int:
        """Bytes to allocate; Token-2022 grows the account by the metadata itself."""
        return mint_length(_EXTENSIONS)

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
            initialize_metadata_pointer(mint, None, mint),
            initialize_non_transferable(mint),
            initialize_permissioned_burn(mint, self.burn_authority),
            initialize_mint_close_authority(mint, self.issuer),
            initialize_mint(TOKEN_2022, mint, 0, self.issuer, None),
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
        found = {
            "authority": mint.authority,
            "decimals": mint.decimals,
            "freeze_authority": mint.freeze_authority,
            "burn_authority": extensions.get(ExtensionType.PERMISSIONED_BURN),
            "non_transferable": extensions.get(ExtensionType.NON_TRANSFERABLE),
            "update_authority": metadata.update_authority,
            "name": metadata.name,
            "fields": metadata.fields,
        }
        expected = {
            "authority": self.issuer,
            "decimals": 0,
            "freeze_authority": None,
            "burn_authority": self.burn_authority,
            "non_transferable": b"",
            "update_authority": None,
            "name": self.name,
            "fields": self.fields,
        }
        for field, value in expected.items():
            if found[field] != value:
                raise InvalidValue(f"the account at the campaign's address has another {field}", field=field)
