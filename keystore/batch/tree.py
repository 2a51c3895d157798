"""Many keys of one wallet: its secret is opened once, and the nodes on the way are kept while it lasts."""

from __future__ import annotations

from collections import OrderedDict
from types import TracebackType
from typing import NoReturn, Self

from keystore.batch.derive import ParentKey
from keystore.branch import Branch
from keystore.master_secret import MasterSecret
from keystore.origin import KeyOrigin
from keystore.secret import Secret
from keystore.seed_words import SeedWords
from primitives.derivation_path import DerivationPath
from primitives.key_path import KeyPath
from primitives.signing import Curve

_KEPT_NODES = 64


class KeyTree:
    """The keys of an opened origin on one curve. Use it in a `with` block: it wipes what it kept, not the origin."""

    __slots__ = ("_curve", "_nodes", "_origin", "_seed")

    def __init__(self, origin: KeyOrigin, curve: Curve) -> None:
        self._origin = origin
        self._curve = curve
        self._seed: Secret | None = None
        self._nodes: OrderedDict[tuple[int, ...], ParentKey] = OrderedDict()

    def private_key(self, path: KeyPath) -> Secret:
        """As `KeyOrigin.private_key`: the same key, found faster. Raises InvalidDerivationPath."""
        if not isinstance(path, DerivationPath) or not path.levels or not self._is_tree:
            return self._origin.private_key(self._curve, path)
        return Secret(self._node(path.levels[:-1]).child(path.levels[-1]))

    @property
    def _is_tree(self) -> bool:
        if isinstance(self._origin, Branch):
            return self._curve is Curve.SECP256K1
        return isinstance(self._origin, SeedWords | MasterSecret) and self._curve is not Curve.SR25519

    def _node(self, levels: tuple[int, ...]) -> ParentKey:
        known = self._nodes.get(levels)
        if known is not None:
            self._nodes.move_to_end(levels)
            return known
        node = self._node(levels[:-1]).node(levels[-1]) if levels else self._root()
        self._nodes[levels] = node
        if len(self._nodes) > _KEPT_NODES:
            self._nodes.popitem(last=False)[1].wipe()
        return node

    def _root(self) -> ParentKey:
        origin = self._origin
        if isinstance(origin, Branch):
            node = origin.node
            return ParentKey(self._curve, Secret(node.key.expose()), Secret(node.chain_code.expose()))
        if self._seed is None:
            assert isinstance(origin, SeedWords | MasterSecret)
            self._seed = origin.seed() if isinstance(origin, SeedWords) else Secret(origin.secret.expose())
        return ParentKey.derive(self._seed, self._curve, DerivationPath(()))

    def wipe(self) -> None:
        while self._nodes:
            self._nodes.popitem()[1].wipe()
        if self._seed is not None:
            self._seed.wipe()
            self._seed = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "KeyTree(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")
