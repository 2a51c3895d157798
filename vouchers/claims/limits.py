"""How fast one person claims."""

from __future__ import annotations

from datetime import timedelta

CLAIM_WINDOW = timedelta(minutes=1)
CLAIMS_PER_PERSON = 60
"""In one window."""
