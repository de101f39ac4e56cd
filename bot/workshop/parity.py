"""How complete each language is: what it has of all that can be asked and said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bot.answering import Outcome
from bot.errors import Problem
from bot.knowledge.language_checks import REFERENCE
from bot.knowledge.model import Knowledge, Language
from bot.workshop.questions import QuestionFile
from bot.workshop.rules import speaks_of

NONE: Mapping[str, Language] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Part:
    """What a language has of one kind of thing."""

    kind: str
    wanted: int
    missing: tuple[str, ...]

    @property
    def has(self) -> int:
        """How many of the wanted things it has."""
        return self.wanted - len(self.missing)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a language has, kind by kind."""

    language: str
    parts: tuple[Part, ...]

    @property
    def percent(self) -> float:
        """The share of what is wanted that it has, to one decimal; 100 only where all is there."""
        wanted = sum(part.wanted for part in self.parts)
        has = sum(part.has for part in self.parts)
        return 100.0 if has == wanted else min(99.9, round(100 * has / wanted, 1))


def completeness(
    knowledge: Knowledge,
    files: Iterable[QuestionFile] = (),
    partial: Mapping[str, Language] = NONE,
) -> tuple[Completeness, ...]:
    """Count what each language has; with question tests, which outcomes they hold as well.

    `partial` are languages of which a file could not be read.
    """
    tested: dict[str, set[Outcome]] = {}
    for file in files:
        for question in file.questions:
            tested.setdefault(question.lang, set()).update(question.outcomes)
    return tuple(
        Completeness(code, tuple(_parts(language, knowledge, tested)))
        for code, language in sorted({**knowledge.languages, **partial}.items())
    )


def _parts(
    language: Language, knowledge: Knowledge, tested: Mapping[str, Collection[Outcome]]
) -> Iterator[Part]:
    reference = knowledge.languages.get(REFERENCE, language)
    intents = knowledge.intents
    yield _part("intents", intents, {k for k, one in intents.items() if speaks_of(one, language)})
    yield _part("entities", knowledge.entities, language.names)
    yield _part(
        "replies",
        [*reference.replies, *reference.plurals],
        [*language.replies, *language.plurals],
    )
    for name, of in (("questions", language.topics), ("translations", language.translations)):
        passages = [
            passage.id
            for document in knowledge.documents.values()
            if name == "questions" or document.language != language.code
            for passage in document.passages
        ]
        yield _part(name, passages, [key for key, words in of.items() if words])
    if tested:
        yield _part("outcomes", [str(outcome) for outcome in Outcome],
                    [str(outcome) for outcome in tested.get(language.code, ())])  # fmt: skip


def _part(kind: str, wanted: Collection[str], has: Collection[str]) -> Part:
    return Part(kind, len(wanted), tuple(name for name in wanted if name not in has))


def check_parity(knowledge: Knowledge) -> Iterator[Problem]:
    """Give what a language lacks and no other check tells: words for intents."""
    for language, name in _missing(completeness(knowledge), "intents"):
        yield Problem(
            f"languages/{language}/questions.yaml#cues",
            0,
            f"no words for any rule of the intent {name!r}",
            f"words for the cues of one of its rules: {_needs(knowledge, name)}",
        )


def check_outcomes(
    knowledge: Knowledge, files: Iterable[QuestionFile], folder: Path
) -> Iterator[Problem]:
    """Give the outcomes that no question test of a language has; `folder` holds all of them."""
    for language, name in _missing(completeness(knowledge, files), "outcomes"):
        yield Problem(
            str(folder),
            0,
            f"no question test in {language!r} with the outcome {name!r}",
            f"one at least: {language}.yaml",
        )


def _missing(found: Iterable[Completeness], kind: str) -> Iterator[tuple[str, str]]:
    """Give what is missing of one kind, each with its language."""
    for one in found:
        for part in one.parts:
            if part.kind == kind:
                yield from ((one.language, name) for name in part.missing)


def _needs(knowledge: Knowledge, intent: str) -> str:
    rules = knowledge.intents[intent].rules
    return "; ".join(" and ".join("|".join(need) for need in rule.needs) for rule in rules)
