"""What the process listens on: the webhook, its health, its metrics. Imported where one is set."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

from starlette.routing import Route, Router

from bot.errors import StoreError
from bot.store import Store
from bot.telegram.intake import WINDOWS
from bot.telegram.options import Options
from bot.web import health, metrics, webhook
from bot.web.counts import Counts
from bot.web.health import Check
from bot.web.serving import serving

SLACK_SECONDS = 5.0
LONGEST_ROUND = 120.0


@asynccontextmanager
async def listening(
    options: Options,
    store: Store,
    counts: Counts,
    version: Callable[[], str],
    now: Callable[[], datetime],
    take: Callable[[list[Any]], Awaitable[None]],
) -> AsyncIterator[None]:
    """Listen on what the operator has set, for as long as the block lasts.

    Args:
        options: what to listen on.
        store: looked at for health and metrics.
        counts: what the process has done.
        version: gives that of the knowledge in use.
        now: gives the time.
        take: takes updates that the webhook brings.

    Raises `SettingsError` where nothing can listen there.
    """

    async def updates() -> Check:
        if options.webhook is not None and counts.taking.problem:
            # Where a balancer follows this no call would come to tell that the trouble is over.
            with contextlib.suppress(StoreError):
                await store.probe()
                counts.taking.problem = ""
        return _updates(counts, options)

    async def stored() -> Check:
        try:
            await store.probe()
        except StoreError as error:
            return Check(False, str(error))
        return Check(True, "can be written")

    async def stock() -> metrics.Stock:
        if store.trouble:
            raise StoreError(store.trouble)
        (number, came), found = await asyncio.gather(
            store.inbox.waiting(), store.deliveries.stock(now())
        )
        return metrics.Stock(number, age(came), found.states, found.open_uncertain, age(found.due))

    def age(since: datetime | None) -> float:
        return max((now() - since).total_seconds(), 0.0) if since else 0.0

    async def publisher() -> Check:
        return _publisher(counts)

    async def helpers() -> Check:
        found = "; ".join(f"{what}: {how}" for what, how in counts.failures.items())
        return Check(not found, found or "none fails")

    looks: dict[str, health.Look] = {
        "updates": updates,
        "store": stored,
        "publisher": publisher,
        "helpers": helpers,
    }
    async with AsyncExitStack() as stack:
        if options.http_listen:
            routes = [health.route(looks, version)]
            if options.webhook:
                routes.append(webhook.route(options.webhook.path, options.webhook.secret, take))
            await stack.enter_async_context(
                serving("HTTP_LISTEN", options.http_listen, _places(routes))
            )
        if options.metrics_listen:
            shown = _places([metrics.route(counts, stock, version)])
            await stack.enter_async_context(
                serving("METRICS_LISTEN", options.metrics_listen, shown)
            )
        yield


def _places(routes: Sequence[Route]) -> Router:
    return Router(routes, redirect_slashes=False)


def _publisher(counts: Counts) -> Check:
    """Tell whether the publisher goes round; it pauses while Telegram has trouble."""
    publishing = counts.publishing
    if counts.stands_by:
        return Check(True, "another process publishes")
    if publishing.age is None:
        return Check(publishing.silence <= LONGEST_ROUND, "has not gone round yet")
    last = f"last went round {publishing.age:.0f} s ago"
    return Check(publishing.silence <= LONGEST_ROUND, last)


def _updates(counts: Counts, options: Options) -> Check:
    """Tell how updates come in. Between two calls of the webhook any time may pass."""
    taking = counts.taking
    if counts.stands_by:  # by webhook a balancer had better ask the other one
        says = "another process gets them; this one waits to take its place"
        return Check(options.webhook is None, says)
    if options.webhook is not None:
        if taking.problem:
            return Check(False, taking.problem)
        if taking.age is None:
            return Check(True, "the webhook has not been called yet")
        return Check(True, f"the webhook was last called {taking.age:.0f} s ago")
    longest = WINDOWS * options.poll_seconds + SLACK_SECONDS
    if taking.problem:
        return Check(False, taking.problem)
    last = "not polled yet" if taking.age is None else f"last polled {taking.age:.0f} s ago"
    return Check(taking.silence <= longest, last)
