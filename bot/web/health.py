"""Whether all is well, for a load balancer, a container's health check, or a person with curl."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PATH = "/healthz"
LONGEST_LOOK = 2.0
"""Seconds; what takes longer to say how it is, is not well."""


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing is."""

    is_well: bool
    says: str


Look = Callable[[], Awaitable[Check]]


def route(looks: Mapping[str, Look], version: Callable[[], str]) -> Route:
    """Give the place that says how things are: 200 where all are well, else 503.

    Args:
        looks: by name, what looks at each thing.
        version: gives that of the knowledge in use.
    """

    async def told(_: Request) -> JSONResponse:
        checks = await asyncio.gather(*map(_looked, looks.values()))
        is_well = all(check.is_well for check in checks)
        content = {
            "status": "ok" if is_well else "failing",
            "checks": {
                name: {"ok": check.is_well, "says": check.says}
                for name, check in zip(looks, checks, strict=True)
            },
            "knowledge": version(),
        }
        return JSONResponse(content, 200 if is_well else 503, {"Cache-Control": "no-store"})

    return Route(PATH, told)


async def _looked(look: Look) -> Check:
    try:
        async with asyncio.timeout(LONGEST_LOOK):
            return await look()
    except TimeoutError:
        return Check(False, f"no answer within {LONGEST_LOOK:g} s")
