"""Sign in with a wallet, and link wallets to an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from people.challenges.service import LIFETIME, Challenges
from people.passkeys.service import RelyingParty
from people.passkeys.sql import passkeys_of
from people.persons.service import Persons
from people.persons.sql import person_by_id
from people.privacy.personal_data import PersonalData
from people.wallet_login import sql
from people.wallet_login.message import Family, SignIn, parse_sign_in
from people.wallet_login.proof import require_signature
from persistence.database import Database, Transaction
from primitives.account_id import checksum_address, parse_evm_address, parse_solana_address
from primitives.base58 import encode_base58
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, LoginFailed, NotFound, NotPermitted, OneTimeUsed, QuanbaoError

STATEMENT = "Sign in to Quanbao. This costs nothing and moves nothing."
MAX_WALLETS = 20
_KIND = "wallet.sign_in"
_PURPOSE = "wallet_login.account"
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LinkedWallet:
    """An account that signs somebody in: `ethereum:0x…`, `solana:…`."""

    id: UUID
    account: str = field(repr=False)
    linked_at: datetime


class WalletLogin:
    """Accounts held elsewhere as a way in. An unknown account makes a new person of the lowest identity level."""

    def __init__(
        self,
        database: Database,
        data: PersonalData,
        persons: Persons,
        party: RelyingParty,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._data = data
        self._persons = persons
        self._party = party
        self._clock = clock or SystemClock()
        self._challenges = Challenges(data, self._clock)

    def message(self, family: Family, address: str, *, chain_id: str, origin: str | None = None) -> str:
        """The text for the wallet to sign, good for five minutes and once.

        Args:
            address: In any spelling.
            chain_id: EIP-155 number, or a cluster's name.
            origin: One of ours; the first unless given.

        Raises:
            InvalidAddress, InvalidValue
        """
        origins = [urlsplit(each) for each in self._party.origins]
        used = next((each for each in origins if each.geturl() == origin), origins[0])
        raw = parse_solana_address(address) if family is Family.SOLANA else parse_evm_address(address)
        now = self._clock.now()
        message = SignIn(
            family,
            None,
            used.netloc,
            encode_base58(raw) if family is Family.SOLANA else checksum_address(raw),
            raw,
            STATEMENT,
            used.geturl(),
            chain_id,
            self._challenges.new(_KIND).hex(),
            now,
            now + LIFETIME,
        )
        return parse_sign_in(message.text()).text()

    async def login(self, text: str, signature: str) -> UUID:
        """The person whose account signed; a new one for an account that nobody has linked.

        Raises:
            InvalidValue: Not a sign-in message.
            LoginFailed: For another site, not valid now, or signed by another account.
            OneTimeUsed: Its nonce is not ours, was used before, or has expired.
        """
        message, nonce = self._judge(text, signature)
        index = self._index(message)
        async with self._database.transaction() as tx:
            known = await sql.person_of_wallet(tx, index)
            if known is not None:
                await self._challenges.use(tx, _KIND, nonce)
                return known
        return await self._register(message, nonce, index)

    async def _register(self, message: SignIn, nonce: bytes, index: bytes) -> UUID:
        person_id = uuid4()
        await self._data.begin(person_id)
        try:
            async with self._database.transaction() as tx:
                await self._challenges.use(tx, _KIND, nonce)
                await self._persons.register_without_email(tx, person_id, _shortened(message.address))
                if not await self._link(tx, person_id, message, index):
                    raise LoginFailed("this account has just been linked: sign in again")
        except QuanbaoError:
            # Nothing was stored, so nothing is sealed with this key.
            await self._data.destroy(person_id)
            raise
        return person_id

    async def link(self, person_id: UUID, text: str, signature: str) -> LinkedWallet:
        """Let an account sign this person in.

        Raises:
            NotPermitted: It signs somebody else in.
            InvalidValue, LoginFailed, OneTimeUsed: As `login`.
        """
        message, nonce = self._judge(text, signature)
        async with self._database.transaction() as tx:
            await self._challenges.use(tx, _KIND, nonce)
            if len(await sql.wallets_of(tx, person_id)) >= MAX_WALLETS:
                raise InvalidValue(f"at most {MAX_WALLETS} wallets sign a person in: unlink one first")
            if not await self._link(tx, person_id, message, self._index(message)):
                raise NotPermitted("this account signs somebody in already", rule="wallet_in_use")
            return self._shown((await sql.wallets_of(tx, person_id))[-1])

    async def list(self, person_id: UUID) -> Sequence[LinkedWallet]:
        """Longest-linked first."""
        async with self._database.transaction() as tx:
            return [self._shown(stored) for stored in await sql.wallets_of(tx, person_id)]

    async def unlink(self, person_id: UUID, wallet_id: UUID) -> None:
        """Raises NotFound; NotPermitted: it is the person's only way in."""
        async with self._database.transaction() as tx:
            person = await person_by_id(tx, person_id, lock=True)
            if not await sql.unlink_wallet(tx, person_id, wallet_id):
                raise NotFound("no such wallet")
            ways = len(await sql.wallets_of(tx, person_id)) + len(await passkeys_of(tx, person_id))
            if person is None or (not person.has_password and not ways):
                raise NotPermitted("this is your only way in: set a password or a passkey first", rule="last_login")

    def _judge(self, text: str, signature: str) -> tuple[SignIn, bytes]:
        message = parse_sign_in(text)
        now = self._clock.now()
        ours = {urlsplit(each).netloc: each for each in self._party.origins}
        origin = ours.get(message.domain)
        here = origin is not None and (message.uri == origin or message.uri.startswith(origin + "/"))
        if not here or (message.scheme is not None and message.scheme != urlsplit(origin or "").scheme):
            raise LoginFailed("this message is for another site")
        if message.issued_at > now + _SKEW or (message.not_before is not None and message.not_before > now + _SKEW):
            raise LoginFailed("this message is not valid yet")
        if message.expires_at is not None and message.expires_at <= now:
            raise LoginFailed("this message has expired: ask for a new one")
        try:
            nonce = bytes.fromhex(message.nonce)
        except ValueError as error:
            raise OneTimeUsed("this answers no challenge of ours: ask for a new one") from error
        require_signature(message, text, signature)
        return message, nonce

    async def _link(self, tx: Transaction, person_id: UUID, message: SignIn, index: bytes) -> bool:
        sealed = self._data.seal(person_id, _PURPOSE, {"account": message.account})
        return await sql.link_wallet(tx, sql.StoredWallet(uuid4(), person_id, sealed, self._clock.now()), index)

    def _index(self, message: SignIn) -> bytes:
        return self._data.index("wallet", message.account)

    def _shown(self, stored: sql.StoredWallet) -> LinkedWallet:
        account = str(self._data.open(stored.person_id, _PURPOSE, stored.account)["account"])
        return LinkedWallet(stored.id, account, stored.linked_at)


def _shortened(address: str) -> str:
    return f"{address[:6]}…{address[-4:]}"
