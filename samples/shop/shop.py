"""A small shop that is paid by Quanbao: one page, one file, the standard library, and the public API only.

    python samples/shop/shop.py set-up --email owner@example.com       # once: a key, a webhook; asks for the password
    python samples/shop/shop.py serve                                  # http://127.0.0.1:8090

`set-up` logs in, makes an API key that may charge orders and nothing else, and a webhook to this shop, and keeps both
in `shop.json` (mode 0600). `serve` charges an order for what is bought on its page, sends the buyer to pay it, and
believes that it is paid when a webhook with a good signature says so, and the API says the same.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import hmac
import html
import json
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

PAGE = Path(__file__).with_name("page.html")
GOODS = {
    "tea-001": ("龙井 250g", 10_000),
    "cup-002": ("白瓷杯", 4_500),
}
"""Name and price in minor units of CNY, by sku."""
TOLERANCE_SECONDS = 300
MAX_BODY_BYTES = 64 * 1024


class ApiRefused(Exception):
    """The API did not do it; the text is its own."""


class Api:
    """What this shop uses of the API."""

    def __init__(self, base: str, token: str | None = None, organisation: str | None = None) -> None:
        self.base = base.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if organisation is not None:
            self._headers["Organisation-Id"] = organisation

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The answer's body. Raises ApiRefused."""
        headers = {**self._headers, **({} if key is None else {"Idempotency-Key": key})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data, headers, method=method)
        try:
            # Nobody's proxy: the API is where we were told that it is.
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise ApiRefused(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from None
        except OSError as error:
            raise ApiRefused(f"{method} {path}: {error}") from None


@dataclass
class Shop:
    """What is known of each order that this shop has charged."""

    api: Api
    secret: bytes
    pay_at: str
    paid: dict[str, str] = field(default_factory=dict)
    """Order to the event that said so."""
    charged: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def charge(self, sku: str) -> str:
        """An order of one piece; its id."""
        name, price = GOODS[sku]
        line = {"sku": sku, "name": name, "quantity": 1, "unit_price_minor": price}
        order: str = self.api.call("POST", "/orders", {"currency": "CNY", "lines": [line]}, key=uuid4().hex)["id"]
        self.charged.add(order)
        return order

    def hear(self, headers: dict[str, str], body: bytes) -> int:
        """Take a webhook; the status to answer with."""
        if not self._authentic(headers, body):
            return 401
        event = json.loads(body)
        with self.lock:
            if event["id"] in self.seen:
                return 204
            self.seen.add(event["id"])
        order = event["data"].get("order")
        if event["type"] == "order.paid" and order in self.charged:
            # The event is a hint; the record is the API's.
            if not self._is_paid(order):
                with self.lock:
                    self.seen.discard(event["id"])
                return 503
            self.paid[order] = event["id"]
        return 204

    def _is_paid(self, order: str) -> bool:
        """What the API says of one of the last 200 orders."""
        try:
            page = self.api.call("GET", "/orders?limit=200")
        except ApiRefused:
            return False
        return any(one["id"] == order and one["status"] == "paid" for one in page["items"])

    def _authentic(self, headers: dict[str, str], body: bytes) -> bool:
        """Standard Webhooks: HMAC-SHA256 over id, timestamp and body, not older than five minutes."""
        message, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not (moment.isdecimal() and len(moment) <= 12) or abs(time.time() - int(moment)) > TOLERANCE_SECONDS:
            return False
        signed = b".".join((message.encode(), moment.encode(), body))
        expected = b"v1," + base64.b64encode(hmac.digest(self.secret, signed, hashlib.sha256))
        sent = headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(expected, one.encode()) for one in sent)


class Handler(BaseHTTPRequestHandler):
    """The page, its form, the state of an order, and the webhook."""

    shop: Shop

    def do_GET(self) -> None:
        kind, _, order = self.path.strip("/").partition("/")
        if kind == "":
            goods = "".join(
                f'<li><form method="post" action="/buy"><span>{html.escape(name)}</span><b>¥ {price / 100:.2f}</b>'
                f'<button name="sku" value="{sku}">购买 · Buy</button></form></li>'
                for sku, (name, price) in GOODS.items()
            )
            return self._page(f"<ul>{goods}</ul>")
        if kind == "order" and order in self.shop.charged:
            return self._page(
                f'<p id="state" data-order="{order}">等待付款 · waiting for payment</p>'
                f'<a class="quanbao-pay" href="{html.escape(self.shop.pay_at)}/pay/{order}">'
                "用券包付款 · Pay with Quanbao</a>"
            )
        if kind == "state" and order in self.shop.charged:
            return self._answer(200, json.dumps({"paid": order in self.shop.paid}).encode(), "application/json")
        return self._answer(404, b"nothing here")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if not 0 <= length <= MAX_BODY_BYTES:
            return self._answer(413, b"too much")
        body = self.rfile.read(length)
        if self.path == "/webhook":
            return self._answer(
                self.shop.hear({name.lower(): value for name, value in self.headers.items()}, body), b""
            )
        sku = parse_qs(body.decode(errors="replace")).get("sku", [""])[0]
        if self.path != "/buy" or sku not in GOODS:
            return self._answer(404, b"nothing here")
        try:
            order = self.shop.charge(sku)
        except ApiRefused:
            return self._answer(502, "暂时无法下单 · cannot charge just now".encode(), "text/plain; charset=utf-8")
        self.send_response(303)
        self.send_header("Location", f"/order/{order}")
        self.send_header("Content-Length", "0")
        return self.end_headers()

    def _page(self, content: str) -> None:
        page = PAGE.read_text(encoding="utf-8").replace("<!-- content -->", content)
        self._answer(200, page.encode(), "text/html; charset=utf-8")

    def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: a shop's log names no customers."""


def set_up(arguments: argparse.Namespace) -> None:
    """Make the key and the webhook, and keep them."""
    if arguments.config.exists():
        raise SystemExit(f"{arguments.config} is there already: this shop is set up")
    password = os.environ.get("SHOP_PASSWORD") or getpass.getpass("Password of the owner: ")
    person = Api(
        arguments.api,
        Api(arguments.api).call("POST", "/auth/login", {"email": arguments.email, "password": password})["token"],
    )
    owned = [one for one in person.call("GET", "/organisations")["items"] if one["role"] in ("owner", "manager")]
    chosen = [one for one in owned if arguments.organisation in (None, one["id"])]
    if len(chosen) != 1:
        names = ", ".join(f"{one['id']} ({one['name']})" for one in owned) or "none"
        raise SystemExit(f"say which organisation with --organisation: {names}")
    organisation = chosen[0]["id"]
    scopes = ["orders:read", "orders:write"]
    key = person.call("POST", "/auth/api-keys", {"label": "Shop", "scopes": scopes, "organisation_id": organisation})
    owner = Api(arguments.api, person._headers["Authorization"].removeprefix("Bearer "), organisation)
    made = owner.call("POST", "/webhooks", {"url": f"{arguments.url}/webhook", "events": ["order.*"]})
    kept = {"api": arguments.api, "key": key["token"], "organisation": organisation, "secret": made["secret"]}
    with os.fdopen(os.open(arguments.config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(kept, file)
    person.call("POST", "/auth/logout")
    sys.stdout.write(f"set up: {arguments.config}\n")


def serve(arguments: argparse.Namespace) -> None:
    """Sell until interrupted."""
    kept = json.loads(arguments.config.read_text())
    secret = base64.b64decode(kept["secret"].removeprefix("whsec_"))
    shop = Shop(Api(kept["api"], kept["key"], kept["organisation"]), secret, kept["api"].rstrip("/"))
    handler = type("ShopHandler", (Handler,), {"shop": shop})
    with ThreadingHTTPServer(("127.0.0.1", arguments.port), handler) as server:
        sys.stdout.write(f"open: http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A sample shop that is paid by Quanbao.")
    parser.add_argument("--config", type=Path, default=Path("shop.json"), help="where key and secret are kept")
    verbs = parser.add_subparsers(required=True)
    once = verbs.add_parser("set-up", help="make the key and the webhook")
    once.add_argument("--api", default="http://localhost:8080")
    once.add_argument("--email", required=True, help="of an owner; the password is asked for, or in SHOP_PASSWORD")
    once.add_argument("--organisation", help="its id, where the owner has several")
    once.add_argument("--url", default="http://127.0.0.1:8090", help="where this shop is reached")
    once.set_defaults(act=set_up)
    open_ = verbs.add_parser("serve", help="sell")
    open_.add_argument("--port", type=int, default=8090)
    open_.set_defaults(act=serve)
    arguments = parser.parse_args()
    try:
        arguments.act(arguments)
    except ApiRefused as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
