"""DATABASE_URL as people write it, made into what the engine takes.

Nothing here touches the database or the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError

DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What people write before `://`, and the driver that it means here."""
WANTED = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is."""

    url: sa.URL
    file: Path | None
    """SQLite's file; None for a server."""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read a DATABASE_URL. Raises `StoreError`, which shows no more than its scheme."""
        scheme, colon, _ = text.strip().partition("://")
        if not colon or scheme.lower() not in DRIVERS:
            found = f"{scheme}://…" if colon else "no scheme"
            raise StoreError(f"DATABASE_URL: found {found}; {WANTED}")
        try:
            url = sa.make_url(text.strip()).set(drivername=DRIVERS[scheme.lower()])
        except (sa.exc.ArgumentError, ValueError):
            # The cause would print the URL, password and all.
            raise StoreError(
                f"DATABASE_URL: found {scheme}:// with an unreadable rest; {WANTED}"
            ) from None
        if url.drivername != "sqlite":
            return cls(url, None)
        if url.host:
            raise StoreError(
                f"DATABASE_URL: found the host {url.host!r} in a SQLite address; "
                "expected three slashes before a relative path, four before an absolute one"
            )
        if not url.database or url.database == ":memory:":
            raise StoreError(
                "DATABASE_URL: found SQLite without a file; expected sqlite:///FILE, "
                "as what is only in memory would not survive a restart"
            )
        file = Path(url.database).expanduser()
        return cls(url.set(database=str(file)), file)

    def __str__(self) -> str:
        """Write it for people: the file, or the URL without its password."""
        if self.file:
            return str(self.file)
        return self.url.set(drivername="postgresql").render_as_string(hide_password=True)
