"""Fetching from servers that nobody vouches for."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address

import pytest

from bot.web.fetch import Address, Fetcher, FetchError, is_public
from tests.feedserver import Pages, serving


@pytest.fixture
def pages() -> Iterator[Pages]:
    with serving() as served:
        yield served


def here(address: Address) -> bool:
    return str(address) == "127.0.0.1"


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allowed=here, ports=None, largest=100_000, seconds=2.0) as made:
        yield made


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        *((address, False) for address in (
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
            "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1",
            "::ffff:127.0.0.1", "2002:7f00:0001::", "64:ff9b::7f00:1", "2001:0:1::1", "ff02::1",
        )),
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "http://2130706433/x",
     "http://169.254.169.254/latest/meta-data", "http://[::ffff:10.0.0.1]/"],
)  # fmt: skip
async def test_a_private_address_is_refused_however_it_is_written(url: str) -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(FetchError, match=r"not public|cannot be resolved"):
            await fetcher.get(url)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/x", "file:///etc/passwd", "nothing", "http://", "http://[x]/"]
)
async def test_what_is_no_address_of_the_web_is_refused(url: str, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="no address"):
        await fetcher.get(url)


async def test_a_port_where_no_web_server_is_expected_is_refused() -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(FetchError, match="port 6379"):
            await fetcher.get("http://example.org:6379/")


async def test_a_page_comes_with_marks_for_the_next_time(pages: Pages, fetcher: Fetcher) -> None:
    url = pages.put("/feed", "hello", ETag='"1"', Last_Modified="Mon, 01 Jun 2026 10:00:00 GMT")
    fetched = await fetcher.get(url)
    assert fetched.content == b"hello"
    await fetcher.get(url, fetched.marks)
    asked = pages.asked[1][1]
    assert asked["If-None-Match"] == '"1"'
    assert asked["If-Modified-Since"] == "Mon, 01 Jun 2026 10:00:00 GMT"


async def test_what_has_not_changed_does_not_come_again(pages: Pages, fetcher: Fetcher) -> None:
    def unchanged(request: BaseHTTPRequestHandler) -> None:
        request.send_response(304)
        request.end_headers()

    marks = {"If-None-Match": '"1"'}
    fetched = await fetcher.get(pages.on("/feed", unchanged), marks)
    assert fetched.content is None
    assert fetched.marks == marks


async def test_a_redirect_is_followed(pages: Pages, fetcher: Fetcher) -> None:
    pages.put("/there", "hello")
    fetched = await fetcher.get(pages.redirect("/here", "/there"))
    assert (fetched.content, fetched.url) == (b"hello", pages.url + "/there")


@pytest.mark.parametrize("target", ["http://127.0.0.2/x", "http://10.0.0.1/", "http://[::1]/"])
async def test_a_redirect_to_a_private_address_is_refused(
    target: str, pages: Pages, fetcher: Fetcher
) -> None:
    with pytest.raises(FetchError, match="not public"):
        await fetcher.get(pages.redirect("/here", target))


async def test_redirects_without_end_are_left(pages: Pages, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="redirects"):
        await fetcher.get(pages.redirect("/here", "/here"))


async def test_the_connection_goes_to_the_address_that_was_looked_at(pages: Pages) -> None:
    """A name that answers differently the second time leads nowhere else."""
    answers = iter([["127.0.0.1"], ["127.0.0.9"]])

    async def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    url = pages.put("/feed", "hello").replace("127.0.0.1", "feeds.example.org")
    async with Fetcher(allowed=here, resolve=resolve, ports=None) as fetcher:
        assert (await fetcher.get(url)).content == b"hello"
        with pytest.raises(FetchError, match="not public"):
            await fetcher.get(url)
    assert pages.asked[0][1]["Host"].startswith("feeds.example.org:")


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    async with Fetcher(resolve=resolve) as fetcher:
        with pytest.raises(FetchError, match=r"10\.0\.0\.1, which is not public"):
            await fetcher.get("http://example.org/")


async def test_a_gigabyte_is_not_begun(pages: Pages, fetcher: Fetcher) -> None:
    def huge(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(1_000_000_000))
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(b"x" * 1_000_000)

    with pytest.raises(FetchError, match="1000000000 bytes, more than 100000"):
        await fetcher.get(pages.on("/feed", huge))


async def test_what_does_not_say_how_much_it_is_is_left_when_it_is_too_much(
    pages: Pages, fetcher: Fetcher
) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 10_000)

    with pytest.raises(FetchError, match="more than 100000 bytes"):
        await fetcher.get(pages.on("/feed", endless))


async def test_what_never_ends_is_left(pages: Pages) -> None:
    def slow(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    async with Fetcher(allowed=here, ports=None, seconds=0.5) as fetcher:
        with pytest.raises(FetchError, match="no end within"):
            await fetcher.get(pages.on("/feed", slow))


async def test_an_answer_that_is_packed_is_not_unpacked(pages: Pages, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="packed with 'gzip'"):
        await fetcher.get(pages.put("/feed", b"\x1f\x8b", Content_Encoding="gzip"))


async def test_errors_of_a_server_are_told(pages: Pages, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="answers 404"):
        await fetcher.get(pages.url + "/nothing")
    with pytest.raises(FetchError, match="no answer"):
        await fetcher.get("http://127.0.0.1:1/")
