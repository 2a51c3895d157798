"""From what was typed to transactions that were simulated: quote, approval, least amount, price, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.evm.adapter import EvmAdapter
from chains.evm.calls import require_covered
from chains.evm.multicall import Multicall
from chains.evm.simulation import EvmSimulator, Simulated, SimulatedCall
from chains.evm.swap_router import EvmSwapRouter, RouterQuote
from chains.intent import ContractCall, Intent
from chains.ports import Notice, Preview
from chains.rpc.errors import NodeRefusal
from codec.evm import swap_router, tokens
from codec.evm.erc20 import allowance_call, approve_call
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.errors import FeatureUnavailable, InvalidValue, SwapUnavailable
from wallets.defi.model import Plan, PlannedStep, StepKind, SwapDraft, SwapKind, Terms
from wallets.defi.ports import SwapChains

NOTED_IMPACT_BPS = 300
NOTED_SLIPPAGE_BPS = 300
_GAS_MARGIN = (5, 4)
"""Above the simulation, which may tell gas less refunds: these come at the end, and are a fifth at most (EIP-3529)."""

Call = tuple[StepKind, ContractCall]


class Planner:
    """Reads the chain; stores and signs nothing."""

    def __init__(self, chains: SwapChains) -> None:
        self._chains = chains

    def adapter(self, account: AccountId) -> EvmAdapter:
        """Raises UnknownChain, FeatureUnavailable."""
        adapter = self._chains.adapter(account.chain)
        if not isinstance(adapter, EvmAdapter):
            raise FeatureUnavailable("assets are swapped on EVM chains only", feature="swaps")
        return adapter

    async def plan(self, draft: SwapDraft) -> Plan:
        """What the swap would be now.

        Raises:
            UnknownChain, UnknownAsset, AmountNotPositive, PrecisionLoss
            InvalidValue: An asset for itself.
            FeatureUnavailable: Not an EVM chain, or no router (wrapped coin) of the chain is configured.
            SwapUnavailable: No pools lead from one to the other.
            InsufficientFunds: For the sold amount, or for the fees.
            TransactionReverted: The simulation was refused, with the decoded reason.
            FeeTooLow, NodeUnavailable
        """
        adapter = self.adapter(draft.account)
        sell, buy = await adapter.asset(draft.sell), await adapter.asset(draft.buy)
        amount = draft.amount(sell)
        if sell.id == buy.id:
            raise InvalidValue(f"{sell.symbol} for {buy.symbol}: choose two assets")
        require_covered(amount, (await adapter.balance(draft.account, sell)).base_units)
        wrapped = self._chains.info(draft.account.chain).wrapped_coin
        if wrapped is not None and {sell.id.is_native, buy.id.is_native} == {True, False}:
            token = buy if sell.id.is_native else sell
            if _token(token) == wrapped:
                return await self._wrapping(adapter, draft, amount, buy, wrapped)
        return await self._swapping(adapter, draft, amount, buy)

    async def prices(self, terms: Terms, calls: Sequence[Intent]) -> Sequence[Preview] | None:
        """Of calls that are still to be signed, simulated one after the other on the newest block; None where no node
        simulates.

        Raises:
            TransactionReverted: One of them would be refused now.
            FeeTooLow, NodeUnavailable
        """
        adapter = self.adapter(terms.account)
        ran = await self._simulate(terms.account, [_contract(one) for one in calls], ())
        if ran is None:
            return None
        if ran.refused is not None:
            raise ran.refused
        return await adapter.priced([(one, terms.speed, _gas(gas)) for one, gas in zip(calls, ran.gas, strict=True)])

    async def _wrapping(
        self, adapter: EvmAdapter, draft: SwapDraft, amount: Amount, buy: Asset, wrapped: bytes
    ) -> Plan:
        token = AccountId.from_raw(draft.account.chain, wrapped)
        gained = Amount(amount.base_units, buy)
        wraps = amount.asset.id.is_native
        kind = SwapKind.WRAP if wraps else SwapKind.UNWRAP
        data = swap_router.DEPOSIT if wraps else swap_router.withdraw_call(amount.base_units)
        call = ContractCall(token, data, amount.base_units if wraps else 0)
        terms = Terms(kind, draft.account, amount, gained, gained, wrapped=token, speed=draft.speed)
        calls = [(StepKind(kind.value), call)]
        return await self._finished(adapter, terms, calls, await self._simulate_calls(terms, calls), ())

    async def _swapping(self, adapter: EvmAdapter, draft: SwapDraft, amount: Amount, buy: Asset) -> Plan:
        chain = draft.account.chain
        info = self._chains.info(chain)
        if info.swap_router is None:
            raise FeatureUnavailable(
                f"no swap router of {chain} is configured: name one in the chains file", feature="swap_router"
            )
        router = EvmSwapRouter(self._chains.client(chain), info.swap_router)
        wrapped = await router.wrapped()
        ends = [wrapped if one.id.is_native else _token(one) for one in (amount.asset, buy)]
        if ends[0] == ends[1]:
            raise FeatureUnavailable(
                "this is the wrapped coin of the router, and no wrapped coin of the chain is configured",
                feature="wrapped_coin",
            )
        hops = [wrapped, *(_token(one) for one in info.assets if not one.id.is_native)]
        quote = await router.quote(ends[0], ends[1], amount.base_units, hops)
        deadline = await adapter.block_time() + draft.lifetime_seconds
        before = await self._approvals(draft.account, amount, info.swap_router)
        terms = Terms(
            SwapKind.SWAP,
            draft.account,
            amount,
            Amount(quote.amount_out, buy),
            Amount(1, buy),
            path=tuple(AccountId.from_raw(chain, one) for one in quote.path),
            price_impact_bps=quote.price_impact_bps,
            slippage_bps=draft.slippage_bps,
            deadline=deadline,
            router=AccountId.from_raw(chain, info.swap_router),
            wrapped=AccountId.from_raw(chain, wrapped),
            # The kind that looks at what arrives works with every token: tried first, to see what does.
            transfer_fees=True,
            speed=draft.speed,
        )
        trial = await self._simulate_calls(terms, [*before, (StepKind.SWAP, _act(terms))])
        notices = []
        gained, fees = quote.amount_out, False
        if trial is not None:
            if trial.refused is not None:
                raise trial.refused
            arrived = trial.change(draft.account, buy.id)
            if arrived <= 0:
                raise SwapUnavailable(
                    f"the simulation shows that no {buy.symbol} would arrive: do not swap this token",
                    sell=str(amount.asset.id),
                    buy=str(buy.id),
                )
            if arrived < quote.amount_out:
                gained, fees = arrived, True
                notices.append(_transfer_fee(quote, Amount(arrived, buy)))
        least = max(1, gained * (10_000 - draft.slippage_bps) // 10_000)
        terms = replace(terms, expected=Amount(gained, buy), least=Amount(least, buy), transfer_fees=fees)
        calls = [*before, (StepKind.SWAP, _act(terms))]
        if terms.price_impact_bps >= NOTED_IMPACT_BPS:
            notices.append(_impact(terms))
        if terms.slippage_bps > NOTED_SLIPPAGE_BPS:
            notices.append(_slippage(terms))
        ran = None if trial is None else await self._simulate_calls(terms, calls)
        return await self._finished(adapter, terms, calls, ran, notices)

    async def _approvals(self, owner: AccountId, amount: Amount, router: bytes) -> list[Call]:
        """What must be allowed first, exactly; an earlier allowance is taken back where the token insists on it."""
        if amount.asset.id.is_native:
            return []
        token = AccountId.of(owner.chain, amount.asset.id.reference)
        client = self._chains.client(owner.chain)
        (answer,) = await Multicall(client).views([(token.raw, allowance_call(owner.raw, router))])
        allowed = tokens.decode_word(answer) or 0
        if allowed >= amount.base_units:
            return []
        approve = ContractCall(token, approve_call(router, amount.base_units))
        if allowed == 0:
            return [(StepKind.APPROVE, approve)]
        (told,) = await client.settle(
            [("eth_call", [{"from": owner.address, "to": token.address, "data": "0x" + approve.data.hex()}, "latest"])]
        )
        word = None if isinstance(told, NodeRefusal) else bytes.fromhex(str(told)[2:])
        if word is not None and (not word or tokens.decode_word(word)):
            return [(StepKind.APPROVE, approve)]
        return [(StepKind.RESET, ContractCall(token, approve_call(router, 0))), (StepKind.APPROVE, approve)]

    async def _finished(
        self,
        adapter: EvmAdapter,
        terms: Terms,
        calls: Sequence[Call],
        ran: Simulated | None,
        notices: Sequence[Notice],
    ) -> Plan:
        intents = [Intent(terms.account, call) for _, call in calls]
        previews: list[Preview | None]
        found = [*notices]
        if ran is None:
            # Nobody can say what a call costs whose approval is not there yet.
            previews = [await adapter.preview(intents[0], speed=terms.speed), *[None] * (len(calls) - 1)]
            found.append(_NOT_SIMULATED)
        else:
            if ran.refused is not None:
                raise ran.refused
            found += _differences(terms, ran)
            previews = [
                *await adapter.priced(
                    [(intent, terms.speed, _gas(gas)) for intent, gas in zip(intents, ran.gas, strict=True)]
                )
            ]
        fees = Amount(sum(one.fee_limit.base_units for one in previews if one is not None), adapter.native)
        sent = sum(call.value for _, call in calls)
        native = await adapter.balance(terms.account, adapter.native)
        require_covered(Amount(sent + fees.base_units, adapter.native), native.base_units)
        steps = tuple(
            PlannedStep(kind, intent, preview)
            for (kind, _), intent, preview in zip(calls, intents, previews, strict=True)
        )
        return Plan(terms, steps, fees, None if ran is None else ran.changes, tuple(found))

    async def _simulate_calls(self, terms: Terms, calls: Sequence[Call]) -> Simulated | None:
        tokens_of = (terms.sell.asset, terms.expected.asset)
        return await self._simulate(terms.account, [call for _, call in calls], tokens_of)

    async def _simulate(
        self, account: AccountId, calls: Sequence[ContractCall], assets: Sequence[Asset]
    ) -> Simulated | None:
        simulator = EvmSimulator(account.chain, self._chains.client(account.chain))
        wanted = [SimulatedCall(account, call.to, call.data, call.value) for call in calls]
        return await simulator.run(wanted, [account], [one.id for one in assets])


def _act(terms: Terms) -> ContractCall:
    assert terms.router is not None
    assert terms.deadline is not None
    native_in = terms.sell.asset.id.is_native
    data = swap_router.swap_call(
        terms.sell.base_units,
        terms.least.base_units,
        [one.raw for one in terms.path],
        terms.account.raw,
        terms.deadline,
        native_in=native_in,
        native_out=terms.expected.asset.id.is_native,
        transfer_fees=terms.transfer_fees,
    )
    return ContractCall(terms.router, data, terms.sell.base_units if native_in else 0)


def _differences(terms: Terms, ran: Simulated) -> list[Notice]:
    """Where the simulation shows something else than what was asked for."""
    told = []
    wanted = {terms.sell.asset.id: -terms.sell.base_units, terms.expected.asset.id: terms.expected.base_units}
    for change in ran.changes:
        hoped = wanted.get(change.asset, 0)
        if change.base_units < hoped:
            told.append(f"{change.asset} changes by {change.base_units}, not by {hoped}")
    missing = [asset for asset, hoped in wanted.items() if hoped > 0 and ran.change(terms.account, asset) == 0]
    told += [f"no {asset} arrives" for asset in missing]
    if not told:
        return []
    return [
        Notice(
            "balance_difference",
            f"the simulation shows something else than the quote ({'; '.join(told)}): do not sign unless you know why",
        )
    ]


def _transfer_fee(quote: RouterQuote, arrived: Amount) -> Notice:
    lost = (quote.amount_out - arrived.base_units) * 10_000 // quote.amount_out
    return Notice(
        "transfer_fee",
        f"a token on the way keeps part of each transfer: {arrived} arrive, {lost / 100:.2f} % less than the pools pay",
    )


def _impact(terms: Terms) -> Notice:
    return Notice(
        "price_impact",
        f"you get {terms.price_impact_bps / 100:.2f} % less than at the pools' present price: swap less at a time",
    )


def _slippage(terms: Terms) -> Notice:
    return Notice(
        "high_slippage",
        f"{terms.slippage_bps / 100:.2f} % less than expected would still be accepted: others can take that difference",
    )


_NOT_SIMULATED = Notice(
    "not_simulated",
    "no node of this chain simulates: what arrives is the router's word, and an approval is signed before the swap can "
    "be tried",
)


def _token(asset: Asset) -> bytes:
    return bytes.fromhex(asset.id.reference[2:])


def _contract(intent: Intent) -> ContractCall:
    assert isinstance(intent.action, ContractCall)
    return intent.action


def _gas(used: int) -> int:
    return used * _GAS_MARGIN[0] // _GAS_MARGIN[1]
