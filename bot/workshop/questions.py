"""Question files: what people ask, and what a right reply to it holds.

A file is JSON Lines, or YAML with a list of the same objects. `read` gives every question of
every file, or every problem at once. How a reply is judged is for `score` to say.

    {"id": "q1", "category": "website", "lang": "en", "question": "kenesh site?",
     "outcome": ["answer"], "must": [["kenesh.kg"]], "must_not": [], "cites": [],
     "session": "optional", "reply_language": ["en", "ky"], "note": "for people"}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import bot
from bot.answering import Outcome
from bot.errors import BotError, Problem
from bot.knowledge.plain_yaml import check_plain

SHIPPED = Path(bot.__file__).resolve().parent.parent / "tests" / "questions"
"""The question files of a checkout; an installed program has none."""
OPEN = "open"
"""The name of the file of questions that are not answered right yet."""
OUTCOMES = tuple(Outcome)
SHOWN = 60
"""Characters of a wrong value that a message repeats."""


class QuestionsError(BotError):
    """Question files that cannot be used; `problems` lists everything at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and the judgement of people on what may be replied."""

    id: str
    category: str
    lang: str
    """The language that the question is in."""
    text: str
    outcomes: tuple[Outcome, ...]
    """Any of them is right."""
    must: tuple[tuple[str, ...], ...] = ()
    """Of each group, one has to be said."""
    must_not: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    """Words of the documents that have to be quoted."""
    session: str | None = None
    """Questions of one session are one conversation, in the order of the file."""
    reply_languages: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)
    """Where it stands in its file, counted from 1."""
    """The languages that a reply may be in; empty where `lang` alone is right."""


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The questions of one file."""

    path: Path
    questions: tuple[GoldQuestion, ...]


@dataclass(slots=True)
class _Reader:
    """Reads the objects of one file and gathers what is wrong with them."""

    path: Path
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int, found: str, expected: str) -> None:
        self.problems.append(Problem(str(self.path), line, found, expected))

    def records(self) -> Iterator[tuple[int, Any]]:
        """Give each value of the file with the line that it begins on."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            self.report(0, f"a file that cannot be read ({error.strerror})", "a question file")
            return
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.report(line, "bytes that are not UTF-8", "a file saved as UTF-8")
            return
        if self.path.suffix in {".yaml", ".yml"}:
            yield from self._yaml(text)
        else:
            yield from self._json_lines(text)

    def _json_lines(self, text: str) -> Iterator[tuple[int, Any]]:
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                self.report(number, f"no JSON: {error.msg} (column {error.colno})", "an object")
            except (ValueError, RecursionError) as error:
                self.report(number, f"a value that cannot be read: {error}", "an object")

    def _yaml(self, text: str) -> Iterator[tuple[int, Any]]:
        try:
            check_plain(text)
            node = yaml.compose(text, Loader=yaml.CSafeLoader)
            values = yaml.load(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            found = f"broken YAML: {getattr(error, 'problem', None) or error}"
            wanted = getattr(error, "note", None) or "YAML"
            self.report(mark.line + 1 if mark else 0, found, wanted)
            return
        except (ValueError, RecursionError) as error:
            self.report(0, f"a value that cannot be read: {error}", "a list of questions")
            return
        if values is None:
            return
        if not isinstance(values, list) or not isinstance(node, yaml.SequenceNode):
            self.report(1, _shown(values), "a list of questions")
            return
        for item, value in zip(node.value, values, strict=True):
            yield item.start_mark.line + 1, value


@dataclass(slots=True)
class _Fields:
    """Takes the fields out of one object; a wrong one is reported and stands empty."""

    record: Mapping[str, Any]
    reader: _Reader
    line: int

    def _wrong(self, key: str, expected: str, value: object = None) -> None:
        found = _shown(self.record.get(key) if value is None else value)
        self.reader.report(self.line, f"{found} at {key!r}", expected)

    def text(self, key: str, *, blank: bool = False) -> str:
        value = self.record.get(key)
        if isinstance(value, str) and (blank or value.strip()):
            return value
        self._wrong(key, "text" if blank else "text that is not blank")
        return ""

    def optional(self, key: str) -> str | None:
        return None if self.record.get(key) is None else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.record.get(key, [])
        if _are_texts(value):
            return tuple(value)
        self._wrong(key, "a list of texts, none of them blank")
        return ()

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        value = self.record.get(key, [])
        if isinstance(value, list) and all(group and _are_texts(group) for group in value):
            return tuple(tuple(group) for group in value)
        self._wrong(key, "a list of lists of alternatives, none of them empty")
        return ()

    def outcomes(self) -> tuple[Outcome, ...]:
        named = self.texts("outcome")
        unknown = [name for name in named if name not in OUTCOMES]
        if unknown:
            self._wrong("outcome", f"outcomes of {', '.join(OUTCOMES)}", unknown[0])
        elif not named and self.record.get("outcome", []) == []:
            self._wrong("outcome", "at least one outcome", self.record.get("outcome", "nothing"))
        return tuple(Outcome(name) for name in named if name in OUTCOMES)


def shipped() -> list[Path]:
    """Give the files of all questions that have to be answered right, if they are here."""
    files = sorted(SHIPPED.iterdir()) if SHIPPED.is_dir() else []
    return [path for path in files if path.suffix in {".jsonl", ".yaml"} and path.stem != OPEN]


def read(paths: Iterable[Path], document_texts: Iterable[str] = ()) -> list[QuestionFile]:
    """Read question files, whole or not at all.

    `document_texts` are the texts that `cites` have to stand in; without any that is not looked
    at. Raises `QuestionsError` with every problem of every file.
    """
    documents = tuple(squeeze(text) for text in document_texts)
    files: list[QuestionFile] = []
    problems: list[Problem] = []
    for path in paths:
        reader = _Reader(path)
        files.append(QuestionFile(path, tuple(_questions(reader, documents))))
        problems += sorted(reader.problems, key=lambda problem: problem.line)
    if problems:
        raise QuestionsError(problems)
    return files


def _questions(reader: _Reader, documents: Sequence[str]) -> Iterator[GoldQuestion]:
    lines: dict[str, int] = {}
    empty = True
    for line, value in reader.records():
        empty = False
        if not isinstance(value, dict):
            reader.report(line, _shown(value), "an object")
            continue
        question = parse(value, reader, line)
        if question.id in lines:
            where = f"an id of its own: line {lines[question.id]} has the same"
            reader.report(line, f"the id {question.id!r}", where)
        elif question.id:
            lines[question.id] = line
        for words in question.cites:
            if documents and not any(squeeze(words) in text for text in documents):
                reader.report(line, f"{_shown(words)} at 'cites'", "words of the documents")
        yield question
    if empty and not reader.problems:
        reader.report(0, "no question", "at least one")


def parse(record: Mapping[str, Any], reader: _Reader, line: int) -> GoldQuestion:
    """Make a question of an object; what is wrong with it is reported to `reader`."""
    fields = _Fields(record, reader, line)
    return GoldQuestion(
        id=fields.text("id"),
        category=fields.text("category"),
        lang=fields.text("lang"),
        text=fields.text("question", blank=True),
        outcomes=fields.outcomes(),
        must=fields.groups("must"),
        must_not=fields.texts("must_not"),
        cites=fields.texts("cites"),
        session=fields.optional("session"),
        reply_languages=fields.texts("reply_language"),
        line=line,
    )


def squeeze(text: str) -> str:
    """Make each run of white space one space: texts are compared without regard to it."""
    return " ".join(text.split())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(text, str) and bool(text.strip()) for text in value
    )


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    shown = repr(value)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 3] + "..."
