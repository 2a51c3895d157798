"""Blockhashes, token amounts, parameters, settings, processes."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from localnet.__main__ import parse_arguments
from localnet.control.faucet import GiftRequest
from localnet.control.gifts import GiftBook, RememberedGift
from localnet.durable import write_atomically
from localnet.lock import DataFolderLock
from localnet.processes import free_port, processes_naming, require_free_port
from localnet.settings import LocalnetSettings
from localnet.solana.blockhashes import BlockhashWindow
from localnet.solana.errors import RpcError, describe_transaction_error
from localnet.solana.params import Params, decode_bytes
from localnet.solana.tokens import ui_amount
from primitives.base58 import encode_base58
from primitives.errors import DataFolderBusy, IdempotencyConflict, InvalidValue, PortTaken


class TestBlockhashWindow:
    def test_151_hashes_are_valid(self) -> None:
        window = BlockhashWindow(bytes(32))
        for slot in range(1, 400):
            window.advance(slot)
        valid = [slot for slot in range(400) if window.slot_of(window.of_slot(slot)) is not None]
        assert valid == list(range(398 - 150, 399))
        assert [slot for slot, _ in window.hashes()] == valid[::-1]

    def test_a_jump_gives_the_same_window(self) -> None:
        walked, jumped = BlockhashWindow(b"g" * 32), BlockhashWindow(b"g" * 32)
        for slot in range(1, 500):
            walked.advance(slot)
        jumped.advance(300)
        jumped.advance(499)
        assert walked.hashes() == jumped.hashes()

    def test_chains_do_not_share_hashes(self) -> None:
        assert BlockhashWindow(bytes(32)).of_slot(7) != BlockhashWindow(b"\1" * 32).of_slot(7)


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (0, 6, "0"),
        (1, 6, "0.000001"),
        (1_500_000, 6, "1.5"),
        (10, 0, "10"),
        (100, 2, "1"),
        (2**64 - 1, 6, "18446744073709.551615"),
    ],
)
def test_token_amounts_are_written_exactly(amount: int, decimals: int, text: str) -> None:
    shown = ui_amount(amount, decimals)
    assert (shown["amount"], shown["uiAmountString"]) == (str(amount), text)


class TestParams:
    def test_null_options_are_as_if_left_out(self) -> None:
        options = Params([{"commitment": None, "limit": None}]).options(0)
        assert options.commitment() == "finalized"
        assert options.integer("limit") is None

    @pytest.mark.parametrize("values", [[True], [-1], ["1"], [None], []])
    def test_integers_are_integers(self, values: list[object]) -> None:
        with pytest.raises(RpcError):
            Params(values).integer(0, "slot")

    @pytest.mark.parametrize("data", [b"", b"\0\0\1", bytes(range(200))])
    def test_base58_bytes_of_any_length(self, data: bytes) -> None:
        assert decode_bytes(encode_base58(data), "base58", limit=1232, kind="bytes") == data


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("BlockhashNotFound", "Blockhash not found"),
        ({"InstructionError": [2, {"Custom": 67}]}, "Error processing Instruction 2: custom program error: 0x43"),
        (
            {"InstructionError": [0, "MissingRequiredSignature"]},
            "Error processing Instruction 0: missing required signature for instruction",
        ),
        (
            {"InsufficientFundsForRent": {"account_index": 1}},
            "Transaction results in an account (1) with insufficient funds for rent",
        ),
    ],
)
def test_errors_read_as_agaves(error: object, text: str) -> None:
    assert describe_transaction_error(error) == text


class TestSettings:
    def test_the_command_line_reaches_the_settings(self, tmp_path: Path) -> None:
        given = ["--data-dir", str(tmp_path), "--evm-port", "1000", "--solana-port", "2000", "--block-seconds", "0.5"]
        settings = parse_arguments(["serve", *given])
        assert settings.evm_port == 1000
        assert settings.solana_websocket_port == 2001
        assert settings.block_interval == timedelta(milliseconds=500)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"evm_port": 0},
            {"solana_port": 65535},
            {"evm_port": 8900},
            {"finality_slots": 1},
            {"evm_chain_id": 0},
            {"heartbeat": timedelta(0)},
        ],
    )
    def test_impossible_settings_are_refused(self, tmp_path: Path, wrong: dict[str, object]) -> None:
        with pytest.raises(InvalidValue):
            LocalnetSettings(data_dir=tmp_path, **wrong)  # type: ignore[arg-type]


class TestProcesses:
    def test_a_taken_port_names_this_process(self) -> None:
        port = free_port()
        with socket.socket() as server:
            server.bind(("127.0.0.1", port))
            server.listen()
            with pytest.raises(PortTaken) as refused:
                require_free_port("127.0.0.1", port)
        assert refused.value.pid == os.getpid()
        assert str(os.getpid()) in refused.value.holder
        require_free_port("127.0.0.1", port)

    def test_this_process_is_never_among_those_named(self) -> None:
        assert all(process.pid != os.getpid() for process in processes_naming("-q"))

    def test_a_folder_is_locked_once(self, tmp_path: Path) -> None:
        with DataFolderLock(tmp_path):
            with pytest.raises(DataFolderBusy) as refused, DataFolderLock(tmp_path):
                pass
            assert refused.value.pid == os.getpid()
        with DataFolderLock(tmp_path):
            pass


def test_writing_replaces_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_gift_book_binds_keys_to_requests(tmp_path: Path) -> None:
    book = GiftBook(tmp_path / "gifts.sqlite")
    gift = RememberedGift("0xabc", "0x02")
    book.remember("key", "request", gift)
    book.close()
    again = GiftBook(tmp_path / "gifts.sqlite")
    assert again.find("key", "request") == gift
    assert again.find("other", "request") is None
    with pytest.raises(IdempotencyConflict):
        again.find("key", "another request")
    again.close()


@pytest.mark.parametrize("amount", [str(2**64), "9" * 79, "1e3", " 1", "١"])
def test_faucet_amounts_are_bounded_decimal_digits(amount: str) -> None:
    chain = "solana:" + "1" * 32
    body = {"chain": chain, "account": "1" * 32, "asset": "native", "base_units": amount}
    with pytest.raises(InvalidValue):
        GiftRequest.parse(body)
