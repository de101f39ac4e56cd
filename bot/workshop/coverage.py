"""Coverage: which facts and sentences of the documents the question tests reach.

A sentence is reached when a reply quotes words of it. A fact is reached when a reply quotes its
words and says its value; one that the documents do not give, when a reply to a question of its
kind speaks of its subject.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.answering import Answerer, Reply, Source
from bot.knowledge.model import Document, Fact, Knowledge
from bot.workshop.questions import QuestionFile
from bot.workshop.score import ask_all, says

SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"”’»]*(?=\s+[\"“‘«]?[^\W\d_a-z])|$)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document, and how many replies quote words of it."""

    document: str
    line: int
    text: str
    reached: int


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, and how many replies tell it."""

    fact: Fact
    reached: int

    @property
    def name(self) -> str:
        """Say which fact it is."""
        of = f" of {self.fact.of}" if self.fact.of else ""
        value = "not given" if self.fact.value is None else str(self.fact.value)
        return f"{self.fact.subject} {self.fact.relation}{of}: {value}"

    @property
    def lines(self) -> str:
        """Say on which lines of its document it stands; nothing where it is not given."""
        quote = self.fact.quote
        if quote is None:
            return ""
        several = quote.last_line > quote.first_line
        return f"{quote.first_line}-{quote.last_line}" if several else str(quote.first_line)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the questions reach."""

    asked: int
    sentences: tuple[Sentence, ...]
    facts: tuple[Told, ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain data: the figures, and what is not reached."""
        return {
            "asked": self.asked,
            "sentences": len(self.sentences),
            "facts": len(self.facts),
            "sentences_not_reached": [
                {"document": one.document, "line": one.line, "text": one.text}
                for one in self.sentences
                if not one.reached
            ],
            "facts_not_reached": [
                {"place": one.fact.place, "fact": one.name}
                for one in self.facts
                if not one.reached
            ],
        }


def coverage(files: Iterable[QuestionFile], answerer: Answerer, now: datetime) -> Coverage:
    """Ask every question, and count what the replies quote and tell."""
    knowledge = answerer.knowledge
    replies = [
        reply
        for file in files
        for _, reply in ask_all(file, answerer, now)
        if isinstance(reply, Reply)
    ]
    quoted = Counter(source for reply in replies for source in set(reply.sources))
    return Coverage(
        asked=len(replies),
        sentences=tuple(
            sentence
            for document in knowledge.documents.values()
            for sentence in _sentences(document, quoted)
        ),
        facts=tuple(
            Told(fact, sum(_tells(reply, fact, answerer) for reply in replies))
            for fact in knowledge.facts
        ),
    )


def _sentences(document: Document, quoted: Mapping[Source, int]) -> list[Sentence]:
    own = [(source, times) for source, times in quoted.items() if source.document == document.id]
    found: list[Sentence] = []
    for number in range(document.first_line, document.last_line + 1):
        for match in SENTENCE.finditer(document.lines[number - 1]):
            text = match.group()
            reached = sum(
                times
                for source, times in own
                if source.first_line <= number <= source.last_line
                and (text in source.quote or source.quote in text)
            )
            found.append(Sentence(document.id, number, text, reached))
    return found


def _tells(reply: Reply, fact: Fact, answerer: Answerer) -> bool:
    """Tell whether a reply tells a fact, or that it is not given."""
    knowledge = answerer.knowledge
    names = answerer.wording(reply.language).language.names
    if fact.quote is None:
        look_up = knowledge.intents[reply.intent].look_up if reply.intent else ""
        is_of_kind = fact.relation in (look_up, look_up.removesuffix("s")) or look_up in {
            "lacking", "overview", "delegations"
        }  # fmt: skip
        subject = names.get(fact.subject)
        forms = (str(subject), *subject.forms.values()) if subject else ()
        return is_of_kind and any(form in reply.answer for form in forms)
    if not any(source.quote == fact.quote.text for source in reply.sources):
        return False
    return _says_value(reply, fact, knowledge, names)


def _says_value(reply: Reply, fact: Fact, knowledge: Knowledge, names: Mapping[str, Any]) -> bool:
    value = fact.value
    if isinstance(value, date):
        return says(reply.answer, str(value.day))
    if isinstance(value, int):
        return says(reply.answer, str(value))
    if isinstance(value, str) and value in knowledge.entities:
        name = names[value]
        return any(says(reply.answer, form) for form in (str(name), *name.forms.values()))
    return says(reply.answer, str(value))


# ---------------------------------------------------------------------- page

STYLE = """
body { font: 16px/1.6 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1f24; background: #fff }
table { border-collapse: collapse } td, th { padding: .2rem 1rem .2rem 0; text-align: left }
.line { display: flex; gap: 1rem } .number { color: #57606a; min-width: 2rem; text-align: right }
.no { background: #ffd8d3; text-decoration: underline wavy #b3261e }
.few { background: #fff3c4 } .many { background: #d7f5dd }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #16181c }
  .no { background: #5c1a17 } .few { background: #4d4213 } .many { background: #17402a } }
"""
FEW = 5
"""Replies up to which a sentence counts as reached by few."""
LEGEND = " · ".join(
    f'<span class="{shade}">{words}</span>'
    for shade, words in (("no", "no question"), ("few", f"up to {FEW}"), ("many", "more"))
)


def page(found: Coverage, knowledge: Knowledge) -> str:
    """Draw the coverage over the text of the documents, as a page that needs nothing else."""
    parts = [
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>Coverage</title><style>{STYLE}</style><h1>Coverage</h1>",
        f"<p>{html.escape(summary(found))}</p>",
        f"<p>{LEGEND}</p>",
    ]
    for document in knowledge.documents.values():
        parts.append(f"<h2>{html.escape(document.title)}</h2>")
        for number in range(document.first_line, document.last_line + 1):
            spans = " ".join(
                _span(one)
                for one in found.sentences
                if (one.document, one.line) == (document.id, number)
            )
            if spans:
                parts.append(
                    f'<div class="line"><span class="number">{number}</span>'
                    f'<span lang="{html.escape(document.language)}">{spans}</span></div>'
                )
    rows = "".join(
        f'<tr><td><span class="{_shade(one.reached)}">{html.escape(one.name)}</span></td>'
        f"<td>{one.lines}</td><td>{one.reached}</td></tr>"
        for one in sorted(found.facts, key=lambda one: one.reached > 0)
    )
    titles = "<th>fact</th><th>line</th><th>questions</th>"
    parts.append(f"<h2>Facts</h2><table><tr>{titles}</tr>{rows}</table>")
    return "\n".join(parts) + "</html>\n"


def summary(found: Coverage) -> str:
    """Say in a line how much is reached."""
    return (
        f"{found.asked} questions reach {_share(found.sentences)} sentences"
        f" and {_share(found.facts)} facts"
    )


def _share(counted: Sequence[Sentence] | Sequence[Told]) -> str:
    return f"{sum(one.reached > 0 for one in counted)} of {len(counted)}"


def _span(one: Sentence) -> str:
    title = f"{one.reached} question{'' if one.reached == 1 else 's'}"
    return f'<span class="{_shade(one.reached)}" title="{title}">{html.escape(one.text)}</span>'


def _shade(reached: int) -> str:
    return "many" if reached > FEW else "few" if reached else "no"
