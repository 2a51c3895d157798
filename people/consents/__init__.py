"""Consent, by purpose: what personal data may be used for beyond what the service itself needs."""

from people.consents.sql import has_consent, require_consent

__all__ = ["has_consent", "require_consent"]
