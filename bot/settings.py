"""The settings of the program, from the environment and `.env`.

Only this module sees the environment. A new setting is one field of `Settings`: its description
says what is wanted, and the message about a wrong value is made from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, ValidationError

from bot.errors import BotError, Problem

DOTENV = Path(".env")
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


def read(dotenv: Path = DOTENV) -> Settings:
    """Read the settings; the environment counts before the file `dotenv`.

    Raises `SettingsError` with every wrong setting: its name, what was found, what is wanted.
    """
    names = {name.upper() for name in os.environ}
    if not dotenv.exists() and not any(name.upper() in names for name in Settings.model_fields):
        return Settings()
    # It imports asyncio, a tenth of the time of a cold `ask`: only what is set pays for it.
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Environment(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            env_ignore_empty=True, env_file=dotenv, env_file_encoding="utf-8"
        )

    try:
        return Environment()
    except ValidationError as error:
        raise SettingsError([_problem(fault) for fault in error.errors()]) from None
    except (OSError, UnicodeDecodeError) as error:
        found = f"a file that cannot be read ({error})"
        raise SettingsError([Problem(str(dotenv), 0, found, "lines of NAME=value")]) from None


def _problem(fault: Mapping[str, object]) -> Problem:
    """Say what is wrong with a setting, without ever telling a secret."""
    place = fault["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else ""
    field = Settings.model_fields.get(name)
    wanted = (field.description if field else None) or str(fault["msg"])
    if fault["type"] == "missing":
        found = "nothing"
    elif field is not None and "Secret" in str(field.annotation):
        found = f"a wrong value of {len(str(fault['input']))} characters"
    else:
        found = repr(fault["input"])
    return Problem(name.upper(), 0, found, wanted)


def locale_language(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the language code that the locale names, e.g. `ru` for `ru_RU.UTF-8`."""
    for variable in LOCALE_VARIABLES:
        if environ.get(variable):
            code = environ[variable].replace("-", "_").split("_")[0].split(".")[0].lower()
            return code if code not in {"c", "posix"} else None
    return None
