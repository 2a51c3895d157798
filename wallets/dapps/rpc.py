"""EIP-1193 methods: what a dApp may ask, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from chains.intent import ContractCall, Intent, Transfer
from chains.ports import Chains
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.plain_words import explain_call
from codec.evm.transaction import FeeMarketTransaction
from keystore.payload import check_payload
from keystore.service import Keystore
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.errors import InvalidAddress, InvalidValue, KeyNotFound, NodeUnavailable, SigningRefused, UnknownChain
from primitives.signing import SigningRequest, SigningScheme
from wallets.accounts.service import AccountService
from wallets.dapps import sql
from wallets.dapps.model import Ask, AskedFor, ProviderCode, ProviderError
from wallets.dapps.service import ACT_SIGN, DappRequests, payload_of

READS = frozenset(
    (
        "eth_blockNumber",
        "eth_call",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getStorageAt",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
    )
)
"""Passed to the chain's node as they are: they change nothing."""

_HINTS = frozenset(("from", "gas", "gasLimit", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "type"))
_PAYING = frozenset(("to", "value", "data", "input", "chainId"))


class DappChains(Chains, Protocol):
    """The configured chains with their nodes; `chains.registry.ConfiguredChains` conforms."""

    def client(self, chain: ChainId) -> JsonRpcClient: ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """On whose behalf a dApp asks: a person, in one of the person's sessions."""

    tenant_id: UUID
    session_id: UUID


class DappRpc:
    """One request, one answer. A session shows one chain at a time, the first EVM chain until the dApp switches."""

    def __init__(
        self,
        database: Database,
        chains: DappChains,
        accounts: AccountService,
        keystore: Keystore,
        requests: DappRequests,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._keystore = keystore
        self.requests = requests
        self._methods: Mapping[str, Callable[[Visitor, ChainId, Sequence[Any]], Awaitable[Any]]] = {
            "eth_accounts": self._eth_accounts,
            "eth_requestAccounts": self._eth_accounts,
            "eth_chainId": self._chain_id,
            "net_version": self._net_version,
            "wallet_switchEthereumChain": self._switch,
            "eth_sendTransaction": self._send,
            "personal_sign": self._personal_sign,
            "eth_signTypedData_v4": self._sign_typed_data,
        }

    async def request(self, visitor: Visitor, method: str, params: Any) -> Any:
        """The `result` of a method. Those that need the person's word answer after it.

        Raises:
            ProviderError: What the dApp is to be told.
        """
        listed = [] if params is None else params
        if not isinstance(listed, list):
            raise _invalid("params must be a list")
        try:
            chain = await self._chain(visitor)
            if method in READS:
                return await self._chains.client(chain).call(method, *listed)
            if method not in self._methods:
                raise ProviderError(ProviderCode.UNSUPPORTED_METHOD, f"{method} is not supported")
            return await self._methods[method](visitor, chain, listed)
        except NodeRefusal as refusal:
            raise ProviderError(refusal.facts["number"], refusal.facts["text"], refusal.data) from refusal
        except NodeUnavailable as error:
            raise ProviderError(ProviderCode.CHAIN_DISCONNECTED, error.message) from error
        except (InvalidValue, SigningRefused) as error:
            raise _invalid(error.message) from error

    async def _chain(self, visitor: Visitor) -> ChainId:
        known = [chain for chain in self._chains.all() if chain.family == "eip155"]
        if not known:
            raise ProviderError(ProviderCode.CHAIN_DISCONNECTED, "no EVM chain is configured")
        async with self._database.transaction() as tx:
            chosen = await sql.chosen_chain(tx, visitor.session_id)
        return chosen if chosen in known else known[0]

    async def _chain_id(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> str:
        return hex(chain.evm_number)

    async def _net_version(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> str:
        return str(chain.evm_number)

    async def _eth_accounts(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> list[str]:
        held = await self._accounts.list(visitor.tenant_id)
        return [one.account.address for one in held if one.account.chain == chain]

    async def _switch(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> None:
        (wanted,) = _listed(params, 1)
        if not isinstance(wanted, dict):
            raise _invalid("params must be [{chainId}]")
        number = _quantity(wanted.get("chainId"), "chainId")
        try:
            self._chains.adapter(ChainId.evm(number))
        except UnknownChain as error:
            raise ProviderError(ProviderCode.UNKNOWN_CHAIN, f"chain {number} is not configured here") from error
        async with self._database.transaction() as tx:
            await sql.choose_chain(tx, visitor.session_id, ChainId.evm(number))

    async def _send(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> str:
        (wanted,) = _listed(params, 1)
        if not isinstance(wanted, dict):
            raise _invalid("params must be [transaction]")
        given = {name: value for name, value in wanted.items() if value not in (None, [], "")}
        if "nonce" in given:
            raise _invalid("the wallet assigns nonces: leave it out")
        if unknown := sorted(set(given) - _HINTS - _PAYING):
            raise _invalid(f"transactions with {', '.join(unknown)} are not supported")
        if "chainId" in given and _quantity(given["chainId"], "chainId") != chain.evm_number:
            raise _invalid(f"the session is on chain {chain.evm_number}: switch first")
        sender = await self._own(visitor, chain, given.get("from"))
        if "to" not in given:
            raise _invalid("a transaction without a recipient creates a contract, which is not supported")
        to = AccountId.of(chain, _text(given["to"], "to"))
        value = _quantity(given.get("value", "0x0"), "value")
        if "data" in given and "input" in given and given["data"] != given["input"]:
            raise _invalid("data and input differ")
        data = _bytes(given.get("data", given.get("input", "0x")), "data")
        native = self._chains.adapter(chain).native
        action = ContractCall(to, data, value) if data or not value else Transfer(Amount(value, native), to)
        summary = explain_call(FeeMarketTransaction(chain.evm_number, 0, 0, 0, 21_000, to.raw, value, data))
        intent = Intent(sender, action).to_json()
        return await self._decided(visitor, Ask(visitor.session_id, sender, AskedFor.PAYMENT, intent, summary))

    async def _personal_sign(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> str:
        message, address = _listed(params, 2)
        signer = await self._own(visitor, chain, address)
        text = _text(message, "the message")
        raw = _bytes(text, "the message") if text.startswith("0x") else text.encode()
        return await self._signed(visitor, signer, AskedFor.MESSAGE, {"hex": raw.hex()}, SigningScheme.EVM_MESSAGE)

    async def _sign_typed_data(self, visitor: Visitor, chain: ChainId, params: Sequence[Any]) -> str:
        address, document = _listed(params, 2)
        signer = await self._own(visitor, chain, address)
        text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
        payload = {"document": text}
        return await self._signed(visitor, signer, AskedFor.TYPED_DATA, payload, SigningScheme.EVM_TYPED_DATA)

    async def _signed(
        self,
        visitor: Visitor,
        signer: AccountId,
        kind: AskedFor,
        payload: Mapping[str, Any],
        scheme: SigningScheme,
    ) -> str:
        """Read as the keystore will read it, so that what it would refuse never reaches the person."""
        key_id = (await self._accounts.find(visitor.tenant_id, signer)).key_id
        async with self._database.transaction() as tx:
            key = await self._keystore.key(tx, key_id)
        draft = Ask(visitor.session_id, signer, kind, payload, "")
        request = SigningRequest(key_id, scheme, payload_of(draft), signer.chain, ACT_SIGN)
        summary = check_payload(request, key.public_key).summary
        return await self._decided(visitor, Ask(visitor.session_id, signer, kind, payload, summary))

    async def _decided(self, visitor: Visitor, ask: Ask) -> str:
        request = await self.requests.ask(visitor.tenant_id, ask)
        return await self.requests.answer(visitor.tenant_id, request.id)

    async def _own(self, visitor: Visitor, chain: ChainId, address: Any) -> AccountId:
        try:
            account = AccountId.of(chain, _text(address, "the account"))
            return (await self._accounts.find(visitor.tenant_id, account)).account
        except InvalidAddress as error:
            raise _invalid(error.message) from error
        except KeyNotFound as error:
            raise ProviderError(ProviderCode.UNAUTHORIZED, f"{address} is not an account of this person") from error


def _invalid(message: str) -> ProviderError:
    return ProviderError(ProviderCode.INVALID_PARAMS, message)


def _listed(params: Sequence[Any], count: int) -> Sequence[Any]:
    """The first ones; wallets are handed more at times (MetaMask's old password of personal_sign)."""
    if len(params) < count:
        raise _invalid(f"{count} parameters are needed")
    return params[:count]


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _invalid(f"{name} must be text")
    return value


def _quantity(value: Any, name: str) -> int:
    """A QUANTITY of the Ethereum JSON-RPC, below 2^256."""
    text = _text(value, name)
    try:
        number = int(text, 16) if text.startswith("0x") else -1
    except ValueError:
        number = -1
    if not 0 <= number < 2**256:
        raise _invalid(f"{name} must be a hexadecimal quantity with 0x")
    return number


def _bytes(value: Any, name: str) -> bytes:
    text = _text(value, name)
    try:
        if text.startswith("0x"):
            return bytes.fromhex(text[2:])
    except ValueError:
        pass
    raise _invalid(f"{name} must be hexadecimal bytes with 0x")
