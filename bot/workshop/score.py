"""Judge replies by what question files say is right.

A reply is right when every rule holds:

    reply      there is one, not an error
    outcome    it is one of those that the question allows
    must       of each group one alternative is said: in the answer, or, where the outcome is
               another than `answer`, anywhere in the reply
    must_not   the answer says nothing of it
    cites      each stands in a quote
    quote      every quote is verbatim
    lines      and stands in the lines that its source names
    language   the reply is in the question's language and in its script
    length     the answer is no essay, and the quotes are not the whole document

Letter case and the width of white space never matter. A number matches a whole number only:
"6" is not in "16". Nothing here looks at how the reply was found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.answering import Answerer, Conversation, Outcome, Question, Reply, Source
from bot.knowledge.model import Document
from bot.workshop.questions import GoldQuestion, QuestionFile, squeeze

SCRIPTS: Mapping[str, str] = {
    "en": "LATIN",
    "ru": "CYRILLIC",
    "be": "CYRILLIC",
    "kk": "CYRILLIC",
    "ky": "CYRILLIC",
    "tg": "CYRILLIC",
    "hy": "ARMENIAN",
}
"""How the Unicode names of a language's letters begin."""
OWN_LETTERS = {"LATIN": 2 / 3}
"""The share of its letters that a text needs in its own script."""
OWN_LETTERS_BESIDE_LATIN = 0.1
"""The same for other scripts: names and terms of the documents stay Latin beside them."""
LONGEST_ANSWER = 1500
"""Characters; about twice the longest right answer, all delegations at a glance."""
MOST_QUOTED = 0.5
"""The share of a document that one reply may quote."""
WORDS_WITHOUT_LANGUAGE = 2
"""Up to so many words (a name, a code) may be of any language."""

ADDRESS = re.compile(r"\S+://\S+")
WORD = re.compile(r"[^\W\d_]+")


class Check(StrEnum):
    """A rule that a reply can break."""

    REPLY = "reply"
    OUTCOME = "outcome"
    MUST = "must"
    MUST_NOT = "must_not"
    CITES = "cites"
    QUOTE = "quote"
    LINES = "lines"
    LANGUAGE = "language"
    LENGTH = "length"


class Verdict(StrEnum):
    """What a question counts as: right, or one kind of failure."""

    CORRECT = "correct"
    WRONG_FACT = "wrong_fact"
    DECLINED = "declined"
    UNSUPPORTED = "unsupported"
    MISSING = "missing"
    OTHER = "other"


MEANINGS: Mapping[Verdict, str] = {
    Verdict.CORRECT: "right in every respect",
    Verdict.WRONG_FACT: "answered wrongly or in part, or where nothing may be answered",
    Verdict.DECLINED: "not answered, though the documents say it",
    Verdict.UNSUPPORTED: "right, but not proved by its quotes, or in another language",
    Verdict.MISSING: "no reply",
    Verdict.OTHER: "rightly not answered, but with another outcome or in other words",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a reply breaks, in words."""

    check: Check
    message: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a question."""

    question: GoldQuestion
    reply: Reply | None
    faults: tuple[Fault, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: how many questions of a kind there are, and how many went right."""

    name: str
    asked: int
    correct: int

    @property
    def percent(self) -> float:
        """To one decimal; 100 only where all are right."""
        if self.correct == self.asked:
            return 100.0 if self.asked else 0.0
        return min(99.9, round(100 * self.correct / self.asked, 1))

    def as_json(self) -> dict[str, int | float]:
        """Give plain data."""
        return {"n": self.asked, "correct": self.correct, "percent": self.percent}


@dataclass(frozen=True, slots=True)
class Score:
    """The judgements of all questions."""

    judgements: tuple[Judgement, ...]

    @property
    def total(self) -> Row:
        """All questions in one row."""
        return Row("total", len(self.judgements), self.count(Verdict.CORRECT))

    @property
    def failures(self) -> tuple[Judgement, ...]:
        """What is not right, in the order of the files."""
        return tuple(one for one in self.judgements if one.verdict is not Verdict.CORRECT)

    @property
    def quotes(self) -> int:
        """How many quotes all replies show."""
        return sum(len(one.reply.sources) for one in self.judgements if one.reply)

    @property
    def quotes_not_verbatim(self) -> int:
        """How many of them do not stand in the documents."""
        return sum(fault.check is Check.QUOTE for one in self.judgements for fault in one.faults)

    def count(self, verdict: Verdict) -> int:
        """Count the questions with a verdict."""
        return sum(one.verdict is verdict for one in self.judgements)

    def rows(self, kind: Callable[[GoldQuestion], str]) -> tuple[Row, ...]:
        """Count by kind, in the order in which the kinds come up."""
        groups: dict[str, list[Judgement]] = {}
        for one in self.judgements:
            groups.setdefault(kind(one.question), []).append(one)
        return tuple(
            Row(name, len(group), sum(one.verdict is Verdict.CORRECT for one in group))
            for name, group in groups.items()
        )

    def by_category(self) -> tuple[Row, ...]:
        """Count by category."""
        return self.rows(lambda question: question.category)

    def by_language(self) -> tuple[Row, ...]:
        """Count by the language of the question."""
        return self.rows(lambda question: question.lang)

    def as_json(self) -> dict[str, Any]:
        """Give plain data with every failure."""
        return {
            "total": self.total.as_json(),
            "by_category": {row.name: row.as_json() for row in self.by_category()},
            "by_language": {row.name: row.as_json() for row in self.by_language()},
            "verdicts": {verdict.value: self.count(verdict) for verdict in Verdict},
            "wrong_facts": self.count(Verdict.WRONG_FACT),
            "declined": self.count(Verdict.DECLINED),
            "quotes": self.quotes,
            "non_verbatim_quotes": self.quotes_not_verbatim,
            "failures": [
                {
                    "id": one.question.id,
                    "category": one.question.category,
                    "lang": one.question.lang,
                    "question": one.question.text,
                    "verdict": one.verdict.value,
                    "outcome": one.reply.outcome.value if one.reply else None,
                    "answer": one.reply.answer if one.reply else None,
                    "problems": [
                        {"check": fault.check.value, "message": fault.message}
                        for fault in one.faults
                    ],
                }
                for one in self.failures
            ],
        }


def ask_all(
    file: QuestionFile, answerer: Answerer, now: datetime
) -> Iterator[tuple[GoldQuestion, Reply | Exception]]:
    """Ask the questions of a file in order; those of one session are one conversation.

    The language of a question goes with it as that of the asker's program, as when the same
    line is asked in a batch. What breaks the answerer is given in the place of the reply.
    """
    conversations: dict[str, Conversation] = {}
    for question in file.questions:
        before = conversations.get(question.session or "", Conversation())
        message = Question(question.text, user_language=question.lang)
        try:
            reply, after = answerer.answer(message, before, now)
        except Exception as error:  # noqa: BLE001 - a defect is a failed question, not the end
            yield question, error
            continue
        if question.session is not None:
            conversations[question.session] = after
        yield question, reply


def score(files: Iterable[QuestionFile], answerer: Answerer, now: datetime) -> Score:
    """Ask every question of every file and judge the replies."""
    return Score(
        tuple(
            judged(question, reply, answerer)
            for file in files
            for question, reply in ask_all(file, answerer, now)
        )
    )


def judged(
    question: GoldQuestion, reply: Reply | Exception | None, answerer: Answerer
) -> Judgement:
    """Judge a reply of an answerer, which may quote announcements as well as documents."""
    documents = answerer.documents(reply.language) if isinstance(reply, Reply) else {}
    return judge(question, reply, documents)


def judge(
    question: GoldQuestion, reply: Reply | Exception | None, documents: Mapping[str, Document]
) -> Judgement:
    """Judge one reply; `documents` are those that its sources name."""
    if not isinstance(reply, Reply):
        said = f"broke with {type(reply).__name__}: {reply}" if reply else "no reply"
        return Judgement(question, None, (Fault(Check.REPLY, said),), Verdict.MISSING)
    faults = (
        *_outcome_faults(question, reply),
        *_wording_faults(question, reply),
        *_source_faults(question, reply, documents),
        *_length_faults(reply, documents),
        *_language_faults(question, reply),
    )
    return Judgement(question, reply, faults, _verdict(question, reply, faults))


def _verdict(question: GoldQuestion, reply: Reply, faults: Sequence[Fault]) -> Verdict:
    if not faults:
        return Verdict.CORRECT
    broken = {fault.check for fault in faults}
    answerable = Outcome.ANSWER in question.outcomes
    if reply.outcome is Outcome.ANSWER:
        if not answerable or broken & {Check.MUST, Check.MUST_NOT}:
            return Verdict.WRONG_FACT
        return Verdict.UNSUPPORTED
    if answerable and Check.OUTCOME in broken:
        return Verdict.DECLINED
    return Verdict.OTHER


def _judged_field(reply: Reply) -> tuple[str, str]:
    """Give the name and the text of the field in which a reply has to say what it must."""
    if reply.outcome is Outcome.ANSWER:
        return "answer", reply.answer
    return "text", reply.text


def _outcome_faults(question: GoldQuestion, reply: Reply) -> Iterator[Fault]:
    if reply.outcome not in question.outcomes:
        wanted = " or ".join(question.outcomes)
        yield Fault(Check.OUTCOME, f"{reply.outcome.value}, wanted {wanted}")


def _wording_faults(question: GoldQuestion, reply: Reply) -> Iterator[Fault]:
    name, text = _judged_field(reply)
    for group in question.must:
        if not any(says(text, words) for words in group):
            yield Fault(Check.MUST, f"{name} does not say {' or '.join(map(repr, group))}")
    for words in question.must_not:
        if says(reply.answer, words):
            yield Fault(Check.MUST_NOT, f"answer says {words!r}")


def says(text: str, words: str) -> bool:
    """Tell whether a text has the words, in either case; digits alone only as a whole number."""
    if words.isascii() and words.isdecimal():
        return words in re.findall(r"\d+", text)
    return squeeze(words).casefold() in squeeze(text).casefold()


def _source_faults(
    question: GoldQuestion, reply: Reply, documents: Mapping[str, Document]
) -> Iterator[Fault]:
    quotes = [squeeze(source.quote) for source in reply.sources]
    for words in question.cites:
        if not any(squeeze(words) in quote for quote in quotes):
            yield Fault(Check.CITES, f"no quote holds {words!r}")
    for source in reply.sources:
        if not _is_verbatim(source, documents):
            yield Fault(Check.QUOTE, f"not in {source.document!r}: {source.quote!r}")
        elif not _stands_in_its_lines(source, documents[source.document]):
            lines = f"{source.first_line} to {source.last_line}"
            yield Fault(Check.LINES, f"not in lines {lines}: {source.quote!r}")


def _is_verbatim(source: Source, documents: Mapping[str, Document]) -> bool:
    document = documents.get(source.document)
    quote = squeeze(source.quote)
    return bool(quote) and document is not None and quote in squeeze("\n".join(document.lines))


def _stands_in_its_lines(source: Source, document: Document) -> bool:
    first, last = source.first_line, source.last_line
    if not 1 <= first <= last <= len(document.lines):
        return False
    return squeeze(source.quote) in squeeze("\n".join(document.lines[first - 1 : last]))


def _length_faults(reply: Reply, documents: Mapping[str, Document]) -> Iterator[Fault]:
    shown: dict[str, set[str]] = {}
    wholes: dict[str, str] = {}
    for source in reply.sources:
        if source.document in documents:
            document = documents[source.document]
            shown.setdefault(document.file, set()).add(squeeze(source.quote))
            wholes[document.file] = squeeze("\n".join(document.lines))
    for file, quotes in shown.items():
        if sum(map(len, quotes)) > MOST_QUOTED * len(wholes[file]):
            yield Fault(Check.LENGTH, f"quotes more than half of {file}")
    if len(reply.answer) > LONGEST_ANSWER:
        yield Fault(Check.LENGTH, f"answer of {len(reply.answer)} characters")


def _language_faults(question: GoldQuestion, reply: Reply) -> Iterator[Fault]:
    wanted = languages_of(question)
    if wanted and reply.language not in wanted:
        yield Fault(Check.LANGUAGE, f"reply in {reply.language!r}, wanted {' or '.join(wanted)}")
        return
    name, text = _judged_field(reply)
    if not is_in_script_of(reply.language, text, [source.quote for source in reply.sources]):
        yield Fault(Check.LANGUAGE, f"{name} is not written as {reply.language!r} is")


def languages_of(question: GoldQuestion) -> tuple[str, ...]:
    """Give the languages that a reply may be in; empty where the question has none itself."""
    if question.reply_languages:
        return question.reply_languages
    if len(WORD.findall(question.text)) <= WORDS_WITHOUT_LANGUAGE:
        return ()
    return (question.lang,)


def is_in_script_of(language: str, text: str, quotes: Iterable[str]) -> bool:
    """Tell whether the words of a text, but for quotes and addresses, are in a language's script.

    A language without an entry in `SCRIPTS` may be in any.
    """
    if language not in SCRIPTS:
        return True
    for quote in sorted(quotes, key=len, reverse=True):
        text = text.replace(quote, " ")
    letters = [letter for letter in ADDRESS.sub(" ", text) if letter.isalpha()]
    script = SCRIPTS[language]
    own = sum(unicodedata.name(letter, "").startswith(script) for letter in letters)
    return own >= OWN_LETTERS.get(script, OWN_LETTERS_BESIDE_LATIN) * len(letters)
