"""Several endpoints of one chain: failover, pauses, agreement, limits, and the guard against our own network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from chains.evm.errors import head_told, node_refusal_kind
from chains.registry import ChainEndpoint
from chains.rpc.chain_check import ChainCheck
from chains.rpc.client import JsonRpcClient
from chains.rpc.endpoint import EndpointSettings
from chains.rpc.errors import NodeRefusal
from chains.rpc.guard import GuardedTransport, is_public
from chains.rpc.health import FAILURES_BEFORE_PAUSE, LONGEST_PAUSE_SECONDS, Health
from chains.rpc.rate import RateLimit
from chains.rpc.refusal_kind import RefusalKind
from chains.rpc.unusable import Unusable
from primitives.chain_id import ChainId
from primitives.errors import ChainMismatch, NodeUnavailable
from tests.fakes.clock import SteppedClock

Node = Callable[[str, list[Any]], Any]
"""Method and parameters to a result; raises NodeRefusal, httpx errors, or answers a Response."""


class Nodes:
    """A client over nodes in memory; `asked` counts exchanges by node."""

    def __init__(self, *nodes: Node, **settings: Any) -> None:
        self.clock = SteppedClock()
        self.client = JsonRpcClient(
            [EndpointSettings(f"http://node{i}.example/key", private=True, batch=3) for i in range(len(nodes))],
            **{"attempts": 2, "pause_seconds": 0, "clock": self.clock, **settings},
        )
        self.asked = [0] * len(nodes)
        for index, (endpoint, node) in enumerate(zip(self.client.endpoints, nodes, strict=True)):
            endpoint.http = httpx.AsyncClient(transport=httpx.MockTransport(self._handler(index, node)))

    def _handler(self, index: int, node: Node) -> Callable[[httpx.Request], Any]:
        async def handle(request: httpx.Request) -> httpx.Response:
            self.asked[index] += 1
            body = orjson.loads(request.content)
            rows = []
            for call in body if isinstance(body, list) else [body]:
                try:
                    result = node(call["method"], call["params"])
                    if asyncio.iscoroutine(result):
                        result = await result
                except NodeRefusal as refusal:
                    rows.append({"id": call["id"], "error": {"code": refusal.number, "message": refusal.text}})
                    continue
                if isinstance(result, httpx.Response):
                    return result
                rows.append({"id": call["id"], "result": result})
            return httpx.Response(200, json=rows if isinstance(body, list) else rows[0])

        return handle


def _good(method: str, params: list[Any]) -> str:
    return f"good {method}"


def _down(method: str, params: list[Any]) -> Any:
    raise httpx.ConnectError("refused")


def _refusing(text: str, number: int = -32000) -> Node:
    def node(method: str, params: list[Any]) -> Any:
        raise NodeRefusal(method, number, text, None)

    return node


class TestFailover:
    @pytest.mark.parametrize(
        "bad",
        [
            _down,
            lambda m, p: httpx.Response(503),
            lambda m, p: httpx.Response(429, headers={"retry-after": "5"}),
            lambda m, p: httpx.Response(200, content=b"<html>"),
            lambda m, p: httpx.Response(200, json="text"),
            lambda m, p: httpx.Response(301, headers={"location": "http://127.0.0.1/"}),
            _refusing("daily request count exceeded, request rate limited", -32005),
        ],
    )
    async def test_the_next_endpoint_answers_at_once(self, bad: Node) -> None:
        nodes = Nodes(bad, _good)
        assert await nodes.client.call("eth_call") == "good eth_call"
        assert nodes.asked == [1, 1]

    async def test_a_slow_endpoint_is_overtaken(self) -> None:
        never = asyncio.Event()

        async def hangs() -> Any:
            await never.wait()

        nodes = Nodes(lambda m, p: hangs(), _good, overtake_seconds=0.01)
        assert await nodes.client.call("eth_call") == "good eth_call"
        assert nodes.client.endpoints[0].health.report()["eth_call"].reason == "it was overtaken"

    async def test_an_endpoint_that_keeps_failing_is_left_alone_and_asked_again_later(self) -> None:
        answers: list[Node] = [_down]
        nodes = Nodes(lambda m, p: answers[0](m, p), _good)
        for _ in range(6):
            await nodes.client.call("eth_call")
        assert nodes.asked == [FAILURES_BEFORE_PAUSE, 6]
        answers[0] = _good
        nodes.clock.advance(2 * LONGEST_PAUSE_SECONDS)
        await nodes.client.call("eth_call")
        assert nodes.asked == [FAILURES_BEFORE_PAUSE + 1, 6]

    async def test_health_is_kept_per_method(self) -> None:
        """A method that works does not hide one that is broken, nor the other way round."""

        def half(method: str, params: list[Any]) -> Any:
            return httpx.Response(500) if method == "eth_getLogs" else "first"

        nodes = Nodes(half, _good)
        for _ in range(5):
            assert await nodes.client.call("eth_getLogs") == "good eth_getLogs"
            assert await nodes.client.call("eth_call") == "first"
        assert nodes.asked == [FAILURES_BEFORE_PAUSE + 5, 5]

    async def test_everybody_in_a_pause_is_still_asked(self) -> None:
        """No failure, and no row of them, ever makes us stop asking."""
        answers: list[Node] = [_down]
        nodes = Nodes(lambda m, p: answers[0](m, p))
        for _ in range(4):
            with pytest.raises(NodeUnavailable):
                await nodes.client.call("eth_call")
        answers[0] = _good
        assert await nodes.client.call("eth_call") == "good eth_call"

    async def test_a_refused_transaction_is_no_failure_of_the_node(self) -> None:
        """Whatever its code: a nonce error has come as -32603 and as -32001, missing funds as -32004."""
        for text, number in [
            ("nonce too low", -32603),
            ("Nonce too low", -32001),
            ("Upfront cost exceeds account balance", -32004),
            ("Transaction gas limit exceeds block gas limit", -32005),
            ("some words that nobody knows", -32000),
        ]:
            nodes = Nodes(_refusing(text, number), _good, kinds=node_refusal_kind)
            for _ in range(5):
                with pytest.raises(NodeRefusal, match=text):
                    await nodes.client.call("eth_sendRawTransaction", "0x")
            assert nodes.asked == [5, 0]
            assert nodes.client.endpoints[0].health.report()["eth_sendRawTransaction"].failures == 0

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("the method debug_traceCall does not exist/is not available", -32601),
            ("missing trie node 5c… (path ) state 0x5c… is not available", -32000),
            ("header not found", -32000),
            ("World state unavailable", -32000),
        ],
    )
    async def test_what_one_endpoint_lacks_another_may_have(self, text: str, number: int) -> None:
        nodes = Nodes(_refusing(text, number), _good, kinds=node_refusal_kind)
        assert await nodes.client.call("eth_call") == "good eth_call"
        alone = Nodes(_refusing(text, number), _refusing(text, number), kinds=node_refusal_kind)
        with pytest.raises(NodeRefusal):
            await alone.client.call("eth_call")

    async def test_a_full_pool_is_tried_elsewhere(self) -> None:
        nodes = Nodes(_refusing("txpool is full"), _good, kinds=node_refusal_kind)
        assert await nodes.client.call("eth_sendRawTransaction", "0x") == "good eth_sendRawTransaction"

    async def test_an_endpoint_that_is_far_behind_is_passed_over(self) -> None:
        heads = [100, 100]
        nodes = Nodes(lambda m, p: hex(heads[0]), lambda m, p: hex(heads[1]), head_of=head_told)
        await nodes.client.call("eth_blockNumber")
        heads[:] = [20, 101]
        assert await nodes.client.call("eth_blockNumber") == hex(101)
        heads[:] = [20, 22]  # both: a chain that was set back
        assert await nodes.client.call("eth_blockNumber") == hex(20)


class TestChainCheck:
    CHECK = ChainCheck.of(ChainId.evm(1))

    @staticmethod
    def _of(number: int) -> Node:
        return lambda method, params: hex(number) if method == "eth_chainId" else f"of {number}"

    async def test_an_endpoint_of_another_chain_is_not_believed(self) -> None:
        nodes = Nodes(self._of(5), self._of(1), check=self.CHECK)
        assert await nodes.client.call("eth_call") == "of 1"
        assert nodes.client.endpoints[0].serves == "eip155:5"

    async def test_when_all_are_of_another_chain_it_is_said(self) -> None:
        nodes = Nodes(self._of(5), self._of(6), check=self.CHECK)
        with pytest.raises(ChainMismatch) as caught:
            await nodes.client.call("eth_call")
        assert caught.value.served == "eip155:5, eip155:6"

    async def test_an_address_that_changes_its_chain_after_a_failure_is_found_out(self) -> None:
        serving: list[Node] = [self._of(1)]
        nodes = Nodes(lambda m, p: serving[0](m, p), check=self.CHECK, attempts=1)
        assert await nodes.client.call("eth_call") == "of 1"
        serving[0] = _down
        with pytest.raises(NodeUnavailable):
            await nodes.client.call("eth_call")
        serving[0] = self._of(5)
        with pytest.raises(ChainMismatch):
            await nodes.client.call("eth_call")


class TestAgreement:
    async def test_one_liar_of_three_is_outvoted(self) -> None:
        nodes = Nodes(lambda m, p: "forged", _good, _good)
        assert await nodes.client.agreed([("eth_getLogs", [])]) == ["good eth_getLogs"]
        assert "contradict" in str(nodes.client.endpoints[0].health.report()["eth_getLogs"].reason)

    async def test_no_majority_is_no_answer(self) -> None:
        nodes = Nodes(lambda m, p: "a", lambda m, p: "b", lambda m, p: "c")
        with pytest.raises(NodeUnavailable, match="contradict"):
            await nodes.client.agreed([("eth_getLogs", [])])

    async def test_two_of_three_suffice_when_one_is_down(self) -> None:
        nodes = Nodes(_down, _good, _good)
        assert await nodes.client.agreed([("eth_getLogs", [])]) == ["good eth_getLogs"]

    async def test_one_of_three_does_not(self) -> None:
        nodes = Nodes(_down, _good, _down)
        with pytest.raises(NodeUnavailable):
            await nodes.client.agreed([("eth_getLogs", [])])

    async def test_refusals_agree_whatever_their_words(self) -> None:
        nodes = Nodes(_refusing("query returned more than 10000 results", -32005), _refusing("block range", 1))
        with pytest.raises(NodeRefusal):
            await nodes.client.agreed([("eth_getLogs", [])])

    async def test_a_single_endpoint_agrees_with_itself(self) -> None:
        assert await Nodes(_good).client.agreed([("eth_call", [])]) == ["good eth_call"]


class TestLimits:
    async def test_batches_are_cut_to_what_the_endpoint_takes(self) -> None:
        sizes = []

        def handle(request: httpx.Request) -> httpx.Response:
            body = orjson.loads(request.content)
            calls = body if isinstance(body, list) else [body]
            sizes.append(len(calls))
            if len(calls) > 2:
                return httpx.Response(200, json={"id": None, "error": {"code": -32005, "message": "max batch size"}})
            rows = [{"id": call["id"], "result": call["params"][0]} for call in calls]
            return httpx.Response(200, json=rows if isinstance(body, list) else rows[0])

        client = JsonRpcClient([EndpointSettings("http://node.example", private=True, batch=4)])
        client.endpoints[0].http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
        assert await client.batch([("m", [i]) for i in range(9)]) == list(range(9))
        assert sizes == [4, 2, 2, 2, 2, 1]

    def test_the_bucket_spreads_calls_over_time(self) -> None:
        clock = SteppedClock()
        limit = RateLimit(10, clock)
        assert [round(limit.reserve(5), 2) for _ in range(4)] == [0, 0, 0.5, 1.0]
        clock.advance(100)
        assert limit.reserve(10) == 0  # one second's worth is saved up, never more
        assert round(limit.reserve(1), 2) == 0.1

    def test_no_limit_never_waits(self) -> None:
        assert RateLimit(None).reserve(10**9) == 0

    def test_pauses_double_up_to_a_minute(self) -> None:
        clock = SteppedClock()
        health = Health(clock)
        pauses = []
        for _ in range(12):
            health.failed(["m"], "down")
            pauses.append(health.paused_until(["m"]) - clock() if health.paused_until(["m"]) else 0)
        assert pauses[: FAILURES_BEFORE_PAUSE - 1] == [0, 0]
        assert 0.8 <= pauses[2] <= 1.2
        assert 1.6 <= pauses[3] <= 2.4
        assert 0.8 * LONGEST_PAUSE_SECONDS <= pauses[-1] <= 1.2 * LONGEST_PAUSE_SECONDS
        health.succeeded(["m"], 0.1)
        assert health.paused_until(["m"]) == 0


class TestGuard:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
            "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "nonsense",
        ],
    )  # fmt: skip
    def test_addresses_of_our_own_network_are_not_public(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::101:101"])
    def test_the_outside_world_is(self, address: str) -> None:
        assert is_public(address)

    @staticmethod
    def _transport(*addresses: str) -> tuple[GuardedTransport, list[httpx.Request]]:
        seen: list[httpx.Request] = []

        async def resolver(host: str, port: int) -> list[str]:
            return list(addresses)

        def handle(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(200)

        return GuardedTransport(httpx.MockTransport(handle), resolver), seen

    async def test_a_name_that_leads_into_our_network_is_refused(self) -> None:
        """Also when only one of its addresses does."""
        transport, seen = self._transport("1.1.1.1", "10.0.0.7")
        with pytest.raises(Unusable, match="private network"):
            await transport.handle_async_request(httpx.Request("POST", "https://node.example/key"))
        assert not seen

    async def test_the_connection_goes_to_the_address_that_was_judged(self) -> None:
        transport, seen = self._transport("1.1.1.1")
        await transport.handle_async_request(httpx.Request("POST", "https://node.example/key"))
        assert seen[0].url.host == "1.1.1.1"
        assert seen[0].headers["host"] == "node.example"
        assert seen[0].extensions["sni_hostname"] == "node.example"

    @pytest.mark.parametrize(
        ("endpoint", "guarded"),
        [
            (ChainEndpoint("eip155", "https://node.example"), True),
            (ChainEndpoint("eip155", "http://169.254.169.254/latest"), True),
            (ChainEndpoint("eip155", "http://geth:8545", private=True), False),
            (ChainEndpoint("eip155", "http://anvil:8545", local=True), False),
            (ChainEndpoint("eip155", "http://127.0.0.1:8545"), False),
        ],
    )
    async def test_it_is_on_unless_the_node_is_our_own(self, endpoint: ChainEndpoint, guarded: bool) -> None:
        client = endpoint.client()
        assert isinstance(client.endpoints[0].http._transport, GuardedTransport) is guarded
        await client.close()

    async def test_a_refused_host_is_told_without_its_url(self) -> None:
        client = ChainEndpoint("eip155", "http://169.254.169.254/s3cret").client()
        with pytest.raises(NodeUnavailable, match="private network") as caught:
            await client.call("eth_chainId")
        assert "s3cret" not in str(caught.value)
        await client.close()


@pytest.mark.parametrize(
    ("method", "number", "text", "kind"),
    [
        ("eth_getLogs", -32005, "query returned more than 10000 results", RefusalKind.ANSWER),
        ("eth_getLogs", -32005, "Requested range exceeds maximum RPC range limit", RefusalKind.ANSWER),
        ("eth_getLogs", -32005, "limit exceeded", RefusalKind.BUSY),
        ("eth_call", 3, "execution reverted", RefusalKind.ANSWER),
        ("eth_call", -32008, "Initial sync is still in progress", RefusalKind.BUSY),
        ("eth_sendRawTransaction", -32000, "pending sub-pool is full", RefusalKind.BUSY),
        ("eth_sendRawTransaction", -32005, "rate limit exceeded", RefusalKind.BUSY),
        ("eth_sendRawTransaction", -32601, "the method is gone", RefusalKind.LACKS),
    ],
)
def test_refusals_of_the_endpoint_are_told_from_answers_of_the_chain(
    method: str, number: int, text: str, kind: RefusalKind
) -> None:
    assert node_refusal_kind(NodeRefusal(method, number, text, None)) is kind
