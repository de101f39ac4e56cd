from __future__ import annotations

from pathlib import Path

import pytest

from bot.store import Address, StoreError


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("sqlite:///bot.db", Path("bot.db")),
        ("sqlite:////var/lib/bot.db", Path("/var/lib/bot.db")),
        ("sqlite+aiosqlite:///bot.db", Path("bot.db")),
        ("SQLite:///bot.db", Path("bot.db")),
        ("sqlite:///~/bot.db", Path.home() / "bot.db"),
    ],
)
def test_sqlite_is_taken_as_people_write_it(written: str, file: Path) -> None:
    assert Address.parse(written).file == file


@pytest.mark.parametrize(
    "written",
    [
        "postgres://me:secret@db.example/bot",
        "postgresql://me:secret@db.example/bot",
        " postgresql+psycopg://me:secret@db.example/bot\n",
    ],
)
def test_postgresql_is_given_its_driver_and_shown_without_its_password(written: str) -> None:
    address = Address.parse(written)
    assert address.url.drivername == "postgresql+psycopg"
    assert address.file is None
    assert "secret" not in str(address)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "bot.db",
        "mysql://me:secret@db/bot",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://var/lib/bot.db",
        "postgresql://me:secret@db:port/bot",
    ],
)
def test_a_wrong_address_is_refused_with_what_is_wanted_and_no_password(written: str) -> None:
    with pytest.raises(StoreError, match=r"DATABASE_URL: found .*expected") as refused:
        Address.parse(written)
    assert "secret" not in str(refused.value)
