"""Run the server as a process: `python -m tests.botapi --port 0` prints its port as JSON."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import signal

from tests.botapi.control import Control
from tests.botapi.driver import TOKEN, BotApi
from tests.botapi.pace import Pace


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--username", default="example_bot")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds for each call")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limits", action="store_true", help="enforce Telegram's limits")
    parser.add_argument("--kept-calls", type=int, default=None, help="bound the record")
    parser.add_argument("--no-privacy", action="store_true", help="privacy mode off")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    api = BotApi(
        token=arguments.token,
        username=arguments.username,
        privacy=not arguments.no_privacy,
        seed=arguments.seed,
        delay=arguments.delay,
        pace=Pace() if arguments.limits else None,
        kept_calls=arguments.kept_calls,
    )
    Control(api, on_shutdown=over.set)
    await api.start(arguments.port)
    # Collections of a growing record would show as pauses of the bot.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    started = {"port": api.port, "url": api.url, "base_url": api.base_url, "token": api.token}
    print(json.dumps(started), flush=True)
    await over.wait()
    await api.stop()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_arguments()))
