"""The bot by webhook: what Telegram brings, what anybody else may try, and how it is watched."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.settings import SettingsError
from bot.store import Address as StoreAddress
from bot.store import Store
from bot.telegram.app import App
from bot.telegram.client import Client
from bot.telegram.doctor import examine
from bot.telegram.hook import CONNECTIONS, LOOK_EVERY, Hook
from bot.telegram.line import Line
from bot.telegram.options import Webhook
from bot.telegram.pace import Pace
from tests.botapi import PATIENCE, BotApi, faults
from tests.conftest import subscribe, until
from tests.postgres import Postgres
from tests.telegram.conftest import Running, Starting
from tests.telegram.test_announcing import ITEM, now, publish, settled

QUESTION = "who represents Kyrgyzstan?"
SECRET = "a-secret_of-ours"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Address:
    """Where the bot listens in a test."""

    def __init__(self) -> None:
        self.http = f"127.0.0.1:{free_port()}"
        self.metrics = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.http}/hook"
        self.options: dict[str, Any] = {
            "webhook": Webhook(self.url, SECRET),
            "http_listen": self.http,
            "metrics_listen": self.metrics,
        }

    async def post(self, body: Any, secret: str | None = SECRET) -> tuple[int, str]:
        """Call the webhook as somebody would."""
        headers = {HEADER: secret} if secret is not None else {}
        data = body if not isinstance(body, dict) else json.dumps(body).encode()
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=data, headers=headers) as response,
        ):
            return response.status, await response.text()


@pytest.fixture
def address() -> Address:
    return Address()


@pytest.fixture
async def bot(running: Running, address: Address) -> AsyncIterator[App]:
    """A bot by webhook."""
    async with running(**address.options) as app:
        yield app


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def health(address: Address) -> tuple[int, Any]:
    status, text = await get(f"http://{address.http}/healthz")
    return status, json.loads(text)


def message(api: BotApi, update_id: int, text: str = QUESTION) -> dict[str, Any]:
    """Give an update as Telegram writes it, from somebody who has started the bot."""
    ann = api.user(f"User {update_id}", started=True)
    who = {"id": ann.id, "is_bot": False, "first_name": "Ann"}
    chat = {"id": ann.id, "type": "private", "first_name": "Ann"}
    said = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "from": who, "text": text}
    return {"update_id": update_id, "message": said}


def set_webhooks(api: BotApi) -> int:
    return sum(call.is_done for call in api.calls("setWebhook"))


def chat_of(update: dict[str, Any]) -> int:
    return int(update["message"]["chat"]["id"])


async def test_a_question_is_answered(api: BotApi, bot: App) -> None:
    ann = api.user()
    assert "Alishev" in (await api.ask(ann, QUESTION)).text
    assert not api.calls("getUpdates")
    assert [attempt.status for attempt in api.webhook_attempts()] == [200]


async def test_the_webhook_is_set_once_and_again_only_when_it_differs(
    api: BotApi, running: Running, address: Address
) -> None:
    for _ in range(2):
        async with running(**address.options):
            pass
    assert set_webhooks(api) == 1
    other = Webhook(address.url, "another-secret")
    async with running(**address.options | {"webhook": other}):
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text
    assert set_webhooks(api) == 2
    assert not api.calls("deleteWebhook")


async def test_of_processes_that_start_at_once_one_sets_the_webhook(
    api: BotApi, url: str, address: Address
) -> None:
    api.delay = 0.05
    looked: list[float] = []

    async def rest(seconds: float) -> None:
        looked.append(seconds)
        await asyncio.sleep(0.1)

    client = Client()
    await client.initialize()
    line = Line(client, f"{api.base_url}{api.token}", Pace())
    async with await Store.open(url) as store:
        hooks = [Hook(line, store, Webhook(address.url, SECRET), rest) for _ in range(3)]
        keeping = [asyncio.create_task(hook.keep()) for hook in hooks]
        await api.until(lambda: looked.count(LOOK_EVERY) >= len(hooks))
        for one in keeping:
            one.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
    await client.shutdown()
    assert [call.status for call in api.calls("setWebhook")] == [200]


async def test_polling_again_takes_the_webhook_back(
    api: BotApi, running: Running, address: Address
) -> None:
    async with running(**address.options):
        pass
    async with running():
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text
    async with running(**address.options):
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "é"])
async def test_without_the_right_secret_nothing_happens(
    api: BotApi, bot: App, address: Address, secret: str | None
) -> None:
    update = message(api, 1000)
    status, text = await address.post(update, secret)
    assert status == 403 and SECRET not in text
    await api.quiet()
    assert not api.bot_messages(chat_of(update))


async def test_an_endless_body_is_refused_before_it_is_read(
    api: BotApi, bot: App, address: Address
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 << 20:
            yield b" " * 65536
            sent += 65536

    for body in (endless(), io.BytesIO(b" " * (8 << 20))):
        try:
            status, _ = await address.post(body)
        except aiohttp.ClientError:  # the bot has hung up while we still sent
            continue
        assert status == 413
    assert sent < 20 << 20
    assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


async def test_100_megabytes_are_refused_by_what_they_say_of_themselves(
    address: Address, bot: App
) -> None:
    host, port = address.http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /hook HTTP/1.1\r\nHost: {address.http}\r\n{HEADER}: {SECRET}\r\n"
        f"Content-Length: {100 << 20}\r\n\r\n".encode()
    )
    answer = await reader.read()
    assert b" 413 " in answer.splitlines()[0]
    writer.close()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not JSON", b"[]", b"{}", b'"text"', b"\xff\xfe", b"[" * 100_000,
        b'{"update_id": "1"}', b'{"update_id": true}', b'{"update_id": 1.5}',
        b'{"update_id": -1}', b'{"update_id": 9223372036854775808}',
    ],
)  # fmt: skip
async def test_what_is_no_update_is_refused(address: Address, bot: App, body: bytes) -> None:
    status, text = await address.post(body)
    assert status == 400 and "update" in text


async def test_an_update_of_any_shape_harms_only_itself(
    api: BotApi, bot: App, address: Address
) -> None:
    shapes: list[dict[str, Any]] = [{}, {"message": 1}, {"message": {"chat": []}}]
    for number, content in enumerate(shapes):
        assert (await address.post({"update_id": 5000 + number, **content}))[0] == 200
    assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


async def test_an_update_brought_twice_is_answered_once(
    api: BotApi, bot: App, address: Address
) -> None:
    update = message(api, 1000)
    for body in (update, update):
        assert (await address.post(body))[0] == 200
    await asyncio.gather(*(address.post(update) for _ in range(5)))
    await api.next_message(chat_of(update))
    assert (await address.post(update))[0] == 200
    await api.quiet()
    assert len(api.bot_messages(chat_of(update))) == 1


async def test_other_places_and_methods_hold_nothing(address: Address, bot: App) -> None:
    for path in ("/", "/hook/", "/metrics", "/docs", "/../../etc/passwd"):
        assert (await get(f"http://{address.http}{path}"))[0] == 404
    assert (await get(address.url))[0] == 405


async def test_after_kill_9_what_was_confirmed_is_answered(
    api: BotApi, start: Starting, address: Address
) -> None:
    settings = settings_of(address)
    process = await start(**settings)
    people = [api.user(f"User {n}") for n in range(20)]
    api.delay = 0.3
    for person in people:
        api.say(person, QUESTION)
    await api.until(lambda: len(api.webhook_attempts()) >= 10)
    await process.end(signal.SIGKILL)
    api.delay = 0
    await start(**settings)
    await api.until(lambda: all(api.bot_messages(person) for person in people))
    await api.quiet()
    assert all(1 <= len(api.bot_messages(person)) <= 2 for person in people)


async def test_sigterm_finishes_what_is_in_hand(
    api: BotApi, start: Starting, address: Address
) -> None:
    settings = settings_of(address)
    process = await start(**settings)
    people = [api.user(f"User {n}") for n in range(20)]
    api.delay = 0.2
    for person in people:
        api.say(person, QUESTION)
    await api.until(lambda: api.calls("sendMessage"))
    assert await process.end() == 0
    api.delay = 0
    process = await start(**settings)
    await api.until(lambda: all(api.bot_messages(person) for person in people))
    await api.quiet()
    assert all(len(api.bot_messages(person)) == 1 for person in people)
    assert SECRET not in process.logged()


async def test_the_secret_is_made_from_the_token_where_none_is_set(
    api: BotApi, start: Starting, address: Address
) -> None:
    settings = settings_of(address)
    del settings["WEBHOOK_SECRET"]
    process = await start(**settings)
    assert "Alishev" in (await api.ask(api.user(), QUESTION)).text
    webhook = api.server.webhook
    assert webhook is not None and len(webhook.secret) == 64
    assert webhook.max_connections == CONNECTIONS
    assert api.token.partition(":")[2] not in webhook.secret
    assert await process.end() == 0
    assert webhook.secret not in process.logged()


async def test_health_tells_how_updates_and_the_store_are(
    api: BotApi, bot: App, address: Address
) -> None:
    status, found = await health(address)
    assert (status, found["status"]) == (200, "ok")
    assert "not been called yet" in found["checks"]["updates"]["says"]
    assert found["knowledge"] == bot.desk.mind.version
    await api.ask(api.user(), QUESTION)
    _, found = await health(address)
    assert "last called 0 s ago" in found["checks"]["updates"]["says"]
    assert "last went round" in found["checks"]["publisher"]["says"]
    await bot.desk.store.close()
    status, found = await health(address)
    assert (status, found["status"]) == (503, "failing")
    assert found["checks"]["store"]["ok"] is False


async def test_what_fails_beside_is_told_and_tried_again(
    running: Running, address: Address, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "own.db"
    in_the_way = f"{own}.watching.lock"
    os.mkdir(in_the_way)  # noqa: PTH102 - quick
    async with running(database_url=f"sqlite:///{own}", **address.options):

        async def is_well() -> bool:
            return (await health(address))[0] == 200

        async def is_ill() -> bool:
            return (await health(address))[0] == 503

        await until(is_ill)
        _, found = await health(address)
        os.rmdir(in_the_way)  # noqa: PTH106 - quick
        assert "watching announcements" in found["checks"]["helpers"]["says"]
        await until(is_well)
    assert "watching announcements fails; it is tried again" in caplog.text


async def test_what_fails_as_it_is_stopped_is_not_begun_again(bot: App) -> None:
    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("the store is closed")

    doing = asyncio.create_task(bot._keep_up("something", fails))
    await asyncio.sleep(0.01)
    doing.cancel()
    await asyncio.wait({doing}, timeout=PATIENCE)
    is_done = doing.done()
    doing.cancel()
    assert is_done and not bot.desk.counts.failures


async def test_health_tells_when_polling_fails(
    api: BotApi, running: Running, address: Address
) -> None:
    async with running(http_listen=address.http) as app:
        status, found = await health(address)
        assert status == 200 and "polled" in found["checks"]["updates"]["says"]
        async with api.outage():
            await api.until(lambda: app.desk.counts.taking.problem)
            status, found = await health(address)
            assert status == 503 and not found["checks"]["updates"]["ok"]
            assert api.token not in json.dumps(found)


def full(url: str, *, on: bool) -> None:
    """Let the database take nothing new into the inbox, nor a probe, as on a full disk."""
    engine = sa.create_engine(StoreAddress.parse(url).url)
    with engine.begin() as connection:
        for table in ("inbox", "budgets"):
            for statement in (FULL if on else MADE_ROOM)[connection.dialect.name]:
                connection.exec_driver_sql(statement.format(table=table))
    engine.dispose()


FULL_ON_SQLITE = """CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN
    SELECT RAISE(ABORT, 'database or disk is full');
END"""
FUNCTION = """CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'No space left on device' USING ERRCODE = '53100';
END $$"""
FULL_ON_POSTGRESQL = (
    "CREATE TRIGGER full_{table} BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()"
)
FULL = {"sqlite": [FULL_ON_SQLITE], "postgresql": [FUNCTION, FULL_ON_POSTGRESQL]}
MADE_ROOM = {
    "sqlite": ["DROP TRIGGER full_{table}"],
    "postgresql": ["DROP TRIGGER full_{table} ON {table}"],
}


async def test_health_tells_of_a_full_disk_and_that_there_is_room_again_without_a_call(
    api: BotApi, bot: App, address: Address, url: str
) -> None:
    await asyncio.to_thread(full, url, on=True)
    assert (await address.post(message(api, 1000)))[0] == 503
    status, found = await health(address)
    assert status == 503 and "disk" in found["checks"]["store"]["says"]
    lines = {line.what: line for line in await examine(bot.desk.options)}
    assert not lines["database"].is_well and "disk" in lines["database"].says
    await asyncio.to_thread(full, url, on=False)
    status, found = await health(address)
    assert (status, found["status"]) == (200, "ok")
    lines = {line.what: line for line in await examine(bot.desk.options)}
    assert lines["database"].is_well


async def test_what_is_not_confirmed_is_brought_again(
    api: BotApi, bot: App, address: Address
) -> None:
    await bot.desk.store.close()
    status, _ = await address.post(message(api, 1000))
    assert status == 503
    status, found = await health(address)
    assert status == 503 and not found["checks"]["store"]["ok"]


async def test_metrics_count_what_happens(api: BotApi, bot: App, address: Address) -> None:
    ann = api.user()
    await api.ask(ann, QUESTION)
    await api.ask(ann, "will it rain tomorrow?")
    api.inject({"message": {"message_id": 1, "chat": "none"}})
    await api.quiet()
    _, text = await get(f"http://{address.metrics}/metrics")
    lines = set(text.splitlines())
    assert 'csto_bot_answers_total{intent="representative",outcome="answer"} 1.0' in lines
    assert 'csto_bot_updates_total{kind="message"} 3.0' in lines
    assert 'csto_bot_update_seconds_bucket{le="+Inf"} 3.0' in lines
    assert "csto_bot_errors_total 1.0" in lines
    assert "csto_bot_inbox 0.0" in lines
    assert "csto_bot_deliveries_uncertain 0.0" in lines
    assert f'csto_bot_knowledge_info{{version="{bot.desk.mind.version}"}} 1.0' in lines
    assert api.token not in text and SECRET not in text


async def test_metrics_count_what_is_uncertain_until_somebody_decides(
    api: BotApi, bot: App, address: Address
) -> None:
    ann = api.user(started=True)
    api.faults.script([faults.reset(done=True)], method="sendMessage")
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, uncertain=1)

    async def shown() -> set[str]:
        return set((await get(f"http://{address.metrics}/metrics"))[1].splitlines())

    assert "csto_bot_deliveries_uncertain 1.0" in await shown()
    assert await bot.desk.store.deliveries.resolve(ITEM.id, ann.id, "leave", None, now())
    assert "csto_bot_deliveries_uncertain 0.0" in await shown()
    assert 'csto_bot_deliveries{state="uncertain"} 1.0' in await shown()


@pytest.mark.shared
@pytest.mark.parametrize("is_noticed", [False, True])
async def test_metrics_tell_that_the_store_is_away(
    bot: App, address: Address, postgres: Postgres, is_noticed: bool
) -> None:
    await asyncio.to_thread(postgres.stop)
    if is_noticed:
        await until(lambda: bot.desk.store.trouble)
    status, text = await get(f"http://{address.metrics}/metrics")
    assert status == 200
    assert "csto_bot_store_up 0.0" in text.splitlines()
    await asyncio.to_thread(postgres.start)

    async def is_up() -> bool:
        _, text = await get(f"http://{address.metrics}/metrics")
        return "csto_bot_store_up 1.0" in text.splitlines()

    await until(is_up)


async def test_metrics_have_an_address_of_their_own(address: Address, bot: App) -> None:
    assert (await get(f"http://{address.metrics}/healthz"))[0] == 404
    assert (await get(f"http://{address.metrics}/metrics"))[0] == 200


async def test_doctor_asks_the_bot_that_listens(
    api: BotApi, bot: App, address: Address, url: str
) -> None:
    found = {line.what: line for line in await examine(bot.desk.options)}
    assert found["webhook"].says == f"set to {address.url}"
    assert found["HTTP_LISTEN"].is_well and "is well" in found["HTTP_LISTEN"].says
    await asyncio.to_thread(full, url, on=True)
    found = {line.what: line for line in await examine(bot.desk.options)}
    assert not found["HTTP_LISTEN"].is_well and "disk" in found["HTTP_LISTEN"].says
    assert found["METRICS_LISTEN"].is_well and "tells its metrics" in found["METRICS_LISTEN"].says
    places = {"HTTP_LISTEN": address.metrics, "METRICS_LISTEN": address.http}
    for says, options in {
        "another program": {name.lower(): place for name, place in places.items()},
        "nothing listens": {name.lower(): f"127.0.0.1:{free_port()}" for name in places},
    }.items():
        other: Any = options
        found = {line.what: line for line in await examine(replace(bot.desk.options, **other))}
        for name in places:
            assert says in found[name].says
            assert found[name].is_well == (says == "nothing listens")


async def test_an_address_that_is_taken_is_told(running: Running, address: Address) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(address.http.split(":")[1])))
        other.listen()
        with pytest.raises(SettingsError, match="HTTP_LISTEN") as raised:
            async with running(polled=False, **address.options):
                await asyncio.sleep(0.5)
    assert address.http in str(raised.value)


def settings_of(address: Address) -> dict[str, str]:
    return {
        "WEBHOOK_URL": address.url,
        "WEBHOOK_SECRET": SECRET,
        "HTTP_LISTEN": address.http,
        "METRICS_LISTEN": address.metrics,
    }


async def test_who_waits_for_another_to_end_can_be_asked_how_it_is(
    api: BotApi, running: Running, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    own, its = Address(), Address()
    places = [{"http_listen": one.http, "metrics_listen": one.metrics} for one in (own, its)]
    async with running(**places[0]):
        async with running(**places[1]) as waiting:
            await until(lambda: waiting.desk.counts.stands_by)
            status, found = await health(its)
            assert status == 200 and "waits" in found["checks"]["updates"]["says"]
            assert "csto_bot_store_up 1.0" in (await get(f"http://{its.metrics}/metrics"))[1]
        async with running(**places[0]) as waiting:
            await until(lambda: waiting.desk.counts.stands_by)
            assert (await health(own))[0] == 200


async def test_who_waits_takes_over_and_listens(
    api: BotApi, start: Starting, running: Running
) -> None:
    address = Address()
    process = await start(HTTP_LISTEN=address.http)
    async with running(http_listen=address.http) as waiting:
        await until(lambda: waiting.desk.counts.stands_by)
        await process.end(signal.SIGKILL)
        ann = api.user()
        assert "Alishev" in (await api.ask(ann, QUESTION)).text
        status, found = await health(address)
        assert status == 200 and "polled" in found["checks"]["updates"]["says"]


async def test_calls_without_the_secret_do_not_flood_the_log(
    address: Address, bot: App, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        assert (await address.post({"update_id": 1}, secret="wrong"))[0] == 403
    assert caplog.text.count("without the right secret") == 1
