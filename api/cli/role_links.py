"""One-time links that open the page in each sample role; for a demo on this machine only."""

from __future__ import annotations

from rich.console import Console

from api.cli.demo.people import ALL, ensure_people
from api.cli.demo.state import DemoState
from api.composition import Application


async def print_role_links(application: Application, base: str, state: DemoState) -> None:
    """Print a link for each role, each good for one use within twelve hours."""
    if not application.services.demo:
        return
    await ensure_people(application, state)
    console = Console(highlight=False)
    console.print("\nOpen the page as (each link works once, on this machine only):", style="bold")
    for sample in ALL:
        person = await application.services.persons.by_email(sample.email)
        secret = await application.services.login_links.create(person.id, sample.page)
        console.print(f"  {sample.role:9} {base}/api/v1/auth/link?secret={secret}", soft_wrap=True)
    console.print("  A browser holds one of them at a time: open a second role in a private window.", style="dim")
    console.print(f"  The sample holder's wallet opens with the passphrase  {state.passphrase}\n", soft_wrap=True)
