"""An asynchronous JSON-RPC client of one chain, over one endpoint or several."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import orjson
import structlog

from chains.rpc.chain_check import ChainCheck
from chains.rpc.endpoint import Endpoint, EndpointSettings
from chains.rpc.errors import NodeRefusal
from chains.rpc.health import JITTER, WHOLE
from chains.rpc.refusal_kind import KindOf, RefusalKind, kind_of
from chains.rpc.unusable import Unusable
from primitives.errors import ChainMismatch, NodeUnavailable

log = structlog.get_logger()

Call = tuple[str, Sequence[Any]]
"""A method's name and its positional parameters."""
HeadOf = Callable[[str, Sequence[Any], Any], int | None]
"""The head that an answer tells of, or None."""
Digest = Callable[[list[Any]], Hashable]
"""What of the answers must be equal when several endpoints are asked the same."""
Complete = Callable[[list[Any]], bool]
"""Whether an endpoint has what was asked for; one that is behind has not."""

_CHECK_AGAIN_SECONDS = 600.0
_HEADS_APART = 8
"""Blocks by which an endpoint may be behind the newest head seen before another one is preferred."""


class JsonRpcClient:
    """Speaks to one chain.

    Endpoints are taken in their order, those that failed lately last. A transport failure, a busy status, unreadable
    JSON or a wrong chain moves on to the next endpoint, round after round, and is then raised as NodeUnavailable. An
    `error` member is an answer, is raised as NodeRefusal and never counted as a failure of the node, unless the table
    in `refusal_kind` says that it speaks of the endpoint. Every method we call may be repeated (broadcasts hand over
    stored bytes), so an endpoint that is slow is overtaken by the next one.

    Args:
        nodes: One URL of a node of our own, or endpoints in order of preference.
        attempts: Rounds over the endpoints before the node counts as unavailable.
        pause_seconds: Before the second round; doubles each time.
        check: Asked of each endpoint before it is used, and again from time to time.
        quorum: How many endpoints must agree in `agreed`; None: more than half of them.
        overtake_seconds: When the next endpoint is asked while one has not answered yet.
        renamed: Parameters that these nodes know under another name, such as block tags.
    """

    def __init__(
        self,
        nodes: str | Sequence[EndpointSettings],
        *,
        timeout_seconds: float = 10.0,
        attempts: int = 3,
        pause_seconds: float = 0.1,
        check: ChainCheck | None = None,
        quorum: int | None = None,
        kinds: KindOf = kind_of,
        head_of: HeadOf | None = None,
        overtake_seconds: float = 1.0,
        renamed: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if isinstance(nodes, str):
            nodes = [EndpointSettings(nodes, private=True, timeout_seconds=timeout_seconds)]
        self.endpoints = tuple(Endpoint(one, clock=clock) for one in nodes)
        self.quorum = quorum or len(self.endpoints) // 2 + 1
        if not 1 <= self.quorum <= len(self.endpoints):
            raise ValueError(f"{self.quorum} of {len(self.endpoints)} endpoints cannot agree")
        self._attempts = attempts
        self._pause = pause_seconds
        self._check = check
        self._kind = kinds
        self._head_of = head_of
        self._newest_head = 0
        self._overtake = overtake_seconds
        self._renamed = renamed or {}
        self._clock = clock
        self._ids = itertools.count(1)

    @property
    def place(self) -> str:
        """Scheme, host and port of every endpoint: what may be shown of the URLs."""
        return ", ".join(endpoint.place for endpoint in self.endpoints)

    async def call(self, method: str, *params: Any) -> Any:
        """The `result` of one call.

        Raises:
            NodeRefusal: The node answered with an error.
            NodeUnavailable: It did not answer.
            ChainMismatch: Every endpoint serves another chain.
        """
        return (await self.batch([(method, params)]))[0]

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results of several calls in one exchange, in the order of the calls.

        Raises:
            NodeRefusal: Of the first call that was refused.
            NodeUnavailable, ChainMismatch
        """
        return _unrefused(await self.settle(calls))

    async def settle(self, calls: Sequence[Call]) -> list[Any]:
        """Like `batch`, but a refused call answers with its NodeRefusal instead of raising it."""
        last: Unusable | None = None
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(self._backoff(attempt))
            try:
                return (await self._first(calls, self._in_order(calls)))[1]
            except Unusable as error:
                last = error
        raise self._unavailable(last)

    async def agreed(
        self, calls: Sequence[Call], digest: Digest | None = None, *, complete: Complete | None = None
    ) -> list[Any]:
        """The results that `quorum` endpoints give alike: for reads from which records are made.

        Args:
            digest: What must be equal; None: everything.
            complete: Endpoints whose answers are not are passed over; None: every answer will do.

        Raises:
            NodeRefusal: They refuse alike; the first refusal.
            NodeUnavailable: Too few answer, or they contradict each other.
            ChainMismatch
        """
        if len(self.endpoints) == 1:
            answers = _unrefused(await self.settle(calls))
            if complete is not None and not complete(answers):
                raise self._unavailable(Unusable("it is behind"))
            return answers
        last: Unusable | None = None
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(self._backoff(attempt))
            try:
                if self.quorum == 1:
                    return _unrefused((await self._first(calls, self._in_order(calls), complete))[1])
                return _unrefused(await self._alike(calls, digest or _everything, complete))
            except Unusable as error:
                last = error
        raise self._unavailable(last)

    async def opinions(self, calls: Sequence[Call]) -> list[list[Any]]:
        """What `quorum` endpoints answer, each for itself: for reads that may differ by a moment.

        Raises:
            NodeRefusal: Of the first call that was refused.
            NodeUnavailable: Too few answer.
            ChainMismatch
        """
        if self.quorum == 1:
            return [_unrefused(await self.settle(calls))]
        last: Unusable | None = None
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(self._backoff(attempt))
            try:
                return [_unrefused(answers) for _, answers in await self._several(calls)]
            except Unusable as error:
                last = error
        raise self._unavailable(last)

    async def close(self) -> None:
        for endpoint in self.endpoints:
            await endpoint.close()

    # ---------------------------------------------------------------------------------------------- several endpoints

    async def _alike(self, calls: Sequence[Call], digest: Digest, complete: Complete | None) -> list[Any]:
        votes: dict[Hashable, list[tuple[Endpoint, list[Any]]]] = {}
        rest = self._in_order(calls)
        last: Unusable | None = None
        while rest:
            best = max((len(group) for group in votes.values()), default=0)
            asked, rest = rest[: self.quorum - best], rest[self.quorum - best :]
            results = await asyncio.gather(*(self._ask(one, calls, complete) for one in asked), return_exceptions=True)
            for endpoint, answers in zip(asked, results, strict=True):
                if isinstance(answers, Unusable):
                    last = answers
                elif isinstance(answers, BaseException):
                    raise answers
                else:
                    key = _refused_key(answers) or digest(answers)
                    votes.setdefault(key, []).append((endpoint, answers))
            for key, group in votes.items():
                if len(group) >= self.quorum:
                    self._contradicted(calls, votes, key)
                    return group[0][1]
        if len(votes) > 1:
            places = [endpoint.place for group in votes.values() for endpoint, _ in group]
            log.warning("nodes_disagree", methods=sorted(_methods(calls)), nodes=places)
            raise Unusable("the nodes contradict each other")
        raise last or Unusable("too few nodes answer")

    def _contradicted(self, calls: Sequence[Call], votes: Mapping[Hashable, list[Any]], agreed: Hashable) -> None:
        for key, group in votes.items():
            for endpoint, _ in group:
                if key != agreed:
                    log.warning("node_contradicted", node=endpoint.place, methods=sorted(_methods(calls)))
                    endpoint.health.failed(_methods(calls), "other nodes contradict it")

    async def _several(self, calls: Sequence[Call]) -> list[tuple[Endpoint, list[Any]]]:
        """Answers of `quorum` endpoints, healthy ones first. Raises Unusable when there are not so many."""
        found: list[tuple[Endpoint, list[Any]]] = []
        rest = self._in_order(calls)
        last: Unusable | None = None
        while rest and len(found) < self.quorum:
            missing = self.quorum - len(found)
            asked, rest = rest[:missing], rest[missing:]
            results = await asyncio.gather(*(self._ask(one, calls) for one in asked), return_exceptions=True)
            for endpoint, answers in zip(asked, results, strict=True):
                if isinstance(answers, Unusable):
                    last = answers
                elif isinstance(answers, BaseException):
                    raise answers
                else:
                    found.append((endpoint, answers))
        if len(found) < self.quorum:
            raise last or Unusable("too few nodes answer")
        return found

    async def _first(
        self, calls: Sequence[Call], order: Sequence[Endpoint], complete: Complete | None = None
    ) -> tuple[Endpoint, list[Any]]:
        """The first usable answer; an endpoint that fails, or does not answer in time, is overtaken by the next."""
        if len(order) == 1:
            return order[0], await self._ask(order[0], calls, complete)
        queue = deque(order)
        running: dict[asyncio.Task[list[Any]], Endpoint] = {}
        # An answer that is only second-best (a method that is missing, an old head) is kept while others are asked.
        lesser: tuple[Endpoint, list[Any]] | None = None
        last: Unusable | None = None
        try:
            while queue or running:
                if queue:
                    endpoint = queue.popleft()
                    task = asyncio.ensure_future(self._ask(endpoint, calls, complete))
                    task.add_done_callback(_heard)
                    running[task] = endpoint
                wait = self._overtake if queue else None
                done, _ = await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    endpoint = running.pop(task)
                    try:
                        answers = task.result()
                    except Unusable as error:
                        last = error
                        continue
                    if self._lacks(answers) or self._is_behind(calls, answers):
                        lesser = lesser or (endpoint, answers)
                        continue
                    for slower in running.values():
                        slower.health.failed(_methods(calls), "it was overtaken")
                    return endpoint, answers
        finally:
            for task in running:
                task.cancel()
        if lesser is not None:
            self._newest_head = self._told_head(calls, lesser[1]) or self._newest_head
            return lesser
        raise last or Unusable("no endpoint")

    def _in_order(self, calls: Sequence[Call]) -> list[Endpoint]:
        """Usable ones in the configured order, then those in a pause, the one that ends soonest first: there is always
        somebody to ask."""
        methods = _methods(calls)
        return sorted(self.endpoints, key=lambda one: one.health.paused_until(methods))

    # ------------------------------------------------------------------------------------------------- one endpoint

    async def _ask(self, endpoint: Endpoint, calls: Sequence[Call], complete: Complete | None = None) -> list[Any]:
        methods = _methods(calls)
        requests = [
            {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": self._params(params)}
            for method, params in calls
        ]
        started = self._clock()
        try:
            await self._verify(endpoint)
            answers = await endpoint.ask(requests)
            for answer in answers:
                if isinstance(answer, NodeRefusal) and self._kind(answer) is RefusalKind.BUSY:
                    raise Unusable(answer.text[:200])
        except Unusable as error:
            endpoint.health.failed((WHOLE,) if error.whole else methods, error.reason, wait_seconds=error.wait_seconds)
            if error.whole:
                endpoint.verified_at = None
            raise
        endpoint.health.succeeded(methods, self._clock() - started)
        if complete is not None and not complete(answers):
            # Being behind is no failure: it may be right about everything else.
            raise Unusable("it is behind the others")
        return answers

    def _params(self, params: Sequence[Any]) -> list[Any]:
        if not self._renamed:
            return list(params)
        return [self._renamed.get(one, one) if isinstance(one, str) else one for one in params]

    async def _verify(self, endpoint: Endpoint) -> None:
        check = self._check
        if check is None:
            return
        if endpoint.verified_at is not None and self._clock() - endpoint.verified_at < _CHECK_AGAIN_SECONDS:
            return
        question = {"jsonrpc": "2.0", "id": next(self._ids), "method": check.method, "params": []}
        answer = (await endpoint.ask([question]))[0]
        if isinstance(answer, NodeRefusal) and self._kind(answer) is RefusalKind.BUSY:
            raise Unusable(answer.text[:200])
        try:
            served = check.served(answer)
        except (ValueError, TypeError, AttributeError):
            served = "no chain of this family"
        if served != check.expected:
            if endpoint.serves != served:
                log.error("node_serves_another_chain", node=endpoint.place, served=served, configured=check.expected)
            endpoint.serves = served
            raise Unusable(f"it serves {served}", whole=True)
        endpoint.serves, endpoint.verified_at = None, self._clock()

    def _lacks(self, answers: Sequence[Any]) -> bool:
        return any(isinstance(one, NodeRefusal) and self._kind(one) is RefusalKind.LACKS for one in answers)

    def _told_head(self, calls: Sequence[Call], answers: Sequence[Any]) -> int | None:
        if self._head_of is None:
            return None
        told = (
            self._head_of(method, params, answer)
            for (method, params), answer in zip(calls, answers, strict=True)
            if not isinstance(answer, NodeRefusal)
        )
        return max((head for head in told if head is not None), default=None)

    def _is_behind(self, calls: Sequence[Call], answers: Sequence[Any]) -> bool:
        head = self._told_head(calls, answers)
        if head is None:
            return False
        if head < self._newest_head - _HEADS_APART:
            return True
        self._newest_head = max(self._newest_head, head)
        return False

    def _backoff(self, attempt: int) -> float:
        doubled: float = self._pause * 2 ** (attempt - 1)
        return doubled * random.uniform(1 - JITTER, 1 + JITTER)

    def _unavailable(self, last: Unusable | None) -> NodeUnavailable | ChainMismatch:
        if self._check is not None and all(endpoint.serves for endpoint in self.endpoints):
            served = ", ".join(sorted({str(endpoint.serves) for endpoint in self.endpoints}))
            return ChainMismatch(
                f"the node at {self.place} serves {served}, configured is {self._check.expected}: correct the URL",
                served=served,
                configured=self._check.expected,
            )
        reason = "no answer" if last is None else last.reason
        return NodeUnavailable(
            f"the node at {self.place} does not answer ({reason}): check that it runs; the request can be repeated",
            endpoint=self.place,
            reason=reason,
        )

    def __repr__(self) -> str:
        return f"JsonRpcClient({self.place})"


def _heard(task: asyncio.Task[list[Any]]) -> None:
    """An attempt that nobody waits for any more may fail in silence."""
    if not task.cancelled():
        task.exception()


def _methods(calls: Sequence[Call]) -> frozenset[str]:
    return frozenset(method for method, _ in calls)


def _unrefused(answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, NodeRefusal):
            raise answer
    return answers


def _refused_key(answers: Sequence[Any]) -> Hashable | None:
    """Endpoints that refuse need not use the same words."""
    return "refused" if any(isinstance(answer, NodeRefusal) for answer in answers) else None


def _everything(answers: list[Any]) -> Hashable:
    return orjson.dumps(answers, option=orjson.OPT_SORT_KEYS)
