"""An organisation's accounts on the chains, as shown to its members."""

from dataclasses import dataclass

from primitives.account_id import AccountId
from primitives.signing import KeyPurpose


@dataclass(frozen=True, slots=True)
class OrganisationAccount:
    """One service account."""

    purpose: KeyPurpose
    account: AccountId
