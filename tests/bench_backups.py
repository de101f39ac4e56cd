"""How long backup and restore take, and how much memory: python -m tests.bench_backups."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.store.backups import FORMAT
from bot.store.migrations import HEAD
from tests.postgres import Postgres

CHATS, DELIVERIES = 100_000, 1_000_000
AT = "2026-05-04 12:30:15.123456"
MOST_SECONDS, MOST_MEGABYTES = 60, 100


def lines() -> Iterator[object]:
    """Give a backup as it would be after ten announcements."""
    items = [f"2026-05-{n:02}-news" for n in range(1, DELIVERIES // CHATS + 1)]
    rows = {"announcements": len(items), "chats": CHATS, "deliveries": DELIVERIES}
    yield [FORMAT, HEAD, AT, rows]
    yield {"table": "announcements", "columns": [
        "id", "item", "origin", "state", "revision", "created_at", "approved_at", "publish_at",
        "expires_at",
    ]}  # fmt: skip
    for item in items:
        yield [item, json.dumps({"title": {"en": "x" * 500}}), "file", "done", 1, AT, AT, AT, AT]
    yield {"table": "chats", "columns": [
        "id", "kind", "title", "is_forum", "news", "silent", "topics",
    ]}  # fmt: skip
    for chat in range(CHATS):
        yield [-chat - 1, "group", f"Группа номер {chat}", 0, 1, 0, "[]"]
    yield {"table": "deliveries", "columns": [
        "id", "announcement_id", "chat_id", "action", "state", "not_before", "expires_at",
        "attempts", "unsure", "revision", "message_id", "posted_in", "has_image", "finished_at",
    ]}  # fmt: skip
    number = 0
    for item in items:
        for chat in range(CHATS):
            number += 1
            yield [number, item, -chat - 1, "post", "sent", AT, AT, 1, 0, 1, number, -chat - 1, 0,
                   AT]  # fmt: skip
    yield {"end": sum(rows.values())}


def measured(home: Path, url: str, *command: str) -> dict[str, object]:
    """Run a command; give its seconds and its megabytes at the most."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "DATABASE_URL": url}
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *command], env=environment, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds, megabytes = time.monotonic() - begun, used.ru_maxrss / 1024
    kind = url.partition(":")[0]
    return {
        "what": f"{command[0]}, {kind}",
        "seconds": round(seconds, 1),
        "megabytes": round(megabytes),
        "holds": status == 0 and seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES,
    }


def main() -> None:
    postgres = Postgres()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        made = home / "made.backup"
        with gzip.open(made, "wt", compresslevel=1, encoding="utf-8") as out:
            out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines())
        for url in (f"sqlite:///{home / 'bot.db'}", postgres.new()):
            for command in (("restore", made), ("backup", home / f"{url[:6]}.backup")):
                print(json.dumps(measured(home, url, *map(str, command))), flush=True)
    postgres.close()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
