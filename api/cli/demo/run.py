"""Play the story from its beginning, or from where it was interrupted, and end with what the chains say."""

from __future__ import annotations

from api.cli.demo.evidence import Tale
from api.cli.demo.nodes import connect_local
from api.cli.demo.persons import open_sessions
from api.cli.demo.state import DemoState
from api.cli.demo.story import Story
from api.cli.demo.target import DemoTarget


async def run_demo(target: DemoTarget, *, as_json: bool) -> None:
    """Every step is checked on the chains; a step that is not as it must be raises.

    Raises:
        OperationError: What was expected and what was found.
    """
    state = DemoState.load(target.state_file)
    tale = Tale(as_json=as_json)
    async with connect_local(target.localnet_url) as chains, open_sessions(target.base, state) as people:
        story = Story(target, state, tale, chains, people)
        await story.wallets()
        await story.shop()
        await story.campaign()
        for chain in chains.all():
            await story.on_chain(chain)
        tale.close({"run": state.run, "verified": True})
        story.ended()
