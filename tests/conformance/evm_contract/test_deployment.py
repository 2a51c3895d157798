"""The book on chains of several kinds: one address everywhere, refused where the hard fork is too old."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.acts.contracts import app
from codec.evm.book_versions import newest_book
from codec.evm.create2 import DEPLOYER, book_address
from primitives.account_id import checksum_address
from primitives.errors import (
    ChainMismatch,
    FeatureUnavailable,
    InvalidKeyFile,
    InvalidValue,
    NodeUnavailable,
)
from tests.fakes.anvil import FIRST_KEY, Anvil, free_port, running_anvil

BOOK = checksum_address(book_address())


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Of an account that Anvil has given money to."""
    path = tmp_path / "key"
    path.write_text(FIRST_KEY.hex() + "\n")
    path.chmod(0o600)
    return path


async def quanbao(*words: str) -> Result:
    """`quanbao contracts …`, with a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


async def code_at(node: Anvil, place: str) -> str:
    found: str = await node.rpc.call("eth_getCode", place, "latest")
    return found


def chain(number: int, *more: str) -> Sequence[str]:
    return ("--chain-id", str(number), *more)


@pytest.mark.parametrize("number", [1, 56, 8453])
async def test_the_book_has_one_address_on_every_chain(number: int, key_file: Path) -> None:
    async with running_anvil(arguments=chain(number)) as node:
        done = await quanbao("deploy", "--rpc", node.url, "--key-file", str(key_file))
        assert done.exit_code == 0, done.output
        assert f"The voucher book is at eip155:{number}:{BOOK}" in done.output
        assert len(await code_at(node, BOOK)) > 30_000
        again = await quanbao("deploy", "--rpc", node.url, "--key-file", str(key_file), "--json")
        told = json.loads(again.stdout)
        assert (told["present"], told["transactions"], told["book"]) == (True, [], f"eip155:{number}:{BOOK}")


async def test_a_dry_run_tells_everything_and_sends_nothing() -> None:
    async with running_anvil(block_time=None) as node:
        done = await quanbao("deploy", "--rpc", node.url, "--dry-run", "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        (transaction,) = told["transactions"]
        assert transaction["to"] == checksum_address(DEPLOYER)
        assert 1_000_000 < int(transaction["gas"]) < 2**24, "EIP-7825"
        assert int(told["cost"]) == int(transaction["gas"]) * int(told["gas_price"])
        assert transaction["data"][2:66] == newest_book().salt.hex()
        people = await quanbao("deploy", "--rpc", node.url, "--dry-run")
        assert "1. deploy the voucher book" in people.output
        pool = await node.rpc.call("txpool_status")
        assert (int(pool["pending"], 16), await code_at(node, BOOK)) == (0, "0x")


async def test_without_a_key_nothing_is_sent() -> None:
    async with running_anvil(block_time=None) as node:
        done = await quanbao("deploy", "--rpc", node.url)
        assert isinstance(done.exception, InvalidValue)
        assert await code_at(node, BOOK) == "0x"


async def test_a_chain_without_the_deployer_gets_it_first(key_file: Path) -> None:
    """By the transaction that was signed for all chains."""
    async with running_anvil() as node:
        await node.rpc.call("anvil_setCode", checksum_address(DEPLOYER), "0x")
        await node.rpc.call("anvil_setNonce", checksum_address(DEPLOYER), "0x0")
        done = await quanbao("deploy", "--rpc", node.url, "--key-file", str(key_file))
        assert done.exit_code == 0, (done.output, done.exception)
        for act in (
            "pay for the deterministic deployer",
            "create the deterministic deployer",
            "deploy the voucher book",
        ):
            assert f"done: {act}" in done.output
        assert len(await code_at(node, BOOK)) > 30_000


@pytest.mark.parametrize(
    ("fork", "missing"), [("london", ["PUSH0", "TSTORE", "MCOPY"]), ("shanghai", ["TSTORE", "MCOPY"])]
)
async def test_an_older_hard_fork_is_refused(fork: str, missing: list[str], key_file: Path) -> None:
    async with running_anvil(block_time=None, arguments=("--hardfork", fork)) as node:
        for words in (["deploy", "--key-file", str(key_file)], ["deploy", "--dry-run"], ["probe"]):
            refused = await quanbao(*words, "--rpc", node.url)
            assert isinstance(refused.exception, FeatureUnavailable), words
            assert refused.exception.missing == missing
            assert "Cancun" in refused.exception.message
        assert await code_at(node, BOOK) == "0x"


@pytest.mark.parametrize("fork", ["cancun", "prague"])
async def test_cancun_and_later_pass(fork: str) -> None:
    async with running_anvil(block_time=None, arguments=("--hardfork", fork)) as node:
        told = await quanbao("probe", "--rpc", node.url, "--json")
        assert json.loads(told.stdout) == {
            "opcodes": {"PUSH0": True, "TSTORE": True, "MCOPY": True, "BLOBBASEFEE": True},
            "missing": [],
        }


async def test_other_code_where_ours_belongs_is_noticed(key_file: Path) -> None:
    async with running_anvil(block_time=None) as node:
        await node.rpc.call("anvil_setCode", BOOK, "0x00")
        refused = await quanbao("deploy", "--rpc", node.url, "--dry-run")
        assert isinstance(refused.exception, ChainMismatch)
        await node.rpc.call("anvil_setCode", BOOK, "0x")
        await node.rpc.call("anvil_setCode", checksum_address(DEPLOYER), "0x00")
        refused = await quanbao("deploy", "--rpc", node.url, "--key-file", str(key_file))
        assert isinstance(refused.exception, FeatureUnavailable)
        assert refused.exception.feature == "create2_deployer"


class TestBadInput:
    async def test_no_node(self) -> None:
        refused = await quanbao("deploy", "--rpc", f"http://127.0.0.1:{free_port()}", "--dry-run")
        assert isinstance(refused.exception, NodeUnavailable)

    @pytest.mark.parametrize(
        ("text", "mode", "says"),
        [
            ("ab" * 32, 0o644, "chmod 600"),
            ("ab" * 31, 0o600, "64 hex"),
            ("xy" * 32, 0o600, "64 hex"),
            ("00" * 32, 0o600, "64 hex"),
        ],
    )
    async def test_a_key_file_that_is_none(self, tmp_path: Path, text: str, mode: int, says: str) -> None:
        path = tmp_path / "key"
        path.write_text(text)
        path.chmod(mode)
        refused = await quanbao("deploy", "--rpc", "http://127.0.0.1:9", "--key-file", str(path))
        assert isinstance(refused.exception, InvalidKeyFile)
        assert says in refused.exception.message
        assert text not in refused.exception.message

    async def test_an_absent_key_file(self, tmp_path: Path) -> None:
        refused = await quanbao("deploy", "--rpc", "http://127.0.0.1:9", "--key-file", str(tmp_path / "none"))
        assert isinstance(refused.exception, InvalidKeyFile)

    async def test_an_unknown_version(self) -> None:
        refused = await quanbao("deploy", "--rpc", "http://127.0.0.1:9", "--book-version", "99")
        assert isinstance(refused.exception, InvalidValue)
