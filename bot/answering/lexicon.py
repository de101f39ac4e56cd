"""The patterns of all languages, indexed so that a word finds its meanings in microseconds.

Built once for a `Knowledge`. A word is looked up as it stands, by its stem, by its nearest
misspelling, and, if it is in Latin letters, by its sound in the other alphabets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bot.answering.words import (
    KEYS,
    WORD,
    forms_of,
    levelled,
    neighbours,
    normal_form,
    script_of,
    skeletons,
    skeletons_of,
)
from bot.knowledge.model import Kind, Knowledge, Script

SHORTEST_SURE = 5
"""Letters of a stem by which any word is known where a finger slipped."""
SHORTEST_OF_NAME = 5
"""Letters of a word by which a longer name is known."""
LONGEST_ENDING = 11
"""Letters that may follow a stem: Kazakh case and possessive endings in a row."""
SHORT_ENDING = 1
"""Letters after a stem that make it no other word, even where it means nothing by itself."""
SHORTEST_MISSPELT = 4
"""Letters that a pattern needs before a misspelling of it is looked for."""
SHORTEST_STEM = 5
"""Letters of a stem up to which a letter may be missing, and no other one stand in its place."""
SHORTEST_FOREIGN_NAME = 5
"""Letters that a country's name in any of the world's languages needs: short ones are words."""
MISSPELT = 0.85
"""How much a misspelt word counts, beside 1 for one spelt right."""
SLIPPED = 0.92
"""The same where a long word's letters are all there, one twice or two of them exchanged."""
SHORTEST_SURE = 6
"""Letters of a misspelt word that may still turn a question into another."""
SHORTER = 0.999
"""How much a shorter stem of a word counts: only where a longer one fits no pattern."""
SOUNDED = 0.9
"""How much a word counts that was recognised by its sound."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a pattern stands for."""

    tag: str
    """A cue, or the kind of an entity, or `filler`."""
    value: str | int | None
    """The id of the entity, or the number."""
    language: str | None
    """The language that it belongs to; None for names that belong to none."""


@dataclass(frozen=True, slots=True, eq=False)  # one object for each sense: compared by identity
class Sense:
    """Everything that the same words may mean."""

    meanings: tuple[Meaning, ...]
    tags: frozenset[str]
    """The cues and kinds of entities, without `filler`."""
    is_filler: bool
    """Whether the words may stand beside any question."""
    values: Mapping[str, tuple[str | int, ...]]
    """What the words may stand for, by tag, without repetition."""
    explains: bool
    """Whether the words need no other explanation: a topic, a hint or a doubt is none."""

    @property
    def meant(self) -> frozenset[tuple[str, str | int | None]]:
        """What the words mean, whatever their language."""
        return frozenset((meaning.tag, meaning.value) for meaning in self.meanings)

    @classmethod
    def of(cls, meanings: Iterable[Meaning]) -> Sense:
        """Gather meanings, each once, in order."""
        kept = tuple(dict.fromkeys(meanings))
        tags = frozenset([meaning.tag for meaning in kept])
        if tags - FILLER - STRANGE:  # a reading within the subject goes before one outside it
            tags -= STRANGE
        if "filler" in tags:
            tags -= MISREAD
        values: dict[str, tuple[str | int, ...]] = {}
        for meaning in kept:
            if meaning.value is not None and meaning.tag in tags:
                values[meaning.tag] = (*values.get(meaning.tag, ()), meaning.value)
        values = {tag: tuple(dict.fromkeys(found)) for tag, found in values.items()}
        told = tags - FILLER
        return cls(kept, told, "filler" in tags, values, not told or not told <= UNSURE)


Matches = tuple[tuple[str, float], ...]
"""Patterns that some words match, each with its quality."""
Reading = tuple[tuple[Sense, ...], float, Matches]
"""What words mean, their quality, and the patterns of which they are the beginning."""

UNUSUAL = re.compile("[^a-zа-яա-ֆ* \\n]|  ")
"""What makes a pattern need more than levelling."""
FILLER = frozenset({"filler"})
COUNTING = frozenset({"number", "ordinal", "all"})
"""Tags that a misspelt word never gets: each would change which or how many are meant."""
DENYING = frozenset({"not", "except"})
ELSEWHERE = frozenset({"off_topic", "contest", "command", "arena"})
TURNING = DENYING | ELSEWHERE
"""Tags of words that turn a question into another, which no rule may pass over."""
SILENT = frozenset(
    {"member_names", "contact", "birth", "biography", "appointment", "headquarters",
     "other_office", "budget", "history", "next_session", "member_states", "attribute",
     "missing_word"}
)  # fmt: skip
"""Tags of words that ask for what the documents are silent on."""
DOUBT, HINT = "doubt", "hint"
"""What a misspelt word gets instead of a tag that turns a question or that the documents are
silent on. No rule passes over the first, and the second weighs against all of them."""
DOUBTED: Mapping[str, str] = {
    **dict.fromkeys(DENYING, DOUBT),
    **dict.fromkeys(ELSEWHERE | SILENT, HINT),
}
MISREAD = frozenset({DOUBT, HINT})
UNSURE = MISREAD | {"topic"}
"""Tags of words that no rule explains."""
STRANGE = MISREAD | {"off_topic", "contest"}
"""Tags of words that lead away from the subject, where they have no other meaning."""


class _Shelf:
    """Patterns of single words of one script, by length, for the search of misspellings."""

    def __init__(self) -> None:
        self.words: dict[int, list[str]] = defaultdict(list)
        self.stems: dict[int, list[str]] = defaultdict(list)


class Lexicon:
    """Every pattern of a knowledge, ready to be matched against words.

    A pattern is its words in normal form with a space between; a word that ends in `*` is a stem.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._meanings = _meanings(knowledge)
        """What each pattern means."""
        self._begun = _beginnings(self._meanings)
        """What longer patterns begin with."""
        # Mappings, not sets: of several near words the first counts, the same in every process.
        pieces = dict.fromkeys(" ".join(self._meanings).split(" "))
        self._stems = dict.fromkeys(piece[:-1] for piece in pieces if piece[-1] == "*")
        self._words = dict.fromkeys(piece for piece in pieces if piece[-1] != "*")
        self._senses: dict[tuple[str, float, bool], Sense | None] = {}
        self._readings: dict[tuple[Matches, bool], Reading] = {}
        self._topic: dict[str, tuple[Meaning, ...]] = {}
        """Words that only example questions have, as far as they have been asked for."""
        self._found: dict[str, Matches] = {}
        self._heard: dict[str, Matches] = {}
        self.codes = {
            code: entity.id for entity in knowledge.entities.values() for code in entity.codes
        }
        self.urls: dict[str, str] = {}
        self.sites: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        """Addresses by the first of the words that their site is made of."""
        for fact in knowledge.find("website"):
            if fact.given:
                site = site_of(str(fact.value))
                self.urls[site] = str(fact.value)
                parts = tuple(site.split("."))
                self.sites[parts[0]].append((parts, str(fact.value)))

    @cached_property
    def _near(self) -> _Near:
        """Give what is near to the patterns; made when the first unknown word comes."""
        spelt = dict.fromkeys(self._spelt())
        return _Near({**self._words, **self._topics, **spelt}, self._stems)

    def _spelt(self) -> Iterator[str]:
        """Give words as the bot itself writes them, with every ending: what one may be meant."""
        for language in self._knowledge.languages.values():
            names = (form for name in language.names.values() for form in name.forms.values())
            for text in (*language.replies.values(), *names):
                yield from filter(str.isalpha, forms_of(text))

    @cached_property
    def _topics(self) -> Mapping[str, tuple[Meaning, ...]]:
        """Give the words of the example questions, so that none passes for a misspelt cue."""
        topics: dict[str, tuple[Meaning, ...]] = {}
        for code, language in self._knowledge.languages.items():
            meaning = (Meaning("topic", None, code),)
            lines = (line for lines in language.topics.values() for line in lines)
            for form in dict.fromkeys(form for line in lines for form in forms_of(line)):
                if len(form) > 3 and form.isalpha():
                    topics[form] = topics.get(form, ()) + meaning
        return topics

    @cached_property
    def _beside(self) -> Mapping[str, str]:
        """Give the letters whose keys are beside a letter's, on any keyboard, in normal form."""
        languages = self._knowledge.languages.values()
        boards = [KEYS, *(board for language in languages for board in language.keyboards)]
        beside: dict[str, dict[str, None]] = defaultdict(dict)
        for letter, other in neighbours(boards):
            beside[normal_form(letter)][normal_form(other)] = None
        return {letter: "".join(others) for letter, others in beside.items()}

    def warm(self) -> None:
        """Make what the first unknown word needs, and the first pieces of a name."""
        _ = self._near, self._beside, self._name_pieces

    def reading(self, reached: Matches, long: bool) -> Reading:
        """Give what the best of the patterns mean that some words match, and which go on.

        Words that are not sure, because they were misspelt, do not get every meaning; and
        only a `long` one may be a filler: a short one may be a name.
        """
        key = (reached, long)
        read = self._readings.get(key)
        if read is None:
            if len(self._readings) > 50_000:
                self._readings.clear()
            read = self._readings[key] = self._read(reached, long)
        return read

    def _read(self, reached: Matches, long: bool) -> Reading:
        read = [
            (sense, quality)
            for pattern, quality in reached
            if (sense := self._sense(pattern, quality, long)) is not None
        ]
        best = max((quality for _, quality in read), default=0.0)
        senses = [sense for sense, quality in read if quality == best]
        # One language may borrow whole words of which another has the stem: they are of both.
        meant = {sense.meant for sense in senses}
        senses += [
            sense
            for sense, quality in read
            if best > quality >= SHORTER * best and sense.meant in meant
        ]
        begun = tuple(match for match in reached if match[0] in self._begun)
        return tuple(senses), best, begun

    def _sense(self, pattern: str, quality: float, long: bool) -> Sense | None:
        """Give what a pattern means; None where it is only the beginning of others."""
        key = (pattern, quality, long)
        if key not in self._senses:
            if len(self._senses) > 50_000:
                self._senses.clear()
            meanings = self._meanings.get(pattern) or self._topic.get(pattern) or ()
            if quality < SOUNDED:
                meanings = tuple(_doubted(meanings, long))
            self._senses[key] = Sense.of(meanings) if meanings else None
        return self._senses[key]

    def means(self, pattern: str) -> bool:
        """Tell whether a pattern means something by itself, and not only within longer ones."""
        return pattern in self._meanings

    def is_name(self, pattern: str) -> bool:
        """Tell whether a pattern is only a name, which is spelt alike in many languages."""
        meanings = self._meanings.get(pattern, ())
        return bool(meanings) and all(meaning.value is not None for meaning in meanings)

    def is_of_name(self, pattern: str) -> bool:
        """Tell whether a pattern stands in longer names and means nothing by itself."""
        known = pattern in self._name_pieces and pattern not in self._meanings
        return known and len(pattern) >= SHORTEST_OF_NAME

    @cached_property
    def _name_pieces(self) -> frozenset[str]:
        """Give the words of names of several words."""
        longer = (pattern for pattern in self._meanings if " " in pattern)
        return frozenset(
            piece for pattern in longer if self.is_name(pattern) for piece in pattern.split(" ")
        )

    def _is_known(self, form: str) -> bool:
        """Tell whether a word means something by itself."""
        return any(map(self.means, self._exact(form)))

    def match(self, form: str) -> Matches:
        """Give the patterns of one word that a normal form matches, each with a quality to 1."""
        found = self._found.get(form)
        if found is None:
            if len(self._found) > 50_000:
                self._found.clear()
            found = self._found[form] = tuple(self._search(form).items())
        return found

    def _exact(self, form: str) -> dict[str, float]:
        """Find the patterns that a word matches as it stands, whole or by its stem."""
        found = {form: 1.0} if form in self._words else {}
        quality = 1.0
        for length in range(len(form), max(0, len(form) - LONGEST_ENDING) - 1, -1):
            if form[:length] in self._stems:
                found[form[:length] + "*"] = quality
                quality = SHORTER
        return found

    def _search(self, form: str) -> dict[str, float]:
        found = self._exact(form)
        if any(map(self.means, found)) or not form.isalpha():
            return found
        if form in self._topics:
            self._topic[form] = self._topics[form]
            return found | {form: 1.0}
        script = script_of(form)
        near: dict[str, float] = {}
        spelt = any(len(form) - len(piece) <= SHORT_ENDING for piece in found)
        if script is not None and SHORTEST_MISSPELT <= len(form) <= 30 and not spelt:
            near = self._slipped(form)
            if not any(map(self.means, near)):
                near = self._misspelt(form, script) | near
        if script is Script.LATIN:
            near |= self._by_sound(form)
        return near | found

    def heard(self, form: str) -> Matches:
        """Give what a word in Latin letters, known as it stands, may be by its sound as well."""
        if not form.isalpha() or not any(map(self.means, self._exact(form))):
            return ()
        heard = self._heard.get(form)
        if heard is None:
            if len(self._heard) > 50_000:
                self._heard.clear()
            known = dict(self.match(form))
            others = self._by_sound(form).items()
            heard = self._heard[form] = tuple(one for one in others if one[0] not in known)
        return heard

    def respelt(self, form: str) -> str:
        """Give the word that a normal form most likely stands for: itself, if it is known."""
        found = self.match(form)
        best = max(found, key=lambda match: match[1], default=None)
        if best is None or best[1] == 1.0:
            return form
        return best[0].removesuffix("*")

    def _by_sound(self, form: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for sound in skeletons(form):
            found |= dict.fromkeys(self._near.sounds.get(sound, ()), SOUNDED)
            for length in range(len(sound), max(3, len(sound) - LONGEST_ENDING) - 1, -1):
                numbers = self._near.stem_sounds.get(sound[:length])
                if numbers:
                    found |= dict.fromkeys(numbers, SOUNDED)
        return found

    def _slipped(self, form: str) -> dict[str, float]:
        """Find what a word is where a letter is doubled or two have changed places.

        Such slips of the finger make no other word, so shorter words may have them, and a word
        of `SHORTEST_SURE` letters is as sure as one spelt right in a question's turn.
        """
        if len(form) <= SHORTEST_MISSPELT or form in self._words:
            return {}
        meant: dict[str, int] = {}
        for place in range(1, len(form)):
            if form[place] == form[place - 1]:
                meant[form[:place] + form[place + 1 :]] = place
            elif place > 1:
                swapped = form[place] + form[place - 1]
                meant[form[: place - 1] + swapped + form[place + 1 :]] = place + 1
        quality = SLIPPED if len(form) >= SHORTEST_SURE else MISSPELT
        return dict.fromkeys(self._reached(meant), quality)

    def _mistyped(self, form: str) -> Iterator[str]:
        """Find what a word is where the key beside one was hit."""
        if len(form) > SHORTEST_MISSPELT:
            yield from self._reached(
                {
                    form[:place] + key + form[place + 1 :]: place + 1
                    for place in range(1, len(form))
                    for key in self._beside.get(form[place], ())
                }
            )

    def _reached(self, meant: Mapping[str, int]) -> Iterator[str]:
        """Give the patterns of words of which one reaches to a letter: else it is an ending's.

        A short stem that is less than half of a word may be another word's as well.
        """
        for other, reach in meant.items():
            least = max(SHORTEST_MISSPELT, reach)
            found = self._exact(other)
            most = max((len(pattern.removesuffix("*")) for pattern in found), default=0)
            if most >= least and (most >= SHORTEST_SURE or most * 2 >= len(other)):
                yield from found

    def _misspelt(self, form: str, script: Script) -> dict[str, float]:
        """Find the patterns nearest to a word by edits; one edit, or two in a long word."""
        shelf = self._near.shelves[script]
        size = len(form)
        best = dict.fromkeys(self._mistyped(form), MISSPELT)
        nearest = 1 if best else 3

        def consider(pattern: str, edits: int, mark: str = "") -> None:
            nonlocal nearest, best
            if mark and form[0] != pattern[0]:
                return
            if edits <= nearest and _plausible(form, pattern, edits):
                if edits < nearest:
                    nearest, best = edits, {}
                best[pattern + mark] = MISSPELT

        for length in range(max(SHORTEST_MISSPELT, size - 2), size + 3):
            allowed = min(_edits(min(length, size)), nearest)
            if abs(length - size) > allowed:
                continue
            words = shelf.words.get(length, ())
            for word, edits, _ in extract(
                form, words, scorer=OSA.distance, score_cutoff=allowed, limit=None
            ):
                consider(word, int(edits))
        for length in range(max(SHORTEST_MISSPELT, size - LONGEST_ENDING), size + 2):
            allowed = min(_edits(length - 1), nearest)  # an ending may hide more of another word
            stems = shelf.stems.get(length, ())
            heads = dict.fromkeys((form[:length], form[: length - 1], form[: length + 1]))
            for head in heads if stems else ():
                for stem, edits, _ in extract(
                    head, stems, scorer=OSA.distance, score_cutoff=allowed, limit=None
                ):
                    if length > SHORTEST_STEM or len(head) < length:
                        consider(stem, int(edits), "*")
        most = max((len(pattern.removesuffix("*")) for pattern in best), default=0)
        best = {p: q for p, q in best.items() if len(p.removesuffix("*")) == most}
        found = dict(best)
        for pattern in best:  # one may be both a word and another one's stem with an ending
            if pattern[-1] != "*":
                found.update((alike, MISSPELT) for alike in self._exact(pattern))
        if any(map(self._is_ordinary, found)):  # as near to a word of any question as to a name
            found = {pattern: q for pattern, q in found.items() if not self.is_name(pattern)}
        return found

    def _is_ordinary(self, pattern: str) -> bool:
        """Tell whether a word may stand beside any question."""
        return any(meaning.tag in FILLER for meaning in self._meanings.get(pattern, ()))


class _Near:
    """What words are near to, by spelling and by sound; made when the first unknown word comes."""

    def __init__(self, words: Iterable[str], stems: Iterable[str]) -> None:
        self.shelves = {script: _Shelf() for script in Script}
        self.sounds: dict[str, tuple[str, ...]] = {}
        """Words that are not in Latin letters, by their skeleton."""
        self.stem_sounds: dict[str, tuple[str, ...]] = {}
        for forms, is_stem in ((words, False), (stems, True)):
            sounds = self.stem_sounds if is_stem else self.sounds
            foreign: list[str] = []
            for form in forms:
                script = script_of(form)
                if script is None:
                    continue
                if len(form) >= SHORTEST_MISSPELT:
                    shelf = self.shelves[script]
                    (shelf.stems if is_stem else shelf.words)[len(form)].append(form)
                if script is not Script.LATIN:
                    foreign.append(form)
            for form, sound in zip(foreign, skeletons_of(foreign), strict=True):
                sounds[sound] = (*sounds.get(sound, ()), form + "*" if is_stem else form)


def _doubted(meanings: Sequence[Meaning], long: bool) -> Iterator[Meaning]:
    """Give what a misspelt word may mean: where it turns a question, no more than a doubt.

    It counts nothing, and is a filler only where it is `long` or asks something sure as well.
    """
    others = {meaning.tag for meaning in meanings} - FILLER
    filler = long or (bool(others) and others.isdisjoint(DOUBTED))
    for meaning in meanings:
        if meaning.tag not in COUNTING and (filler or meaning.tag != "filler"):
            yield replace(meaning, tag=DOUBTED.get(meaning.tag, meaning.tag))


def _edits(length: int) -> int:
    return 0 if length < SHORTEST_MISSPELT else 1 if length < 8 else 2


def _plausible(form: str, pattern: str, edits: int) -> bool:
    """Tell whether a near word is a misspelling: people seldom miss the first letter."""
    if len(pattern) <= 5 and edits:
        return form[0] == pattern[0] and len(form) >= len(pattern) - 1 and len(pattern) > 4
    return form[0] == pattern[0] or (edits == 1 and len(pattern) > 6)


def site_of(address: str) -> str:
    """Give the name of the site of an address: `http://www.kenesh.kg/` is `kenesh.kg`."""
    bare = address.casefold().split("://")[-1].removeprefix("www.")
    return bare.split("/")[0]


def _beginnings(patterns: Iterable[str]) -> set[str]:
    """Give what patterns of several words begin with: `a`, `a b` for `a b c`."""
    begun = set()
    for pattern in patterns:
        place = pattern.find(" ")
        while place > 0:
            begun.add(pattern[:place])
            place = pattern.find(" ", place + 1)
    return begun


def _meanings(knowledge: Knowledge) -> dict[str, tuple[Meaning, ...]]:
    """Give every pattern in normal form with all that it means."""
    patterns: list[str] = []
    meanings: list[tuple[Meaning]] = []
    for alike, meaning in _patterns(knowledge):
        patterns += alike
        meanings += [(meaning,)] * len(alike)
    text = levelled("\n".join(patterns))  # all at once: one by one they take ten times as long
    lines = text.split("\n")
    line = seen = 0
    done = -1
    for match in UNUSUAL.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        if line != done:
            lines[line] = _in_normal_form(lines[line])
            done = line
    found: dict[str, tuple[Meaning, ...]] = {}
    for written, pattern, means in zip(patterns, lines, meanings, strict=True):
        others = found.get(pattern)
        if others is None:
            found[written if written == pattern else pattern] = means  # not twice in memory
        elif means[0] not in others:
            found[pattern] = others + means
    found.pop("", None)
    return found


def _in_normal_form(pattern: str) -> str:
    """Level a pattern piece by piece: one may be made of several words."""
    forms: list[str] = []
    for piece in pattern.split():
        found = [normal_form(word) for word in WORD.findall(piece.removesuffix("*"))]
        if found and piece.endswith("*"):
            found[-1] += "*"
        forms += found
    return " ".join(forms)


def _patterns(knowledge: Knowledge) -> Iterator[tuple[Sequence[str], Meaning]]:
    """Give every pattern of the knowledge with its meaning."""
    for entity in knowledge.entities.values():
        names = list(entity.aliases)
        if entity.kind is Kind.COUNTRY:
            names += (
                name
                for name in knowledge.country_names.get(entity.id, ())
                if len(name) >= SHORTEST_FOREIGN_NAME
            )
        if entity.name:
            names.append(entity.name)
        yield names, Meaning(entity.kind, entity.id, None)
    for code, language in knowledge.languages.items():
        for entity_id, patterns in language.aliases.items():
            found = knowledge.entities.get(entity_id)
            if found is not None:
                yield patterns, Meaning(found.kind, entity_id, code)
        for cue, patterns in language.cues.items():
            yield patterns, Meaning(cue, None, code)
        for tag, numbers in (("number", language.numbers), ("ordinal", language.ordinals)):
            for number, patterns in numbers.items():
                yield patterns, Meaning(tag, number, code)
        yield language.fillers, Meaning("filler", None, code)
