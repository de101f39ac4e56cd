"""Checks that need the answering or CLDR, and slips that do an answer no harm.

The bot starts without them; `csto-bot check` and the tests run them beside the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from babel import Locale, UnknownLocaleError

from bot.answering import Answerer
from bot.answering.loading import CHECKS
from bot.answering.lookups import LOOK_UPS
from bot.errors import KnowledgeError, Problem
from bot.knowledge.fact_checks import one_of
from bot.knowledge.folder import read
from bot.knowledge.language_checks import slips
from bot.knowledge.model import Knowledge, Language
from bot.knowledge.time_words import read_time_words
from bot.workshop import questions, writing
from bot.workshop.overmatch import check_overmatch
from bot.workshop.parity import check_outcomes, check_parity
from bot.workshop.questions import QuestionFile
from bot.workshop.rules import check_names, check_rules

BESIDES = ("passage", "news")
"""Look-ups that need the reader's language, so the answerer itself does them."""
ENDINGS = (".jsonl", ".yaml")
"""Of the files in a folder of question tests."""
NAMED_INTENTS = ("off_topic", "overview", "passage", "undocumented")
"""Intents that the answering itself names."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder of knowledge, read as far as it can be."""

    knowledge: Knowledge
    problems: tuple[Problem, ...]
    """In the order of the files, with paths that can be opened."""
    partial: Mapping[str, Language]
    """Languages of which a file could not be read: none of the knowledge."""
    can_answer: bool
    """Whether the bot would start with it, though something may be wrong."""


def check_folder(folder: Path) -> Checked:
    """Read a folder of knowledge and check all that can be checked of it alone.

    Raises `KnowledgeError` where there is no folder.
    """
    knowledge, reader = read(folder)
    reader.hold(knowledge, CHECKS)
    can_answer = not reader.problems
    reader.hold(knowledge, (check,))
    problems = reader.found
    read_time_words(folder, knowledge.languages, problems)
    try:
        writing.read(folder, knowledge)
    except KnowledgeError as error:
        problems += error.problems
    placed = tuple(problem.within(folder) for problem in sorted(set(problems)))
    return Checked(knowledge, placed, reader.partial, can_answer)


def check(knowledge: Knowledge) -> Iterator[Problem]:
    """Give the problems that `bot.knowledge.checks` cannot see or lets pass."""
    yield from _check_look_ups(knowledge)
    for language in knowledge.languages.values():
        yield from _check_plurals(language)
        yield from slips(language, knowledge)
    if knowledge.languages and knowledge.intents:
        yield from check_rules(knowledge)
        yield from check_parity(knowledge)
    if knowledge.languages and knowledge.entities:
        yield from check_names(knowledge)


def folder_beside(folder: Path) -> Path:
    """Give where the question tests of a folder of knowledge are: `tests/questions` beside it."""
    return folder.resolve().parent / "tests" / "questions"


def tests_beside(folder: Path) -> list[Path]:
    """Give the question tests of a folder of knowledge, those of a checkout.

    What is known to be open (`open.jsonl`) is none.
    """
    return question_files(folder_beside(folder))


def question_files(path: Path) -> list[Path]:
    """Give the question files of a folder, or the file itself."""
    if not path.is_dir():
        return [path] if path.exists() else []
    found = sorted(path.iterdir())
    return [one for one in found if one.suffix in ENDINGS and one.stem != "open"]


def read_questions(
    knowledge: Knowledge, paths: Iterable[Path], *, is_whole: bool = True
) -> list[QuestionFile]:
    """Read the question tests of some knowledge.

    Raises `QuestionsError` where they are wrong, such as a `cites` that is not in the documents,
    unless some of these may be missing.
    """
    documents = knowledge.documents.values() if is_whole else ()
    return questions.read(paths, {"\n".join(document.lines) for document in documents})


def check_questions(
    knowledge: Knowledge, files: Sequence[QuestionFile], now: datetime, whole: Path | None = None
) -> Iterator[Problem]:
    """Give what question tests show of the knowledge, and what is wrong with them.

    `whole` is the folder of all of them, where these are all: only then each outcome has to be
    there in each language.
    """
    yield from _check_files(knowledge, files)
    if whole is not None:
        yield from check_outcomes(knowledge, files, whole)
    yield from check_overmatch(files, Answerer(knowledge), now)


def _check_files(knowledge: Knowledge, files: Iterable[QuestionFile]) -> Iterator[Problem]:
    """Check that questions are in languages that there are, and have ids of their own."""
    places: dict[str, str] = {}
    for file in files:
        for question in file.questions:
            path = str(file.path)
            if question.lang not in knowledge.languages:
                known = one_of(knowledge.languages, question.lang)
                found = f"the language {question.lang!r} of {question.id}"
                yield Problem(path, question.line, found, f"a language of the knowledge: {known}")
            place = places.setdefault(question.id, f"{path}:{question.line}")
            if place != f"{path}:{question.line}":
                expected = f"an id of its own: {place} has the same"
                yield Problem(path, question.line, f"the id {question.id!r}", expected)


def _check_look_ups(knowledge: Knowledge) -> Iterator[Problem]:
    for intent in knowledge.intents.values():
        if intent.look_up not in LOOK_UPS and intent.look_up not in BESIDES:
            yield Problem(
                f"intents.yaml#intents#{intent.id}#look_up",
                0,
                f"the look-up {intent.look_up!r}",
                f"a function of bot/answering/lookups: {one_of(LOOK_UPS, intent.look_up)}",
            )
    for name in NAMED_INTENTS:
        if knowledge.intents and name not in knowledge.intents:
            yield Problem("intents.yaml#intents", 0, f"no intent {name!r}", "it: replies need it")


def _check_plurals(language: Language) -> Iterator[Problem]:
    """Check that each unit has exactly the plural categories of the language in CLDR."""
    try:
        rule = Locale.parse(language.code).plural_form
    except (UnknownLocaleError, ValueError):
        yield Problem(
            f"languages/{language.code}",
            0,
            "a code that CLDR has no language for",
            "a folder named by a language's code, as BCP 47 has it: `ru`, `hy`",
        )
        return
    wanted = {*rule.tags, "other"}
    for unit, phrases in language.plurals.items():
        if set(phrases) != wanted:
            yield Problem(
                f"languages/{language.code}/replies.yaml#plurals#{unit}",
                0,
                f"the categories {', '.join(phrases)}",
                f"those that CLDR has for {language.code}: {', '.join(sorted(wanted))}",
            )
