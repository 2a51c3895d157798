"""Methods that send, simulate and price transactions, and the airdrop."""

from __future__ import annotations

import itertools
from typing import Any

from solders.compute_budget import set_compute_unit_limit
from solders.errors import BincodeError
from solders.message import Message, from_bytes_versioned
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from localnet.solana.bank import Bank, Simulation, last_valid_height
from localnet.solana.encoding import encode_account
from localnet.solana.errors import (
    INTERNAL_ERROR,
    SEND_TRANSACTION_PREFLIGHT_FAILURE,
    TRANSACTION_SIGNATURE_VERIFICATION_FAILURE,
    RpcError,
    describe_transaction_error,
    invalid_params,
)
from localnet.solana.fees import fee_of
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.outcome import inner_instructions, return_data
from localnet.solana.params import Options, Params, decode_bytes, parse_address
from localnet.solana.records import TransactionRecord
from localnet.solana.transaction import MAX_TRANSACTION_BYTES, DecodedTransaction
from primitives.errors import TransactionRejected

# The names that Agave's messages carry.
_TRANSACTION = "solana_transaction::versioned::VersionedTransaction"
_MESSAGE = "solana_message::versions::VersionedMessage"
_airdrop_numbers = itertools.count()


async def send_transaction(node: SolanaNode, params: Params) -> str:
    options = params.options(1)
    transaction = _decode(node, params, options, default_encoding="base58")
    skip_preflight = options.flag("skipPreflight")
    options.require_slot(node.bank.slot_at(options.commitment("preflightCommitment")))
    valid = transaction.signatures_are_valid()
    if not skip_preflight and not valid:
        raise _signature_failure()
    if node.misbehaviour.is_active:
        _misbehave(node, transaction, valid=valid, preflight=not skip_preflight)
    elif not skip_preflight:
        refusal = node.bank.refusal(transaction)
        outcome = Simulation(refusal, None, {}) if refusal else node.bank.execute(transaction, only_if_it_succeeds=True)
        if isinstance(outcome, Simulation):
            raise _preflight_failure(outcome)
    # A node that skips preflight answers with the signature and forwards; a bad transaction is dropped later, unseen.
    elif valid and node.bank.refusal(transaction) is None:
        node.bank.execute(transaction)
    return transaction.signature


def _misbehave(node: SolanaNode, transaction: DecodedTransaction, *, valid: bool, preflight: bool) -> None:
    if preflight:
        refusal = node.bank.refusal(transaction)
        simulation = Simulation(refusal, None, {}) if refusal else node.bank.simulate(transaction)
        if simulation.error is not None:
            raise _preflight_failure(simulation)
    if valid:
        node.misbehaviour.take(transaction)


async def simulate_transaction(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    commitment = options.commitment()
    transaction = _decode(node, params, options, default_encoding="base58")
    replace, verify = options.flag("replaceRecentBlockhash"), options.flag("sigVerify")
    if replace and verify:
        raise invalid_params("sigVerify may not be used with replaceRecentBlockhash")
    if verify and not transaction.signatures_are_valid():
        raise _signature_failure()
    refusal = None if replace else node.bank.refusal(transaction)
    simulation = Simulation(refusal, None, {}) if refusal else node.bank.simulate(transaction)
    value = _simulation_json(simulation)
    if not options.flag("innerInstructions"):
        value["innerInstructions"] = None
    value["accounts"] = _requested_accounts(node.bank, options, simulation)
    if replace:
        slot = node.bank.blockhashes.newest_at(node.bank.slot - 1)
        value["replacementBlockhash"] = {
            "blockhash": str(node.bank.blockhashes.of_slot(slot)),
            "lastValidBlockHeight": last_valid_height(slot),
        }
    return with_context(node, commitment, value)


async def get_fee_for_message(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    raw = decode_bytes(params.text(0, "message"), "base64", limit=MAX_TRANSACTION_BYTES, kind=_MESSAGE)
    try:
        message = from_bytes_versioned(raw)
        unsigned = [Signature.default()] * message.header.num_required_signatures
        transaction = node.bank.decode(bytes(VersionedTransaction.populate(message, unsigned)))
    except (ValueError, TypeError, BincodeError, TransactionRejected) as error:
        raise invalid_params(f"failed to deserialize {_MESSAGE}: {error}") from error
    commitment = options.commitment()
    known = node.bank.blockhash_is_good(transaction)
    fee = fee_of(message)
    return with_context(node, commitment, fee if known else None)


async def request_airdrop(node: SolanaNode, params: Params) -> str:
    address, lamports = params.address(0), params.integer(1, "lamports")
    # The compute limit makes two equal airdrops of one slot different transactions.
    number = set_compute_unit_limit(10_000 + next(_airdrop_numbers) % 1_000_000)
    gift = transfer(TransferParams(from_pubkey=node.faucet.pubkey(), to_pubkey=address, lamports=lamports))
    blockhash = node.bank.newest_blockhash
    message = Message.new_with_blockhash([number, gift], node.faucet.pubkey(), blockhash)
    transaction = node.bank.decode(bytes(VersionedTransaction(message, [node.faucet])))
    simulation = node.bank.simulate(transaction)
    if simulation.error is not None:
        raise _preflight_failure(simulation)
    outcome = node.bank.execute(transaction)
    if not isinstance(outcome, TransactionRecord):
        raise RpcError(INTERNAL_ERROR, f"airdrop refused: {describe_transaction_error(outcome.error)}")
    return transaction.signature


def _decode(node: SolanaNode, params: Params, options: Options, *, default_encoding: str) -> DecodedTransaction:
    encoding = options.get("encoding", default_encoding)
    wire = decode_bytes(params.text(0, "transaction"), encoding, limit=MAX_TRANSACTION_BYTES, kind=_TRANSACTION)
    try:
        return node.bank.decode(wire)
    except TransactionRejected as error:
        size = error.facts.get("size")
        if size is None:
            raise invalid_params(f"failed to deserialize {_TRANSACTION}: {error.message}") from error
        most = f"(max: {MAX_TRANSACTION_BYTES} bytes)"
        raise invalid_params(f"decoded {_TRANSACTION} too large: {size} bytes {most}") from error


def _signature_failure() -> RpcError:
    return RpcError(TRANSACTION_SIGNATURE_VERIFICATION_FAILURE, "Transaction signature verification failure")


def _preflight_failure(simulation: Simulation) -> RpcError:
    text = describe_transaction_error(simulation.error)
    return RpcError(
        SEND_TRANSACTION_PREFLIGHT_FAILURE, f"Transaction simulation failed: {text}", _simulation_json(simulation)
    )


def _simulation_json(simulation: Simulation) -> dict[str, Any]:
    meta = simulation.meta
    return {
        "err": simulation.error,
        "logs": meta.logs() if meta else [],
        "accounts": None,
        "unitsConsumed": meta.compute_units_consumed() if meta else 0,
        "returnData": return_data(meta) if meta else None,
        "innerInstructions": inner_instructions(meta) if meta else None,
        "fee": meta.fee() if meta else None,
        "replacementBlockhash": None,
    }


def _requested_accounts(bank: Bank, options: Options, simulation: Simulation) -> list[Any] | None:
    wanted = options.get("accounts")
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("addresses"), list):
        raise invalid_params("Invalid params: accounts needs addresses")
    encoding = Options({"encoding": wanted.get("encoding") or "base64"})
    found = []
    for item in wanted["addresses"]:
        address = parse_address(item)
        account = simulation.accounts.get(address) or bank.account(address)
        found.append(encode_account(bank, address, account, encoding) if account and account.lamports else None)
    return found


METHODS: dict[str, RpcMethod] = {
    "sendTransaction": send_transaction,
    "simulateTransaction": simulate_transaction,
    "getFeeForMessage": get_fee_for_message,
    "requestAirdrop": request_airdrop,
}
