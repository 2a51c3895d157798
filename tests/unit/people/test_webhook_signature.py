"""What is sent can be verified by any receiver that follows Standard Webhooks."""

from __future__ import annotations

import base64

import pytest

from people.webhooks.model import checked_kinds, wants
from people.webhooks.signature import TOLERANCE_SECONDS, headers_for, is_authentic, new_secret, secret_text
from primitives.errors import InvalidValue

# Standard Webhooks (Apache-2.0), the signing vector of its reference libraries' tests.
SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
MESSAGE, MOMENT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector() -> None:
    assert headers_for([SECRET], MESSAGE, MOMENT, BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": str(MOMENT),
        "webhook-signature": SIGNATURE,
    }


def test_a_fresh_secret_is_of_the_scheme() -> None:
    secret = new_secret()
    assert len(secret) == 32
    assert secret != new_secret()
    assert base64.b64decode(secret_text(secret).removeprefix("whsec_")) == secret


def test_a_receiver_accepts_it_and_nothing_else() -> None:
    good = headers_for([SECRET], MESSAGE, MOMENT, BODY)
    assert is_authentic(SECRET, good, BODY, MOMENT + TOLERANCE_SECONDS)
    changed = [
        ({**good, "webhook-id": "msg_other"}, BODY, MOMENT),
        ({**good, "webhook-timestamp": str(MOMENT + 1)}, BODY, MOMENT),
        ({**good, "webhook-timestamp": "soon"}, BODY, MOMENT),
        ({**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, BODY, MOMENT),
        ({**good, "webhook-signature": ""}, BODY, MOMENT),
        ({}, BODY, MOMENT),
        (good, BODY + b" ", MOMENT),
        (good, BODY, MOMENT + TOLERANCE_SECONDS + 1),
        (good, BODY, MOMENT - TOLERANCE_SECONDS - 1),
    ]
    assert not any(is_authentic(SECRET, *one) for one in changed)
    assert not is_authentic(new_secret(), good, BODY, MOMENT)


def test_while_a_secret_is_replaced_either_verifies() -> None:
    newer = new_secret()
    both = headers_for([newer, SECRET], MESSAGE, MOMENT, BODY)
    assert is_authentic(newer, both, BODY, MOMENT)
    assert is_authentic(SECRET, both, BODY, MOMENT)


@pytest.mark.parametrize(
    "kinds", [[], ["order"], ["order."], ["shop.paid"], ["order.*.x"], ["ORDER.paid"], ["order.*"] * 41]
)
def test_events_that_do_not_exist_are_refused(kinds: list[str]) -> None:
    with pytest.raises(InvalidValue):
        checked_kinds(kinds)


@pytest.mark.parametrize(
    ("kinds", "kind", "wanted"),
    [
        (["order.paid"], "order.paid", True),
        (["order.paid"], "order.refunded", False),
        (["order.*"], "order.refunded", True),
        (["*"], "voucher.issued", True),
        # What is told to persons, or between our own parts, is nobody's webhook.
        (["*"], "notification.new", False),
    ],
)
def test_an_endpoint_hears_what_it_chose(kinds: list[str], kind: str, wanted: bool) -> None:
    assert wants(kinds, kind) is wanted
