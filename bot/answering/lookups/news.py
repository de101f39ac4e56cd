"""Announcements: the latest, those about something, or that there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bot.answering.announced import Announced, Wish, text_lines, wishes_of, years_of
from bot.answering.finding import SENTENCES, Finding, Ref, Say, Words, say
from bot.answering.intents import THRESHOLD, Ask
from bot.answering.passages import Found, Passages, stems_of
from bot.answering.reply import Outcome
from bot.answering.words import split_words
from bot.knowledge.model import Document, Intent, Knowledge, NewsItem, Quote
from bot.news.post import language_of

MOST_LISTED = 5
MOST_SOUGHT = 4
"""Words of what was looked for that a reply names."""
LEAST_KNOWN, LEAST_SCORE = 0.6, 0.3
"""What a sentence of an announced document must reach, as `Found` counts, to be about a thing."""
GIVEN = frozenset(
    {"representative", "members", "lead", "parliament_word", "chamber_word", "chamber", "website",
     "deputy_secretary", "delegation", "interview"}
)  # fmt: skip
"""Tags of what facts are about, which no sentence is: news of it has to name it."""


class News:
    """Finds announcements."""

    def __init__(
        self,
        knowledge: Knowledge,
        announced: Announced,
        passages: Passages,
        respelt: Callable[[str], str],
    ) -> None:
        self._knowledge = knowledge
        self._announced = announced
        self._passages = passages
        self._respelt = respelt

    def latest(self, intent: Intent, language: str, years: Sequence[int] = ()) -> Finding:
        """Give the latest announcements, of some years or of all."""
        items = self._announced.about((), years)[:MOST_LISTED]
        if not items:
            if not self._announced.items:
                return self._nothing(intent, language, say("news_none"))
            return self._nothing(intent, language, _not_about(map(str, years)))
        if len(items) == 1:
            says = [self._line(items[0], language, "news_latest")]
        else:
            says = [say("news_heading"), *(self._line(item, language) for item in items)]
        return self._found(intent, items, says, language)

    def asked(self, ask: Ask, intent: Intent, language: str) -> Finding:
        """Give the announcements that a question is about."""
        wishes, years = wishes_of(ask), years_of(ask)
        if not wishes or not self._announced.items:
            return self.latest(intent, language, years)
        items = self._announced.about(wishes, years)[:MOST_LISTED]
        if items:
            says = [self._line(item, language) for item in items]
            return self._found(intent, items, says, language, wishes)
        found = self._in_source(wishes, language)
        if found is not None:
            item, passage = found
            if not years or item.date.year in years:
                sentences = Say(SENTENCES, passages=passage.ids)
                says = [self._line(item, language), *self._spoken(passage), sentences]
                quotes = [self._knowledge.passage(name).quote for name in passage.ids]
                return self._found(intent, (item,), says, language, (), quotes)
        sought = [wish.words for wish in wishes[:MOST_SOUGHT]]
        return self._nothing(intent, language, _not_about(sought))

    def _in_source(self, wishes: Sequence[Wish], language: str) -> tuple[NewsItem, Found] | None:
        """Find the announcement of a document that has a sentence about what is wished."""
        if any(wish.entities or wish.tags & GIVEN for wish in wishes):
            return None
        forms = [self._respelt(word.form) for wish in wishes for word in split_words(wish.words)]
        found = self._passages.search(language, forms, forms)
        if found is None or found.known < LEAST_KNOWN or found.score < LEAST_SCORE:
            return None
        document = self._knowledge.passage(found.best).quote.document
        for item in self._announced.items:
            if item.source == document:
                return item, found
        return None

    def _spoken(self, found: Found) -> list[Say]:
        """Say whose words sentences are."""
        document = self._knowledge.documents[self._knowledge.passage(found.best).quote.document]
        offices = self._knowledge.find("office", document.speaker)
        if document.speaker is None or document.date is None or not offices:
            return []
        person, office = Ref(document.speaker), Ref(str(offices[0].value))
        key = "said_in_interview" if document.is_interview else "said_by"
        return [say(key, person=person, office=office, date=document.date)]

    def _line(self, item: NewsItem, language: str, key: str = "news_line") -> Say:
        title = text_lines(item, language_of(item, language))[0]
        return say(key, date=item.date, title=Words(title))

    def _found(
        self,
        intent: Intent,
        items: Sequence[NewsItem],
        says: Sequence[Say],
        language: str,
        wishes: Sequence[Wish] = (),
        quotes: Sequence[Quote] = (),
    ) -> Finding:
        documents = tuple(self._announced.document(item, language) for item in items)
        own = [
            document.quote(line)
            for item, document in zip(items, documents, strict=True)
            for line in _telling(document, item, wishes, alone=len(items) == 1 and not quotes)
        ]
        sources = tuple(item.source for item in items if item.source)
        return Finding(
            outcome=Outcome.ANSWER,
            intent=intent.id,
            says=tuple(says),
            quotes=tuple(dict.fromkeys((*own, *quotes))),
            documents=documents,
            focus={"document": tuple(dict.fromkeys(sources))} if sources else {},
            confidence=100.0,
            follows=intent.follows,
        )

    def _nothing(self, intent: Intent, language: str, statement: Say) -> Finding:
        items = self._announced.items[:1]
        return Finding(
            outcome=Outcome.NOT_IN_DOCUMENTS,
            intent=intent.id,
            says=(statement,),
            hints=tuple(self._line(item, language, "news_latest") for item in items),
            confidence=THRESHOLD,
            follows=intent.follows,
        )


def _not_about(sought: Iterable[str]) -> Say:
    return say("news_not_about_sought", thing=Words(" ".join(sought)))


def _telling(
    document: Document, item: NewsItem, wishes: Sequence[Wish], *, alone: bool
) -> list[str]:
    """Choose the lines to quote: the title, and of one item what it says, or says of a thing."""
    title, *rest = text_lines(item, document.language)
    if not alone:
        return [title]
    stems = {stem for wish in wishes for stem in wish.stems}
    near = [
        line
        for line in rest
        if any(stems & set(stems_of(word.form)) for word in split_words(line))
    ]
    return [title, *(near or rest)]
