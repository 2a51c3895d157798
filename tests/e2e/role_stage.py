"""The things on which the roles are tried: ids, bodies and queries with which every route passes validation."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from tests.e2e.running import NO_TLS, Person, RunningUp, good
from tests.e2e.shop import Shop, cart, hire, open_shop, terms, whole_shop

QUERIES = (
    dict.fromkeys(("GET /settlements/payouts", "GET /settlements/payouts.csv"), "?first=2026-01-01&last=2026-01-02")
    | {"GET /worth": "?asset=eip155:1/slip44:60&base_units=1", "DELETE /spending/budgets": "?currency=CNY"}
    | {"GET /exchange-rates": "?base=USD&quote=CNY"}
)


def _programme() -> dict[str, Any]:
    """Rules of a points programme."""
    return {
        "title": "Points",
        "currency": "CNY",
        "earn_rate": {"points": 1, "minor": 100},
        "redeem_rate": {"points": 100, "minor": 100},
        "lifetime_seconds": 86_400,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2036-01-01T00:00:00Z",
        "cap": 1_000,
    }


class Operation(NamedTuple):
    method: str
    path: str
    rule: str
    has_body: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def by_id(self) -> bool:
        return "{" in self.path

    @property
    def roles(self) -> set[str]:
        return set(self.rule.removeprefix("member:").split("|"))


class Stage:
    """Two shops, a holder, a stranger and an auditor on a running installation, and its document."""

    def __init__(self, up: RunningUp) -> None:
        self.up = up
        self.shop: Shop = whole_shop(up)
        self.holder = self.shop.holder.person
        self.stranger = up.newcomer("stranger")
        self.stranger.unlock()
        _, self.other_owner = open_shop(up, "别家")
        self.other_owner.unlock()
        self.auditor = _auditor(up)
        self.members = {
            "manager": self.shop.manager,
            "cashier": self.shop.cashier,
            "sponsor": self.shop.sponsor,
            "auditor": hire(self.shop.owner, "auditor"),
        }
        self.ids = {
            "organisation_id": self.shop.organisation,
            "person_id": self.shop.cashier.person_id,
            "session_id": good(self.holder.get("/auth/me"))["session_id"],
            "chain": self.shop.holder.chain["chain"],
            "wallet_id": good(self.holder.get("/wallets"))["items"][0]["id"],
            "transfer_id": self.shop.transfer,
            "revocation_id": self.shop.transfer,
            "approval_id": self.shop.transfer,
            "swap_id": self.shop.transfer,
            "campaign_id": self.shop.campaign,
            "issuance_id": self.shop.issuance,
            **self._handouts(),
            "voucher_id": self.shop.voucher,
            "order_id": self.shop.order,
            "request_id": self._pay_request(),
            "alert_id": str(uuid4()),
            "freeze_id": good(up.newcomer("frozen").post("/freezes", {"reason": "a test"}))["id"],
            "redemption_id": "0" * 64,
            "refund_id": self.shop.transfer,
            "presentment_id": good(self.holder.post("/presentments"))["id"],
            "passkey_id": str(uuid4()),
            "linked_id": str(uuid4()),
            "key_id": good(self.holder.post("/auth/api-keys", {"label": "Program", "scopes": ["orders:read"]}))["id"],
            "purpose": "suggestions",
            "entry_id": "payment:" + self.shop.transfer,
            "contact_id": self._contact(),
            "store": "west",
            "sku": "cup",
            "kind": "voucher",
            "subject": self.shop.voucher,
            "subject_id": str(uuid4()),
            "merchant_id": self.shop.organisation,
            "role": "holder",
            **self._webhook(),
            "case_id": good(
                self.holder.post(
                    "/cases", {"title": "Where", "text": "is it?", "about": "order", "subject": self.shop.order}
                )
            )["id"],
            "sequence": "1",
            "grant_id": str(uuid4()),
            "delivery_id": str(uuid4()),
            "programme_id": good(self.shop.owner.post("/points/programmes", _programme()))["id"],
            "review_id": good(self.holder.post("/identity/reviews", _document()))["id"],
            "invitation_id": good(
                self.shop.owner.post(
                    f"/organisations/{self.shop.organisation}/invitations",
                    {"email": f"invited-{uuid4().hex}@example.com", "role": "cashier"},
                )
            )["id"],
        }
        self.bodies = self._bodies()
        self.operations = self._operations()

    def _handouts(self) -> dict[str, str]:
        """A link, a trigger and an open drop of the shop's campaign; a claim that nobody has made."""
        owner, campaign = self.shop.owner, f"/campaigns/{self.shop.campaign}"
        good(owner.post(f"{campaign}/drops", {"chain": self.shop.holder.chain["chain"]}))
        (link,) = good(owner.post(f"{campaign}/claim-links", {}))["items"]
        trigger = good(owner.post(f"{campaign}/triggers", {"kind": "loyalty", "rule": {"every": 1000}}))
        return {
            "number": "0",
            "link_id": link["id"],
            "code": link["code"],
            "trigger_id": trigger["id"],
            "claim_id": str(uuid4()),
        }

    def _webhook(self) -> dict[str, str]:
        """An endpoint of the shop's, and something on its way to it."""
        made = good(self.shop.owner.post("/webhooks", {"url": self.up.receiver, "events": ["order.paid"]}))
        webhook = made["webhook"]["id"]
        return {"webhook_id": webhook, "message_id": good(self.shop.owner.post(f"/webhooks/{webhook}/test"))["id"]}

    def _contact(self) -> str:
        """Somebody in the holder's address book."""
        body = {"account": self.shop.holder.account, "name": "Myself"}
        return str(good(self.holder.post("/address-book", body))["id"])

    def _pay_request(self) -> str:
        """A payment that the shop asks for by Solana Pay."""
        asset = self.holder.chains()["solana"]["assets"][0]["asset"]
        body = {"asset": asset, "base_units": "1000000", "label": "Shop"}
        return str(good(self.shop.owner.post("/solana-pay/requests", body))["id"])

    def _bodies(self) -> dict[str, Any]:
        holder, chain = self.shop.holder, self.ids["chain"]
        quote = {"quote": self.shop.quote}
        swap = {"account": holder.account, "sell": f"{chain}/slip44:60", "buy": f"{chain}/slip44:60", "base_units": "1"}
        gift = {"account": holder.account, "asset": holder.token["asset"], "base_units": "0"}
        return {
            "POST /auth/register": {},
            "POST /auth/login": {},
            "POST /auth/passphrase": {"passphrase": "a passphrase of tests"},
            "PUT /auth/passphrase": {"old": "a passphrase of tests", "new": "another one of tests"},
            "PUT /auth/password": {"old": "a password of tests", "new": "another one of tests"},
            "POST /auth/email/verify": {"token": "x" * 43},
            "POST /auth/totp/confirm": {"code": "123456"},
            "POST /auth/totp/remove": {"code": "123456"},
            "POST /auth/recovery-codes": {"code": "123456"},
            "POST /auth/passkeys": {"label": "Not mine", "credential": {}},
            "POST /auth/passkeys/login": {"credential": {}},
            "POST /auth/passkeys/unlock": {"credential": {}, "device_answer": "A" * 43},
            "POST /auth/passkeys/unlock-keys": {
                "passphrase": "a passphrase of tests",
                "credential": {},
                "device_answer": "A" * 43,
            },
            "POST /auth/wallet/message": {"family": "Ethereum", "address": "0x" + "11" * 20},
            "POST /auth/wallet/login": {"message": "no message", "signature": "0x" + "11" * 65},
            "POST /auth/wallet/link": {"message": "no message", "signature": "0x" + "11" * 65},
            "POST /auth/api-keys": {"label": "Not mine", "scopes": ["orders:read"]},
            "PATCH /people/me": {"display_name": "Nobody"},
            "POST /people/me/erase": {"password": "of tests", "confirm": "erase me"},
            "POST /identity/reviews": _document(),
            "POST /identity/reviews/{review_id}/decision": {"approve": True, "reason": "None"},
            "POST /organisations/{organisation_id}/invitations": {"email": "nobody@example.com", "role": "owner"},
            "POST /invitations/accept": {"token": "x" * 43},
            "POST /auth/unlock": {"passphrase": "a passphrase of tests"},
            "POST /organisations": {"name": "No shop"},
            "POST /organisations/{organisation_id}/members": {"email": self.stranger.email, "role": "cashier"},
            "POST /chains/{chain}/faucet": gift,
            "POST /wallets": {"label": "Not mine"},
            "POST /wallets/import": {"label": "Not mine", "mnemonic": "no words"},
            "POST /wallets/import/key": {"label": "Not mine", "key": "no key", "form": "hex"},
            "POST /wallets/import/keystore": {"label": "Not mine", "file": "{}", "password": "of tests"},
            "POST /wallets/import/shares": {"label": "Not mine", "shares": ["no words"]},
            "POST /wallets/shares": {"label": "Not mine"},
            "POST /wallets/watch": {"label": "Not mine"},
            "POST /wallets/{wallet_id}/backup/confirm-shares": {"shares": ["no words"]},
            "POST /wallets/{wallet_id}/export": {"passphrase": "a passphrase of tests", "form": "mnemonic"},
            "POST /wallets/{wallet_id}/extended-public-key": {"path": "m/84'/0'/0'"},
            "POST /wallets/{wallet_id}/addresses": {"network": "bip122:000000000019d6689c085ae165831e93"},
            "POST /wallets/{wallet_id}/watched": {"network": chain},
            "POST /wallets/{wallet_id}/candidates": {"network": chain},
            "POST /token-approvals/revoke": {
                "account": holder.account,
                "kind": "allowance",
                "spender": holder.recipient,
            },
            "POST /token-approvals": {
                "account": holder.account,
                "token": holder.account,
                "spender": holder.account,
                "base_units": "1",
            },
            "POST /swaps/preview": swap,
            "POST /swaps": swap,
            "POST /swaps/prepare": swap,
            "POST /swaps/wrap": {"account": holder.account, "base_units": "1"},
            "POST /swaps/unwrap": {"account": holder.account, "base_units": "1"},
            "POST /swaps/{swap_id}/submit": {"step": 0, "tx_hash": "0x" + "11" * 32},
            "POST /transfers/batch": {"transfers": [holder.transfer()]},
            "POST /transfers/{transfer_id}/speed-up": {},
            "POST /transfers/{transfer_id}/approve": {"payload_hash": "0x" + "11" * 32},
            "POST /alerts/{alert_id}/override": {"reason": "Not mine"},
            "POST /freezes": {"reason": "Not mine"},
            "POST /freezes/{freeze_id}/release": {"code": "123456", "reason": "Not mine"},
            "POST /freezes/{freeze_id}/ask-release": {"reason": "Not mine"},
            "PUT /policies": {"policy": {"zone": "UTC", "rules": []}},
            "POST /policies/dry-run": {"policy": {"zone": "UTC", "rules": []}},
            "PUT /organisations/{organisation_id}/policies": {"policy": {"zone": "UTC", "rules": []}},
            "POST /organisations/{organisation_id}/policies/dry-run": {"policy": {"zone": "UTC", "rules": []}},
            "POST /organisations/{organisation_id}/policies/pending/approve": {},
            "POST /dapps/rpc": {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"},
            "POST /dapps/requests/{request_id}/accept": {},
            "POST /dapps/requests/{request_id}/speed-up": {"speed": "fast"},
            "POST /wallets/{wallet_id}/backup/reveal": {"passphrase": "a passphrase of tests"},
            "POST /wallets/{wallet_id}/backup/confirm": {"words": {"1": "zoo", "2": "zoo", "3": "zoo"}},
            "POST /wallets/{wallet_id}/accounts": {"chain": chain},
            "POST /transfers/preview": holder.transfer(),
            "POST /transfers": holder.transfer(),
            "POST /campaigns": terms(chain),
            "POST /campaigns/preview": terms(chain),
            "POST /campaigns/{campaign_id}/answer": {"accept": True},
            "POST /campaigns/{campaign_id}/fund": {"chain": chain, "base_units": "1"},
            "POST /campaigns/{campaign_id}/reclaim": {"chain": chain},
            "POST /campaigns/{campaign_id}/issue-csv": {"csv": f"{holder.account}\n"},
            "POST /campaigns/{campaign_id}/segment": {"chain": chain, "bought_sku": "tea-001"},
            "POST /campaigns/{campaign_id}/issue-segment": {"chain": chain, "bought_sku": "tea-001"},
            "POST /campaigns/{campaign_id}/drops": {"chain": chain, "number": 1},
            "POST /campaigns/{campaign_id}/drops/{chain}/{number}/holders": {"first": 0, "holders": [holder.account]},
            "POST /campaigns/{campaign_id}/triggers": {"kind": "welcome"},
            "POST /campaigns/{campaign_id}/claim-links": {},
            "POST /claims": {"code": "A" * 40, "account": holder.account},
            "POST /claims/tickets": {"code": "A" * 40, "account": holder.account},
            "POST /claims/drops": {"campaign": self.shop.campaign, "account": holder.account},
            "POST /claims/welcome": {"campaign": self.shop.campaign, "account": holder.account},
            "POST /claims/visits": {"code": "A" * 40, "account": holder.account},
            "POST /claims/referrals": {"campaign": self.shop.campaign, "account": holder.account},
            "POST /campaigns/{campaign_id}/launch": {},
            "POST /campaigns/{campaign_id}/issue": {"holders": [holder.account]},
            "PUT /activity/{entry_id}/note": {"note": "Not mine"},
            "POST /address-book": {"account": f"{chain}:{holder.recipient}", "name": "Nobody"},
            "PUT /address-book/{contact_id}": {"name": "Nobody"},
            "POST /payment-requests": {"account": holder.account, "asset": f"{chain}/slip44:60"},
            "POST /payment-requests/read": {"text": "nothing"},
            "PUT /spending/budgets": {"currency": "CNY", "month_minor": 1},
            "PUT /organisations/{organisation_id}/stores/{store}": {"name": "Not mine"},
            "POST /organisations/{organisation_id}/catalogue/import": {"csv": "sku,name,currency,price\na,A,CNY,1\n"},
            "PUT /gifts/{sku}": {"name": "Not mine", "currency": "CNY", "unit_price_minor": 1},
            "POST /gifts/{sku}/stock": {"units": 1},
            "POST /gifts/take": {"shop": self.shop.organisation, "sku": "cup"},
            "POST /gifts/deliveries/{delivery_id}/advance": {"status": "delivered"},
            "PUT /gifts/deliveries/{delivery_id}/shipping": {"shipping": "Nowhere"},
            "POST /points/programmes": _programme(),
            "POST /notifications/read": {},
            "POST /cases": {"title": "Not mine", "text": "Nothing"},
            "POST /cases/inbox/{case_id}/messages": {"text": "Not mine"},
            "POST /cases/platform/{case_id}/messages": {"text": "Not mine"},
            "POST /cases/{case_id}/messages": {"text": "Not mine"},
            "POST /cases/{case_id}/survey": {"solved": True, "score": 5},
            "PUT /notifications/preferences": {},
            "POST /webhooks": {"url": self.up.receiver, "events": ["*"]},
            "PUT /webhooks/{webhook_id}": {"url": self.up.receiver, "events": ["*"]},
            "POST /orders": cart(),
            "POST /orders/{order_id}/quote": {},
            "POST /orders/{order_id}/pay": quote,
            "POST /orders/{order_id}/prepare": quote,
            "POST /orders/{order_id}/submit": {**quote, "consents": {"redeem_order": "0x" + "11" * 64 + "1b"}},
            "POST /orders/{order_id}/lock": {**quote, "lock_seconds": 1},
            "POST /orders/{order_id}/scan": {"secret": "A" * 22},
            "POST /orders/{order_id}/tender": {"method": "cash", "amount_minor": 1},
            "POST /orders/{order_id}/refund": {},
            "POST /redemptions/{redemption_id}/dispute": {"reason": "Not mine"},
            "POST /redemptions/{redemption_id}/dispute/answer": {"answer": "Not mine"},
            "POST /settlements": {"campaign": self.shop.campaign, "chain": chain},
            "POST /vouchers/{voucher_id}/transfer": {"recipient": f"{chain}:{holder.recipient}"},
            "POST /solana-pay/requests": {"asset": f"{chain}/slip44:501", "base_units": "1", "label": "Not my shop"},
            "POST /solana-pay/links": {"link": "solana:nobody"},
            "POST /solana-pay/transactions": {"transaction": "AAAA"},
            "POST /solana-pay/{request_id}": {"account": "1" * 32},
            "POST /audit/verify": {},
            "POST /audit/grants": {
                "label": "Nobody",
                "campaigns": [self.shop.campaign],
                "facts_since": "2020-01-01T00:00:00Z",
                "facts_until": "2020-02-01T00:00:00Z",
                "expires_at": "2020-03-01T00:00:00Z",
            },
        }

    def _operations(self) -> list[Operation]:
        with self.up.client() as http:
            paths = good(http.get("/openapi.json"))["paths"]
        return [
            Operation(method.upper(), path.removeprefix("/api/v1"), drawn["x-rule"], "requestBody" in drawn)
            for path, methods in paths.items()
            for method, drawn in methods.items()
        ]

    def call(self, operation: Operation, person: Person | None) -> httpx.Response:
        """The operation on the holder's and the first shop's things."""
        base = self.up.base if operation.rule in ("public", "loopback") else f"{self.up.base}/api/v1"
        headers = {"Idempotency-Key": "roles", "Organisation-Id": self.shop.organisation}
        if person is not None:
            headers |= person.headers
        body = self.bodies[str(operation)] if operation.has_body else None
        address = base + operation.path.format_map(self.ids) + QUERIES.get(str(operation), "")
        with (
            httpx.Client(timeout=60, trust_env=False, verify=NO_TLS) as http,
            http.stream(operation.method, address, json=body, headers=headers) as answer,
        ):
            if answer.headers.get("content-type", "").startswith("application/problem"):
                answer.read()
            return answer

    def told(self, operation: Operation, person: Person | None) -> tuple[int, str | None]:
        """Status, and the code of a problem."""
        answer = self.call(operation, person)
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        return answer.status_code, answer.json()["code"] if is_problem else None

    def all(self, rule: str) -> list[Operation]:
        return [operation for operation in self.operations if operation.rule.partition(":")[0] == rule]


def _document() -> dict[str, str]:
    """The smallest thing that looks like a picture."""
    return {"kind": "passport", "media_type": "image/png", "document": "iVBORw0KGgo="}


def _auditor(up: RunningUp) -> Person:
    password = json.loads((up.key_dir / "demo.json").read_text())["password"]
    with up.client() as http:
        opened = good(http.post("/auth/login", json={"email": "auditor@demo.test", "password": password}))
    return Person(up, "", "auditor@demo.test", opened["token"])
