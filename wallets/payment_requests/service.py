"""Make links that ask for a payment, and read those of others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from chains.ports import Chains
from codec.solana.decoding.reader import decimal_text
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    InvalidAddress,
    InvalidValue,
    PaymentLinkRefused,
    UnknownAsset,
)
from wallets.accounts.model import Account
from wallets.address_book.service import AddressBook
from wallets.payment_requests.eip681 import SCHEME as ETHEREUM
from wallets.payment_requests.eip681 import EvmPayment, parse_eip681
from wallets.payment_requests.model import AskedPayment, LinkForm, MadeRequest
from wallets.solana_pay.link import SCHEME as SOLANA
from wallets.solana_pay.link import TransactionRequest, TransferRequest, parse_link

MAX_TEXT = 2_048
_SCHEME = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{1,30}):")
_CAIP10 = re.compile(r"(?:eip155|solana):[^:]{1,40}:[^:]{20,100}")
_EVM_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class OwnAccounts(Protocol):
    """`wallets.accounts` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[Account]: ...


class PaymentRequests:
    """Nothing is stored: a request is its link."""

    def __init__(self, chains: Chains, accounts: OwnAccounts, book: AddressBook) -> None:
        self._chains = chains
        self._accounts = accounts
        self._book = book

    async def make(
        self,
        tenant_id: UUID,
        recipient: AccountId,
        asset_id: AssetId,
        base_units: int | None,
        *,
        label: str | None = None,
        message: str | None = None,
    ) -> MadeRequest:
        """A link that asks for a payment to one of the person's accounts.

        Args:
            base_units: None: the payer chooses.
            label, message: In Solana links only; EIP-681 has no place for them.

        Raises:
            InvalidAddress: Not an account of the person's.
            AmountNotPositive, UnknownAsset, UnknownChain, NodeUnavailable
        """
        if all(held.account != recipient for held in await self._accounts.list(tenant_id)):
            raise InvalidAddress(f"{recipient} is not an account of your wallets", address=str(recipient))
        if asset_id.chain != recipient.chain or asset_id.token_id is not None:
            raise UnknownAsset(f"{asset_id} is no coin or token of {recipient.chain}", asset=str(asset_id))
        if base_units is not None and base_units <= 0:
            raise AmountNotPositive("ask for more than zero")
        asset = await self._chains.adapter(recipient.chain).asset(asset_id)
        token = None if asset_id.is_native else AccountId.of(recipient.chain, asset_id.reference).raw
        amount = None if base_units is None else Amount(base_units, asset)
        if recipient.chain.family == "eip155":
            payment = EvmPayment(int(recipient.chain.reference), recipient.raw, token, base_units)
            return MadeRequest(str(payment), LinkForm.EIP681, recipient, asset, amount)
        units = None if base_units is None else Decimal(decimal_text(base_units, asset.decimals))
        link = TransferRequest(recipient.raw, units, token, label=label, message=message)
        return MadeRequest(str(link), LinkForm.SOLANA_PAY, recipient, asset, amount)

    async def read(self, tenant_id: UUID, text: str, *, chain: ChainId | None = None) -> AskedPayment:
        """What a scanned or pasted text asks for; nothing is paid.

        Args:
            chain: Where the payer would pay, for texts that name none.

        Raises:
            PaymentLinkRefused: `reason` is `scheme`, `chain`, `malformed`, `name`, `function`, `amount` or `server`.
            InvalidAddress, PrecisionLoss, UnknownAsset, NodeUnavailable
        """
        plain = text.strip()
        if not 1 <= len(plain) <= MAX_TEXT:
            raise PaymentLinkRefused(f"a payment link has 1 to {MAX_TEXT} characters", reason="malformed")
        if plain.startswith(ETHEREUM):
            found = await self._evm(parse_eip681(plain), chain)
        elif plain.startswith(SOLANA) and not _CAIP10.fullmatch(plain):
            found = await self._solana(_link(plain), chain)
        elif _CAIP10.fullmatch(plain):
            account = AccountId.parse(plain)
            self._require(account.chain)
            if chain is not None and chain != account.chain:
                raise _other_chain(account.chain)
            found = AskedPayment(LinkForm.ACCOUNT, account, None, None)
        else:
            found = self._bare(plain, chain)
        own = any(held.account == found.recipient for held in await self._accounts.list(tenant_id))
        known = await self._book.name_of(tenant_id, found.recipient)
        return AskedPayment(
            form=found.form,
            recipient=found.recipient,
            asset=found.asset,
            amount=found.amount,
            label=found.label,
            message=found.message,
            memo=found.memo,
            references=found.references,
            own=own,
            known_as=known,
        )

    async def _evm(self, payment: EvmPayment, chain: ChainId | None) -> AskedPayment:
        where = chain if payment.chain is None else ChainId.evm(payment.chain)
        if where is None:
            raise PaymentLinkRefused("the link names no chain: choose the one to pay on", reason="chain")
        if where.family != "eip155" or (chain is not None and chain != where):
            raise _other_chain(where)
        self._require(where)
        recipient = AccountId.from_raw(where, payment.recipient)
        asset = await self._asset(where, payment.token)
        amount = None if payment.base_units is None else Amount(payment.base_units, asset)
        return AskedPayment(LinkForm.EIP681, recipient, asset, amount)

    async def _solana(self, link: TransferRequest, chain: ChainId | None) -> AskedPayment:
        # A Solana Pay link names no cluster: it is the one that is configured here.
        here = [one for one in self._chains.all() if one.family == "solana"]
        where = chain or (here[0] if len(here) == 1 else None)
        if where is None:
            raise PaymentLinkRefused("several Solana clusters are configured: choose one", reason="chain")
        if where.family != "solana":
            raise PaymentLinkRefused("this link asks for a payment on Solana: choose a Solana account", reason="chain")
        self._require(where)
        asset = await self._asset(where, link.spl_token)
        amount = None if link.amount is None else Amount.from_decimal(link.amount, asset)
        return AskedPayment(
            form=LinkForm.SOLANA_PAY,
            recipient=AccountId.from_raw(where, link.recipient),
            asset=asset,
            amount=amount,
            label=link.label,
            message=link.message,
            memo=link.memo,
            references=tuple(encode_base58(key) for key in link.references),
        )

    def _bare(self, text: str, chain: ChainId | None) -> AskedPayment:
        scheme = _SCHEME.match(text)
        if scheme is not None:
            raise PaymentLinkRefused(
                f"{scheme['scheme']}: links are not paid here, only ethereum: and solana: links",
                reason="scheme",
                scheme=scheme["scheme"].lower(),
            )
        if chain is None:
            raise PaymentLinkRefused("an address alone names no chain: choose the one to pay on", reason="chain")
        self._require(chain)
        if bool(_EVM_ADDRESS.fullmatch(text)) != (chain.family == "eip155"):
            raise PaymentLinkRefused(f"this is no address of {chain}", reason="chain", chain=str(chain))
        return AskedPayment(LinkForm.ACCOUNT, AccountId.of(chain, text), None, None)

    def _require(self, chain: ChainId) -> None:
        if chain not in self._chains.all():
            raise _other_chain(chain)

    async def _asset(self, chain: ChainId, token: bytes | None) -> Asset:
        adapter = self._chains.adapter(chain)
        if token is None:
            return adapter.native
        return await adapter.asset(AssetId.fungible(chain, AccountId.from_raw(chain, token).address))


def _link(text: str) -> TransferRequest:
    try:
        link = parse_link(text)
    except InvalidAddress:
        raise
    except InvalidValue as error:
        raise PaymentLinkRefused(error.message, reason="malformed") from error
    if isinstance(link, TransactionRequest):
        raise PaymentLinkRefused(
            "this link has a server compose the transaction: open it with a wallet that shows what it signs",
            reason="server",
        )
    return link


def _other_chain(chain: ChainId) -> PaymentLinkRefused:
    return PaymentLinkRefused(
        f"this asks for a payment on {chain}, which is another chain", reason="chain", chain=str(chain)
    )
