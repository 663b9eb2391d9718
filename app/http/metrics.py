"""`/metrics` for Prometheus: what this process answers, and how far the jobs are behind.

For callers on this machine, or with the token of the settings; everybody else is told that there is no such page.
"""

import hmac
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import LOOPBACK
from app.errors import NotFound
from app.house import House
from app.problems import answer
from app.services import lags

URL = "/metrics"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_GAUGES = {
    "sealed": ("disclosure_journal_sequence", "Newest number of the journal"),
    "unsealed": ("disclosure_journal_unsealed", "Rows of the journal that wait for their number"),
    "unsealed_s": ("disclosure_journal_unsealed_seconds", "Age of the oldest of them"),
    "refused": ("disclosure_journal_refused", "Rows of the journal that the service did not write"),
    "deliveries": ("disclosure_webhook_pending", "Events on their way to receivers that are not disabled"),
    "deliveries_s": ("disclosure_webhook_pending_seconds", "Age of the oldest of them"),
    "disabled": ("disclosure_webhook_disabled", "Receivers that were disabled by their failures"),
}


class Counts:
    """What one process counts about its answers; operations by name, so that no id or number of a case shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "disclosure_answers", "Answers by operation and status", ["operation", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "disclosure_answer_seconds",
            "Time to the first byte of an answer by operation",
            ["operation"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


class CountedAnswers:
    """Counts answers and the time to their first byte; a stream's length is nobody's latency."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self._app, self._counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                operation = getattr(scope.get("route"), "name", "") or "other"
                self._counts.answers.labels(operation, message["status"]).inc()
                self._counts.seconds.labels(operation).observe(time.monotonic() - began)
            await send(message)

        await self._app(scope, receive, counted)


class _OfHouse(Collector):
    """What is looked up when somebody asks."""

    def __init__(self, found: lags.Lags, streams: int) -> None:
        self._found, self._streams = found, streams

    def collect(self) -> Iterable[Metric]:
        for name, value in asdict(self._found).items():
            yield GaugeMetricFamily(*_GAUGES[name], value=value)
        yield GaugeMetricFamily("disclosure_streams", "Open streams of this process", value=self._streams)


def mount_metrics(app: FastAPI, counts: Counts, streams: Callable[[], int]) -> None:
    """Serve the page at `URL`, and count every answer of the application."""

    async def send(request: Request) -> Response:
        house: House = request.app.state.house
        if not _may_read(request, house):
            return answer(request, NotFound())
        found = await house.read(lambda session: lags.measure(session, house.now()))
        own = CollectorRegistry()
        own.register(_OfHouse(found, streams()))
        text = generate_latest(counts.registry) + generate_latest(own)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)

    app.add_route(URL, send, include_in_schema=False)
    app.add_middleware(CountedAnswers, counts=counts)


def _may_read(request: Request, house: House) -> bool:
    token = house.settings.metrics_token
    if token is not None:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())
    # A proxy on this machine that is not trusted makes all the world look local: what came through one says so.
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
    return not forwarded and request.client is not None and request.client.host in LOOPBACK
