"""Putting the voucher book on a chain: what is there, what it takes, and seeing afterwards that it is the right one.

The address follows from the code (CREATE2 through the deterministic deployer), so it is the same on every EVM chain and
nobody else can take it: any account may send these transactions, and sending them twice does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chains.evm.cancun import Features, probe_features
from chains.evm.errors import revert_data
from chains.evm.reverts import reverted
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.book import answers, calls
from codec.evm.book_versions import BookVersion
from codec.evm.create2 import DEPLOYER, deployment_calldata
from codec.evm.deterministic_deployer import (
    DEPLOYER_COST,
    DEPLOYER_CREATION,
    DEPLOYER_RUNTIME,
    DEPLOYER_SIGNER,
)
from codec.evm.redeem_order import DOMAIN_NAME
from primitives.account_id import AccountId, checksum_address
from primitives.chain_id import ChainId
from primitives.errors import ChainMismatch, FeatureUnavailable, InvalidValue, NodeUnavailable


@dataclass(frozen=True, slots=True)
class DeploymentStep:
    """One transaction that is still missing.

    Attributes:
        act: What it does, for people.
        to: 20 bytes; None: `data` is a whole signed transaction to hand over as it is.
        value: Wei.
        gas: What the node estimates; None where it cannot before the step before it is done.
    """

    act: str
    to: bytes | None
    data: bytes
    value: int = 0
    gas: int | None = None


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """What a chain has, and what it takes to put a version of the book there.

    Attributes:
        price: Wei per gas that the node asks for now.
        steps: Empty where the book is there already.
    """

    chain: ChainId
    version: BookVersion
    features: Features
    deployer_present: bool
    present: bool
    price: int
    steps: tuple[DeploymentStep, ...]

    @property
    def book(self) -> AccountId:
        return AccountId.from_raw(self.chain, self.version.address)

    @property
    def cost(self) -> int:
        """Wei that the steps take at today's price, as far as the node can tell."""
        return sum(step.value + (step.gas or 0) * self.price for step in self.steps)


async def plan_deployment(rpc: JsonRpcClient, version: BookVersion, sender: bytes) -> DeploymentPlan:
    """Look at the chain and change nothing.

    Args:
        sender: Who would pay, 20 bytes: gas is estimated for it.

    Raises:
        FeatureUnavailable: The chain does not run Cancun, or has other code where the deployer belongs.
        ChainMismatch: What is at the book's address is not the book.
        NodeUnavailable
    """
    features = await probe_features(rpc)
    features.require()
    number, deployer, price = await rpc.batch(
        [("eth_chainId", []), ("eth_getCode", [checksum_address(DEPLOYER), "latest"]), ("eth_gasPrice", [])]
    )
    chain = ChainId.evm(int(number, 16))
    present = await is_deployed(rpc, chain, version)
    steps = [] if present else await _steps(rpc, version, sender, bytes.fromhex(deployer[2:]))
    return DeploymentPlan(
        chain=chain,
        version=version,
        features=features,
        deployer_present=deployer != "0x",
        present=present,
        price=int(price, 16),
        steps=tuple(steps),
    )


async def is_deployed(rpc: JsonRpcClient, chain: ChainId, version: BookVersion) -> bool:
    """Whether the book is there and answers for itself with this chain's id.

    Raises:
        ChainMismatch: Something else is there.
        NodeUnavailable
    """
    place = checksum_address(version.address)
    if await _read(rpc, "eth_getCode", place, "latest") == "0x":
        return False
    if await _domain(rpc, place) != (DOMAIN_NAME, chain.evm_number, version.address):
        raise ChainMismatch(f"what is at {place} on {chain} is not the voucher book", book=place)
    return True


async def _domain(rpc: JsonRpcClient, place: str) -> tuple[str, int, bytes] | None:
    """Name, chain and contract of the EIP-712 domain that the contract names; None where it names none."""
    try:
        told = await rpc.call("eth_call", {"to": place, "data": "0x" + calls.eip712_domain_call().hex()}, "latest")
        domain = answers.decode_eip712_domain(bytes.fromhex(told[2:]))
    except InvalidValue:
        return None
    except NodeRefusal as refusal:
        if revert_data(refusal) is None:
            raise NodeUnavailable(f"the node cannot answer eth_call: {refusal.text[:200]}") from refusal
        return None
    return domain.name, domain.chain_id, domain.verifying_contract


async def _steps(rpc: JsonRpcClient, version: BookVersion, sender: bytes, deployer: bytes) -> Sequence[DeploymentStep]:
    if deployer and deployer != DEPLOYER_RUNTIME:
        raise FeatureUnavailable(
            f"there is other code at {checksum_address(DEPLOYER)}, so the book cannot have its address on this chain",
            feature="create2_deployer",
        )
    data = deployment_calldata(version.init_code, version.salt)
    if deployer:
        gas = await _estimate(rpc, sender, DEPLOYER, data)
        return [DeploymentStep("deploy the voucher book", DEPLOYER, data, gas=gas)]
    balance = int(await _read(rpc, "eth_getBalance", checksum_address(DEPLOYER_SIGNER), "latest"), 16)
    steps = []
    if balance < DEPLOYER_COST:
        missing = DEPLOYER_COST - balance
        steps.append(DeploymentStep("pay for the deterministic deployer", DEPLOYER_SIGNER, b"", missing, 21_000))
    steps.append(DeploymentStep("create the deterministic deployer", None, DEPLOYER_CREATION))
    steps.append(DeploymentStep("deploy the voucher book", DEPLOYER, data))
    return steps


async def _estimate(rpc: JsonRpcClient, sender: bytes, to: bytes, data: bytes) -> int:
    call = {"from": checksum_address(sender), "to": checksum_address(to), "data": "0x" + data.hex()}
    try:
        return int(await rpc.call("eth_estimateGas", call), 16)
    except NodeRefusal as refusal:
        output = revert_data(refusal)
        if output is None:
            raise NodeUnavailable(f"the node cannot estimate the deployment: {refusal.text[:200]}") from refusal
        raise reverted(output) from refusal


async def _read(rpc: JsonRpcClient, method: str, *params: Any) -> str:
    try:
        answer: str = await rpc.call(method, *params)
    except NodeRefusal as refusal:
        raise NodeUnavailable(f"the node cannot answer {method}: {refusal.text[:200]}") from refusal
    return answer
