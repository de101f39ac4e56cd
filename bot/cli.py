"""The command line: ask, chat, check, eval, bench, run, doctor.

It takes arguments, prints what the floors below find, and decides nothing itself. What only one
command needs is imported in that command, since `ask` has to be quick from a cold start.

Exit statuses: 0 done, 1 failed while running, 2 wrong arguments, settings, files or knowledge.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from bot.answering import Answerer, Conversation, Question, Reply
from bot.errors import BotError, KnowledgeError, Problem
from bot.knowledge.folder import load, shipped_folder

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bot.answering.intents import Ask
    from bot.knowledge.model import Knowledge
    from bot.workshop.benchmarks import Asked
    from bot.workshop.score import Row, Score

FAILED = 1
WRONG = 2

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some editors put at the beginning of a UTF-8 file."""
BULLET = "• "
"""What stands before something to choose in a reply."""
PROMPT = "> "
PIPED_WIDTH = 100
"""Columns of a table that no terminal shows."""
RULES_SHOWN = 5
FALLBACK_LANGUAGE = "en"

LINE_BREAKS = {ord(character): f"\\u{ord(character):04x}" for character in "\x7f\x85\u2028\u2029"}
"""What some readers take for the end of a line, as JSON may write it."""

CHAT_HELP = """\
Type a question, or the number of something offered. The conversation is remembered, so
"and Belarus?" works.

  /lang CODE   replies in this language ({languages}); /lang alone: in that of the question
  /help        this
  /quit        leave; so do Ctrl-D and Ctrl-C"""


class WrongArgumentError(BotError):
    """Arguments that cannot be used together, or that name what is not there."""


class _Commands(TyperGroup):
    """Tells errors in a sentence and with an exit status: nobody is shown a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BotError as error:
            typer.echo(str(error), err=True)
            # What lists problems (knowledge, settings, question files) was given wrong.
            wrong = isinstance(error, WrongArgumentError) or hasattr(error, "problems")
            raise typer.Exit(WRONG if wrong else FAILED) from None
        except BrokenPipeError:  # whoever read our output has seen enough
            raise
        except OSError as error:
            typer.echo(f"cannot go on: {error}", err=True)
            raise typer.Exit(FAILED) from None


app = typer.Typer(
    name="csto-bot",
    cls=_Commands,
    help="Answer questions from given documents, each answer with the line that says it.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

KnowledgeOption = Annotated[
    Path | None,
    typer.Option("--knowledge", metavar="DIR", help="The folder of knowledge to answer from."),
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--lang", metavar="CODE", help="The language of replies; else the question's."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> NoReturn:
    """Run the command line with the arguments of this process; never returns."""
    if sys.stdout is None:
        sys.exit("nothing can be printed: standard output is closed")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is written in ASCII
            stream.reconfigure(errors="backslashreplace")
    app()
    raise AssertionError("a command always ends the process")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("csto-bot")
        except PackageNotFoundError:
            number = "(not installed)"
        typer.echo(f"csto-bot {number}")
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _now() -> datetime:
    return datetime.now(UTC)


def _folder(named: Path | None) -> Path:
    """Give the folder of knowledge: the one named here, or set, or that of the program."""
    if named is not None:
        return named
    from bot import settings

    return settings.read().knowledge_dir or shipped_folder()


def ready(folder: Path) -> Answerer:
    """Load the knowledge in a folder and make what answers from it.

    It stays until the process ends, so the garbage collector is kept from looking through it,
    while it is made, later and at the end: a sixth of the time of a cold `ask`.
    """
    gc.disable()
    try:
        answerer = Answerer(load(folder))
    finally:
        gc.enable()
    gc.freeze()
    return answerer


def _answerer(knowledge: Path | None) -> Answerer:
    return ready(_folder(knowledge))


def _chosen(code: str | None, answerer: Answerer) -> str | None:
    """Check a language that the reader chose."""
    if code is not None and code not in answerer.knowledge.languages:
        known = ", ".join(answerer.knowledge.languages)
        raise WrongArgumentError(f"--lang: found {code!r}; expected one of {known}")
    return code


def _print_json(data: object) -> None:
    """Print one line of JSON, whatever the encoding of the terminal.

    The standard asks for UTF-8; an unpaired surrogate, which has none, stays escaped.
    """
    text = json.dumps(data, ensure_ascii=False).translate(LINE_BREAKS)
    typer.echo(text.encode("utf-8", "backslashreplace"))


def _console() -> Console:
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


# --------------------------------------------------------------------------- ask


@app.command()
def ask(
    question: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION", help="What to ask.")
    ] = None,
    as_json: JsonOption = False,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="With --json: answer each line of a JSON Lines file; - for stdin."
        ),
    ] = None,
    lang: LanguageOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the question was understood.")
    ] = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Answer a question, or with --batch a file of them."""
    if batch is not None:
        if question or explain or not as_json:
            raise WrongArgumentError("--batch goes with --json, without QUESTION and --explain")
        with _batch_lines(batch) as lines:
            answerer = _answerer(knowledge)
            failed = answer_batch(lines, answerer, _chosen(lang, answerer), _now)
        raise typer.Exit(FAILED if failed else 0)
    if not question:
        raise WrongArgumentError("ask: found no QUESTION; expected one, or --json --batch FILE")
    if explain and as_json:
        raise WrongArgumentError("--explain is for people: it does not go with --json")
    answerer = _answerer(knowledge)
    asked = Question(" ".join(question), chosen_language=_chosen(lang, answerer))
    reply, _ = answerer.answer(asked, Conversation(), _now())
    if as_json:
        _print_json(reply.as_json(None))
        return
    _print_reply(reply, reply.text)
    if explain:
        _print_explanation(asked.text, reply, answerer)


def _print_reply(reply: Reply, text: str) -> None:
    """Print a reply; in a terminal the answer stands out and quotes step back."""
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    from rich.text import Text

    shown = Text(text)
    place = text.find(reply.answer)
    if reply.answer and place >= 0:
        shown.stylize("bold", place, place + len(reply.answer))
    for source in reply.sources:
        quote = f"«{source.quote}»"
        place = text.find(quote)
        if place >= 0:
            shown.stylize("dim italic", place, place + len(quote))
    _console().print(shown)


# --------------------------------------------------------------------------- batch


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A question of a batch."""

    id: str | None
    question: str
    session: str | None
    language: str | None
    """The language that the asker's program is set to."""


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """The reply to a question of a batch."""

    id: str | None
    reply: Reply


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """A line of a batch that gets no reply, and why."""

    id: str | None
    error: str


def _batch_lines(name: str) -> Any:
    """Open what a batch is read from; it is closed at the end, but for standard input."""
    from contextlib import nullcontext

    if name == "-":
        if sys.stdin is None:
            raise WrongArgumentError("--batch -: standard input is closed")
        return nullcontext(iter(sys.stdin.buffer.readline, b""))
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise WrongArgumentError(f"--batch: {name} cannot be read: {error.strerror}") from None


def answer_batch(
    lines: Iterable[bytes],
    answerer: Answerer,
    chosen: str | None,
    clock: Callable[[], datetime],
) -> int:
    """Print for each line a reply or an error, as soon as it is read; give how many errors."""
    conversations: dict[str, Conversation] = {}
    failed = 0
    for number, content in enumerate(lines):
        line: BatchLine | AnsweredLine | MalformedLine
        line = parse_line(content.removeprefix(BYTE_ORDER_MARK) if number == 0 else content)
        if isinstance(line, BatchLine):
            line = _answer_line(line, answerer, chosen, conversations, clock())
        if isinstance(line, MalformedLine):
            failed += 1
            _print_json({"id": line.id, "error": line.error})
        else:
            _print_json(line.reply.as_json(line.id))
    return failed


def _answer_line(
    line: BatchLine,
    answerer: Answerer,
    chosen: str | None,
    conversations: dict[str, Conversation],
    now: datetime,
) -> AnsweredLine | MalformedLine:
    """Answer one line and remember its conversation."""
    before = conversations.get(line.session or "", Conversation())
    question = Question(line.question, chosen, line.language)
    try:
        reply, after = answerer.answer(question, before, now)
    except Exception as error:  # noqa: BLE001 - one line harms only itself
        return MalformedLine(line.id, f"failed with {type(error).__name__}: {error}")
    if line.session is not None:
        conversations[line.session] = after
    return AnsweredLine(line.id, reply)


def parse_line(content: bytes) -> BatchLine | MalformedLine:
    """Parse a line of a batch; never raises, whatever the bytes."""
    try:
        record = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        known = parse_line(content.decode("utf-8", "replace").encode())
        name = known.id if known.id and "\ufffd" not in known.id else None
        return MalformedLine(name, f"not UTF-8: byte {error.start + 1} of the line")
    except json.JSONDecodeError as error:
        return MalformedLine(None, f"not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError) as error:  # a number or a nesting beyond all measure
        return MalformedLine(None, f"cannot be read: {error}")
    if not isinstance(record, dict):
        return MalformedLine(None, f"found {_kind(record)}; expected an object")
    name = record.get("id")
    if "question" not in record:
        wrong = ["no 'question'"]
    else:
        wrong = [] if isinstance(record["question"], str) else ["question"]
    wrong += [
        key for key in ("id", "session", "lang") if not isinstance(record.get(key), str | None)
    ]
    if wrong:
        told = [
            key if key == "no 'question'" else f"{_kind(record[key])} at {key!r}" for key in wrong
        ]
        error_text = f"found {', '.join(told)}; expected text"
        return MalformedLine(name if isinstance(name, str) else None, error_text)
    return BatchLine(name, record["question"], record.get("session"), record.get("lang"))


def _kind(value: object) -> str:
    """Name the kind of a JSON value."""
    if value is None:
        return "null"
    kinds = {bool: "true or false", dict: "an object", list: "a list", str: "text"}
    return kinds.get(type(value), "a number")


# --------------------------------------------------------------------------- explain


def _print_explanation(text: str, reply: Reply, answerer: Answerer) -> None:
    from bot.answering.clauses import split_sentences

    console = _console()
    reading = answerer.read(text)
    sentences = split_sentences(reading.words, reading.mentions, answerer.catalogue)
    console.out("")
    console.print(_words_table(sentence.whole for sentence in sentences))
    for sentence in sentences:
        for clause in sentence.clauses:
            _print_clause(clause, reply, answerer, console)
        read = {word.start for clause in sentence.clauses for word in clause.words}
        left_out = [word.raw for word in sentence.whole.words if word.start not in read]
        if left_out:
            console.out(f"left out, as a story around it: {' '.join(left_out)}")
    console.out(
        f"\noutcome {reply.outcome.value}, intent {reply.intent}, confidence"
        f" {reply.confidence:.1f} (answers from 50), language {reply.language}"
    )


def _word_rows(asks: Iterable[Ask]) -> list[tuple[str, str, str, str]]:
    """Give for each mention and each other word: its columns, words, meanings and quality."""
    rows: list[tuple[str, str, str, str]] = []
    for asked in asks:
        placed: list[tuple[int, int, str, str]] = []
        covered: set[int] = set()
        for mention in asked.mentions:
            meanings = dict.fromkeys(
                meaning.tag if meaning.value is None else f"{meaning.tag} {meaning.value}"
                for meaning in mention.meanings
            )
            covered.update(range(mention.start, mention.end))
            placed.append((mention.start, mention.end, ", ".join(meanings),
                           f"{mention.quality:.2f}"))  # fmt: skip
        unexplained = {word.start for word in asked.unexplained}
        for place, word in enumerate(asked.words, start=asked.first):
            if place not in covered:
                told = "unexplained" if word.start in unexplained else "passed over"
                placed.append((place, place + 1, told, ""))
        for start, end, told, quality in sorted(placed):
            words = asked.words[start - asked.first : end - asked.first]
            columns = f"{words[0].start + 1}-{words[-1].end}"
            rows.append((columns, " ".join(word.raw for word in words), told, quality))
    return rows


def _words_table(asks: Iterable[Ask]) -> Table:
    titles = ("columns", "words", "understood as", "quality")
    return _table(titles, _word_rows(asks), right=("quality",))


def _print_clause(clause: Ask, reply: Reply, answerer: Answerer, console: Console) -> None:
    console.out(f"\n“{' '.join(word.raw for word in clause.words)}”", style="bold")
    if clause.scores:
        rows = [
            (score.intent.id, f"{score.points:.2f}", f"{score.explained:.2f}",
             f"{score.against:.2f}", f"{score.confidence:.1f}")
            for score in clause.scores[:RULES_SHOWN]
        ]  # fmt: skip
        titles = ("rule", "points", "explains", "against", "confidence")
        console.print(_table(titles, rows, right=titles[1:]))
        if len(clause.scores) > 1:
            first, second = clause.scores[:2]
            gap = first.points - second.points
            console.out(f"runner-up: {second.intent.id}, {gap:.2f} points behind")
        else:
            console.out("runner-up: none, no other rule holds")
    else:
        console.out("no rule holds")
    unexplained = " ".join(word.raw for word in clause.unexplained)
    console.out(f"unexplained: {unexplained or 'nothing'}")
    console.out(_passage_search(clause, reply, answerer))


def _passage_search(clause: Ask, reply: Reply, answerer: Answerer) -> str:
    """Say what a search for passages finds for a clause, and whether the reply uses it."""
    from bot.answering.answerer import content_of

    content = content_of(clause)
    if not content:
        return "passages: not searched, no word of its own"
    forms = [word.form for word in clause.words]
    found = answerer.passages.search(reply.language, forms, content)
    if found is None:
        return f"passages: none for {' '.join(content)}"
    used = "used" if reply.intent == "passage" else "not used"
    return (
        f"passages: {', '.join(found.ids)} for {' '.join(content)}: score {found.score:.2f},"
        f" {found.known:.0%} of the words known, confidence {found.confidence:.1f}; {used}"
    )


# --------------------------------------------------------------------------- chat


@app.command()
def chat(lang: LanguageOption = None, knowledge: KnowledgeOption = None) -> None:
    """Have a conversation in the terminal; lines that are piped in are answered one by one."""
    from bot.settings import locale_language

    answerer = _answerer(knowledge)
    talk = Chat(answerer, _now, locale_language(), _chosen(lang, answerer))
    interactive = sys.stdin is not None and sys.stdin.isatty()
    if interactive:
        from contextlib import suppress

        with suppress(ImportError):
            import readline  # noqa: F401 - makes input() remember what was typed
        typer.echo(talk.greeting() + "\n\n/help tells what else can be typed, /quit leaves.\n")
    try:
        for line in _typed(interactive):
            reply = talk.said(line)
            if reply is None:
                break
            _print_turn(reply)
    except (EOFError, KeyboardInterrupt):
        pass
    if interactive:
        typer.echo("\nBye.")


def _typed(interactive: bool) -> Iterator[str]:
    """Give the lines that are typed or piped in, without blank ones."""
    if sys.stdin is None:
        return
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    typed = iter(lambda: input(PROMPT), None) if interactive else iter(sys.stdin)
    for line in typed:
        if line.strip():
            yield line.strip()


@dataclass(frozen=True, slots=True)
class Turn:
    """What the chat shows after a line."""

    text: str
    reply: Reply | None = None
    """None where the chat itself speaks, not the bot."""


def _print_turn(turn: Turn) -> None:
    if turn.reply is None:
        typer.echo(f"{turn.text}\n")
    else:
        _print_reply(turn.reply, f"{turn.text}\n")


@dataclass(slots=True)
class Chat:
    """A conversation in the terminal; what was offered can be chosen by its number."""

    answerer: Answerer
    clock: Callable[[], datetime]
    user_language: str | None = None
    chosen_language: str | None = None
    conversation: Conversation = field(default_factory=Conversation)
    options: tuple[str, ...] = ()
    """What was offered last, in the order of its numbers."""

    def greeting(self) -> str:
        """Greet in the chosen language, or that of the locale, with examples to choose from."""
        from bot.answering.finding import say
        from bot.answering.wording import Wording

        languages = self.answerer.knowledge.languages
        wanted = (self.chosen_language, self.user_language, FALLBACK_LANGUAGE, *languages)
        language = next(languages[code] for code in wanted if code and code in languages)
        wording = Wording(self.answerer.knowledge, language)
        self.options = tuple(wording.say(say(f"example_{number}")) for number in (1, 2, 3))
        return wording.say(say("greeting")) + "\n" + "\n".join(_numbered(self.options))

    def said(self, line: str) -> Turn | None:
        """Answer a line; None where it asks to leave."""
        command, _, argument = line.partition(" ")
        if command in {"/quit", "/exit", "/q"}:
            return None
        if command == "/help":
            languages = ", ".join(self.answerer.knowledge.languages)
            return Turn(CHAT_HELP.format(languages=languages))
        if command == "/lang":
            return Turn(self._choose_language(argument.strip()))
        return self._answered(self._option(line) or line)

    def _option(self, line: str) -> str | None:
        """Give what a number stands for, if it was offered."""
        number = line.rstrip(".)")
        if number.isdecimal() and len(number) < 3 and 1 <= int(number) <= len(self.options):
            return self.options[int(number) - 1]
        return None

    def _choose_language(self, code: str) -> str:
        languages = self.answerer.knowledge.languages
        if not code:
            self.chosen_language = None
            return "Replies are in the language of the question."
        if code not in languages:
            known = ", ".join(f"{key} ({language.name})" for key, language in languages.items())
            return f"No such language: {code}. There are: {known}."
        self.chosen_language = code
        return f"Replies are in {languages[code].name}."

    def _answered(self, text: str) -> Turn:
        question = Question(text, self.chosen_language, self.user_language)
        reply, self.conversation = self.answerer.answer(question, self.conversation, self.clock())
        self.options = tuple(dict.fromkeys((*reply.choices, *reply.suggestions)))
        return Turn(with_numbers(reply.text, self.options), reply)


def _numbered(options: Iterable[str]) -> list[str]:
    return [f"  {number}. {option}" for number, option in enumerate(options, start=1)]


def with_numbers(text: str, options: Sequence[str]) -> str:
    """Put numbers to what a reply offers: in its text, or below it where the text is without."""
    numbered = dict(zip(options, _numbered(options), strict=True))
    lines: list[str] = []
    for line in text.split("\n"):
        option = line.removeprefix(BULLET)
        offered = line.startswith(BULLET) and option in numbered
        lines.append(numbered.pop(option) if offered else line)
    if numbered:
        lines += ["", *numbered.values()]
    return "\n".join(lines)


# --------------------------------------------------------------------------- check


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The folder; else the one set or shipped.")
    ] = None,
) -> None:
    """Check a folder of knowledge; every problem is listed as file:line, found, expected."""
    from bot.workshop.checks import load_checked

    checked = _folder(folder)
    try:
        knowledge = load_checked(checked)
    except KnowledgeError as error:
        for problem in error.problems:
            typer.echo(_placed(problem, checked))
        count = len(error.problems)
        typer.echo(f"{checked}: {count} problem{'s' if count > 1 else ''}", err=True)
        raise typer.Exit(WRONG) from None
    typer.echo(f"{checked}: ok, {_counts(knowledge)}, version {knowledge.version}")


def _placed(problem: Problem, folder: Path) -> str:
    """Write a problem with a path that an editor opens from here."""
    path = Path(problem.path)
    return str(problem if path == folder else replace(problem, path=str(folder / path)))


def _counts(knowledge: Knowledge) -> str:
    passages = sum(len(document.passages) for document in knowledge.documents.values())
    counted = (
        (len(knowledge.documents), "documents"),
        (passages, "passages"),
        (len(knowledge.entities), "entities"),
        (len(knowledge.facts), "facts"),
        (len(knowledge.intents), "intents"),
        (len(knowledge.languages), f"languages ({', '.join(knowledge.languages)})"),
    )
    return ", ".join(f"{number} {what}" for number, what in counted)


# --------------------------------------------------------------------------- eval


@app.command(name="eval")
def evaluate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Question files, JSON Lines or YAML.")
    ],
    as_json: JsonOption = False,
    show_failures: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many failures to show.")
    ] = 10,
    knowledge: KnowledgeOption = None,
) -> None:
    """Ask the questions of files and judge the replies."""
    from bot.workshop import questions
    from bot.workshop.score import score

    answerer = _answerer(knowledge)
    documents = answerer.knowledge.documents.values()
    read = questions.read(files, {"\n".join(document.lines) for document in documents})
    result = score(read, answerer, _now())
    if as_json:
        _print_json(result.as_json())
    else:
        _print_score(result, show_failures)


def _print_score(result: Score, show_failures: int) -> None:
    from bot.workshop.score import MEANINGS, Verdict

    console = _console()
    for title, rows in (("category", result.by_category()), ("language", result.by_language())):
        console.print(_score_table(title, rows, result.total))
        console.print()
    verdicts = [
        (verdict.value, str(result.count(verdict)), MEANINGS[verdict]) for verdict in Verdict
    ]
    console.print(_table(("verdict", "n", "meaning"), verdicts, right=("n",)))
    console.out(f"\nquotes not verbatim: {result.quotes_not_verbatim} of {result.quotes}")
    shown = result.failures[:show_failures]
    if shown:
        console.out(f"\nfailures, {len(shown)} of {len(result.failures)}:")
    for one in shown:
        question = one.question
        head = f"\n{question.id} [{question.category}, {question.lang}] {one.verdict.value}"
        console.out(head, style="bold")
        console.out(f"  question: {' '.join(question.text.split())}")
        if one.reply is not None:
            said = " ".join(one.reply.answer.split())
            console.out(f"  reply:    {one.reply.outcome.value}: {said}")
        for fault in one.faults:
            console.out(f"  {fault.check.value}: {fault.message}")


def _score_table(title: str, rows: Sequence[Row], total: Row) -> Table:
    told = [
        (row.name, str(row.asked), str(row.correct), f"{row.percent:.1f}")
        for row in (*rows, total)
    ]
    return _table((title, "n", "correct", "%"), told, right=("n", "correct", "%"), total=True)


def _table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    total: bool = False,
) -> Table:
    """Make a table; the columns of `right` hold figures, and a total is the last row."""
    from rich import box
    from rich.table import Table

    told = list(rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in titles:
        table.add_column(title, justify="right" if title in right else "left")
    for number, row in enumerate(told, start=1):
        table.add_row(*row, end_section=total and number == len(told) - 1)
    return table


# --------------------------------------------------------------------------- bench


@app.command()
def bench(
    questions: Annotated[
        Path | None,
        typer.Argument(metavar="QUESTIONS", help="A question file; else the shipped one."),
    ] = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Measure how fast and how large the bot is."""
    from bot.workshop import benchmarks

    folder = _folder(knowledge)
    loaded = load(folder)
    asked, named = _questions_to_time(questions, loaded)
    figures = benchmarks.measure(folder, loaded, asked, named)
    if as_json:
        _print_json(benchmarks.as_json(figures))
        return
    rows = [
        (figure.what, f"{figure.value} {figure.unit}".strip(),
         f"{figure.limit} {figure.unit}".strip(), "yes" if figure.holds else "NO", figure.how)
        for figure in figures
    ]  # fmt: skip
    titles = ("what", "measured", "at most", "holds", "how")
    _console().print(_table(titles, rows, right=("measured", "at most")))


def _questions_to_time(path: Path | None, knowledge: Knowledge) -> tuple[Sequence[Asked], str]:
    """Give the questions to measure with, and where they are from."""
    from bot.workshop import benchmarks
    from bot.workshop.questions import read

    if path is None and not benchmarks.SHIPPED_QUESTIONS.is_file():
        return benchmarks.examples(knowledge), "the knowledge's own examples"
    path = path or benchmarks.SHIPPED_QUESTIONS
    asked = [
        benchmarks.Asked(question.text, question.lang, question.session)
        for file in read([path])
        for question in file.questions
    ]
    return asked, path.name


# ----------------------------------------------------------------------- run, doctor


@app.command()
def run() -> None:
    """Answer in Telegram, until SIGTERM or Ctrl-C; settings come from the environment and .env."""
    from bot.settings import read_telegram

    settings = read_telegram()
    from bot.telegram import app as telegram
    from bot.telegram import logs
    from bot.telegram.options import Options

    logs.set_up(settings.log_level, settings.log_format)
    telegram.run(Options.of(settings, shipped_folder()))


@app.command()
def doctor() -> None:
    """Look for what is wrong with the set-up; each line says ok, or what to do."""
    import asyncio

    from bot.settings import read_telegram

    settings = read_telegram()
    from bot.telegram.doctor import examine
    from bot.telegram.options import Options

    lines = asyncio.run(examine(Options.of(settings, shipped_folder())))
    for line in lines:
        typer.echo(str(line))
    if not all(line.is_well for line in lines):
        raise typer.Exit(FAILED)
