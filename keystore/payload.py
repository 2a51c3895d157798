"""Reading what is to be signed: the payload is decoded, checked against the request and said in plain words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from codec.evm.plain_words import explain_call, explain_message
from codec.evm.transaction import (
    FeeMarketTransaction,
    LegacyTransaction,
    SetCodeTransaction,
    address_of_public_key,
    decode_authorization,
    decode_unsigned,
    looks_like_transaction,
    signing_hash,
)
from codec.evm.typed_data import parse_typed_data
from codec.solana.decoding.decode import explain_instruction
from codec.solana.message import SolanaMessage, decode_message, decode_transaction
from codec.solana.offchain_message import SIGNING_DOMAIN, decode_offchain_message
from keystore.policy import (
    CALL_PREFIX,
    CallTarget,
    DelegationTarget,
    DeployTarget,
    MessageTarget,
    ProgramTarget,
    Target,
    TypedDataTarget,
    describe,
)
from keystore.signature import verify_ed25519
from keystore.solana_spending import fee_limit, lamports_sent
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue, SigningRefused
from primitives.hashing import keccak256
from primitives.signing import Curve, PublicKey, SigningRequest, SigningScheme

MAX_MESSAGE_BYTES = 64 * 1024
MAX_SUMMARY = 2000


@dataclass(frozen=True, slots=True)
class CheckedPayload:
    """A payload that may be asked about.

    Attributes:
        to_sign: secp256k1: the 32-byte digest, computed here. ed25519: the message bytes.
        targets: Everything that the signature would set in motion.
        summary: For the audit log and for people.
        hides_accounts: Some accounts come from lookup tables on chain, so the bytes do not name them.
        void: It moves nothing and calls nobody: the account's next nonce is used up, so that what waits behind a
            missing or a cancelled transaction goes on.
        value, fee: Most that this key's account sends, and pays in fees, in the chain's native base units.
    """

    to_sign: bytes
    targets: tuple[Target, ...]
    summary: str
    hides_accounts: bool = False
    void: bool = False
    value: int = 0
    fee: int = 0


def check_payload(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    """Decode the payload of a request for the key with this public key.

    Raises:
        SigningRefused: `rule` is wrong_curve, wrong_family, unreadable_payload, wrong_chain, no_chain, no_contract,
            message_is_transaction, not_a_signer, wrong_cosignature or every_chain.
    """
    wanted_curve, family = (
        (Curve.ED25519, "solana") if request.scheme in _SOLANA_SCHEMES else (Curve.SECP256K1, "eip155")
    )
    if public_key.curve is not wanted_curve:
        raise _refused("wrong_curve", f"a {public_key.curve} key cannot sign an {request.scheme}")
    if request.chain.family != family:
        raise _refused("wrong_family", f"an {request.scheme} does not belong on {request.chain}")
    try:
        return _CHECKS[request.scheme](request, public_key)
    except InvalidValue as error:
        raise _refused("unreadable_payload", f"the payload cannot be read: {error.message}") from error


def _transaction(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    transaction = decode_unsigned(request.payload)
    if transaction.chain_id != request.chain.evm_number:
        raise _refused(
            "wrong_chain", f"the transaction is for chain {transaction.chain_id}, the request for {request.chain}"
        )
    targets: list[Target] = []
    if transaction.to is None:
        targets.append(DeployTarget(keccak256(transaction.data)))
    else:
        targets.append(CallTarget(transaction.to, transaction.data[:CALL_PREFIX]))
    if isinstance(transaction, SetCodeTransaction):
        targets += [DelegationTarget(item.authorization.address) for item in transaction.authorizations]
    summary = (
        f"{explain_call(transaction)}; nonce {transaction.nonce}, fee at most {transaction.fee_limit} wei "
        f"({'; '.join(map(describe, targets))})"
    )
    void = (
        isinstance(transaction, FeeMarketTransaction | LegacyTransaction)
        and transaction.to == address_of_public_key(public_key.raw)
        and transaction.value == 0
        and not transaction.data
    )
    return CheckedPayload(
        signing_hash(request.payload),
        tuple(targets),
        summary,
        void=void,
        value=transaction.value,
        fee=transaction.fee_limit,
    )


def _typed_data(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    document = parse_typed_data(request.payload)
    if document.chain_id is None:
        raise _refused("no_chain", "typed data without a chain id in its domain could be replayed on any chain")
    if document.chain_id != request.chain.evm_number:
        raise _refused("wrong_chain", f"the typed data is for chain {document.chain_id}, not for {request.chain}")
    if document.verifying_contract is None:
        raise _refused("no_contract", "typed data without a verifying contract could be replayed anywhere")
    target = TypedDataTarget(document.verifying_contract, document.primary_type)
    summary = f"{describe(target)}: {explain_message(document)}"
    return CheckedPayload(document.signing_hash(), (target,), summary)


def _authorization(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    agreed = decode_authorization(request.payload)
    if agreed.chain_id == 0:
        raise _refused("every_chain", "an authorisation for every chain at once is never signed")
    if agreed.chain_id != request.chain.evm_number:
        raise _refused("wrong_chain", f"the authorisation is for chain {agreed.chain_id}, not for {request.chain}")
    target = DelegationTarget(agreed.address)
    what = describe(target) if any(agreed.address) else "an account running no other code any more"
    return CheckedPayload(agreed.signing_hash(), (target,), f"{what}, from nonce {agreed.nonce} on")


def _message(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    message = request.payload
    if len(message) > MAX_MESSAGE_BYTES:
        raise InvalidValue(f"a message has at most {MAX_MESSAGE_BYTES} bytes")
    if looks_like_transaction(message) or _is_solana(message):
        raise _refused("message_is_transaction", "these bytes are a transaction and are never signed as a message")
    # EIP-191 version 0x45.
    digest = keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)
    return CheckedPayload(digest, (MessageTarget(),), f"a text message of {len(message)} bytes")


def _is_solana(data: bytes) -> bool:
    """Whether bytes could be a Solana transaction, its message, or an off-chain message."""
    if data.startswith(SIGNING_DOMAIN):
        return True
    for read in (decode_message, decode_transaction):
        try:
            read(data)
        except InvalidValue:
            continue
        return True
    return False


def _offchain(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    message = decode_offchain_message(request.payload)
    if public_key.raw not in message.signers:
        raise _refused("not_a_signer", "the message does not ask for this key's signature")
    domain = encode_base58(message.application_domain)
    return CheckedPayload(
        request.payload, (MessageTarget(),), f"an off-chain message of {len(message.text)} characters for {domain}"
    )


def _text(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    message = request.payload
    if len(message) > MAX_MESSAGE_BYTES:
        raise InvalidValue(f"a message has at most {MAX_MESSAGE_BYTES} bytes")
    if _is_solana(message) or looks_like_transaction(message):
        raise _refused("message_is_transaction", "these bytes are a transaction and are never signed as a message")
    try:
        text = message.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue("the message is not UTF-8 text") from error
    if not text or any(unicodedata.category(char) == "Cc" and char not in "\t\r\n" for char in text):
        raise InvalidValue("the message is empty or holds control characters, so it is no text for people")
    return CheckedPayload(message, (MessageTarget(),), f"a text message of {len(message)} bytes")


def _solana(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    message = decode_message(request.payload)
    if public_key.raw not in message.signers:
        raise _refused("not_a_signer", "the message does not ask for this key's signature")
    for key, signature in request.cosignatures:
        try:
            verify_ed25519(key, request.payload, signature)
        except InvalidValue as error:
            raise _refused("wrong_cosignature", "a signature handed along does not fit the message") from error
    targets = tuple(
        dict.fromkeys(
            ProgramTarget(program, compiled.data)
            for program, compiled in zip(message.programs, message.compiled, strict=True)
        )
    )
    payer = "paying the fee" if message.fee_payer == public_key.raw else "not paying the fee"
    return CheckedPayload(
        request.payload,
        targets,
        f"{_solana_words(message, targets)}; {payer}",
        bool(message.lookups),
        value=lamports_sent(message, public_key.raw),
        fee=fee_limit(message) if message.fee_payer == public_key.raw else 0,
    )


def _solana_words(message: SolanaMessage, targets: tuple[Target, ...]) -> str:
    """What each instruction does; programs only, where lookup tables hide the accounts."""
    if message.lookups:
        return "; ".join(map(describe, targets))
    said = "; ".join(explain_instruction(item).english for item in message.instructions)
    return said if len(said) <= MAX_SUMMARY else said[: MAX_SUMMARY - 1] + "…"


_SOLANA_SCHEMES = frozenset(
    (SigningScheme.SOLANA_MESSAGE, SigningScheme.SOLANA_OFFCHAIN_MESSAGE, SigningScheme.SOLANA_TEXT)
)
_CHECKS = {
    SigningScheme.EVM_AUTHORIZATION: _authorization,
    SigningScheme.SOLANA_OFFCHAIN_MESSAGE: _offchain,
    SigningScheme.SOLANA_TEXT: _text,
    SigningScheme.EVM_TRANSACTION: _transaction,
    SigningScheme.EVM_TYPED_DATA: _typed_data,
    SigningScheme.EVM_MESSAGE: _message,
    SigningScheme.SOLANA_MESSAGE: _solana,
}


def _refused(rule: str, message: str) -> SigningRefused:
    return SigningRefused(message, rule=rule)
