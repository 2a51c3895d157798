"""A process that makes others to be killed: it has everything imported, so that each new one costs milliseconds.

python -m tests.integration.solana.crash.victims

Lines on standard input, one answer each:

    node FOLDER PORT                            → pid
    worker DATABASE_URL NODE_URL CHAIN MINT [FAULT_POINT]   → pid
    wait PID SECONDS                            → exit code (negative: signal), or `running`
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from solders.pubkey import Pubkey

from localnet.settings import LocalnetSettings
from localnet.solana.chain import SolanaChain
from localnet.solana.faucet import SolanaFaucet
from localnet.test_money import TEST_MONIES
from persistence.database import Database
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.signing import KeyPurpose
from tests.integration.solana.crash.cast import MERCHANT, Merchant, SeededAccounts

GIFT_LAMPORTS = 100 * 10**9
GIFT_MONEY = 10**12


async def serve_node(folder: str, port: str) -> None:
    """The local chain with a quick clock; the merchant's gifts are made once."""
    settings = LocalnetSettings(
        Path(folder), solana_port=int(port), slot_interval=timedelta(milliseconds=40), finality_slots=2
    )
    chain = SolanaChain(settings)
    await chain.start()
    faucet = SolanaFaucet(chain, mines_by_hand=False)
    await faucet.make_mints()
    accounts = SeededAccounts(ChainId.solana(encode_base58(chain.bank.genesis_hash)))
    for purpose in (KeyPurpose.ISSUER, KeyPurpose.TREASURY):
        key = Pubkey(accounts.held(MERCHANT, purpose).account.raw)
        if chain.bank.account(key) is None:
            await faucet.give_native(key, GIFT_LAMPORTS)
            await faucet.give_money(TEST_MONIES[0], key, GIFT_MONEY)
    (Path(folder) / "ready").write_text(f"{os.getpid()}")
    await chain.failed()


async def work(database_url: str, node_url: str, chain: str, mint: str) -> None:
    merchant = Merchant(Database(database_url, pool_size=8), ChainId.parse(chain), node_url, mint)
    await merchant.worker().run()


def _fork(job: Coroutine[Any, Any, None], fault_point: str | None) -> int:
    pid = os.fork()
    if pid:
        job.close()
        return pid
    try:
        os.environ.pop("QUANBAO_FAULT_POINT", None)
        if fault_point is not None:
            os.environ["QUANBAO_FAULT_POINT"] = fault_point
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        asyncio.run(job)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _wait(pid: int, seconds: float) -> str:
    end = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return str(os.waitstatus_to_exitcode(status))
        if time.monotonic() > end:
            return "running"
        time.sleep(0.005)


def main() -> None:
    for line in sys.stdin:
        kind, *words = line.split()
        if kind == "node":
            answer = str(_fork(serve_node(*words), None))
        elif kind == "worker":
            answer = str(_fork(work(*words[:4]), words[4] if len(words) > 4 else None))
        else:
            answer = _wait(int(words[0]), float(words[1]))
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
