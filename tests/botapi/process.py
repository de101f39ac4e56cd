"""The server as a process of its own, and a caller of its control endpoint."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


class Refusal(RuntimeError):
    """The control endpoint reported an error."""


class Remote:
    """A server elsewhere; `remote.call("say", chat=…, text=…)` is the driver's `say`."""

    def __init__(self, port: int, token: str, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = port
        self.token = token

    @property
    def url(self) -> str:
        """Give the server's address, as `TELEGRAM_API_URL` takes it."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Give what python-telegram-bot's `base_url` takes."""
        return f"{self.url}/bot"

    def call(self, method: str, /, _patience: float = 600.0, **arguments: Any) -> Any:
        """Call the driver and wait for its result.

        Args:
            method: the driver's method, or one of `control`'s own.
            _patience: seconds to wait for the answer.
            arguments: as the driver takes them; users and chats by id, messages by their JSON.

        Raises:
            Refusal: when the driver raised.
        """
        connection = http.client.HTTPConnection(self.host, self.port, timeout=_patience)
        try:
            connection.request(
                "POST",
                f"/control/{method}",
                json.dumps(arguments),
                {"Content-Type": "application/json"},
            )
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if not answer["ok"]:
            raise Refusal(answer["error"])
        return answer["result"]


class Process(Remote):
    """A server in a process that is started and ended with a `with` block."""

    def __init__(self, *options: str) -> None:
        """Prepare a process.

        Args:
            options: of `python -m tests.botapi`, beyond the port.
        """
        super().__init__(0, "")
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.botapi", "--port", "0", *self._options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        started = json.loads(self._process.stdout.readline())
        self.port, self.token = int(started["port"]), str(started["token"])
        return self

    def __exit__(self, *exc: object) -> None:
        process = self._process
        if process is not None:
            process.terminate()
            process.wait(timeout=10)
            if process.stdout is not None:
                process.stdout.close()

    @property
    def pid(self) -> int:
        """Give the process's id."""
        assert self._process is not None
        return self._process.pid
