"""Figures for Prometheus: what the database says of the whole installation, and what this process knows of itself.

Read by whoever sends RUNTZ_METRICS_TOKEN, and without a token by this machine alone while no proxy stands in front.
"""

import hmac
import shutil
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from time import monotonic

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from runtz_app import live
from runtz_app.api.guard import nothing_here
from runtz_app.threads import run_blocking, run_core
from runtz_core.images.intake import get_store
from runtz_core.jobs import figures
from runtz_core.jobs.figures import BUCKETS, Figures
from runtz_core.settings import Settings, get_settings

COUNTED_FOR = 5.0  # seconds for which one count serves every reader
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
BREAKER = {"closed": 0.0, "half_open": 0.5, "open": 1.0}

_own = CollectorRegistry()
ProcessCollector(registry=_own)
PlatformCollector(registry=_own)
GCCollector(registry=_own)

_counted: tuple[float, Figures] | None = None


async def metrics(request: Request) -> Response:
    """GET /metrics, in the text format of Prometheus; 404 for whom it is not for."""
    global _counted
    settings = get_settings()
    if not may_read(request, settings):
        return nothing_here()
    if _counted is None or monotonic() - _counted[0] >= COUNTED_FOR:
        now = await run_core(figures.figures, silent=settings.timing.lease)
        _counted = monotonic(), now
    free = await run_blocking(_free)
    registry = CollectorRegistry()
    registry.register(_Fixed([*_families(_counted[1], free)]))
    text = generate_latest(registry) + generate_latest(_own)
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def may_read(request: Request, settings: Settings) -> bool:
    """Whoever has the token; without one, a program on this machine that asks directly."""
    if settings.metrics_token is not None:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}"
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())
    # A proxy on this machine would make everybody look like this machine.
    if settings.public_url or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _Fixed(Collector):
    """Families that were made already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _free() -> int:
    root = get_store().root
    return shutil.disk_usage(next(path for path in (root, *root.parents) if path.exists())).free


def _families(now: Figures, free: int) -> Iterator[Metric]:
    yield CounterMetricFamily("runtz_jobs", "Jobs ever submitted.", now.jobs)
    yield from _calls(now)
    yield _by("runtz_calls_waiting", "Calls waiting for their turn.", "provider", now.waiting)
    yield _by("runtz_calls_running", "Calls a worker is on.", "provider", now.running)
    yield GaugeMetricFamily("runtz_queue_age_seconds", "How long the oldest due call has waited.", now.oldest)
    yield GaugeMetricFamily("runtz_credits_held", "Credits on hold for calls under way.", now.held)
    yield CounterMetricFamily("runtz_credits_charged", "Credits ever charged.", now.charged)
    cost = CounterMetricFamily("runtz_provider_cost_dollars", "What vendors charged.", labels=["provider"])
    for provider, micros in sorted(now.spent.items()):
        cost.add_metric([provider], micros / 1_000_000)
    yield cost
    yield from _lanes(now)
    yield GaugeMetricFamily("runtz_workers", "Workers that gave a sign of life.", now.workers)
    yield GaugeMetricFamily("runtz_pictures", "Pictures people have.", now.pictures)
    yield GaugeMetricFamily("runtz_picture_bytes", "Bytes of all originals.", now.picture_bytes)
    yield GaugeMetricFamily("runtz_pictures_damaged", "Originals a scrub found damaged.", now.damaged)
    yield GaugeMetricFamily("runtz_disk_free_bytes", "Free where pictures are kept.", free)
    scrubbed = now.scrubbed.timestamp() if now.scrubbed else 0
    yield GaugeMetricFamily(
        "runtz_scrub_finished_timestamp_seconds", "End of the last whole scrub.", scrubbed
    )
    yield GaugeMetricFamily("runtz_web_tabs", "Open tabs this web process keeps up to date.", live.watched())


def _calls(now: Figures) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "runtz_calls", "Calls that ended, by how they did.", labels=["provider", "kind", "outcome"]
    )
    seconds = HistogramMetricFamily(
        "runtz_call_seconds", "From claim to end.", labels=["provider", "kind", "outcome"]
    )
    for one in now.ended:
        labels = [one.provider, one.kind, one.outcome]
        ended.add_metric(labels, one.count)
        buckets, below = [], 0
        for limit, count in zip((*map(str, BUCKETS), "+Inf"), one.seconds, strict=True):
            below += count
            buckets.append((limit, below))
        seconds.add_metric(labels, buckets, one.seconds_sum)
    yield ended
    yield seconds


def _lanes(now: Figures) -> Iterator[Metric]:
    breaker = GaugeMetricFamily(
        "runtz_lane_breaker", "0 closed, 0.5 one call is let through to see, 1 open.", labels=["lane"]
    )
    room = GaugeMetricFamily("runtz_lane_room", "Calls in flight allowed, where adapted.", labels=["lane"])
    latency = GaugeMetricFamily("runtz_lane_latency_seconds", "Of the newest calls.", labels=["lane"])
    for lane in now.lanes:
        breaker.add_metric([lane.lane], BREAKER[lane.breaker])
        if lane.room is not None:
            room.add_metric([lane.lane], lane.room)
        if lane.latency is not None:
            latency.add_metric([lane.lane], lane.latency)
    yield from (breaker, room, latency)


def _by(name: str, what: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
