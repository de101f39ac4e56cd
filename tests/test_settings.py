"""Settings come from the environment and `.env`; wrong ones are all told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import settings
from bot.settings import LogFormat, LogLevel, SettingsError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set() -> None:
    read = settings.read()
    assert read.knowledge_dir is None
    assert (read.log_level, read.log_format) == (LogLevel.INFO, LogFormat.CONSOLE)


def test_the_environment_counts_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=ERROR\nLOG_FORMAT=json\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    read = settings.read()
    assert (read.log_level, read.log_format) == (LogLevel.DEBUG, LogFormat.JSON)


def test_a_setting_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", "")
    monkeypatch.setenv("LOG_LEVEL", "")
    read = settings.read()
    assert (read.knowledge_dir, read.log_level) == (None, LogLevel.INFO)


def test_every_wrong_setting_is_told_with_what_was_found_and_what_is_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LOG_LEVEL", "loud")
    (tmp_path / ".env").write_text("LOG_FORMAT=xml\n", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        settings.read()
    told = {(problem.path, problem.found) for problem in raised.value.problems}
    assert told == {
        ("KNOWLEDGE_DIR", repr(str(tmp_path / "nowhere"))),
        ("LOG_LEVEL", "'loud'"),
        ("LOG_FORMAT", "'xml'"),
    }
    assert "DEBUG, INFO, WARNING, ERROR" in str(raised.value)


def test_a_time_zone_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:" + "A" * 35)
    monkeypatch.setenv("TIMEZONE", "Europe/Moscow")
    assert settings.read_telegram().timezone == "Europe/Moscow"
    for wrong in ("Moscow time", "../../etc/passwd", "Europe"):
        monkeypatch.setenv("TIMEZONE", wrong)
        with pytest.raises(SettingsError, match="the name of a time zone"):
            settings.read_telegram()


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"LOG_LEVEL=\xff\xfe\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.read()


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "hy_AM"}, "hy"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": ""}, "en"),
        ({"LANG": "kk"}, "kk"),
        ({"LANG": "be-BY"}, "be"),
        ({"LANG": "C.UTF-8"}, None),
        ({"LC_ALL": "POSIX", "LANG": "ru_RU"}, None),
        ({}, None),
    ],
)
def test_the_locale_names_a_language(environ: dict[str, str], language: str | None) -> None:
    assert settings.locale_language(environ) == language


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_URL", "bot.example.org"),
        ("WEBHOOK_URL", "http://bot.example.org/hook"),
        ("WEBHOOK_URL", "https://bot.example.org:8081/hook"),
        ("WEBHOOK_URL", "https://bot.example.org/hook?secret=1"),
        ("WEBHOOK_SECRET", "with spaces"),
        ("WEBHOOK_SECRET", "x" * 257),
        ("HTTP_LISTEN", "8080"),
        ("HTTP_LISTEN", "127.0.0.1:0"),
        ("HTTP_LISTEN", "127.0.0.1:65536"),
        ("METRICS_LISTEN", "http://127.0.0.1:9090"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:" + "A" * 35)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        settings.read_telegram()
    assert [problem.path for problem in raised.value.problems] == [name]
    assert "secret" not in name.lower() or value not in str(raised.value)


@pytest.mark.parametrize("address", ["127.0.0.1:8080", "[::1]:8080", ":8080", "localhost:1"])
def test_an_address_to_listen_on_may_be_written_in_any_usual_way(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:" + "A" * 35)
    monkeypatch.setenv("HTTP_LISTEN", address)
    assert settings.read_telegram().http_listen == address


def test_a_bot_api_server_of_ones_own_may_call_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:" + "A" * 35)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081")
    monkeypatch.setenv("WEBHOOK_URL", "http://127.0.0.1:8080/hook")
    assert settings.read_telegram().webhook_url == "http://127.0.0.1:8080/hook"
