"""A conversation in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread

import typer

from bot.answering import Answerer, Conversation, Question, Reply
from bot.cli.loading import answerer_in, checked_language, now
from bot.cli.printing import print_reply
from bot.cli.program import KnowledgeOption, LanguageOption, app

BULLET = "• "
"""What stands before something to choose in a reply."""
PROMPT = "> "
FALLBACK_LANGUAGE = "en"

CHAT_HELP = """\
Type a question, or the number of something offered. The conversation is remembered, so
"and Belarus?" works.

  /lang CODE   replies in this language ({languages}); /lang alone: in that of the question
  /help        this
  /quit        leave; so do Ctrl-D and Ctrl-C"""


@app.command()
def chat(lang: LanguageOption = None, knowledge: KnowledgeOption = None) -> None:
    """Have a conversation in the terminal; lines that are piped in are answered one by one."""
    from bot.settings import locale_language

    answerer = answerer_in(knowledge)
    talk = Chat(answerer, now, locale_language(), checked_language(lang, answerer))
    interactive = sys.stdin is not None and sys.stdin.isatty()
    if interactive:
        Thread(target=answerer.warm).start()  # while the reader reads and types
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
        print_reply(turn.reply, f"{turn.text}\n")


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
