"""Measure how fast and how large the bot is; every figure says how it was measured.

What starts cold (the command, the loading, the memory) is measured in processes of its own, so
that nothing which this process has already read or imported makes it look better.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bot
from bot.answering import Answerer, Conversation, Question
from bot.errors import BotError
from bot.knowledge.folder import load, shipped_folder
from bot.knowledge.model import Knowledge
from bot.workshop import growth

HOME = Path(bot.__file__).resolve().parent.parent
"""Where `python -m bot` finds the package: a checkout, or the folder of installed packages."""
SHIPPED_QUESTIONS = HOME / "tests" / "questions" / "dev.jsonl"
EXAMPLE = "Who represents Kyrgyzstan?"

PASSES = 5
STARTS = 5
PATIENCE = 120
"""Seconds after which a measured process is given up."""
KEPT_OUT = ("telegram", "sqlalchemy")
"""Packages that answering a question must not import."""

NOW = datetime(2024, 1, 1, tzinfo=UTC)
"""Any fixed time: no answer depends on it."""

LOADING = """
import json, sys, time
from pathlib import Path
from bot.cli.loading import ready
begun = time.perf_counter()
answerer = ready(Path(sys.argv[1]))
loaded = time.perf_counter() - begun
try:
    with open("/proc/self/status", encoding="ascii") as status:
        kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
except OSError:
    import resource
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kilobytes //= 1024 if sys.platform == "darwin" else 1
print(json.dumps({"seconds": loaded, "kilobytes": kilobytes}))
"""
ASKING = """
import json, sys
from bot.cli import main
asked, *packages = json.loads(sys.argv.pop())
sys.argv = ["csto-bot", *asked]
try:
    main()
except SystemExit as end:
    if end.code:
        raise
imported = {name.partition(".")[0] for name in sys.modules}
print(json.dumps(sorted(imported & set(packages))))
"""
GROWN = """
import json, sys
from pathlib import Path
from bot.workshop.benchmarks import time_grown
print(json.dumps(time_grown(Path(sys.argv[1]), json.loads(sys.stdin.read()))))
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing."""

    key: str
    what: str
    value: float | str
    unit: str
    limit: float | str
    """What it must not pass, in the same unit; for words, what they must be."""
    how: str

    @property
    def holds(self) -> bool:
        """Tell whether it keeps its limit."""
        if isinstance(self.value, str) or isinstance(self.limit, str):
            return self.value == self.limit
        return self.value <= self.limit

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit,
            "holds": self.holds,
            "how": self.how,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to measure with."""

    text: str
    language: str | None = None
    session: str | None = None


def examples(knowledge: Knowledge) -> tuple[Asked, ...]:
    """Make questions from the knowledge itself: the examples that it offers and learns from."""
    found: list[Asked] = []
    for code, language in knowledge.languages.items():
        texts = [text for key, text in language.replies.items() if key.startswith("example_")]
        texts += [text for texts in language.topics.values() for text in texts]
        found += [Asked(text, code) for text in texts]
    return tuple(found)


def measure(
    folder: Path,
    knowledge: Knowledge,
    questions: Sequence[Asked],
    named: str,
    starts: int = STARTS,
    size: growth.Size = growth.Size(),  # noqa: B008 - frozen
) -> tuple[Figure, ...]:
    """Measure everything with the knowledge in `folder`, and with one grown to a size.

    `named` says where the questions are from, `starts` how many processes are measured for each
    figure that needs one. Raises `BotError` where a measured process fails.
    """
    answerer = Answerer(knowledge)
    answerer.warm()
    first, warm = time_answers(answerer, questions, PASSES)
    return (
        *answer_figures(first, warm, named),
        *_loading_figures(folder, starts),
        *_command_figures(folder, starts),
        *_grown_figures(size, starts),
    )


def time_answers(
    answerer: Answerer, questions: Sequence[Asked], passes: int
) -> tuple[list[float], list[float]]:
    """Time each answer in milliseconds: on a first pass, then on `passes` more."""
    first = _time_pass(answerer, questions)
    return first, [spent for _ in range(passes) for spent in _time_pass(answerer, questions)]


def _time_pass(answerer: Answerer, questions: Iterable[Asked]) -> list[float]:
    conversations: dict[str, Conversation] = {}
    spent: list[float] = []
    for asked in questions:
        before = conversations.get(asked.session or "", Conversation())
        question = Question(asked.text, user_language=asked.language)
        begun = time.perf_counter_ns()
        _, after = answerer.answer(question, before, NOW)
        spent.append((time.perf_counter_ns() - begun) / 1e6)
        if asked.session is not None:
            conversations[asked.session] = after
    return spent


def answer_figures(
    first: Sequence[float], warm: Sequence[float], named: str
) -> tuple[Figure, ...]:
    """Sum up the times of answers, in milliseconds."""
    how = f"{len(first)} questions ({named}) in process, {PASSES} passes after a first one"
    return (
        Figure("answer_median", "one answer, warm: median",
               round(statistics.median(warm), 3), "ms", 0.3, how),
        Figure("answer_p99", "one answer, warm: 99th percentile",
               round(percentile(warm, 99), 3), "ms", 2.0, how),
        Figure("answer_slowest", "one answer, the slowest of all",
               round(max(*first, *warm), 1), "ms", 50.0,
               "the same, the first pass included, of a bot that has warmed up as `run` and "
               "`chat` do: words that were never seen before"),
    )  # fmt: skip


def percentile(values: Iterable[float], share: float) -> float:
    """Give the smallest value that `share` per cent of the values do not pass (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 100)
    return ordered[max(0, int(rank) - 1)]


def _loading_figures(folder: Path, starts: int) -> tuple[Figure, ...]:
    runs = [json.loads(_run("-c", LOADING, str(folder.resolve()))) for _ in range(starts)]
    seconds = statistics.median(run["seconds"] for run in runs)
    kilobytes = statistics.median(run["kilobytes"] for run in runs)
    fresh = f"median of {starts} fresh processes"
    return (
        Figure("loading", "loading the knowledge, until it can answer",
               round(seconds * 1000, 1), "ms", 200.0, f"{fresh}, without importing modules"),
        Figure("memory", "memory after loading", round(kilobytes / 1024, 1), "MB", 110.0,
               f"{fresh}, resident set as the system counts it"),
    )  # fmt: skip


def _command_figures(folder: Path, starts: int) -> tuple[Figure, ...]:
    arguments = ["ask", EXAMPLE]
    if folder.resolve() != shipped_folder().resolve():
        arguments += ["--knowledge", str(folder.resolve())]
    spent: list[float] = []
    _run("-m", "bot", *arguments)  # compiles what is not compiled yet
    for _ in range(starts):
        begun = time.perf_counter()
        _run("-m", "bot", *arguments)
        spent.append(time.perf_counter() - begun)
    said = _run("-c", ASKING, json.dumps([arguments, *KEPT_OUT])).splitlines()[-1]
    imported = ", ".join(json.loads(said)) or "nothing"
    return (
        Figure("ask_cold", f'csto-bot ask "{EXAMPLE}", cold', round(statistics.median(spent), 3),
               "s", 0.6, f"median of {starts} whole processes, from start to end"),
        Figure("kept_out", f"ask imports of {', '.join(KEPT_OUT)}", imported, "", "nothing",
               "the loaded modules of a process that has answered"),
    )  # fmt: skip


def time_grown(folder: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Time a grown knowledge: its loading, until a passage is found, and each answer.

    Times are in seconds for loading, in milliseconds for answers.
    """
    begun = time.perf_counter()
    answerer = Answerer(load(folder))
    answerer.answer(Question(questions[0]), Conversation(), NOW)
    loaded = time.perf_counter() - begun
    first, warm = time_answers(answerer, [Asked(text) for text in questions], PASSES)
    return {"loading": loaded, "answers": [*first, *warm]}


def _grown_figures(size: growth.Size, starts: int) -> tuple[Figure, ...]:
    """Measure a knowledge that is made for it, and removed again."""
    shipped = shipped_folder()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "knowledge"
        questions = json.dumps(growth.make(folder, shipped, load(shipped), size))
        runs = [json.loads(_run("-c", GROWN, str(folder), typed=questions)) for _ in range(starts)]
    loading = statistics.median(run["loading"] for run in runs)
    slow = statistics.median(percentile(run["answers"], 99) for run in runs)
    made_of = f"{size.passages:,} passages, {size.facts:,} facts, {size.entities:,} entities more"
    count = len(json.loads(questions))
    return (
        Figure("grown_loading", f"loading {made_of}", round(loading, 2), "s", 5.0,
               f"median of {starts} fresh processes, until a passage is found; English"),
        Figure("grown_answer_p99", "one answer from it: 99th percentile",
               round(slow, 3), "ms", 5.0,
               f"{count} questions, {PASSES + 1} passes in each process; median of their figures"),
    )  # fmt: skip


def _run(*arguments: str, typed: str = "") -> str:
    """Run Python in a process of its own, as it starts for a user: no settings of ours for it."""
    try:
        done = subprocess.run(  # noqa: S603 - this very Python, with arguments of our own
            [sys.executable, "-E", *arguments],
            cwd=HOME,
            input=typed.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BotError(f"a measured process did not end within {PATIENCE} s") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip()
        raise BotError(f"a measured process failed with status {done.returncode}: {last}")
    return done.stdout.decode(errors="replace")


def as_json(figures: Sequence[Figure]) -> Mapping[str, Any]:
    """Give plain data, by key."""
    return {figure.key: figure.as_json() for figure in figures}
