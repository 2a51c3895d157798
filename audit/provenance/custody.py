"""The chain of custody of a voucher, a holder, a merchant or a campaign: one list of acts, newest observation each."""

from __future__ import annotations

from typing import Any

from audit.access import Viewer
from audit.auditors.service import AuditReader
from audit.provenance import sql
from audit.provenance.model import Custody, CustodyAct, SubjectKind
from audit.provenance.service import act_of, details_of, newest_of, place_of
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.errors import NotPermitted
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.ledger.model import LedgerEntry, voucher_of
from vouchers.ledger.sql import cursors

MOST_ACTS = 2_000


class CustodyService:
    """Reads for auditors: of the platform, or by a grant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self,
        kind: SubjectKind,
        subject: str,
        reader: AuditReader,
        *,
        height: int | None = None,
        time: int | None = None,
    ) -> Custody:
        """Everything about one subject, at most 2,000 acts; persons' accounts as the reader may see them.

        Args:
            subject: A voucher's or campaign's id, or a CAIP-10 account; of a holder also the grant's own pseudonym.
            height, time: Only up to this block or block time, both included.

        Raises:
            InvalidValue: Not an id of that kind.
            NotPermitted: Not of the granted campaigns.
        """
        viewer, masking = reader.viewer, reader.masking
        pseudonym = None
        campaigns = None if viewer.sees_all else sorted(str(one) for one in viewer.campaigns)
        if kind is SubjectKind.VOUCHER:
            voucher = VoucherId.parse(subject)
            name, campaign = str(voucher), voucher.campaign
            _require(viewer, campaign)
        elif kind is SubjectKind.CAMPAIGN:
            campaign = CampaignId.parse(subject)
            name = str(campaign)
            _require(viewer, campaign)
        elif kind is SubjectKind.HOLDER and masking.is_pseudonym(subject):
            name, pseudonym = subject, masking.grant
        else:
            name = str(AccountId.parse(subject))
        until = viewer.latest(time)
        async with self._database.transaction() as tx:
            found = await sql.entries_about(
                tx,
                kind.value,
                name,
                campaigns=campaigns,
                height=height,
                since=viewer.facts_since,
                until=until,
                limit=MOST_ACTS + 1,
                pseudonym_of=pseudonym,
            )
            heads = await cursors(tx)
        newest = newest_of(found)[:MOST_ACTS]
        acts = []
        for entry in newest:
            voucher_id = voucher_of(entry.event.fact)
            acts.append(
                CustodyAct(
                    act_of(entry.event.fact),
                    place_of(entry, heads[entry.chain]),
                    not entry.reversing,
                    None if voucher_id is None else str(voucher_id),
                    _campaign_of(entry),
                    masking.fields(details_of(entry.event.fact)),
                )
            )
        # Pages and pictures bear it as their title.
        shown = masking.account(name) if kind is SubjectKind.HOLDER and pseudonym is None else name
        return Custody(kind, shown, tuple(acts), len(found) > MOST_ACTS)


def _require(viewer: Viewer, campaign: CampaignId) -> None:
    if not viewer.may_see(campaign):
        raise NotPermitted("this campaign is not among those that were granted", rule="grant")


def _campaign_of(entry: LedgerEntry) -> str | None:
    voucher = voucher_of(entry.event.fact)
    found: Any = getattr(entry.event.fact, "campaign", None) if voucher is None else voucher.campaign
    return None if found is None else str(found)
