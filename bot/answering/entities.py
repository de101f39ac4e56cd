"""What is named in a message: countries, chambers, people, cues; and the words left over.

`recognise` covers the words with the patterns of the lexicon. What the mentions amount to is
for `intents` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from bot.answering.lexicon import (
    DOUBT,
    SHORTER,
    SLIPPED,
    SOUNDED,
    Lexicon,
    Matches,
    Meaning,
    Sense,
    site_of,
)
from bot.answering.words import Word
from bot.knowledge.model import Kind

LONGEST_PATTERN = 8
"""Words."""
LONG = 8
"""Letters from which a misspelt word may be a filler: a shorter one may be a name."""
SHORTEST_COMPANY = 4
"""Letters of a word of a pattern that vouches for the misspelt one beside it."""
SHORTEST_TOLD = 3
"""Letters of a word that tells whether a message is written in a Latin language."""
NO_TAGS: frozenset[str] = frozenset()
NAMES = frozenset({Kind.CHAMBER, Kind.PARLIAMENT})
"""Tags of names that are made of words which other names have as well."""
LIGHT = frozenset({"several", "restricts", "conjunction", "followup"})
"""Cues that only turn a question: a word that is no more in one language may be so in another."""
TOGETHER = 0.6
"""What each further word of a pattern is worth: one long pattern beats several short ones."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a message that mean something."""

    start: int
    """The number of the first word."""
    end: int
    """The number after the last word."""
    sense: Sense
    quality: float
    """From 0 to 1: how well the words match the pattern."""

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Give everything that the words may mean."""
        return self.sense.meanings

    @property
    def tags(self) -> frozenset[str]:
        """Give the cues and kinds of entities, without `filler`."""
        return self.sense.tags

    @property
    def is_filler(self) -> bool:
        """Tell whether the words may stand beside any question."""
        return self.sense.is_filler

    @classmethod
    def of(cls, start: int, end: int, meanings: Iterable[Meaning], quality: float) -> Mention:
        """Make a mention of what its words mean."""
        return cls(start, end, Sense.of(meanings), quality)

    def values(self, tag: str) -> tuple[str | int, ...]:
        """Give what the words may stand for under a tag, without repetition."""
        return self.sense.values.get(tag, ())


def recognise(
    words: Sequence[Word], lexicon: Lexicon, *, by_sound: bool = True
) -> tuple[Mention, ...]:
    """Cover the words with mentions that do not overlap; long and exact ones are preferred.

    Words of other scripts that are written in Latin letters are known by their sound.
    No mention crosses the end of a sentence. Words in no mention are left unexplained.
    """
    count = len(words)
    matches = _matches(words, lexicon, by_sound=by_sound)
    best: list[float] = [0.0] * (count + 1)
    choice: list[Mention | None] = [None] * count
    shouted = _is_shouted(words)
    for start in range(count - 1, -1, -1):
        best[start] = best[start + 1]
        for mention in _mentions_at(start, words, matches, lexicon, shouted):
            further = mention.end - start - 1  # one misspelt word does not make the others so
            value = further + mention.quality * (1 + TOGETHER * further)
            # A phrase says more than its words, also one that only fills: "not only".
            value += 0.3 * (1 + further) if mention.tags or further else 0.0
            if value + best[mention.end] > best[start]:
                best[start] = value + best[mention.end]
                choice[start] = mention
    mentions: list[Mention] = []
    place = 0
    while place < count:
        chosen = choice[place]
        if chosen is None:
            place += 1
        else:
            mentions.append(chosen)
            place = chosen.end
    return tuple(_with_torn_names(mentions, matches, lexicon))


def _with_torn_names(
    mentions: Sequence[Mention], matches: Sequence[Matches], lexicon: Lexicon
) -> Iterator[Mention]:
    """Mark a word beside a name that stands in longer names alone: another may be meant.

    What is left of a misspelt "Federation Council" is a council, and not any other's.
    """
    end = 0
    for mention, after in zip_longest(mentions, mentions[1:]):
        if not mention.tags.isdisjoint(NAMES):
            for place in (mention.start - 1, mention.end):
                free = end <= place < mention.start or (
                    mention.end <= place < (after.start if after else len(matches))
                )
                if free and any(lexicon.is_of_name(pattern) for pattern, _ in matches[place]):
                    torn = Mention.of(place, place + 1, (Meaning(DOUBT, None, None),), 1.0)
                    yield from (torn, mention) if place < mention.start else (mention, torn)
                    break
            else:
                yield mention
        else:
            yield mention
        end = mention.end


def tags_of(mentions: Iterable[Mention]) -> frozenset[str]:
    """Give the cues and kinds of entities of all mentions together."""
    return NO_TAGS.union(*[mention.sense.tags for mention in mentions])


def in_language(mentions: Sequence[Mention], code: str) -> tuple[Mention, ...]:
    """Leave out what words mean in other languages, where they mean something in this one.

    Names mean the same in every language.
    """
    return tuple(
        [
            mention
            if (sense := _in_language(mention.sense, code)) is mention.sense
            else Mention(mention.start, mention.end, sense, mention.quality)
            for mention in mentions
        ]
    )


@lru_cache(maxsize=20_000)
def _in_language(sense: Sense, code: str) -> Sense:
    own = {
        meaning.language
        for meaning in sense.meanings
        if meaning.value is None and meaning.tag not in LIGHT
    }
    if code not in own:
        return sense
    return Sense.of(
        meaning
        for meaning in sense.meanings
        if meaning.value is not None or meaning.language in (code, None)
    )


def _matches(words: Sequence[Word], lexicon: Lexicon, *, by_sound: bool) -> Sequence[Matches]:
    """Match each word; by its sound only where not most of the Latin words are spelt right.

    Then even a word that is spelt right may be another by its sound: "skolko let".
    Somebody who writes English does not write Russian in Latin letters in the same breath.
    """
    matches = [
        lexicon.match(word.form) if word.owner is None else _owned(word, word.owner, lexicon)
        for word in words
    ]
    latin = [
        match
        for match, word in zip(matches, words, strict=True)
        if match and word.form.isascii() and len(word.form) >= SHORTEST_TOLD
    ]
    heard = [match for match in latin if any(quality == SOUNDED for _, quality in match)]
    if not heard:
        return matches
    sure = [
        [p for p, quality in match if quality == 1.0 and (lexicon.means(p) or p[1:].isalpha())]
        for match in latin
    ]
    named = [bool(pieces) and all(map(lexicon.is_name, pieces)) for pieces in sure]
    names = sum(named)
    right = sum(map(bool, sure)) - names
    # A misspelt Latin word sounds like others, too, and tells nothing.
    told = any(not any(quality < SOUNDED and p.isascii() for p, quality in one) for one in heard)
    if by_sound and told and right * 2 <= len(latin) - names:
        return [
            _heard(match, word, lexicon) if word.form.isascii() else match
            for match, word in zip(matches, words, strict=True)
        ]
    return [tuple(pair for pair in match if pair[1] != SOUNDED) for match in matches]


def _owned(word: Word, owner: str, lexicon: Lexicon) -> Matches:
    """Match a word that may be an owner's, and as it stands: "parliament's" are no parliaments."""
    owning = lexicon.match(owner)
    known = dict(owning)
    whole = ((p, quality * SHORTER) for p, quality in lexicon.match(word.form) if p not in known)
    return (*owning, *whole)


def _heard(match: Matches, word: Word, lexicon: Lexicon) -> Matches:
    """Give what a word means by its sound, and as a name: it is no word of a Latin language."""
    heard = lexicon.heard(word.form)
    return (*(one for one in match if lexicon.is_name(one[0])), *heard) if heard else match


def _is_shouted(words: Sequence[Word]) -> bool:
    letters = [word.raw for word in words if word.raw.isalpha() and len(word.raw) > 3]
    return bool(letters) and all(raw.isupper() for raw in letters)


def _mentions_at(
    start: int,
    words: Sequence[Word],
    matches: Sequence[Matches],
    lexicon: Lexicon,
    shouted: bool,
) -> list[Mention]:
    word = words[start]
    found: list[Mention] = []
    # Its letters may tell a word from its levelled form.
    special = word.raw != word.form and word.raw.casefold() != word.form
    code = lexicon.codes.get(word.raw.upper() if special else word.raw)
    if code is not None and (special or not shouted):
        meaning = Meaning("country", code, None)
        found.append(Mention.of(start, start + 1, (meaning,), 1.0))
        if special:
            return found
    if word.is_number:
        number = int(word.form) if len(word.form) <= 9 else 0
        found.append(Mention.of(start, start + 1, (Meaning("number", number, None),), 1.0))
    if "." in word.form:
        site = site_of(word.form)
        if site in lexicon.urls:
            url = Meaning("url", lexicon.urls[site], None)
            return [Mention.of(start, start + 1, (url,), 1.0)]
    elif word.form in lexicon.sites:
        found += _site_in_words(start, words, lexicon)
    reached = matches[start]
    last = min(len(words), start + LONGEST_PATTERN)
    for end in range(start + 1, last + 1):
        senses, quality, begun = lexicon.reading(reached, len(words[end - 1].form) >= LONG)
        if senses:
            if end == start + 1 and found:
                senses += tuple(mention.sense for mention in found if mention.end == end)
            sense = senses[0] if len(senses) == 1 else _together(senses)
            found.append(Mention(start, end, sense, quality))
        if not begun or end == last or words[end].sentence != word.sentence:
            break
        reached = tuple(
            [
                (f"{pattern} {piece}", _in_company(quality, match, pattern, piece))
                for pattern, quality in begun
                for piece, match in matches[end]
            ]
        )
    return found


def _in_company(quality: float, match: float, pattern: str, piece: str) -> float:
    """Give the quality of two words together: one that is sure makes a misspelt one surer."""
    if quality < SLIPPED <= match and len(piece) >= SHORTEST_COMPANY:
        return SLIPPED
    if match < SLIPPED <= quality and len(pattern) >= SHORTEST_COMPANY:
        return SLIPPED
    return min(quality, match)


@lru_cache(maxsize=4096)
def _together(senses: tuple[Sense, ...]) -> Sense:
    return Sense.of(meaning for sense in senses for meaning in sense.meanings)


def _site_in_words(start: int, words: Sequence[Word], lexicon: Lexicon) -> list[Mention]:
    """Find an address whose parts the words are: `kenesh` `kg`, typed with dots between."""
    for parts, address in lexicon.sites[words[start].form]:
        end = start + len(parts)
        if tuple(word.form for word in words[start:end]) == parts and all(
            words[place].start == words[place - 1].end + 1 for place in range(start + 1, end)
        ):
            return [Mention.of(start, end, (Meaning("url", address, None),), 1.0)]
    return []
