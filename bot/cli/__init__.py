"""The command line: a module for each group of commands.

It takes arguments, prints what the floors below find, and decides nothing itself. What only
one command needs is imported in that command, since `ask` has to be quick from a cold start.

Exit statuses: 0 done, 1 failed while running, 2 wrong arguments, settings, files or knowledge.
"""

# In the order in which `csto-bot --help` lists their commands.
from bot.cli import ask, chat, check, coverage, diff, evaluate, variants, fit  # isort: skip
from bot.cli import bench, verify, run, news, chats, safekeeping  # isort: skip
from bot.cli.program import app, main

__all__ = [
    "app", "ask", "bench", "chat", "chats", "check", "coverage", "diff", "evaluate", "fit",
    "main", "news", "run", "safekeeping", "variants", "verify",
]  # fmt: skip
