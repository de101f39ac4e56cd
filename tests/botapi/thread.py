"""The server in a thread with an event loop of its own, for tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

from tests.botapi.driver import BotApi

Result = TypeVar("Result")


class Threaded:
    """A `BotApi` whose methods are called from other threads and wait for their result.

    `threaded.say(…)` runs the driver's `say` in the server's loop; coroutines are awaited there.
    """

    def __init__(self, **options: Any) -> None:
        """Prepare a server; options as for `BotApi`."""
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="botapi", daemon=True)
        self.api: BotApi

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def __enter__(self) -> Self:
        self._thread.start()

        async def begin() -> BotApi:
            return await BotApi(**self._options).start()

        self.api = asyncio.run_coroutine_threadsafe(begin(), self._loop).result(10)
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self.api.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def do(self, act: Callable[[BotApi], Awaitable[Result] | Result]) -> Result:
        """Run a function of the driver in the server's loop and wait for its result."""

        async def play() -> Result:
            result = act(self.api)
            if inspect.isawaitable(result):
                return await result
            return result

        return asyncio.run_coroutine_threadsafe(play(), self._loop).result()

    def __getattr__(self, name: str) -> Any:
        if name == "api":
            raise AttributeError("the server runs inside its `with` block only")
        found = getattr(self.api, name)
        if not inspect.ismethod(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            return self.do(lambda api: getattr(api, name)(*arguments, **named))

        return call
