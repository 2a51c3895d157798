"""Every error as RFC 9457 problem+json. HTTP statuses live here and nowhere else.

An error's status is that of its nearest ancestor in `STATUS`. The body has `type, title, status, detail, code,
retryable, request_id` and the error's own facts; `detail` is in the caller's language, codes and logs are English.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.languages import preferred_language
from api.messages import detail_text
from primitives import contract_errors
from primitives import errors as tree
from primitives.errors import QuanbaoError

log = structlog.get_logger()

STATUS: Mapping[type[QuanbaoError], int] = {
    QuanbaoError: 500,
    tree.InvalidValue: 422,
    tree.KeystoreError: 409,
    tree.KeystoreLocked: 423,
    tree.WrongPassphrase: 403,
    tree.KeyNotFound: 404,
    tree.SigningRefused: 403,
    tree.SealBroken: 500,
    tree.AuditUnavailable: 503,
    tree.ChainError: 502,
    tree.NodeUnavailable: 503,
    tree.FeatureUnavailable: 409,
    tree.UnknownChain: 404,
    tree.NonceTooLow: 409,
    tree.FeeTooLow: 409,
    tree.InsufficientFunds: 409,
    tree.TransactionReverted: 409,
    tree.TransactionRejected: 409,
    tree.TransactionExpired: 409,
    tree.SwapUnavailable: 409,
    tree.RecipientCannotReceive: 409,
    tree.PaymentError: 409,
    tree.PaymentNotFound: 404,
    tree.LaneBusy: 503,
    tree.LaneHalted: 503,
    tree.PolicyError: 403,
    tree.ApprovalNeeded: 409,
    tree.ApprovalRefused: 409,
    tree.PriceError: 503,
    tree.VoucherError: 409,
    tree.CampaignNotFound: 404,
    tree.ClaimCodeInvalid: 404,
    tree.VoucherNotFound: 404,
    tree.OrderNotFound: 404,
    tree.PresentmentNotFound: 404,
    tree.RefundNotFound: 404,
    tree.RedemptionNotFound: 404,
    tree.MerchantNotOfCampaign: 403,
    tree.VoucherExpired: 410,
    tree.QuoteExpired: 410,
    tree.NotVoucherHolder: 403,
    tree.RedemptionRefused: 403,
    tree.PersonError: 403,
    tree.LoginFailed: 401,
    tree.NotAuthenticated: 401,
    tree.NotFound: 404,
    tree.TooManyAttempts: 429,
    tree.OneTimeUsed: 410,
    tree.PersonErased: 410,
    tree.WebhookOff: 409,
    tree.CaseClosed: 409,
    tree.AuditError: 409,
    tree.ProofRejected: 422,
    tree.OperationError: 500,
    tree.DiskFull: 507,
    tree.DatabaseUnavailable: 503,
    tree.MissingPart: 503,
    tree.MailUnavailable: 503,
}

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}

_RESERVED = frozenset({"type", "title", "status", "detail", "code", "retryable", "request_id", "instance"})
_MEDIA_TYPE = "application/problem+json"


def status_of(error: type[QuanbaoError]) -> int:
    """The HTTP status of an error class."""
    return next(STATUS[ancestor] for ancestor in error.__mro__ if ancestor in STATUS)


def problems(*errors: type[QuanbaoError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that raises these, for the OpenAPI document."""
    codes: dict[int, list[str]] = {}
    for error in errors:
        codes.setdefault(status_of(error), []).append(error.code)
    return {
        status: {
            "description": " · ".join(f"`{code}`" for code in sorted(set(listed))),
            "content": {_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, listed in codes.items()
    }


def problem_response(
    request: Request,
    status: int,
    code: str,
    english: str,
    facts: Mapping[str, Any] | None = None,
    *,
    retryable: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document."""
    language = preferred_language(request.headers.get("accept-language"))
    shown = {name: _rendered(fact) for name, fact in (facts or {}).items() if name not in _RESERVED}
    body = {
        "type": f"urn:quanbao:error:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail_text(code, english, shown, language),
        "code": code,
        "retryable": retryable,
        "request_id": getattr(request.state, "request_id", None),
        **shown,
    }
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type=_MEDIA_TYPE,
        headers={"Content-Language": language, "Cache-Control": "no-store", **(headers or {})},
    )


def _rendered(fact: Any) -> Any:
    """JSON as it is; integers that a browser's number cannot hold, and everything else, as text."""
    if fact is None or isinstance(fact, bool):
        return fact
    if isinstance(fact, enum.Enum):
        return _rendered(fact.value)
    if isinstance(fact, str):
        return fact
    if isinstance(fact, int):
        return fact if abs(fact) < 2**53 else str(fact)
    if isinstance(fact, bytes):
        return "0x" + fact.hex()
    if isinstance(fact, datetime):
        return fact.isoformat().replace("+00:00", "Z")
    if isinstance(fact, UUID):
        return str(fact)
    if isinstance(fact, Mapping):
        return {str(name): _rendered(inner) for name, inner in fact.items()}
    if isinstance(fact, Sequence | set | frozenset):
        return [_rendered(inner) for inner in fact]
    return str(fact)


async def _typed(request: Request, error: Exception) -> Response:
    assert isinstance(error, QuanbaoError)
    status = status_of(type(error))
    headers: dict[str, str] = {}
    if isinstance(error, tree.TooManyAttempts) and "retry_after_seconds" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after_seconds"])
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="quanbao"'
    if status >= 500:
        log.error("request_failed", code=error.code, exc_info=error)
    return problem_response(
        request, status, error.code, error.message, error.facts, retryable=error.retryable, headers=headers
    )


async def _invalid(request: Request, error: Exception) -> Response:
    """What is wrong and where; never the value, which may be a secret in the wrong field."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"loc": [str(part) for part in item["loc"]][:10], "msg": str(item["msg"])[:300], "type": str(item["type"])}
        for item in error.errors()[:20]
    ]
    where = "; ".join(f"{'.'.join(item['loc'])}: {item['msg']}" for item in found[:3])
    return problem_response(request, 422, "request_invalid", f"the request is malformed: {where}", {"errors": found})


async def _http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths, wrong methods, unreadable bodies."""
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "http_error")
    english = {
        "not_found": "nothing has this address",
        "method_not_allowed": "this address does not answer this method",
        "bad_request": "the request cannot be read",
    }.get(code, str(error.detail))
    return problem_response(request, error.status_code, code, english, headers=error.headers)


def crash_response(request: Request, error: Exception) -> Response:
    """The answer to a fault of ours: logged with its trace, answered without it."""
    log.error("request_crashed", error=type(error).__name__, exc_info=error)
    return problem_response(
        request, 500, "internal_error", "something failed on our side: quote request_id to the operator"
    )


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""
    app.add_exception_handler(QuanbaoError, _typed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def error_classes() -> Sequence[type[QuanbaoError]]:
    """Every class of the tree, for tests and documents."""
    named = [*vars(tree).values(), *vars(contract_errors).values()]
    return list(dict.fromkeys(each for each in named if isinstance(each, type) and issubclass(each, QuanbaoError)))


__all__ = [
    "STATUS",
    "crash_response",
    "error_classes",
    "install_error_handlers",
    "problem_response",
    "problems",
    "status_of",
]
