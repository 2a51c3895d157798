"""The stand-alone verifier of Quanbao proof bundles; it imports nothing of the rest and speaks to no network."""

from .report import Fact, Rejected, Report
from .verify import verify

__all__ = ["Fact", "Rejected", "Report", "verify"]
