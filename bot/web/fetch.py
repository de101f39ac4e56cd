"""Fetch what somebody else serves: public addresses only, little of it, and not for long.

A name is resolved once, every address that it has is looked at, and the connection goes to the
address that was looked at; the same for each redirect. So no name leads into the network that
the bot stands in, however often its answer changes.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import MappingProxyType
from typing import Self
from urllib.parse import urljoin

import httpx

LARGEST = 2_000_000
"""Bytes: a feed of a thousand long entries is smaller."""
SECONDS = 30.0
"""For all of it, redirects as well."""
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_MODIFIED = 304
PORTS = frozenset({80, 443, 8080, 8443})
"""Where web servers listen; others are for what speaks something else."""

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]


class FetchError(Exception):
    """It could not be fetched; the text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came."""

    content: bytes | None
    """None: nothing has changed since."""
    content_type: str = ""
    url: str = ""
    """Where it was in the end."""
    marks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What to say the next time, so that only what has changed comes: request headers."""


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


async def resolved(host: str, port: int) -> list[str]:
    """Give the addresses of a host, as the system knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Fetcher:
    """Fetches. Also an async context manager that closes its connections."""

    def __init__(
        self,
        *,
        allowed: Callable[[Address], bool] = is_public,
        resolve: Resolve = resolved,
        ports: frozenset[int] | None = PORTS,
        largest: int = LARGEST,
        seconds: float = SECONDS,
    ) -> None:
        """Prepare to fetch.

        Args:
            allowed: tells whether an address may be connected to.
            resolve: gives the addresses of a host and port. Raises `OSError` where it has none.
            ports: that may be connected to; None for any.
            largest: the most bytes that are taken.
            seconds: the longest that one fetch takes.
        """
        self._allowed = allowed
        self._resolve = resolve
        self._ports = ports
        self._largest = largest
        self._seconds = seconds
        # Proxies of the environment would resolve names themselves: none is used.
        self._client = httpx.AsyncClient(
            trust_env=False,
            timeout=seconds,
            limits=httpx.Limits(max_keepalive_connections=0),
            # Unpacked, little may become much before it can be counted.
            headers={"User-Agent": "csto-bot", "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, url: str, marks: Mapping[str, str] = MappingProxyType({})) -> Fetched:
        """Fetch what is at a URL.

        Args:
            url: http or https.
            marks: of the last time.

        Raises `FetchError` where it cannot be had, is too large, or takes too long.
        """
        try:
            async with asyncio.timeout(self._seconds):
                for _ in range(MOST_REDIRECTS + 1):
                    found = await self._once(url, marks)
                    if isinstance(found, Fetched):
                        return found
                    url = found
        except TimeoutError:
            raise FetchError(f"no end within {self._seconds:.0f} seconds") from None
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise FetchError(f"no answer: {reason}") from None
        raise FetchError(f"more than {MOST_REDIRECTS} redirects")

    async def _once(self, url: str, marks: Mapping[str, str]) -> Fetched | str:
        """Ask one server; give what it has, or where it sends us."""
        try:
            target = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise FetchError(f"no address: {url!r} ({error})") from None
        if target.scheme not in ("http", "https") or not target.host:
            raise FetchError(f"no address of the web: {url!r}")
        address = await self._safe_address(target)
        request = self._client.build_request(
            "GET",
            target.copy_with(host=address),
            headers={**marks, "Host": target.netloc.decode("ascii")},
            extensions={"sni_hostname": target.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            if response.status_code in REDIRECTS and "location" in response.headers:
                return urljoin(url, response.headers["location"])
            if response.status_code == NOT_MODIFIED:
                return Fetched(None, url=url, marks=dict(marks))
            if response.status_code != 200:
                raise FetchError(f"the server answers {response.status_code}")
            return Fetched(
                await self._content(response),
                response.headers.get("content-type", ""),
                url,
                _marks(response.headers),
            )
        finally:
            await response.aclose()

    async def _safe_address(self, target: httpx.URL) -> str:
        """Give an address of the host that may be connected to."""
        port = target.port or (443 if target.scheme == "https" else 80)
        if self._ports is not None and port not in self._ports:
            raise FetchError(f"port {port}, where no web server is expected")
        try:
            found = (
                [target.host]
                if _is_address(target.host)
                else await self._resolve(target.host, port)
            )
        except (OSError, UnicodeError) as error:
            raise FetchError(f"the name {target.host!r} cannot be resolved: {error}") from None
        if not found:
            raise FetchError(f"the name {target.host!r} has no address")
        for one in found:
            if not self._allowed(ip_address(one.partition("%")[0])):
                raise FetchError(f"{target.host!r} is the address {one}, which is not public")
        return min(found, key=lambda one: ":" in one)  # not every host reaches IPv6

    async def _content(self, response: httpx.Response) -> bytes:
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._largest:
            raise FetchError(f"{int(announced)} bytes, more than {self._largest}")
        packed = response.headers.get("content-encoding", "identity")
        if packed != "identity":
            raise FetchError(f"an answer packed with {packed!r}, which was not asked for")
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > self._largest:
                raise FetchError(f"more than {self._largest} bytes")
        return bytes(content)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _marks(headers: httpx.Headers) -> dict[str, str]:
    """Give the headers of a request for what is newer than this answer."""
    marks = {}
    for theirs, ours in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
        value = headers.get(theirs, "")
        if value and len(value) <= 500 and value.isascii() and value.isprintable():
            marks[ours] = value
    return marks
