"""The sample people of an installation: plainly samples, one for each role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.cli.demo.state import DemoState
from people.roles import PlatformRole
from primitives.errors import NotFound

if TYPE_CHECKING:
    from api.composition import Application


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """`page` is where a login link leads."""

    role: str
    email: str
    name: str
    page: str


HOLDER = SamplePerson("holder", "holder@demo.test", "Sample holder 持券人", "/holder")
MERCHANT = SamplePerson("merchant", "merchant@demo.test", "Sample merchant 商家", "/merchant")
CASHIER = SamplePerson("till", "cashier@demo.test", "Sample cashier 收银员", "/till")
AUDITOR = SamplePerson("auditor", "auditor@demo.test", "Sample auditor 审计员", "/auditor")

ALL = (HOLDER, MERCHANT, CASHIER, AUDITOR)
SHOP = "Sample shop 示例商店"


async def ensure_people(application: Application, state: DemoState) -> None:
    """Register the sample people that are missing, and let the sample auditor audit."""
    persons, registration = application.services.persons, application.services.registration.at_once()
    for sample in ALL:
        try:
            await persons.by_email(sample.email)
        except NotFound:
            await registration.register(sample.email, state.password, sample.name)
    auditor = await persons.by_email(AUDITOR.email)
    await persons.grant(auditor.id, PlatformRole.AUDITOR)
