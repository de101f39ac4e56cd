"""The settings of the program, from the environment and `.env`.

Only this module sees the environment. A new setting is one field of `Settings`: its description
says what is wanted, and the message about a wrong one is made from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, DirectoryPath, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from bot.errors import BotError, Problem

DOTENV = Path(".env")
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order of POSIX: the first that is set counts."""


class SettingsError(BotError):
    """Wrong settings; `problems` lists all of them, each under the setting's name."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class LogLevel(StrEnum):
    """From how grave on the log tells of something."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """Whether people or machines read the log."""

    CONSOLE = "console"
    JSON = "json"


class Settings(BaseSettings):
    """What the operator has set; a setting is named as its field, in capitals."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        hide_input_in_errors=True,
    )

    knowledge_dir: Annotated[
        DirectoryPath | None, Field(description="a folder that exists, or nothing")
    ] = None
    """The folder of knowledge; None for the one that comes with the program."""
    log_level: Annotated[
        LogLevel, BeforeValidator(str.upper), Field(description=f"one of {', '.join(LogLevel)}")
    ] = LogLevel.INFO
    log_format: Annotated[
        LogFormat, BeforeValidator(str.lower), Field(description=f"one of {', '.join(LogFormat)}")
    ] = LogFormat.CONSOLE


def read(dotenv: Path = DOTENV) -> Settings:
    """Read the settings; the environment counts before the file `dotenv`.

    Raises `SettingsError` with every wrong setting: its name, what was found, what is wanted.
    """
    try:
        return Settings(_env_file=dotenv)
    except ValidationError as error:
        raise SettingsError([_problem(Settings, fault) for fault in error.errors()]) from None
    except (OSError, UnicodeDecodeError, SourceError) as error:
        found = f"a file that cannot be read ({error})"
        raise SettingsError([Problem(str(dotenv), 0, found, "lines of NAME=value")]) from None


def _problem(settings: type[BaseSettings], fault: Mapping[str, object]) -> Problem:
    """Say what is wrong with a setting, without ever telling a secret."""
    place = fault["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else ""
    field = settings.model_fields.get(name)
    wanted = (field.description if field else None) or str(fault["msg"])
    secret = field is not None and "SecretStr" in str(field.annotation)
    if fault["type"] == "missing":
        found = "nothing"
    elif secret:
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
