"""Unlocking a vault and listing its keys, each of them opened and compared with its record."""

from __future__ import annotations

import statistics
import time

from bench.keystore.stage import PASSPHRASE, Stage
from bench.measure import Report, Result
from primitives.derivation_path import DerivationPath
from primitives.signing import Curve

_SECONDS = 2.0


def unlocking(stage: Stage, keys: int, *, rounds: int) -> Report:
    """One argon2id, then so many keys of one wallet: derived, compared, listed."""
    tenant, keystore = stage.tenant, stage.keystore

    async def make() -> None:
        token = await keystore.unlock(tenant, PASSPHRASE)
        wallet = await keystore.create_wallet(token, tenant, "many")
        paths = [DerivationPath.parse(f"m/44'/60'/0'/0/{index}") for index in range(keys)]
        await keystore.many.derive(token, tenant, wallet.id, Curve.SECP256K1, paths)
        keystore.lock(token)

    async def unlock_and_list() -> tuple[float, float, float]:
        started = time.perf_counter()
        token = await keystore.unlock(tenant, PASSPHRASE)
        unlocked, computed = time.perf_counter(), time.process_time()
        listed = await keystore.many.opened(token, tenant)
        ended = time.perf_counter()
        keystore.lock(token)
        if len(listed) != keys:
            raise RuntimeError(f"{len(listed)} keys listed, {keys} made")
        return unlocked - started, ended - unlocked, time.process_time() - computed

    stage.run(make())
    taken = [stage.run(unlock_and_list()) for _ in range(rounds)]
    kdf, after, computed = (statistics.median(part) for part in zip(*taken, strict=True))
    verdict = "reached" if after < _SECONDS else "NOT REACHED"
    return Report(
        "Unlock and list",
        "keys",
        (Result("opened, compared and listed", keys / after, keys / min(part[1] for part in taken), 1.0, True),),
        (
            f"one argon2id (64 MiB, t=3, p=4) and the vault's record: {kdf:.2f} s",
            f"floor: {keys:,} keys after it in under {_SECONDS:g} s: {after:.2f} s ({verdict}); "
            f"{computed:.2f} s of them are this process's own computing",
        ),
    )
