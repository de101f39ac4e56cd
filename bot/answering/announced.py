"""Which announcements a question is about, and the announcements as documents to quote from.

An item matches when it, in any of its languages, has what the question names: entities by what
they are, other words by their stems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.answering.entities import Mention, tags_of
from bot.answering.intents import TOPIC, Ask
from bot.answering.passages import stems_of
from bot.answering.words import split_words
from bot.knowledge.model import Document, Knowledge, NewsItem, QuoteError
from bot.news import markup
from bot.news.post import language_of
from bot.news.text import clean

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Numbers that are taken for years."""
FRAME = frozenset(
    {"news", "fresh", "published", "documents", "covered", "source", "subject_matter", "date",
     "assembly", "csto", "number", "polar", "who", "what", "which", "where", "when", "why", "name",
     "list", "all", "both", "other", "only", "from", "about", "also", "total", "whose", "count",
     "restricts", "conjunction", "several", "followup", "yes_word", "anaphora", "greeting",
     "thanks", "said", "questions", "person_word", "country_word", "trust_word", "next_session"}
)  # fmt: skip
"""Tags of words that ask for announcements, whatever they are about."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that announcements are to be about."""

    words: str
    """As they were typed."""
    stems: frozenset[str]
    entities: frozenset[str]
    """Ids of what the words may name."""
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What an item is about."""

    item: NewsItem
    stems: frozenset[str]
    entities: frozenset[str]
    tags: frozenset[str]

    def meets(self, wish: Wish) -> bool:
        """Tell whether the item is about it."""
        if wish.entities:
            return not self.entities.isdisjoint(wish.entities)
        return not self.stems.isdisjoint(wish.stems) or bool(wish.tags & self.tags)


class Announced:
    """The announcements of a knowledge, ready to be asked about."""

    def __init__(self, knowledge: Knowledge, read: Callable[[str], Sequence[Mention]]) -> None:
        """Prepare them; `read` recognises what a text names."""
        self._knowledge = knowledge
        self._read = read

    @property
    def items(self) -> tuple[NewsItem, ...]:
        """Give all items, the latest first."""
        return tuple(self._knowledge.news.values())

    @cached_property
    def _known(self) -> tuple[_Known, ...]:
        return tuple(map(self._about, self.items))

    def _about(self, item: NewsItem) -> _Known:
        texts = [*item.title.values(), " ".join(item.topics)]
        texts += [markup.read(words).text for words in item.summary.values()]
        mentions = [mention for text in texts for mention in self._read(text)]
        return _Known(
            item,
            frozenset(
                stem
                for text in texts
                for word in split_words(text)
                for stem in stems_of(word.form)
            ),
            frozenset(_named(mentions)),
            tags_of(mentions) - FRAME,
        )

    def about(self, wishes: Sequence[Wish], years: Iterable[int] = ()) -> tuple[NewsItem, ...]:
        """Give the items that are about what is wished: all that is named, and most of the rest.

        With `years`, only items of these.
        """
        years = set(years)
        found = []
        for known in self._known:
            met = [known.meets(wish) for wish in wishes]
            named = all(ok for ok, wish in zip(met, wishes, strict=True) if wish.entities)
            most_met = 2 * sum(met) > len(met) or not met
            if named and most_met and (not years or known.item.date.year in years):
                found.append((sum(met), known.item))
        most = max((number for number, _ in found), default=0)
        return tuple(item for number, item in found if number == most)

    def document(self, item: NewsItem, language: str) -> Document:
        """Give an item as a document, in the language or else its first.

        An item in the words of the document that it announces is quoted from there, with its
        lines; any other is a document of its own.
        """
        code = language_of(item, language)
        lines = text_lines(item, code)
        source = self._knowledge.documents.get(item.source or "")
        if source is not None and source.language == code and _stand_in(source, lines):
            return replace(
                source, id=item.id, title=lines[0], date=item.date, speaker=None, passages=(),
                asked=(), place=item.place,
            )  # fmt: skip
        return Document(
            id=item.id,
            file=item.place,
            lines=lines,
            first_line=1,
            last_line=len(lines),
            title=lines[0],
            date=item.date,
            speaker=None,
            language=code,
            place=item.place,
        )


def text_lines(item: NewsItem, language: str) -> tuple[str, ...]:
    """Give the lines of an item without markup: the title, then those of the summary."""
    summary = markup.read(item.summary.get(language, "")).text
    return (clean(item.title[language]), *(line for line in summary.split("\n") if line))


def wishes_of(ask: Ask) -> tuple[Wish, ...]:
    """Give what a question wants announcements to be about; nothing where any will do."""
    wishes = []
    unread = {word.start for word in ask.unexplained}
    for mention in ask.mentions:
        if mention.start < 0 or mention.is_filler or not mention.tags - FRAME - TOPIC:
            continue
        words = ask.words[mention.start - ask.first : mention.end - ask.first]
        wishes.append(
            Wish(
                words=" ".join(word.raw for word in words),
                stems=frozenset(stem for word in words for stem in stems_of(word.form)),
                entities=frozenset(_named([mention])),
                tags=mention.tags - FRAME,
            )
        )
    for word in ask.words:
        if word.start in unread and word.form[0].isalpha() and len(word.form) > 1:
            stems = frozenset(stems_of(word.form))
            wishes.append(Wish(word.raw, stems, frozenset(), frozenset()))
    places = {word.raw: word.start for word in reversed(ask.words)}
    return tuple(sorted(wishes, key=lambda wish: places[wish.words.split(" ")[0]]))


def years_of(ask: Ask) -> tuple[int, ...]:
    """Give the years that a question names."""
    numbers = [int(word.form) for word in ask.words if word.is_number and len(word.form) == 4]
    return tuple(number for number in numbers if FIRST_YEAR <= number <= LAST_YEAR)


def _stems(text: str) -> Iterable[str]:
    return (stem for word in split_words(text) for stem in stems_of(word.form))


def _named(mentions: Iterable[Mention]) -> set[str]:
    """Give the ids of the entities that mentions may stand for."""
    return {
        meaning.value
        for mention in mentions
        for meaning in mention.meanings
        if isinstance(meaning.value, str) and meaning.tag != "url"
    }


def _stand_in(document: Document, lines: Sequence[str]) -> bool:
    try:
        return all(document.quote(line) for line in lines)
    except QuoteError:
        return False
