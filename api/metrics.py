"""Prometheus metrics of the HTTP side."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class HttpMetrics:
    """Counts requests by route template, so that ids in paths make no new series. One registry per application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "quanbao_http_requests_total", "Requests", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "quanbao_http_request_seconds", "Time to answer", ["method", "route"], registry=self.registry
        )
        self.in_progress = Gauge("quanbao_http_requests_in_progress", "Requests being answered", registry=self.registry)

    def record(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self.registry)
