"""Every error of the tree has a status, and its body tells its facts and nothing else."""

from enum import Enum
from uuid import UUID

import orjson
import pytest
from starlette.requests import Request

from api.errors import STATUS, error_classes, problem_response, problems, status_of
from api.messages import _CHINESE, detail_text
from primitives import errors as tree


def _request(language: str = "en") -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [(b"accept-language", language.encode())],
            "state": {"request_id": "r" * 32},
        }
    )


@pytest.mark.parametrize("error", error_classes())
def test_every_class_has_a_status(error: type[tree.QuanbaoError]) -> None:
    assert 400 <= status_of(error) <= 599


@pytest.mark.parametrize(
    "branch",
    [
        tree.InvalidValue,
        tree.KeystoreError,
        tree.ChainError,
        tree.PaymentError,
        tree.VoucherError,
        tree.PersonError,
        tree.AuditError,
        tree.OperationError,
    ],
)
def test_every_branch_has_its_own_default(branch: type[tree.QuanbaoError]) -> None:
    assert branch in STATUS


def test_a_class_without_entry_has_its_branchs_status() -> None:
    class OrderLost(tree.VoucherError):
        """A new error."""

    assert status_of(OrderLost) == STATUS[tree.VoucherError]


def test_what_a_chain_cannot_do_is_no_fault_of_the_server() -> None:
    assert status_of(tree.FeatureUnavailable) == 409


def test_retryable_errors_never_look_like_malformed_requests() -> None:
    for error in error_classes():
        if error.retryable:
            assert status_of(error) != 422, error


class TestBody:
    def test_facts_travel_as_members(self) -> None:
        answer = problem_response(_request(), 409, "insufficient_funds", "not enough", {"needed": 5, "available": 3})
        body = orjson.loads(answer.body)
        assert answer.media_type == "application/problem+json"
        assert (body["needed"], body["available"]) == (5, 3)
        assert body["type"] == "urn:quanbao:error:insufficient_funds"
        assert body["request_id"] == "r" * 32

    def test_a_fact_cannot_replace_a_standard_member(self) -> None:
        body = orjson.loads(problem_response(_request(), 409, "x", "text", {"status": 200, "code": "ok"}).body)
        assert (body["status"], body["code"]) == (409, "x")

    def test_integers_beyond_a_browsers_precision_become_text(self) -> None:
        body = orjson.loads(problem_response(_request(), 409, "x", "text", {"needed": 10**18, "small": 7}).body)
        assert (body["needed"], body["small"]) == ("1000000000000000000", 7)

    def test_domain_values_are_rendered_as_text(self) -> None:
        class Colour(Enum):
            RED = "red"

        facts = {"id": UUID(int=1), "raw": b"\x01\xff", "colour": Colour.RED, "rows": (UUID(int=2),), "map": {1: {2}}}
        body = orjson.loads(problem_response(_request(), 409, "x", "text", facts).body)
        assert body["id"] == str(UUID(int=1))
        assert body["raw"] == "0x01ff"
        assert body["colour"] == "red"
        assert body["rows"] == [str(UUID(int=2))]
        assert body["map"] == {"1": [2]}

    def test_the_detail_is_in_the_callers_language(self) -> None:
        answer = problem_response(
            _request("zh-CN,en;q=0.5"), 409, "insufficient_funds", "x", {"needed": 5, "available": 3}
        )
        assert orjson.loads(answer.body)["detail"] == "余额不足：需要 5，可用 3。"
        assert answer.headers["content-language"] == "zh-CN"


class TestMessages:
    def test_every_text_belongs_to_an_error(self) -> None:
        codes = {error.code for error in error_classes()}
        ours = {
            "request_invalid",
            "bad_request",
            "method_not_allowed",
            "body_too_large",
            "internal_error",
            "headers_too_large",
        }
        assert set(_CHINESE) <= codes | ours

    def test_a_missing_fact_falls_back_to_english(self) -> None:
        assert detail_text("insufficient_funds", "not enough", {}, "zh-CN") == "not enough"

    def test_an_unknown_code_falls_back_to_english(self) -> None:
        assert detail_text("brand_new", "something new", {}, "zh-CN") == "something new"

    def test_a_fact_with_braces_is_not_read_as_a_template(self) -> None:
        assert detail_text("not_permitted", "x", {"rule": "{0.__class__}"}, "zh-CN").endswith("（{0.__class__}）。")


def test_documented_responses_are_grouped_by_status() -> None:
    drawn = problems(tree.OrderNotFound, tree.VoucherNotFound, tree.QuoteExpired)
    assert set(drawn) == {404, 410}
    assert drawn[404]["description"] == "`order_not_found` · `voucher_not_found`"
