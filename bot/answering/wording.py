"""A finding to a reply in the reader's language.

Templates, names and plurals come from `knowledge/languages/`; numbers are digits, quotes stay in
the document's language, and an interview answer in another language is marked as a translation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from string import Formatter
from types import MappingProxyType
from typing import Any

from bot.answering.finding import SENTENCES, Count, Finding, Ref, Say, Value, Words, say
from bot.answering.reply import Outcome, Source, Step
from bot.knowledge.model import Document, Knowledge, Language, Name, Quote

NONE: Mapping[str, Document] = MappingProxyType({})


class Wording:
    """Words findings in one language."""

    def __init__(self, knowledge: Knowledge, language: Language) -> None:
        self._knowledge = knowledge
        self.language = language
        self._steps: dict[tuple[str, str | None], Step | None] = {}
        """The next questions that have been worded."""

    def answer(self, finding: Finding) -> str:
        """Give the direct answer alone: statements, or the sentences that are the answer."""
        if finding.intent == "passage":
            return self._sentences(finding.passages)
        lines = [self.say(statement) for statement in finding.says]
        if finding.passages:
            lines += [f"{place}. {self._sentence(name)}"
                      for place, name in enumerate(finding.passages, start=1)]  # fmt: skip
        return "\n".join(capitalised(line) for line in lines if line)

    def text(
        self,
        finding: Finding,
        answer: str,
        sources: Sequence[Source],
        suggestions: Sequence[str],
    ) -> str:
        """Give the whole reply: the answer, what is nearest to it, and the sources."""
        parts = [answer]
        if finding.intent == "passage":
            parts[0] = f"{self._attribution(finding)}\n{answer}"
        parts += [self.say(hint) for hint in finding.hints]
        if finding.outcome in (Outcome.HELP, Outcome.OUT_OF_SCOPE) and suggestions:
            parts.append("\n".join(f"• {suggestion}" for suggestion in suggestions))
        for source in sources:
            parts.append(f"«{source.quote}»\n{self.source_line(source)}")
        return "\n\n".join(part for part in parts if part)

    def statement(self, finding: Finding, answer: str) -> str:
        """Give the part of the answer that is not quoted."""
        if finding.intent != "passage":
            return answer
        quoted = " ".join(self._original(name) for name in finding.passages)
        return answer.removesuffix(quoted).rstrip()

    def attribution(self, finding: Finding) -> str:
        """Say whose words the quotes are, where they are the answer."""
        return self._attribution(finding) if finding.intent == "passage" else ""

    def emphasis(self, finding: Finding) -> tuple[str, ...]:
        """Give the names and numbers that are what was asked for, as the answer spells them."""
        found: list[str] = []
        if finding.outcome is Outcome.ANSWER and finding.intent != "passage":
            for statement in finding.says:
                found += self._telling(statement, "person", "number")
            for statement in finding.says if not found else ():
                found += self._telling(statement, "country", "chamber")
        return tuple(dict.fromkeys(found))

    def _telling(self, value: Value, *kinds: str) -> list[str]:
        """Give the names of some kinds, or the numbers, in a statement."""
        if isinstance(value, Say):
            if value.key == SENTENCES or value.key not in self.language.replies:
                return []
            parts = parsed(self.language.replies[value.key])
            forms = [
                (value.values[name], form)
                for _, name, form in parts
                if name and name in value.values
            ]
            return [
                words
                for part, form in forms
                for words in (
                    [self._value(part, form)]
                    if isinstance(part, Ref) and self._knowledge.entities[part.id].kind in kinds
                    else self._telling(part, *kinds)
                )
            ]
        if isinstance(value, Ref):
            return (
                [str(self.name(value.id))]
                if (self._knowledge.entities[value.id].kind in kinds)
                else []
            )
        if isinstance(value, Words):
            return []
        if isinstance(value, Count):
            return [self.counted(value.number, value.unit)] if "number" in kinds else []
        if isinstance(value, date):
            return []
        if isinstance(value, float):
            return []
        if isinstance(value, int):
            return [str(value)] if "number" in kinds else []
        return [words for part in value for words in self._telling(part, *kinds)]

    def sources(self, finding: Finding) -> tuple[Source, ...]:
        """Give each quote of a finding with the place where it stands."""
        quotes = list(finding.quotes)
        if finding.intent == "passage":
            quotes = [self._knowledge.passage(name).quote for name in finding.passages]
        beside = {document.id: document for document in finding.documents}
        return tuple(self._source(quote, beside) for quote in dict.fromkeys(quotes))

    def source_line(self, source: Source) -> str:
        """Say where a quote stands: title, line, date or that it has none."""
        key = "source_line" if source.date else "source_line_undated"
        values: dict[str, Value] = {"title": Words(source.title), "line": source.first_line}
        if source.date:
            values["date"] = source.date
        return self.say(Say(key, values))

    def document_line(self, document: str) -> str:
        """Give the source line of a document as a whole. Raises `KeyError` where there is none."""
        return self.source_line(self._source(self._knowledge.documents[document].head))

    def updated_line(self, at: datetime) -> str:
        """Say that something was changed, and when, in the time zone of `at`."""
        time = Words(f"{at:%H:%M} {at.tzname() or ''}".strip())
        return self.say(say("news_updated", date=at.date(), time=time))

    def _source(self, quote: Quote, beside: Mapping[str, Document] = NONE) -> Source:
        document = beside.get(quote.document) or self._knowledge.documents[quote.document]
        return Source(quote.document, document.title, document.date, quote.first_line,
                      quote.last_line, quote.text)  # fmt: skip

    def _attribution(self, finding: Finding) -> str:
        passage = self._knowledge.passage(finding.passages[0])
        document = self._knowledge.documents[passage.quote.document]
        values: dict[str, Value] = {"person": Ref(document.speaker or "")}
        if document.date:
            values["date"] = document.date
        office = self._knowledge.find("office", document.speaker)
        if office:
            values["office"] = Ref(str(office[0].value))
        return self.say(Say("said_in_interview" if document.is_interview else "said_by", values))

    def _sentences(self, names: Sequence[str]) -> str:
        originals = " ".join(self._original(name) for name in names)
        if not all(name in self.language.translations for name in names):
            return originals
        translated = " ".join(self.language.translations[name] for name in names)
        marked = self.say(Say("translated", {"text": Words(translated)}))
        return f"{marked}\n{originals}"

    def _original(self, name: str) -> str:
        for document in self._knowledge.documents.values():
            for passage in document.asked:
                if passage.id == name:
                    return passage.quote.text
        return self._knowledge.passage(name).quote.text

    def _sentence(self, name: str) -> str:
        return self.language.translations.get(name) or self._original(name)

    # --------------------------------------------------------------- templates

    def say(self, statement: Say) -> str:
        """Word one statement. Raises `KeyError` where the language has no such reply."""
        if statement.key == SENTENCES:
            return self._sentences(statement.passages)
        template = self.language.replies[statement.key]
        parts: list[str] = []
        for literal, name, form in parsed(template):
            ended = literal.startswith(".") and parts and parts[-1].endswith(".")
            parts.append(literal[1:] if ended else literal)
            if name is not None:
                parts.append(self._value(statement.values[name], form))
        return "".join(parts)

    def _value(self, value: Value, form: str) -> str:
        if isinstance(value, Ref):
            return format(self.name(value.id), form)
        if isinstance(value, Words):
            return value.text
        if isinstance(value, Count):
            return self.counted(value.number, value.unit)
        if isinstance(value, Say):
            return self.say(value)
        if isinstance(value, date):
            return self.dated(value, form)
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            return decimal(self.language.code, value)
        return self._listed([self._value(part, form) for part in value])

    def _listed(self, parts: Sequence[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        last = self.language.replies["list_and"]
        return ", ".join(parts[:-1]) + last + parts[-1]

    def name(self, entity_id: str) -> Name:
        """Give how the language calls an entity."""
        return self.language.names[entity_id]

    def step(self, intent: str, country: str | None) -> Step | None:
        """Word what to ask next; None where that needs a country and there is none."""
        key = (intent, country)
        if key not in self._steps:
            self._steps[key] = self._step(intent, country)
        return self._steps[key]

    def _step(self, intent: str, country: str | None) -> Step | None:
        template = self.language.replies.get(f"ask_{intent}", "")
        if "{country" not in template:
            return Step(intent, None, template) if template else None
        if country is None:
            return None
        return Step(intent, country, self.say(say(f"ask_{intent}", country=Ref(country))))

    def choice(self, entity_id: str) -> str:
        """Name an entity so that it can be told from others of its name: with its country."""
        country = self._knowledge.entities[entity_id].country
        name = str(self.name(entity_id))
        return f"{name} ({self.name(country)})" if country else name

    def counted(self, number: int, unit: str) -> str:
        """Put a number of something in the plural that CLDR's rules want: `21 член`."""
        forms = self.language.plurals[unit]
        category = plural_category(self.language.code, number)
        return forms.get(category, forms["other"]).replace("{n}", str(number))

    def dated(self, day: date, form: str) -> str:
        """Write a date as the language does; the form `day` leaves the year out."""
        dates = self.language.dates
        if dates:
            return dates.write(dates.day if form == "day" else dates.long, day)
        return written_date(self.language.code, day, form == "day")


@lru_cache(maxsize=2000)
def parsed(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """Split a template into its literal parts and its placeholders with their forms."""
    return tuple(
        (literal, name, form or "") for literal, name, form, _ in Formatter().parse(template)
    )


def capitalised(line: str) -> str:
    """Begin a statement with a capital letter; an address stays as it is."""
    return line[:1].upper() + line[1:] if not line.startswith("http") else line


@lru_cache(maxsize=4096)
def plural_category(language: str, number: int) -> str:
    """Give CLDR's plural category of a number in a language, e.g. `few`."""
    rule = _locale(language).plural_form
    return str(rule(number))


@lru_cache(maxsize=512)
def decimal(language: str, number: float) -> str:
    """Write a number with one place at most, with the language's own decimal mark."""
    from babel.numbers import format_decimal

    return str(format_decimal(number, format="0.#", locale=_locale(language)))


@lru_cache(maxsize=512)
def written_date(language: str, day: date, without_year: bool) -> str:
    """Write a date in CLDR's long form, with or without its year."""
    from babel.dates import format_date, format_skeleton, get_date_format

    locale = _locale(language)
    if without_year:
        return str(format_skeleton("MMMMd", day, locale=locale))
    form = get_date_format("long", locale=locale).pattern.replace("dd", "d")  # 5, not 05
    return str(format_date(day, format=form, locale=locale))


@lru_cache(maxsize=64)
def _locale(language: str) -> Any:
    # Babel's data of a locale takes milliseconds to read: only languages that speak pay for it.
    from babel import Locale

    return Locale.parse(language)
