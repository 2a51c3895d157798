"""The owner's rules over what is signed for dApps without being a payment."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.errors import QuanbaoError
from primitives.signing import SigningScheme
from wallets.policy.commitment import Commitment
from wallets.policy.facts import Leaving
from wallets.policy.gate import PolicyGate
from wallets.policy.signatures import read_signature

ACT_SIGN = "dapp.sign"


class SignatureRules:
    """`wallets.risk.ports.OwnersRules` by shape.

    What a permit lets others take counts in the windows of limits from its signature, as an approval on the chain does;
    it is never free again, because nobody can tell that it will not be used.

    Args:
        decimals: Of the money that is known on the configured chains.
    """

    def __init__(self, gate: PolicyGate, decimals: Mapping[AssetId, int]) -> None:
        self._gate = gate
        self._decimals = decimals

    async def admit(
        self,
        tx: Transaction,
        tenant_id: UUID,
        account: AccountId,
        request_id: UUID,
        digest: bytes,
        scheme: SigningScheme,
        payload: bytes,
    ) -> QuanbaoError | None:
        """Decide, in the transaction during which it is signed; what is refused is kept when that ends.

        Args:
            request_id: What asks for it, and by which its risk was scored.
            digest: 32 bytes SHA-256 of the payload.

        Returns:
            PolicyRefused, ApprovalNeeded, PriceUnavailable, PriceStale: nothing may be signed. None: it may be.
        """
        reading = read_signature(scheme, payload, account)
        # Whatever one lets oneself take stays where it is.
        takings = [one for one in reading.takings or () if one.base_units and one.recipient != account]
        if reading.takings is not None and not takings:
            return None
        wanted = Commitment(
            tenant_id=tenant_id,
            act=ACT_SIGN,
            account=account,
            leaving=tuple(
                Leaving(one.asset, one.base_units, self._decimals.get(one.asset), one.recipient) for one in takings
            ),
            subject={"request": str(request_id)},
            holding=request_id,
            readable=reading.takings is not None,
            called=None if reading.takings is not None else reading.contract,
            digest=digest,
            is_signature=True,
        )
        error = await self._gate.commit(tx, wanted)
        if error is None:
            await self._gate.close(tx, request_id, happened=True)
        return error
