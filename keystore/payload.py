"""Reading what is to be signed: the payload is decoded, checked against the request and said in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from codec.evm.transaction import (
    FeeMarketTransaction,
    LegacyTransaction,
    address_of_public_key,
    decode_unsigned,
    looks_like_transaction,
    signing_hash,
)
from codec.evm.typed_data import parse_typed_data
from codec.solana.message import decode_message
from keystore.policy import (
    CALL_PREFIX,
    CallTarget,
    DeployTarget,
    MessageTarget,
    ProgramTarget,
    Target,
    TypedDataTarget,
    describe,
)
from keystore.signature import verify_ed25519
from keystore.solana_spending import fee_limit, lamports_sent
from primitives.errors import InvalidValue, SigningRefused
from primitives.hashing import keccak256
from primitives.signing import Curve, PublicKey, SigningRequest, SigningScheme

MAX_MESSAGE_BYTES = 64 * 1024


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
            message_is_transaction, not_a_signer or wrong_cosignature.
    """
    wanted_curve, family = (
        (Curve.ED25519, "solana") if request.scheme is SigningScheme.SOLANA_MESSAGE else (Curve.SECP256K1, "eip155")
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
    target: Target
    if transaction.to is None:
        target = DeployTarget(keccak256(transaction.data))
    else:
        target = CallTarget(transaction.to, transaction.data[:CALL_PREFIX])
    summary = (
        f"{describe(target)}, value {transaction.value} wei, nonce {transaction.nonce}, "
        f"fee at most {transaction.fee_limit} wei"
    )
    void = (
        isinstance(transaction, FeeMarketTransaction | LegacyTransaction)
        and transaction.to == address_of_public_key(public_key.raw)
        and transaction.value == 0
        and not transaction.data
    )
    return CheckedPayload(
        signing_hash(request.payload),
        (target,),
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
    return CheckedPayload(document.signing_hash(), (target,), describe(target))


def _message(request: SigningRequest, public_key: PublicKey) -> CheckedPayload:
    message = request.payload
    if len(message) > MAX_MESSAGE_BYTES:
        raise InvalidValue(f"a message has at most {MAX_MESSAGE_BYTES} bytes")
    if looks_like_transaction(message):
        raise _refused("message_is_transaction", "these bytes are a transaction and are never signed as a message")
    # EIP-191 version 0x45.
    digest = keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)
    return CheckedPayload(digest, (MessageTarget(),), f"a text message of {len(message)} bytes")


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
        f"{'; '.join(map(describe, targets))}; {payer}",
        bool(message.lookups),
        value=lamports_sent(message, public_key.raw),
        fee=fee_limit(message) if message.fee_payer == public_key.raw else 0,
    )


_CHECKS = {
    SigningScheme.EVM_TRANSACTION: _transaction,
    SigningScheme.EVM_TYPED_DATA: _typed_data,
    SigningScheme.EVM_MESSAGE: _message,
    SigningScheme.SOLANA_MESSAGE: _solana,
}


def _refused(rule: str, message: str) -> SigningRefused:
    return SigningRefused(message, rule=rule)
