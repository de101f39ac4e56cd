"""Which language the words of a question are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.answering.entities import Mention
from bot.answering.lexicon import Sense
from bot.answering.words import PLAIN_LETTERS, Word, levelled, script_of
from bot.knowledge.model import Kind, Language, Script

NAME = 0.2
"""How much the name of a country or person tells, beside 1 for another word: names travel."""
ORGANIZATION = 0.4
"""The same for the name of the organization, which every language shortens in its own way."""
LETTER = 3.0
"""How much a letter tells that only one language of the script has, in a word of one letter."""
SHORT = 4
"""Letters below which a word tells no more than one of so many: half of them are "i" and "y"."""
FOREIGN = 0.6
"""How much a letter speaks against a language that does not have it."""
SCRIPT = 0.05
"""How much it tells that a word is in the script of a language."""
SURE = 0.3
"""What a language needs to be taken for that of the question."""
TIED = 0.75
"""The share of the best language's votes from which another may be meant as well."""
MOST_REMEMBERED = 20_000
"""Words whose letters have been weighed."""
NAMES = frozenset(map(str, Kind)) | {"url", "number"}
ORGANIZATIONS = frozenset({"assembly", "csto"})


class Detector:
    """Tells the languages of a knowledge apart."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self._languages = languages
        self._foreign = {
            code: {
                c for one in languages.values() if one.script is own.script for c in one.letters
            }
            - set(own.letters)
            - {plain for letter, plain in PLAIN_LETTERS if letter in own.letters}
            for code, own in languages.items()
        }
        """The letters that only other languages of the same script have, by language; those that
        people type for one of its own are not among them."""
        self._told: dict[str, Mapping[str, float]] = {}
        """What the letters of words tell, by the word as typed."""
        self._patterns: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        """The words and stems of languages that have been compared letter by letter."""

    def detect(
        self, words: Sequence[Word], mentions: Sequence[Mention], expected: Sequence[str] = ()
    ) -> str | None:
        """Give the code of the language that the words are in; None where they have none.

        A name, a number or a flag alone has no language of its own. Where the words are as much
        of one language as of another, the first that is `expected` counts, else one whose words
        stand in the others as well, else the one that more of them are spelt in.
        """
        votes: defaultdict[str, float] = defaultdict(float)
        named: set[int] = set()
        for mention in mentions:
            length = mention.end - mention.start if mention.tags.isdisjoint(NAMES) else 1
            for code, worth in _votes_of(mention.sense):
                votes[code] += worth * length * mention.quality
            if not mention.tags.isdisjoint(NAMES):
                named.update(range(mention.start, mention.end))
        for place, word in enumerate(words):
            if place in named and word.raw.isascii():
                continue
            share = NAME if place in named else 1.0
            for code, worth in self._told_by(word).items():
                votes[code] += share * worth
        most = max(votes.values(), default=0.0)
        if most < SURE:
            return None
        tied = [code for code, worth in votes.items() if worth >= TIED * most]
        if len(tied) > 1:
            tied = [code for code in tied if self._can_spell(code, words)] or tied
        common = (code for code in tied if self._languages[code].is_common)
        for code in (*expected, *common):
            if code in tied:
                return code
        if len(tied) == 1:
            return tied[0]
        return max(tied, key=lambda code: (self._written(code, words), votes[code]))

    def _can_spell(self, code: str, words: Sequence[Word]) -> bool:
        """Tell whether no word, not even a name, has a letter that only other languages have."""
        return all(self._foreign[code].isdisjoint(word.raw.casefold()) for word in words)

    def _written(self, code: str, words: Sequence[Word]) -> int:
        """Count the words that stand in the patterns of a language letter by letter.

        Words are recognised without their language's own letters; with them they tell more.
        """
        if code not in self._patterns:
            self._patterns[code] = _patterns_of(self._languages[code])
        known, stems = self._patterns[code]
        forms = (word.raw.casefold() for word in words)
        return sum(
            form in known or any(form[:length] in stems for length in range(len(form), 2, -1))
            for form in forms
        )

    def _told_by(self, word: Word) -> Mapping[str, float]:
        told = self._told.get(word.raw)
        if told is None:
            if len(self._told) > MOST_REMEMBERED:
                self._told.clear()
            told = self._told[word.raw] = self._weigh_letters(word)
        return told

    def _weigh_letters(self, word: Word) -> Mapping[str, float]:
        """Weigh what the letters of a word tell of the languages of its script.

        A letter that few of them have speaks for those, and against the others.
        """
        script = script_of(word.form)
        own = {c: one.letters for c, one in self._languages.items() if one.script is script}
        alone = len(own) == 1 and script is not Script.LATIN
        votes = dict.fromkeys(own, SURE if alone else SCRIPT)
        letters = frozenset() if word.raw.isascii() else frozenset(word.raw.casefold())
        for letter in letters:
            having = [code for code, alphabet in own.items() if letter in alphabet]
            if not having or len(having) == len(own):
                continue
            for code in own:
                told = LETTER / len(having) if code in having else -FOREIGN
                votes[code] += told / max(len(letters), SHORT) ** 0.5
        return votes


def _patterns_of(language: Language) -> tuple[frozenset[str], frozenset[str]]:
    """Give the words and the stems that the questions of a language are made of."""
    lines = (line for lines in language.cues.values() for line in lines)
    pieces = {p for line in (*lines, *language.fillers) for p in line.casefold().split()}
    proper = {level for piece in pieces if (level := levelled(piece)) != piece}
    pieces -= proper  # what stands there without the language's own letters is not its spelling
    stems = {piece.removesuffix("*") for piece in pieces if piece.endswith("*")}
    return frozenset(pieces), frozenset(stems)


@lru_cache(maxsize=20_000)
def _votes_of(sense: Sense) -> tuple[tuple[str, float], ...]:
    """Give the languages that words belong to by their meaning, and how much that tells."""
    if sense.tags and sense.tags <= ORGANIZATIONS:
        return tuple((m.language, ORGANIZATION) for m in sense.meanings if m.language)
    of_words = {m.language for m in sense.meanings if m.language and m.tag not in NAMES}
    of_names = {m.language for m in sense.meanings if m.language and m.tag in NAMES} - of_words
    return tuple(
        (code, worth / len(codes) ** 0.5)
        for codes, worth in ((of_words, 1.0), (of_names, NAME))
        for code in sorted(codes)
    )
