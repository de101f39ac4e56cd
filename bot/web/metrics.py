"""What is counted, in Prometheus' words.

The words: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import StoreError
from bot.web.counts import BOUNDS, Counts

log = logging.getLogger(__name__)

PATH = "/metrics"
LONGEST_LOOK = 2.0
"""Seconds for the store; Prometheus waits ten, and everything else is told without it."""
_ENDS = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]


@dataclass(frozen=True, slots=True)
class Stock:
    """What waits in the store, which all processes share."""

    updates: int = 0
    """In the inbox."""
    oldest_update_seconds: float = 0.0
    deliveries: Mapping[str, int] = field(default_factory=dict)
    """By state."""
    uncertain: int = 0
    """Of the deliveries in that state, those that nobody has decided on."""
    oldest_delivery_seconds: float = 0.0
    """How long the delivery that is due longest has been due."""


def route(
    counts: Counts, stock: Callable[[], Awaitable[Stock]], version: Callable[[], str]
) -> Route:
    """Give the place that Prometheus reads.

    Args:
        counts: what this process has done.
        stock: looks into the store; without it the rest is told.
        version: gives that of the knowledge in use.
    """

    async def told(_: Request) -> Response:
        found: Stock | None = None
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                found = await stock()
        except (StoreError, TimeoutError) as error:
            why = str(error) or f"no answer within {LONGEST_LOOK:g} s"
            log.warning("the metrics come without what the store knows: %s", why)
        registry = CollectorRegistry()
        registry.register(_Snapshot([*_counted(counts, version()), *_stocked(found)]))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Route(PATH, told)


class _Snapshot(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> list[Metric]:
        return self._metrics


def _counted(counts: Counts, version: str) -> Iterator[Metric]:
    yield InfoMetricFamily("csto_bot_knowledge", "The knowledge in use.", {"version": version})
    yield _by("csto_bot_updates", "New updates.", "kind", counts.updates)
    answers = CounterMetricFamily(
        "csto_bot_answers", "Answers given.", labels=("outcome", "intent")
    )
    for (outcome, intent), number in sorted(counts.answers.items()):
        answers.add_metric((outcome, intent), number)
    yield answers
    yield HistogramMetricFamily(
        "csto_bot_update_seconds",
        "From an update's arrival to its being done.",
        buckets=list(zip(_ENDS, accumulate(counts.answering.buckets), strict=True)),
        sum_value=counts.answering.seconds,
    )
    yield CounterMetricFamily("csto_bot_errors", "Updates that failed.", counts.errors)
    yield _by("csto_bot_telegram_429", "Telegram's demands for a pause.", "method", counts.floods)
    for name, what, pulse in (
        ("taking", "updates were last asked for or brought", counts.taking),
        ("publishing", "the publisher last went round", counts.publishing),
    ):
        if pulse.age is not None:
            yield GaugeMetricFamily(
                f"csto_bot_{name}_age_seconds", f"Seconds since {what}.", pulse.age
            )


def _stocked(stock: Stock | None) -> Iterator[Metric]:
    yield GaugeMetricFamily("csto_bot_store_up", "Whether the store answers.", stock is not None)
    if stock is None:
        return
    yield GaugeMetricFamily("csto_bot_inbox", "Updates that are not done.", stock.updates)
    yield GaugeMetricFamily(
        "csto_bot_inbox_age_seconds", "Age of the oldest of them.", stock.oldest_update_seconds
    )
    deliveries = GaugeMetricFamily("csto_bot_deliveries", "Deliveries.", labels=("state",))
    for state, number in sorted(stock.deliveries.items()):
        deliveries.add_metric((state,), number)
    yield deliveries
    yield GaugeMetricFamily(
        "csto_bot_delivery_queue_age_seconds",
        "How long the delivery that is due longest has been due.",
        stock.oldest_delivery_seconds,
    )
    yield GaugeMetricFamily(
        "csto_bot_deliveries_uncertain",
        "Deliveries of which nobody knows whether they arrived, open until somebody decides.",
        stock.uncertain,
    )


def _by(name: str, what: str, label: str, numbers: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, what, labels=(label,))
    for value, number in sorted(numbers.items()):
        family.add_metric((value,), number)
    return family
