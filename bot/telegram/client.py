"""HTTP to Telegram over connections that stay open, and what its failures mean.

The library's own client (httpx) costs several times what an answer does; aiohttp is well kept and
measured at a fraction of it. Where a request failed decides whether it may be repeated: one that
never left may, one that Telegram may have carried out may not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from urllib.request import getproxies

import aiohttp
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.telegram.redaction import redacted
from bot.telegram.refusals import NotSentError, UnsureError, refusal

CONNECT_SECONDS = 10.0
_JSON = {"Content-Type": "application/json", "User-Agent": BaseRequest.USER_AGENT}
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": BaseRequest.USER_AGENT}


class Body(RequestData):  # type: ignore[misc]  # final, yet post() takes nothing else
    """A request whose body is JSON already."""

    __slots__ = ("body",)

    def __init__(self, body: bytes) -> None:
        """Take the body."""
        super().__init__()
        self.body = body


class Form(RequestData):  # type: ignore[misc]  # as Body
    """A request with a file, which its fields call `attach://file`."""

    __slots__ = ("content", "fields", "filename")

    def __init__(self, fields: Mapping[str, str], filename: str, content: bytes) -> None:
        """Take the fields and the file."""
        super().__init__()
        self.fields = fields
        self.filename = filename
        self.content = content

    def as_form(self) -> aiohttp.FormData:
        """Give it as what is sent; made anew for each try."""
        form = aiohttp.FormData()
        for name, value in self.fields.items():
            form.add_field(name, value)
        form.add_field("file", self.content, filename=self.filename)
        return form


class Client(BaseRequest):
    """What the library sends its requests with."""

    def __init__(self, *, connections: int = 100, seconds: float = 20.0) -> None:
        """Prepare a client.

        Args:
            connections: kept open at most.
            seconds: to wait for an answer, unless a request says otherwise.
        """
        self._connections = connections
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None
        self._addresses: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float:
        """Give the seconds to wait for an answer."""
        return self._seconds

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                # HTTPS_PROXY and its like. Without one nothing is looked up: aiohttp reads all of
                # the environment and `.netrc` for each request, a tenth of a question's time.
                trust_env=bool(getproxies()),
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Give the status and body of the answer.

        Raises:
            NotSentError: when nothing was sent.
            UnsureError: when it is not known what became of it.
            TelegramError: of another kind when Telegram refuses.
        """
        del write_timeout, pool_timeout
        if self._session is None:
            raise NotSentError("the client is closed")
        address = self._addresses.get(url)
        if address is None:
            address = URL(url, encoded=True)
            if not address.raw_query_string:
                self._addresses[url] = address  # as many as there are methods
        seconds = self._seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        connect = (
            CONNECT_SECONDS if connect_timeout is BaseRequest.DEFAULT_NONE else connect_timeout
        )
        body: Any = None
        headers = _FORM
        if isinstance(request_data, Body):
            body, headers = request_data.body, _JSON
        elif isinstance(request_data, Form):
            body, headers = request_data.as_form(), {"User-Agent": BaseRequest.USER_AGENT}
        elif request_data is not None and request_data.contains_files:
            body, headers = _multipart(request_data), {"User-Agent": BaseRequest.USER_AGENT}
        elif request_data is not None:
            body = urlencode(request_data.json_parameters).encode()
        try:
            async with self._session.request(
                method,
                address,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=connect),
            ) as response:
                status, payload = response.status, await response.read()
                retry_after = response.headers.get("Retry-After")
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ClientHttpProxyError,
            aiohttp.ConnectionTimeoutError,
        ) as error:
            raise NotSentError(_told(error)) from error
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise UnsureError(_told(error)) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(status, payload, retry_after)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer. Raises `TelegramError` for anything that is not one of Telegram's."""
        try:
            found = json.loads(payload)
        except ValueError:
            raise UnsureError(f"{len(payload)} bytes that are no JSON") from None
        if isinstance(found, dict) and found.get("ok") is False:
            raise refusal(HTTPStatus.OK, payload)
        if not isinstance(found, dict) or "result" not in found:
            raise UnsureError("JSON that is no answer of the Bot API")
        return found


def _multipart(data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _told(error: Exception) -> str:
    return redacted(f"{type(error).__name__}: {error}")


__all__ = ["Client", "NotSentError", "TelegramError", "UnsureError"]
