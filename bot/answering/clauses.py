"""A message to its clauses, and each clause to what it asks.

A message may hold several questions, a greeting, and a story around them: sentence by sentence,
and within a sentence span by span, the reading is taken that explains the most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.entities import Mention
from bot.answering.intents import BINDING, POLITE, Ask, Catalogue, read
from bot.answering.lexicon import HINT
from bot.answering.words import Word

MOST_PIECES = 6
"""Pieces of a sentence that are tried in combination; the rest goes with the last."""
ANOTHER_QUESTION = 1.6
"""What reading one more question into a sentence must gain."""
LEFT_OUT = 1.5
"""What it costs to leave out a piece as a story, for each name in it."""
UNDISTURBED = 0.3
"""Weight against the best rule up to which a sentence is not taken apart."""
OPENERS = frozenset({"who", "what", "which", "count", "where", "when", "why"})
"""Cues that may begin another question where no comma does, as in dictated text."""

JOINING = frozenset({"total", "compare", "than", "conjunction", "followup", "delegation"})
"""Cues that may stand between names that are only named."""
NAMED = frozenset({"country", "chamber", "parliament", "person"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, read as a whole and clause by clause."""

    whole: Ask
    clauses: tuple[Ask, ...]


MOST_SENTENCES = 40
"""Sentences of a message that are read: more are no question, and would only cost time."""


def _end_of_reading(words: Sequence[Word]) -> int:
    """Give the number of words in the first `MOST_SENTENCES` sentences."""
    read_on = 0
    seen = 0
    last = None
    for word in words:
        if word.sentence != last:
            seen, last = seen + 1, word.sentence
            if seen > MOST_SENTENCES:
                break
        read_on += 1
    return read_on


def split_sentences(
    words: Sequence[Word], mentions: Sequence[Mention], catalogue: Catalogue
) -> list[Sentence]:
    """Read the sentences of a message, in order; a story around a question is left out."""
    sentences: list[Sentence] = []
    start = 0
    words = words[: _end_of_reading(words)]
    for place in range(1, len(words) + 1):
        if place == len(words) or words[place].sentence != words[start].sentence:
            whole = read(tuple(words[start:place]), mentions, start, catalogue)
            clauses = _split_sentence(whole, words, mentions, catalogue)
            sentences.append(Sentence(whole, tuple(clauses)))
            start = place
    return _with_their_names(sentences, words, mentions, catalogue)


def _with_their_names(
    sentences: Sequence[Sentence],
    words: Sequence[Word],
    mentions: Sequence[Mention],
    catalogue: Catalogue,
) -> list[Sentence]:
    """Join a sentence that only names something with the next, if that names nothing itself.

    "Tajikistan: which chambers?" is one question, though a colon stands in it.
    """
    joined: list[Sentence] = []
    for sentence in sentences:
        before = joined[-1].whole if joined else None
        ask = sentence.whole
        names_later = "anaphora" in ask.tags or not ask.tags & NAMED
        names_after = (
            only_names(ask) and before and before.scores and not before.tags & ask.tags & NAMED
        )
        unread = (
            before
            and before.tags
            and not before.scores
            and not before.tags & (BINDING | {"missing_word"})
            and ask.tags & NAMED
        )
        if before and ((only_names(before) and names_later) or names_after or unread):
            last = ask.first + len(ask.words)
            both = read(tuple(words[before.first : last]), mentions, before.first, catalogue)
            if both.points > max(ask.points, before.points):
                clauses = _split_sentence(both, words, mentions, catalogue)
                joined[-1] = Sentence(both, tuple(clauses))
                continue
        joined.append(sentence)
    return joined


def only_names(ask: Ask) -> bool:
    """Tell whether a clause names something and says nothing of it."""
    return (
        bool(ask.tags & NAMED)
        and not ask.unexplained
        and all(
            mention.is_filler or mention.tags & NAMED or mention.tags <= JOINING | POLITE
            for mention in ask.mentions
        )
    )


def only_denies(ask: Ask) -> bool:
    """Tell whether a clause only says what is not meant: "Not the plenary, the interview."."""
    opens = bool(ask.mentions) and ask.mentions[0].start == ask.first
    return opens and "not" in ask.mentions[0].tags and not ask.tags & (OPENERS | {"polar", "list"})


def _split_sentence(
    whole: Ask, words: Sequence[Word], mentions: Sequence[Mention], catalogue: Catalogue
) -> list[Ask]:
    start, end = whole.first, whole.first + len(whole.words)
    against = whole.scores[0].against if whole.scores else float("inf")
    if against <= UNDISTURBED:
        return [whole]
    cuts = [start, *_cuts(words, mentions, start, end)[: MOST_PIECES - 1], end]
    if len(cuts) == 2:
        return [whole]
    best: dict[int, tuple[float, list[Ask]]] = {end: (0.0, [])}
    for place in range(len(cuts) - 2, -1, -1):
        here = cuts[place]
        options: list[tuple[float, list[Ask]]] = []
        for later in cuts[place + 1 :]:
            rest, following = best[later]
            ask = (
                whole
                if (here, later) == (start, end)
                else read(tuple(words[here:later]), mentions, here, catalogue)
            )
            if ask.scores:
                score = ask.scores[0]
                value = score.explained - score.against - (ANOTHER_QUESTION if following else 0)
                options.append((value + rest, [ask, *following]))
            if not ask.tags & BINDING and HINT not in ask.tags:
                names = sum(bool(mention.tags & NAMED) for mention in ask.mentions)
                options.append((rest - LEFT_OUT * names, following))
        if not options:  # a piece that may not be left out and that no rule reads
            return [whole]
        best[here] = max(options, key=lambda option: option[0])
    return best[start][1] or [whole]


def _cuts(words: Sequence[Word], mentions: Sequence[Mention], start: int, end: int) -> list[int]:
    """Give where another question may begin: at a comma, a conjunction or a question word."""
    cuts = {place for place in range(start + 1, end) if words[place].after_comma}
    asked, named = False, False  # many languages put the question word last, after its subject
    for mention in mentions:
        if start <= mention.start < end:
            opens = bool(mention.tags & OPENERS)
            another = opens and (asked or not named)
            joins = "conjunction" in mention.tags and "total" not in mention.tags  # not "plus"
            if mention.start > start and (joins or another):
                cuts.add(mention.start)
            asked = asked or opens
            named = named or bool(mention.tags & NAMED)
    return sorted(cuts)
