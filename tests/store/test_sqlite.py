from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.store import Store, StoreError


@pytest.fixture
def url(file_url: str) -> str:
    return file_url


async def test_the_file_is_made_with_its_folder_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "bot.db"
    await (await Store.open(f"sqlite:///{file}")).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_it_is_in_wal_mode(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_folder_with_odd_letters_is_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "100% моё & её" / "bot.db"
    await (await Store.open(f"sqlite:///{file}")).close()
    assert file.exists()


async def test_a_place_that_cannot_be_written_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file" / "bot.db", tmp_path):
        with pytest.raises(StoreError, match="set DATABASE_URL to a file"):
            await Store.open(f"sqlite:///{place}")


OPENER = """
import asyncio, os, sys
from bot.store import Store, StoreError, sqlite

if os.geteuid() == 0:
    os.seteuid(65534)  # root may write everything
try:
    asyncio.run(Store.open(sys.argv[1]))
except StoreError as error:
    print(error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_read_only_file_is_said_with_what_to_do(open_folder: Path) -> None:
    file = open_folder / "bot.db"
    file.touch()
    file.chmod(0o444)
    done = subprocess.run(
        [sys.executable, "-c", OPENER, f"sqlite:///{file}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    wanted = "set DATABASE_URL to a file that the bot's user may create and write"
    assert done.stdout == f"{file}: Permission denied; {wanted}\n"


async def test_another_kind_of_file_is_refused_and_left_alone(url: str, tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("a letter " * 1000)
    with pytest.raises(StoreError, match="another kind of file"):
        await Store.open(url)
    assert (tmp_path / "bot.db").read_text() == "a letter " * 1000


def holds(folder: Path, text: bytes) -> bool:
    return any(text in file.read_bytes() for file in folder.iterdir())


async def test_what_is_done_leaves_no_text_in_the_files(
    store: Store, now: datetime, tmp_path: Path
) -> None:
    updates = [{"update_id": each, "text": "a secret"} for each in (7, 8)]
    await store.inbox.add(updates, now)
    assert holds(tmp_path, b"a secret")
    await store.inbox.done(7)
    await store.inbox.done(8)
    assert await store.inbox.pending() == []
    await store.expire(now)
    assert not holds(tmp_path, b"a secret")


FULL = """
import asyncio, resource, signal, sys
from datetime import UTC, datetime
from bot.store import Store, StoreError

async def main() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    now = datetime.now(UTC)
    async with await Store.open(sys.argv[1]) as store:
        await store.readers.set_language(1, "ru")
        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, old[1]))
        try:
            for n in range(1000):
                await store.inbox.add([{"update_id": n, "text": "x" * 4000}], now)
        except StoreError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        await store.readers.set_language(2, "ru")
        print(await store.readers.get(1), len(await store.inbox.pending()) == n)

asyncio.run(main())
"""


def test_a_full_disk_is_said_and_loses_nothing_and_room_mends_it(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, url], capture_output=True, text=True, check=True
    )
    said, after = done.stdout.splitlines()
    assert "disk" in said
    assert "x" * 100 not in said
    assert after == "Reader(id=1, language='ru', started_at=None) True"
