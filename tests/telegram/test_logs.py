"""Log lines: for people or for machines, with fields, and never with a token."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bot.settings import LogFormat, LogLevel
from bot.telegram import logs
from tests.botapi import BotApi
from tests.telegram.conftest import Starting

TOKEN = "123456789:AAFakeTokenForTestsOnlyAAAAAAAAAAAAA"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def written(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


@pytest.mark.parametrize("shape", list(LogFormat))
def test_a_token_is_shown_in_no_part_of_a_line(
    capsys: pytest.CaptureFixture[str], shape: LogFormat
) -> None:
    logs.set_up(LogLevel.DEBUG, shape)
    log = logging.getLogger("bot.some")
    log.debug("at %s", f"https://api.telegram.org/bot{TOKEN}/getMe", extra={"url": TOKEN})
    try:
        int(f"bot{TOKEN}")
    except ValueError:
        log.exception("failed")
    text = written(capsys)
    assert "AAFake" not in text
    assert text.count("[token]") >= 3 and "ValueError" in text


def test_machines_read_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(LogLevel.INFO, LogFormat.JSON)
    logging.getLogger("bot.some").info("ответ\n%d", 1, extra={"outcome": "answer"})
    logging.getLogger("bot.some").debug("unseen")
    (line,) = written(capsys).splitlines()
    found = json.loads(line)
    assert list(found)[:4] == ["time", "level", "logger", "message"]
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "info", "logger": "bot.some", "message": "ответ\n1", "outcome": "answer",
    }  # fmt: skip


def test_a_traceback_shows_no_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(LogLevel.INFO, LogFormat.CONSOLE)
    question = "a private question"
    try:
        1 / (len(question) - len("a private question"))
    except ZeroDivisionError:
        logging.getLogger("bot.some").exception("failed")
    text = written(capsys)
    assert "ZeroDivisionError" in text and "test_logs.py" in text
    assert "question =" not in text


async def test_an_answer_is_logged_with_the_version_of_the_knowledge(
    api: BotApi, start: Starting
) -> None:
    process = await start(LOG_FORMAT="json", LOG_LEVEL="INFO")
    ann = api.user()
    await api.ask(ann, "who represents Kyrgyzstan?")
    about = (await api.ask(ann, "/about")).text
    await process.end()
    lines = [json.loads(line) for line in process.logged().splitlines()]
    (answered,) = [line for line in lines if line["message"] == "answered a question"]
    assert answered["outcome"] == "answer" and answered["intent"] == "representative"
    assert answered["knowledge"] in about
    assert answered["milliseconds"] > 0
    assert "Kyrgyzstan" not in process.logged()


def test_what_uvicorn_adds_for_its_own_terminal_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up(LogLevel.INFO, LogFormat.JSON)
    more = {"color_message": "Started [36m%d[0m"}
    logging.getLogger("uvicorn.error").info("Started %d", 7, extra=more)
    (line,) = written(capsys).splitlines()
    assert json.loads(line)["message"] == "Started 7"
    assert "color" not in line and "%d" not in line
