"""Who may do what: roles inside one organisation, and roles on the whole platform."""

from enum import StrEnum


class MemberRole(StrEnum):
    """A person's role in one organisation."""

    OWNER = "owner"
    """Everything, members included."""
    MANAGER = "manager"
    """Campaigns, orders and numbers."""
    CASHIER = "cashier"
    """The till: charge, and see the orders charged."""
    SPONSOR = "sponsor"
    """Funds campaigns and sees their cost."""
    AUDITOR = "auditor"
    """Reads what the organisation does; changes nothing."""


class PlatformRole(StrEnum):
    """A role above all organisations."""

    AUDITOR = "auditor"
    """Reads everything that the chains and the ledger say; changes nothing."""
    OPERATOR = "operator"
    """Runs the installation."""
