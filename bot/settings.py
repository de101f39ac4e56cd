"""The settings of the program, from the environment and `.env`.

Only this module sees the environment. A new setting is one field of `Settings`: its description
says what is wanted, and the message about a wrong value is made from it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    DirectoryPath,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    ValidationInfo,
)

from bot.errors import BotError, Problem

DOTENV = Path(".env")
TELEGRAM = "https://api.telegram.org"
WEBHOOK_PORTS = (443, 80, 88, 8443)
"""https://core.telegram.org/bots/api#setwebhook"""
LISTEN = "HOST:PORT to listen on, such as 127.0.0.1:8080 or [::1]:8080"
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order of POSIX: the first that is set counts."""


class SettingsError(BotError):
    """Wrong settings; `problems` lists all of them, each under the setting's name."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class _InEitherCase(StrEnum):
    """A choice that people may write in small letters or capitals."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return next((one for one in cls if one.lower() == str(value).lower()), None)


class LogLevel(_InEitherCase):
    """From how grave on the log tells of something."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(_InEitherCase):
    """Whether people or machines read the log."""

    CONSOLE = "console"
    JSON = "json"


def _token(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d{6,}:[A-Za-z0-9_-]{30,}", secret.get_secret_value()):
        raise ValueError("not a token")
    return secret


def _webhook_secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
        raise ValueError("not a secret")
    return secret


def _listen(address: str) -> str:
    host, colon, port = address.rpartition(":")
    is_host = re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]*", host)
    if not (colon and is_host and re.fullmatch(r"\d{1,5}", port) and 0 < int(port) < 65536):
        raise ValueError("not an address")
    return address


def _webhook_url(url: str | None, info: ValidationInfo) -> str | None:
    """Hold an address to what Telegram takes; a Bot API server of one's own takes any."""
    if url is None:
        return None
    match = re.fullmatch(r"(https?)://[^\s/?#:@]+(?::(\d{1,5}))?(/[^\s?#]*)?", url)
    if not match:
        raise ValueError("not an address")
    if info.data.get("telegram_api_url") == TELEGRAM and (
        match[1] != "https" or (match[2] and int(match[2]) not in WEBHOOK_PORTS)
    ):
        raise ValueError("not an address that Telegram calls")
    return url


def _database(secret: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite|postgres(ql)?)(\+\w+)?://", secret.get_secret_value()):
        raise ValueError("not a database")
    return secret


def _zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone") from None
    return name


class Settings(BaseModel):
    """What the operator has set; a setting is named as its field, in capitals."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    knowledge_dir: Annotated[
        DirectoryPath | None, Field(description="a folder that exists, or nothing")
    ] = None
    """The folder of knowledge; None for the one that comes with the program."""
    log_level: Annotated[LogLevel, Field(description=f"one of {', '.join(LogLevel)}")] = (
        LogLevel.INFO
    )
    log_format: Annotated[LogFormat, Field(description=f"one of {', '.join(LogFormat)}")] = (
        LogFormat.CONSOLE
    )


class Uncertain(_InEitherCase):
    """What to do with a message of which nobody knows whether it arrived."""

    ASK = "ask"
    """Leave it: a second copy is worse."""
    RESEND = "resend"
    """Send it to private chats once more."""


class StoreSettings(Settings):
    """What commands need besides that work on what the bot keeps."""

    database_url: Annotated[
        SecretStr,
        AfterValidator(_database),
        Field(description="sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME"),
    ] = Field(default_factory=lambda: SecretStr(f"sqlite:///{data_folder() / 'bot.db'}"))
    timezone: Annotated[
        str,
        AfterValidator(_zone),
        Field(description="the name of a time zone, such as Europe/Moscow or UTC"),
    ] = "UTC"
    """In which the times that editors type are meant."""


class TelegramSettings(StoreSettings):
    """What `run` and `doctor` need besides."""

    telegram_bot_token: Annotated[
        SecretStr,
        AfterValidator(_token),
        Field(
            description="the token that @BotFather gives for /newbot, such as 123456:ABC-…"
            " (csto-bot chat works without one)"
        ),
    ]
    telegram_api_url: Annotated[
        str,
        Field(
            pattern=r"^https?://[^\s?#]+$",
            description="the address of a Bot API server, such as http://127.0.0.1:8081",
        ),
    ] = TELEGRAM
    editor_ids: Annotated[
        str,
        Field(
            pattern=r"^\s*(\d+\s*(,\s*\d+\s*)*)?$",
            description="user ids, with commas between them",
        ),
    ] = ""
    contact: str | None = None
    """Shown where the documents are silent."""
    questions_per_minute: Annotated[
        int, Field(ge=0, description="a number of questions a minute; 0: no limit")
    ] = 20
    keep_unanswered: Annotated[bool, Field(description="true or false")] = False
    uncertain: Annotated[Uncertain, Field(description=f"one of {', '.join(Uncertain)}")] = (
        Uncertain.ASK
    )
    pacing: Annotated[bool, Field(description="true or false")] = True
    """Whether Telegram's limits are kept ahead; false only for a server without any."""

    feeds: Annotated[FilePath | None, Field(description="a YAML file that exists, or nothing")] = (
        None
    )
    """The feeds of news that are read."""
    webhook_url: Annotated[
        str | None,
        AfterValidator(_webhook_url),
        Field(
            description="the address where Telegram finds this bot: https://HOST/PATH, port"
            f" {', '.join(map(str, WEBHOOK_PORTS))} or none; http only for a Bot API server of"
            " your own"
        ),
    ] = None
    """Telegram brings updates there; None: the bot fetches them."""
    webhook_secret: Annotated[
        SecretStr | None,
        AfterValidator(lambda secret: secret and _webhook_secret(secret)),
        Field(description="1 to 256 of A-Z a-z 0-9 _ -, the same for every process"),
    ] = None
    """None: made from the token."""
    http_listen: Annotated[
        str | None,
        AfterValidator(lambda address: address and _listen(address)),
        Field(description=LISTEN),
    ] = None
    metrics_listen: Annotated[
        str | None,
        AfterValidator(lambda address: address and _listen(address)),
        Field(description=LISTEN),
    ] = None

    @property
    def editors(self) -> frozenset[int]:
        """Give the user ids of the editors."""
        return frozenset(int(part) for part in self.editor_ids.split(",") if part.strip())


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Give the folder for what the bot keeps, as the system wants it."""
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "csto-bot"
    if sys.platform == "win32" and environ.get("LOCALAPPDATA"):
        return Path(environ["LOCALAPPDATA"]) / "csto-bot"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "csto-bot"
    return Path.home() / ".local" / "share" / "csto-bot"


Wanted = TypeVar("Wanted", bound=Settings)


def read(dotenv: Path = DOTENV) -> Settings:
    """Read the settings; the environment counts before the file `dotenv`.

    Raises `SettingsError` with every wrong setting: its name, what was found, what is wanted.
    """
    names = {name.upper() for name in os.environ}
    if not dotenv.exists() and not any(name.upper() in names for name in Settings.model_fields):
        return Settings()
    return _read(Settings, dotenv)


def read_store(dotenv: Path = DOTENV) -> StoreSettings:
    """Read what commands on the store need. Raises `SettingsError` as `read` does."""
    return _read(StoreSettings, dotenv)


def read_telegram(dotenv: Path = DOTENV) -> TelegramSettings:
    """Read the settings of the bot in Telegram. Raises `SettingsError` as `read` does."""
    return _read(TelegramSettings, dotenv)


def _read(wanted: type[Wanted], dotenv: Path) -> Wanted:
    # It imports asyncio, a tenth of the time of a cold `ask`: only what is set pays for it.
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Environment(BaseSettings, wanted):  # type: ignore[misc, valid-type]  # made for each
        model_config = SettingsConfigDict(
            env_ignore_empty=True, env_file=dotenv, env_file_encoding="utf-8"
        )

    try:
        found: Wanted = Environment()
    except ValidationError as error:
        raise SettingsError([_problem(wanted, fault) for fault in error.errors()]) from None
    except (OSError, UnicodeDecodeError) as error:
        problem = f"a file that cannot be read ({error})"
        raise SettingsError([Problem(str(dotenv), 0, problem, "lines of NAME=value")]) from None
    return found


def _problem(wanted: type[Settings], fault: Mapping[str, object]) -> Problem:
    """Say what is wrong with a setting, without ever telling a secret."""
    place = fault["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else ""
    field = wanted.model_fields.get(name)
    expected = (field.description if field else None) or str(fault["msg"])
    if fault["type"] == "missing":
        found = "nothing"
    elif field is not None and "Secret" in str(field.annotation):
        found = f"a wrong value of {len(str(fault['input']))} characters"
    else:
        found = repr(fault["input"])
    return Problem(name.upper(), 0, found, expected)


def locale_language(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the language code that the locale names, e.g. `ru` for `ru_RU.UTF-8`."""
    for variable in LOCALE_VARIABLES:
        if environ.get(variable):
            code = environ[variable].replace("-", "_").split("_")[0].split(".")[0].lower()
            return code if code not in {"c", "posix"} else None
    return None
