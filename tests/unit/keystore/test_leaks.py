"""Nothing that holds a key shows it: every key-bearing object by str, repr, f-string, logging and pickling."""

from __future__ import annotations

import asyncio
import copy
import importlib
import io
import logging
import pickle
import pkgutil
import re
import traceback
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import structlog

import keystore
from codec.bitcoin.extended_key import ExtendedKeyText, read_extended_key
from keystore.batch.derive import ParentKey
from keystore.batch.recoverable import RecoverableSigner
from keystore.batch.tree import KeyTree
from keystore.branch import Branch
from keystore.derivation import ExtendedKey, public_key_of
from keystore.exports.forms import ExportForm
from keystore.exports.service import Exported, ExportRequest
from keystore.imports.keystore_file import OpenedFile
from keystore.kdf import KdfParameters
from keystore.master_secret import MasterSecret
from keystore.secret import Secret
from keystore.seed_words import SeedWords
from keystore.service import Keystore
from keystore.signers import CombinedSigner, VaultSigner
from keystore.single_key import SingleKey
from keystore.unlocked import KeyCache, OpenVault, UnlockedVaults
from persistence.database import Database
from primitives.derivation_path import DerivationPath
from primitives.errors import KeystoreLocked
from primitives.signing import Curve, KeyId
from tests.fakes.clock import StoppedClock

KEY = bytes(range(0xA0, 0xC0))
# Root of BIP-32's first test vector.
_XPRV = (
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
)
TENANT, VAULT, KEY_ID = UUID(int=1), UUID(int=2), KeyId(UUID(int=3))
NOWHERE = "postgresql://user:database-password@127.0.0.1:1/none"


def _open_vault() -> OpenVault:
    vault = OpenVault(TENANT, VAULT, Secret(KEY), None)
    vault.keys.put(KEY_ID, Secret(KEY))
    return vault


def _extended_key() -> ExtendedKey:
    return ExtendedKey(Curve.SECP256K1, Secret(KEY), Secret(KEY))


def _tree() -> KeyTree:
    tree = KeyTree(MasterSecret(Secret(KEY)), Curve.SECP256K1)
    tree.private_key(DerivationPath((0, 1)))
    return tree


def _signer() -> VaultSigner:
    vault = _open_vault()
    return VaultSigner(Database(NOWHERE), None, lambda: vault, StoppedClock(), service=True)  # type: ignore[arg-type]


def _cache() -> KeyCache:
    cache = KeyCache(3)
    cache.put(KEY_ID, Secret(KEY))
    return cache


def _keystore() -> Keystore:
    keystore = Keystore(Database(NOWHERE), Database(NOWHERE), kdf=KdfParameters(32, 1, 1))
    keystore._service = _open_vault()
    return keystore


BEARERS: list[Callable[[], object]] = [
    lambda: Secret(KEY),
    lambda: SeedWords(Secret(KEY), "english", Secret(KEY)),
    lambda: MasterSecret(Secret(KEY)),
    lambda: SingleKey(Curve.SECP256K1, Secret(KEY)),
    lambda: SingleKey(Curve.ED25519, Secret(KEY)),
    lambda: Branch(_extended_key()),
    _extended_key,
    lambda: OpenedFile(SingleKey(Curve.SECP256K1, Secret(KEY)), Secret(KEY)),
    lambda: ExportRequest(ExportForm.KEYSTORE, file_password=KEY.hex(), share_passphrase=KEY.hex()),
    lambda: Exported(Secret(KEY), ((Secret(KEY),),), Secret(KEY)),
    lambda: ExtendedKeyText(read_extended_key(_XPRV).version, 0, bytes(4), 0, KEY, b"\0" + KEY),
    lambda: _keystore().imports,
    lambda: _keystore().exports,
    lambda: _keystore().many,
    lambda: ParentKey(Curve.SECP256K1, Secret(KEY), Secret(KEY)),
    _tree,
    lambda: RecoverableSigner(Secret(KEY), public_key_of(Secret(KEY), Curve.SECP256K1), verify=True),
    _open_vault,
    _cache,
    _signer,
    lambda: CombinedSigner(_signer()),
    _keystore,
]


def _classes_of_the_keystore() -> set[type]:
    found: set[type] = set()
    for module in pkgutil.walk_packages(keystore.__path__, "keystore."):
        if not module.name.endswith("__main__"):
            loaded = importlib.import_module(module.name)
            found |= {item for item in vars(loaded).values() if isinstance(item, type)}
    return {item for item in found if item.__module__.startswith("keystore")}


def test_every_class_that_is_given_a_secret_is_searched() -> None:
    """By the annotations of what each class is made with and keeps: a new one without a bearer fails here."""
    searched = {type(make()) for make in BEARERS}
    missing = []
    for item in _classes_of_the_keystore():
        given = {**getattr(item, "__annotations__", {}), **getattr(item.__init__, "__annotations__", {})}
        if item not in searched and any(re.search(r"\b(Secret|ParentKey)\b", str(kind)) for kind in given.values()):
            missing.append(item.__qualname__)
    # A port only describes; a prepared batch holds functions that are handed the key when it is needed.
    assert sorted(set(missing) - {"KeyOrigin", "PreparedBatch"}) == []


def _traces() -> list[str]:
    raw = [KEY[i : i + 4] for i in range(0, 32, 4)]
    return (
        [part.hex() for part in raw]
        + [repr(part)[2:-1] for part in raw]
        + [str(list(part))[1:-1] for part in raw]
        + ["database-password"]
    )


def test_the_search_finds_what_is_not_hidden() -> None:
    for shown in (KEY.hex(), repr(KEY), str(list(KEY)), repr(bytearray(KEY)), NOWHERE):
        assert [trace for trace in _traces() if trace in shown]


@pytest.mark.parametrize("make", BEARERS)
def test_rendering_shows_nothing(make: Callable[[], object]) -> None:
    bearer = make()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("leaks")
    logger.addHandler(handler)
    logger.warning("%s %r", bearer, bearer)
    logger.removeHandler(handler)
    structured = structlog.dev.ConsoleRenderer(colors=False)(None, "info", {"event": "x", "bearer": bearer})
    as_json = structlog.processors.JSONRenderer()(None, "info", {"event": "x", "bearer": bearer})
    shown = "\n".join(
        [
            str(bearer),
            repr(bearer),
            f"{bearer}",
            f"{bearer!r}",
            f"{[bearer]}",
            stream.getvalue(),
            structured,
            str(as_json),
        ]
    )
    assert not [trace for trace in _traces() if trace in shown]


@pytest.mark.parametrize("make", BEARERS)
def test_pickling_and_copying_are_refused(make: Callable[[], object]) -> None:
    bearer = make()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
            pickle.dumps(bearer, protocol)
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        copy.deepcopy(bearer)


def test_format_specification_is_no_way_in() -> None:
    assert f"{Secret(KEY):s}" == f"{Secret(KEY)!s:>1}" == "Secret(hidden)"


def test_traceback_of_a_failure_shows_no_key() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"with {secret}")

    with pytest.raises(ValueError, match="hidden") as caught:
        fail(Secret(KEY))
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    text = "".join(lines)
    assert "Secret(hidden)" in text
    assert KEY.hex() not in text


class TestWiping:
    def test_secret_is_overwritten_in_place(self) -> None:
        secret = Secret(KEY)
        view = memoryview(secret.expose()).tobytes()
        buffer = secret.expose()
        secret.wipe()
        assert view == KEY
        assert not buffer
        assert secret.wiped

    def test_block_wipes_even_when_it_raises(self) -> None:
        secret = Secret(KEY)
        with pytest.raises(RuntimeError), secret:
            raise RuntimeError
        assert secret.wiped

    def test_cache_wipes_what_leaves(self) -> None:
        cache = KeyCache(2)
        secrets = [Secret(KEY) for _ in range(4)]
        keys = [KeyId(UUID(int=i)) for i in range(4)]
        cache.put(keys[0], secrets[0])
        cache.put(keys[1], secrets[1])
        assert cache.get(keys[0]) is secrets[0]
        cache.put(keys[2], secrets[2])
        assert [secret.wiped for secret in secrets] == [False, True, False, False]
        cache.put(keys[2], secrets[3])
        assert secrets[2].wiped
        cache.wipe()
        assert all(secret.wiped for secret in secrets)

    async def test_lock_and_expiry_wipe_master_and_derived_keys(self) -> None:
        clock = StoppedClock()
        vaults = UnlockedVaults(clock)
        masters = [Secret(KEY) for _ in range(2)]
        tokens = [vaults.add(TENANT, VAULT, master, timedelta(minutes=1)) for master in masters]
        derived = Secret(KEY)
        vaults.require(tokens[0]).keys.put(KEY_ID, derived)
        vaults.lock(tokens[0])
        assert masters[0].wiped
        assert derived.wiped
        assert not masters[1].wiped
        clock.advance(timedelta(minutes=1))
        with pytest.raises(KeystoreLocked):
            vaults.require(tokens[1])
        assert masters[1].wiped

    async def test_number_of_open_vaults_is_bounded(self) -> None:
        vaults = UnlockedVaults(StoppedClock())
        masters = [Secret(KEY) for _ in range(10)]
        tokens = [vaults.add(TENANT, VAULT, master, timedelta(minutes=1)) for master in masters]
        assert len(vaults) == 8
        assert [master.wiped for master in masters] == [True] * 2 + [False] * 8
        vaults.require(tokens[2])
        vaults.lock_all()
        assert all(master.wiped for master in masters)

    async def test_expired_vault_is_wiped_without_being_asked_for(self) -> None:
        ended = asyncio.Event()

        class Watched(Secret):
            def wipe(self) -> None:
                super().wipe()
                ended.set()

        vaults = UnlockedVaults(StoppedClock())
        master = Watched(KEY)
        vaults.add(TENANT, VAULT, master, timedelta(milliseconds=1))
        async with asyncio.timeout(5):
            await ended.wait()
        assert master.wiped
        assert len(vaults) == 0
