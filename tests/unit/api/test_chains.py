"""What `/chains` shows of nodes."""

from __future__ import annotations

import pytest

from api.schemas.chains import ChainRead
from chains.ports import Heads
from chains.registry import chain_info
from chains.rpc.endpoint import Endpoint, EndpointSettings
from chains.rpc.health import FAILURES_BEFORE_PAUSE, WHOLE
from primitives.chain_id import ChainId
from tests.fakes.clock import SteppedClock

_HEADS = Heads(included=9, safe=7, finalized=5)


def _endpoint(clock: SteppedClock) -> Endpoint:
    return Endpoint(EndpointSettings("https://node.example/secret-key"), clock=clock)


def test_a_broken_method_is_seen_beside_one_that_works() -> None:
    clock = SteppedClock()
    endpoint = _endpoint(clock)
    endpoint.health.succeeded(["eth_blockNumber"], 0.0123)
    for _ in range(FAILURES_BEFORE_PAUSE):
        endpoint.health.failed(["eth_getLogs"], "HTTP 503")
    read = ChainRead.of(chain_info(ChainId.evm(56)), _HEADS, [endpoint])
    (node,) = read.nodes
    told = {method.method: method for method in node.methods}
    assert set(told) == {WHOLE, "eth_blockNumber", "eth_getLogs"}
    assert (told["eth_blockNumber"].failures, told["eth_blockNumber"].milliseconds) == (0, 12)
    assert (told["eth_getLogs"].failures, told["eth_getLogs"].reason) == (FAILURES_BEFORE_PAUSE, "HTTP 503")
    assert 0 < told["eth_getLogs"].paused_milliseconds <= 1200
    assert not node.healthy
    assert "BEP-126" in read.finality_rule


def test_only_operators_see_where_a_node_is_and_nobody_its_key() -> None:
    endpoint = _endpoint(SteppedClock())
    shown = [
        ChainRead.of(chain_info(ChainId.evm(1)), None, [endpoint], show_places=show).nodes[0] for show in (True, False)
    ]
    assert [node.place for node in shown] == ["https://node.example", None]
    assert "secret" not in "".join(node.model_dump_json() for node in shown)


def test_a_node_of_another_chain_is_not_healthy() -> None:
    endpoint = _endpoint(SteppedClock())
    endpoint.serves = "eip155:5"
    (node,) = ChainRead.of(chain_info(ChainId.evm(1)), None, [endpoint]).nodes
    assert (node.healthy, node.serves) == (False, "eip155:5")


@pytest.mark.parametrize("number", [1, 10, 56, 66, 137, 196, 8453, 42161, 424242])
def test_every_chain_says_when_a_payment_is_done(number: int) -> None:
    assert chain_info(ChainId.evm(number)).finality_rule
