"""What the local Solana chain must refuse, because LiteSVM alone would not."""

from __future__ import annotations

from base64 import b64encode

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import (
    AdvanceNonceAccountParams,
    CreateAccountParams,
    InitializeNonceAccountParams,
    TransferParams,
    advance_nonce_account,
    create_account,
    initialize_nonce_account,
    transfer,
)

from localnet.testing import Localnet, localnet
from tests.integration.localnet.json_rpc import NodeError, call
from tests.integration.localnet.solana_sender import SOL, balance, latest_blockhash, send, sign, status
from tests.integration.localnet.waiting import until

PREFLIGHT_FAILURE = -32002
INVALID_PARAMS = -32602
SIGNATURE_FAILURE = -32003
MEMO = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")


async def _funded(network: Localnet, lamports: int = SOL) -> Keypair:
    key = Keypair()
    await network.give(str(key.pubkey()), "native", lamports, family="solana")
    return key


def _gift(key: Keypair, to: Pubkey, lamports: int) -> Instruction:
    return transfer(TransferParams(from_pubkey=key.pubkey(), to_pubkey=to, lamports=lamports))


async def test_a_duplicate_transaction_is_refused(network: Localnet) -> None:
    """The same bytes twice: an error with preflight, and no second effect without."""
    key, receiver = await _funded(network), Keypair().pubkey()
    wire = sign([_gift(key, receiver, SOL // 10)], await latest_blockhash(network.solana_url), key)
    signature = await send(network.solana_url, wire)
    with pytest.raises(NodeError, match="This transaction has already been processed") as refused:
        await send(network.solana_url, wire)
    assert refused.value.code == PREFLIGHT_FAILURE
    assert refused.value.data["err"] == "AlreadyProcessed"
    assert await send(network.solana_url, wire, skipPreflight=True) == signature
    assert await balance(network.solana_url, receiver, "processed") == SOL // 10


async def test_a_blockhash_is_good_for_151_slots_and_no_longer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Slots made by hand: the last good slot takes the transaction, the next refuses it."""
    async with localnet(tmp_path_factory.mktemp("blockhash"), block_seconds=0, slot_seconds=0) as network:
        key, receiver = await _funded(network), Keypair().pubkey()
        blockhash = await latest_blockhash(network.solana_url)
        wires = [sign([_gift(key, receiver, SOL // 10 + number)], blockhash, key) for number in (1, 2)]
        await network.mine(150, family="solana")
        await send(network.solana_url, wires[0])
        await network.mine(1, family="solana")
        with pytest.raises(NodeError, match="Blockhash not found") as refused:
            await send(network.solana_url, wires[1])
        assert refused.value.data["err"] == "BlockhashNotFound"
        signature = await send(network.solana_url, wires[1], skipPreflight=True)
        await network.mine(2, family="solana")
        assert await status(network.solana_url, signature) is None
        assert await balance(network.solana_url, receiver) == SOL // 10 + 1
        answer = await call(network.solana_url, "isBlockhashValid", str(blockhash), {"commitment": "processed"})
        assert answer["value"] is False


async def _nonce_account(network: Localnet, authority: Keypair) -> Pubkey:
    account = Keypair()
    rent = await call(network.solana_url, "getMinimumBalanceForRentExemption", 80)
    make = create_account(
        CreateAccountParams(
            from_pubkey=authority.pubkey(),
            to_pubkey=account.pubkey(),
            lamports=rent,
            space=80,
            owner=Pubkey.default(),
        )
    )
    fill = initialize_nonce_account(
        InitializeNonceAccountParams(nonce_pubkey=account.pubkey(), authority=authority.pubkey())
    )
    await send(network.solana_url, sign([make, fill], await latest_blockhash(network.solana_url), authority, account))
    return account.pubkey()


async def _nonce(network: Localnet, account: Pubkey) -> Hash:
    options = {"encoding": "jsonParsed", "commitment": "processed"}
    shown = await call(network.solana_url, "getAccountInfo", str(account), options)
    return Hash.from_string(shown["value"]["data"]["parsed"]["info"]["blockhash"])


async def test_a_durable_nonce_serves_once(network: Localnet) -> None:
    """The nonce moves on with each use, also a failed one; the old value is refused however long ago it was good."""
    authority, receiver = await _funded(network), Keypair().pubkey()
    account = await _nonce_account(network, authority)
    advance = advance_nonce_account(
        AdvanceNonceAccountParams(nonce_pubkey=account, authorized_pubkey=authority.pubkey())
    )
    first = await _nonce(network, account)
    used = sign([advance, _gift(authority, receiver, SOL // 10)], first, authority)
    stale = sign([advance, _gift(authority, receiver, SOL // 10 + 1)], first, authority)
    await send(network.solana_url, used)
    second = await _nonce(network, account)
    assert second != first
    with pytest.raises(NodeError, match="Blockhash not found"):
        await send(network.solana_url, stale)
    await send(network.solana_url, stale, skipPreflight=True)
    assert await balance(network.solana_url, receiver, "processed") == SOL // 10

    failing = sign([advance, _gift(authority, receiver, 1000 * SOL)], second, authority)
    signature = await send(network.solana_url, failing, skipPreflight=True)
    state = await status(network.solana_url, signature)
    assert state is not None
    assert state["err"] == {"InstructionError": [1, {"Custom": 1}]}
    assert await _nonce(network, account) not in (first, second)


async def test_a_durable_nonce_needs_its_authority(network: Localnet) -> None:
    """A nonce account of somebody else does not make an old blockhash good."""
    authority, stranger = await _funded(network), await _funded(network)
    account = await _nonce_account(network, authority)
    advance = Instruction(
        Pubkey.default(),
        (4).to_bytes(4, "little"),
        [
            AccountMeta(account, False, True),
            AccountMeta(Pubkey.from_string("SysvarRecentB1ockHashes11111111111111111111"), False, False),
            AccountMeta(stranger.pubkey(), True, False),
        ],
    )
    wire = sign([advance, _gift(stranger, authority.pubkey(), 1)], await _nonce(network, account), stranger)
    with pytest.raises(NodeError, match="Blockhash not found"):
        await send(network.solana_url, wire)


async def test_1232_bytes_are_the_limit(network: Localnet) -> None:
    """LiteSVM would take more; the packet does not."""
    key = await _funded(network)

    async def wire_of(memo_bytes: int) -> bytes:
        memo = Instruction(MEMO, b"m" * memo_bytes, [AccountMeta(key.pubkey(), True, False)])
        return sign([memo], await latest_blockhash(network.solana_url), key)

    overhead = len(await wire_of(1000)) - 1000
    largest, too_large = await wire_of(1232 - overhead), await wire_of(1233 - overhead)
    assert (len(largest), len(too_large)) == (1232, 1233)
    await send(network.solana_url, largest)
    with pytest.raises(NodeError, match="too large: 1233 bytes") as refused:
        await send(network.solana_url, too_large)
    assert refused.value.code == INVALID_PARAMS
    with pytest.raises(NodeError, match="too large"):
        await send(network.solana_url, too_large, skipPreflight=True)


async def test_a_wrong_signature_is_refused(network: Localnet) -> None:
    """One changed byte in the signature: refused with preflight, dropped without."""
    key, receiver = await _funded(network), Keypair().pubkey()
    wire = bytearray(sign([_gift(key, receiver, SOL // 10)], await latest_blockhash(network.solana_url), key))
    wire[5] ^= 1
    with pytest.raises(NodeError, match="signature verification failure") as refused:
        await send(network.solana_url, bytes(wire))
    assert refused.value.code == SIGNATURE_FAILURE
    signature = await send(network.solana_url, bytes(wire), skipPreflight=True)
    assert await status(network.solana_url, signature) is None
    assert await balance(network.solana_url, receiver, "processed") == 0


async def test_a_failed_transaction_pays_its_fee_and_is_remembered(network: Localnet) -> None:
    """Without preflight a failing transaction lands; with it, the error carries logs and nothing is paid."""
    key = await _funded(network)
    overdraft = sign([_gift(key, Keypair().pubkey(), 5 * SOL)], await latest_blockhash(network.solana_url), key)
    with pytest.raises(NodeError, match="custom program error: 0x1") as refused:
        await send(network.solana_url, overdraft)
    assert refused.value.code == PREFLIGHT_FAILURE
    assert refused.value.data["err"] == {"InstructionError": [0, {"Custom": 1}]}
    assert any("insufficient lamports" in line for line in refused.value.data["logs"])
    assert await balance(network.solana_url, key.pubkey(), "processed") == SOL
    signature = await send(network.solana_url, overdraft, skipPreflight=True)

    async def shown() -> object:
        options = {"commitment": "confirmed", "maxSupportedTransactionVersion": 0}
        return await call(network.solana_url, "getTransaction", signature, options)

    transaction = await until(shown)
    assert isinstance(transaction, dict)
    assert transaction["meta"]["err"] == {"InstructionError": [0, {"Custom": 1}]}
    assert transaction["meta"]["fee"] == 5000
    assert await balance(network.solana_url, key.pubkey()) == SOL - 5000


async def test_an_unknown_payer_leaves_no_trace(network: Localnet) -> None:
    """Nobody to charge: refused, and no record of it."""
    nobody = Keypair()
    wire = sign([_gift(nobody, Keypair().pubkey(), 1)], await latest_blockhash(network.solana_url), nobody)
    with pytest.raises(NodeError, match="no record of a prior credit"):
        await send(network.solana_url, wire)
    signature = await send(network.solana_url, wire, skipPreflight=True)
    assert await status(network.solana_url, signature) is None


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("getBalance", ["not base58!"], INVALID_PARAMS),
        ("getBalance", [], INVALID_PARAMS),
        ("getBalance", [str(Keypair().pubkey()), {"commitment": "later"}], INVALID_PARAMS),
        ("getTransaction", ["1" * 64, {"commitment": "processed"}], INVALID_PARAMS),
        ("sendTransaction", ["AAAA", {"encoding": "base64"}], INVALID_PARAMS),
        ("sendTransaction", [b64encode(bytes(2000)).decode(), {"encoding": "base64"}], INVALID_PARAMS),
        ("getSlot", [{"minContextSlot": 10**9}], -32016),
        ("getBlock", [10**9], -32004),
        ("noSuchMethod", [], -32601),
    ],
)
async def test_bad_requests_get_agaves_codes(network: Localnet, method: str, params: list[object], code: int) -> None:
    """Clients tell errors apart by these numbers."""
    with pytest.raises(NodeError) as refused:
        await call(network.solana_url, method, *params)
    assert refused.value.code == code


async def test_bad_input_gets_agaves_words(network: Localnet) -> None:
    """Malformed and wrong addresses, other programs' accounts, oversized transactions: number and sentence."""
    key, nobody = await _funded(network), str(Keypair().pubkey())
    mint = network.asset("solana", "tCNY").rpartition(":")[2]
    program = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
    large, larger = b64encode(bytes(1233)).decode(), b64encode(bytes(1300)).decode()
    base64: dict[str, object] = {"encoding": "base64"}
    kind = "solana_transaction::versioned::VersionedTransaction"
    for method, params, words in (
        ("getBalance", ["0OIl"], "Invalid param: Invalid"),
        ("getBalance", ["1111"], "Invalid param: WrongSize"),
        ("getBalance", ["1" * 45], "Invalid param: WrongSize"),
        ("getTransaction", ["2" * 10], "Invalid param: WrongSize"),
        ("getTokenAccountBalance", [nobody], "Invalid param: could not find account"),
        ("getTokenAccountBalance", [mint], "Invalid param: not a Token account"),
        ("getTokenSupply", [nobody], "Invalid param: could not find account"),
        ("getTokenSupply", [str(key.pubkey()), {"commitment": "processed"}], "Invalid param: not a Token mint"),
        ("getTokenAccountsByOwner", [nobody, {"mint": nobody}], "Invalid param: could not find mint"),
        ("getTokenAccountsByOwner", [nobody, {"mint": program}], "Invalid param: not a Token mint"),
        ("getTokenAccountsByOwner", [nobody, {"programId": nobody}], "unrecognized Token program id"),
        ("sendTransaction", [large, base64], f"decoded {kind} too large: 1233 bytes (max: 1232 bytes)"),
        (
            "sendTransaction",
            [larger, base64],
            f"base64 encoded {kind} too large: 1736 bytes (max: encoded/raw 1644/1232)",
        ),
        ("sendTransaction", ["!!!", base64], "invalid base64 encoding"),
        ("sendTransaction", ["AAAA", base64], f"failed to deserialize {kind}"),
    ):
        with pytest.raises(NodeError) as refused:
            await call(network.solana_url, method, *params)
        assert refused.value.code == INVALID_PARAMS
        assert words in str(refused.value), (method, params)
    # An owner off the curve is a question like any other: it may hold tokens.
    off_curve, _ = Pubkey.find_program_address([b"vault"], Pubkey.from_string(program))
    found = await call(network.solana_url, "getTokenAccountsByOwner", str(off_curve), {"programId": program})
    assert found["value"] == []


async def test_priority_fees_are_what_others_bid_for_the_same_accounts(network: Localnet) -> None:
    """The lowest bid of the slot for everybody; the lowest for an account among those that wrote it."""
    from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price

    key, crowded, quiet = await _funded(network), Keypair().pubkey(), str(Keypair().pubkey())
    budget = [set_compute_unit_limit(1_000), set_compute_unit_price(5_000)]
    wire = sign([*budget, _gift(key, crowded, SOL // 100)], await latest_blockhash(network.solana_url), key)
    signature = await send(network.solana_url, wire)

    async def landed() -> dict[str, object] | None:
        found = await status(network.solana_url, signature)
        return found if found and found["confirmationStatus"] != "processed" else None

    slot = (await until(landed))["slot"]  # type: ignore[index]

    async def bid(*accounts: str) -> int:
        rows = await call(network.solana_url, "getRecentPrioritizationFees", list(accounts))
        assert len(rows) <= 150
        return next(int(row["prioritizationFee"]) for row in rows if row["slot"] == slot)

    assert await bid(str(crowded)) == 5_000
    assert await bid(str(key.pubkey()), quiet) == 5_000
    with pytest.raises(NodeError, match="Invalid param"):
        await call(network.solana_url, "getRecentPrioritizationFees", ["x"])
