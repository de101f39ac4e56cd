"""Variants of a question: the same, as other people would have typed or dictated it.

A right answer must survive them. They are made without chance: the same question gives the same
variants on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from bot.answering import Answerer
from bot.answering.entities import tags_of
from bot.answering.words import (
    DIGITS,
    KEYS,
    neighbours,
    normal_form,
    retyped,
    retyped_latin,
    script_of,
)
from bot.knowledge.model import Language, Script
from bot.knowledge.shapes import WritingShape

WORD = re.compile(r"[^\W\d_]+")
INITIAL = re.compile(r"(?<![^\W\d_])(?<![^\W\d_]['’ʼ՞՛՜])[^\W\d_]")
"""The first letter of a word: an apostrophe, or a mark of stress, begins none."""
SAYING = re.compile(r"[\U0001F1E6-\U0001F1FF]|\w[\[\]{};]\w")
"""Signs that dictation would drop though they are read: flags, letters of other keyboards."""
ADDRESS = re.compile(r"\S+[./]\w\S*|\S*@\S+")
SHORTEST_MISTYPED = 5
"""Letters of a word that is mistyped: a shorter one would be another word."""
MISTYPED = 4
"""Variants with one misspelling each."""
LONGEST_MOVED = 9
"""Words of a question of which some change places: a longer one has clauses."""
OWN_SCRIPT = 0.9
"""The share of letters that must be in the language's script before they are exchanged."""
FOREIGN_KEYBOARD = "ru"
"""The language whose keyboard those have on who type in Latin letters by mistake."""
NAMED = frozenset({"country", "chamber", "parliament", "person"})


@dataclass(frozen=True, slots=True)
class Variant:
    """A question in other writing."""

    kind: str
    text: str


class Variants:
    """Makes the variants of questions in one language."""

    def __init__(
        self, answerer: Answerer, code: str, writing: WritingShape, fixed_order: frozenset[str]
    ) -> None:
        self._answerer = answerer
        self._language: Language = answerer.knowledge.languages[code]
        self._writing = writing
        self._fixed = fixed_order
        languages = answerer.knowledge.languages
        self._latin = self._language.script is Script.LATIN
        typing = languages.get(FOREIGN_KEYBOARD) if self._latin else self._language
        self._keyboard = typing.keyboards[0] if typing and typing.keyboards else ""
        self._keys = KEYS if self._latin else self._keyboard
        self._codes = frozenset(answerer.lexicon.codes)

    def of(self, text: str, seed: str) -> Iterator[Variant]:
        """Give each variant that differs from the text and from those before it."""
        if not WORD.search(text):
            return
        seen = {text}
        for kind, make in self._ways(text, Random(seed)):  # noqa: S311 - the same every time
            made = make()
            if made is not None and made not in seen:
                seen.add(made)
                yield Variant(kind, made)

    def _ways(self, text: str, random: Random) -> Iterator[tuple[str, Callable[[], str | None]]]:
        writing = self._writing
        for _ in range(MISTYPED):
            yield "typo", lambda: self._mistyped(text, random)
        yield "layout", lambda: self._in_other_layout(text)
        yield "letters", lambda: self._with_letters(text)
        yield "transliteration", lambda: self._in_latin(text)
        before, after = random.choice(writing.before), random.choice(writing.after)
        other = random.choice(writing.before)
        yield "polite before", lambda: f"{before} {text}"
        yield "polite before", lambda: f"{other} {self._lowered_first(text)}"
        yield "polite after", lambda: f"{text} {after}"
        yield "polite after", lambda: f"{text.rstrip('?!. ')}, {random.choice(writing.after)}"
        yield "polite around", lambda: f"{before} {text} {after}"
        yield from (("order", made) for made in self._moved(text, random))
        coded = self._has_code(text)
        yield "case", lambda: None if coded else text.upper()
        yield "case", lambda: None if coded else text.lower()
        yield "case", lambda: INITIAL.sub(lambda letter: letter[0].upper(), text)
        yield "punctuation", lambda: text.rstrip("?!.… ")
        yield "punctuation", lambda: text.rstrip("?!. ") + "???"
        yield "punctuation", lambda: text.rstrip("?!. ") + " ..."
        yield "punctuation", lambda: text.rstrip("?!. ") + " ?!"
        yield "spacing", lambda: "  " + text.replace(" ", "  ") + "\n"
        spoken = self._spoken(text)
        yield "speech", lambda: spoken
        yield "speech", lambda: spoken and f"{random.choice(writing.spoken)} {spoken}"

    # ------------------------------------------------------------- letters

    def _mistyped(self, text: str, random: Random) -> str | None:
        """Mistype one word; never into another word that means something."""
        addresses = [match.span() for match in ADDRESS.finditer(text)]
        words = [
            match
            for match in WORD.finditer(text)
            if len(match[0]) >= SHORTEST_MISTYPED
            and not any(start <= match.start() < end for start, end in addresses)
        ]
        for _ in range(8):
            if not words:
                return None
            match = random.choice(words)
            word = self._misspelt(match[0], random)
            known = self._answerer.lexicon.match(normal_form(word))
            if word != match[0] and not any(quality == 1.0 for _, quality in known):
                return text[: match.start()] + word + text[match.end() :]
        return None

    def _misspelt(self, word: str, random: Random) -> str:
        """Swap two letters, drop one, double one, or hit the key beside it; never the first."""
        place = random.randrange(1, len(word) - 1)
        way = random.randrange(4)
        if way == 0:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        if way == 1:
            return word[:place] + word[place + 1 :]
        if way == 2:
            return word[:place] + word[place] + word[place:]
        return word[:place] + self._beside(word[place], random) + word[place + 1 :]

    def _beside(self, letter: str, random: Random) -> str:
        near = [other for one, other in neighbours([self._keys]) if one == letter.casefold()]
        return random.choice(near) if near else letter

    def _is_own_script(self, text: str) -> bool:
        letters = "".join(WORD.findall(text))
        own = sum(script_of(letter) is self._language.script for letter in letters)
        return own >= OWN_SCRIPT * len(letters)

    def _in_other_layout(self, text: str) -> str | None:
        """Type the text with the wrong keyboard layout on; its letters must have keys."""
        if not self._keyboard or not self._is_own_script(text) or ADDRESS.search(text):
            return None
        if self._latin:
            return retyped(text, self._keyboard)
        keys = frozenset(self._keyboard)
        typed = zip(KEYS, self._keyboard, strict=True)
        taken = {key for key, made in typed if key in DIGITS and made.isalpha()}
        taken |= {DIGITS[key] for key in taken}
        if any(sign in taken for sign in text):  # its key has a letter: it is typed elsewhere
            return None
        if any(letter not in keys for word in WORD.findall(text.casefold()) for letter in word):
            return None
        return retyped_latin(text, self._keyboard)

    def _with_letters(self, text: str) -> str | None:
        table = self._writing.letters
        return _exchanged(text, table) if table else None

    def _in_latin(self, text: str) -> str | None:
        table = self._writing.roman
        return _exchanged(text, table) if table and self._is_own_script(text) else None

    # ------------------------------------------------------------- words

    def _has_code(self, text: str) -> bool:
        """Tell whether a word is a country's code, which capitals must tell from other words."""
        return any(word in self._codes for word in WORD.findall(text))

    def _lowered_first(self, text: str) -> str:
        """Begin with a small letter, as after an introduction, unless a name or code begins."""
        first = WORD.match(text)
        if first is None or first[0][1:] != first[0][1:].lower() or self._names(text, 0):
            return text
        return text[0].lower() + text[1:]

    def _names(self, text: str, place: int) -> bool:
        reading = self._answerer.read(text)
        return any(
            mention.start <= place < mention.end and mention.tags & NAMED
            for mention in reading.mentions
        )

    def _spoken(self, text: str) -> str | None:
        """Write as a phone takes dictation: small letters and no marks."""
        if ADDRESS.search(text) or SAYING.search(text) or self._has_code(text):
            return None
        return " ".join(re.sub(r"[^\w\s'’ʼ՛՞՜+&=<>-]", " ", text.lower()).split())

    def _moved(self, text: str, random: Random) -> Iterator[Callable[[], str | None]]:
        """Put the one thing that is named first, and last; swap two other neighbours."""
        reading = self._answerer.read(text)
        words = reading.words
        tags = tags_of(reading.mentions)
        named = [mention for mention in reading.mentions if mention.tags & NAMED]
        if (
            len(words) > LONGEST_MOVED
            or any(word.sentence != words[0].sentence or word.after_comma for word in words)
            or tags & self._fixed
            or len(named) != 1
        ):
            return
        starts = {mention.start: mention for mention in reading.mentions}
        units: list[str] = []
        name, place = 0, 0
        while place < len(words):
            end = starts[place].end if place in starts else place + 1
            if starts.get(place) is named[0]:
                name = len(units)
            units.append(text[words[place].start : words[end - 1].end])
            place = end
        mark = text[words[-1].end :]
        rest = units[:name] + units[name + 1 :]
        yield lambda: " ".join([units[name], *rest]) + mark
        yield lambda: " ".join([*rest, units[name]]) + mark
        if len(rest) > 1:
            first = random.randrange(len(units) - 1)
            swapped = [*units]
            swapped[first : first + 2] = swapped[first + 1], swapped[first]
            yield lambda: " ".join(swapped) + mark


def _exchanged(text: str, table: dict[str, str]) -> str:
    """Exchange letters, and pairs of letters before single ones; a capital stays one."""
    longest_first = sorted(table, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def other(match: re.Match[str]) -> str:
        made = table.get(match[0], table.get(match[0].lower(), match[0]))
        return made.capitalize() if match[0][0].isupper() else made

    return pattern.sub(other, text)
