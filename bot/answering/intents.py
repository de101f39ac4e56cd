"""What is asked: scores the mentions of a clause against the rules of the catalogue.

The rule that explains the most wins; words that nothing explains count against it. The outcome
is an `Ask`, with the runner-up and what stayed unexplained, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.answering.entities import Mention, tags_of
from bot.answering.lexicon import DOUBT, HINT, TURNING, Meaning, Sense
from bot.answering.words import Word
from bot.knowledge.model import Intent, Knowledge

THRESHOLD = 50.0
"""The confidence below which the bot does not answer (the machine interface fixes it)."""
ALLOWED = 0.9
"""What a tag counts that a rule allows, beside 1 for one that it needs."""
MORE_NEEDS = 0.1
"""What each need of a rule is worth: of two rules that explain as much, the stricter wins."""
NOT_ALLOWED = 0.8
"""The share of a tag's weight that counts against a rule that does not allow it."""
FILLER_NOT_ALLOWED = 0.1
"""The same for words that may also stand beside any question."""
UNEXPLAINED = 0.75
"""How much a word counts that nothing explains."""
UNEXPLAINED_SHORT = 0.25
"""The same for a word of one or two letters."""
UNEXPLAINED_NAME = 1.6
"""The same for a name: it may change what is asked."""
UNEXPLAINED_PLACE = 2.6
"""The same for what follows a word such as `at`: it most likely does."""
UNEXPLAINED_COUNTED = 2.6
"""The same for what follows a word such as `how many`: it most likely is what is counted."""
UNEXPLAINED_HINT = 2.6
"""The same for what looks like a misspelt word for what the documents do not say."""
POLITE = frozenset({"greeting", "thanks", "goodbye"})
"""Tags of what is said around a question."""
BINDING = TURNING | {DOUBT}
"""Tags that turn a question into another one: no rule may pass over them."""

MOST_REMEMBERED = 20_000
"""Sets of tags whose weights are remembered."""
NOTHING = (0.0, 0.0, 0)
"""What a tag weighs that no mention has had yet."""
TOPIC = frozenset({"topic"})
"""The tag of words that only example questions about passages know: no rule explains them."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well a rule fits a clause."""

    intent: Intent
    points: float
    """The weight of what the rule explains, less the weight of what it does not allow."""
    explained: float
    against: float
    """The weight of what speaks against the rule: its forbidden tags and unexplained words."""

    @property
    def confidence(self) -> float:
        """From 0 to 100."""
        if self.explained <= 0:
            return 0.0
        return min(100.0, 100.0 * self.explained / (self.explained + self.against))


@dataclass(frozen=True, slots=True)
class Ask:
    """A clause and what it asks."""

    words: tuple[Word, ...]
    """The words of the clause."""
    first: int
    """The number of the first of them in the message."""
    mentions: tuple[Mention, ...]
    scores: tuple[Score, ...]
    """The rules that hold, best first, one for each intent."""
    unexplained: tuple[Word, ...]
    tags: frozenset[str]

    @property
    def intent(self) -> Intent | None:
        """Give the intent that explains the clause best."""
        return self.scores[0].intent if self.scores else None

    @property
    def confidence(self) -> float:
        """From 0 to 100."""
        return self.scores[0].confidence if self.scores else 0.0

    @property
    def points(self) -> float:
        """Give the points of the best rule; 0 where none holds."""
        return self.scores[0].points if self.scores else 0.0

    def values(self, tag: str) -> tuple[tuple[str | int, ...], ...]:
        """Give for each mention of a tag what it may stand for, in the order of the words."""
        return tuple(values for mention in self.mentions if (values := mention.values(tag)))


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A rule as bit masks, one bit for each tag."""

    intent: Intent
    needs: tuple[int, ...]
    twice: tuple[int, ...]
    """Needs that two mentions must meet."""
    needed: int
    allowed: int
    excluded: int
    """Tags that rule it out, and binding ones that it does not allow."""


class Catalogue:
    """The rules of a knowledge as bit masks, so that a clause meets them all in microseconds."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._bits: dict[str, int] = {}
        self._known: dict[frozenset[str], tuple[tuple[int, float], ...]] = {}
        """What mentions have been weighed to, by their tags."""
        self.weights = knowledge.weights
        self._by_bit: dict[int, list[_Pattern]] = {}
        """Rules by each tag that can meet the weightiest of their needs."""
        for intent in knowledge.intents.values():
            for rule in intent.rules:
                needs = tuple(self._mask(group) for group in rule.needs)
                needed = self._mask(tag for group in rule.needs for tag in group)
                allowed = self._mask(intent.allows) | needed
                pattern = _Pattern(
                    intent=intent,
                    needs=tuple(dict.fromkeys(needs)),
                    twice=tuple({group for group in needs if needs.count(group) > 1}),
                    needed=needed,
                    allowed=allowed,
                    excluded=self._mask(rule.unless) | self._mask(BINDING) & ~allowed,
                )
                rarest = max(rule.needs, key=lambda group: min(map(self.weight, group)))
                for tag in rarest:
                    self._by_bit.setdefault(self._bit(tag), []).append(pattern)

    def weight(self, tag: str) -> float:
        """Give how much a tag tells about what is asked."""
        return self.weights.get(tag, 1.0)

    def _weighed(self, tags: frozenset[str]) -> tuple[tuple[int, float], ...]:
        """Give the bit and the weight of each tag that some rule knows."""
        weighed = self._known.get(tags)
        if weighed is None:
            if len(self._known) > MOST_REMEMBERED:
                self._known.clear()
            weighed = self._known[tags] = tuple(
                (self._bits[tag], self.weight(tag)) for tag in sorted(tags) if tag in self._bits
            )
        return weighed

    def _bit(self, tag: str) -> int:
        return self._bits.setdefault(tag, 1 << len(self._bits))

    def _mask(self, tags: Iterable[str]) -> int:
        mask = 0
        for tag in tags:
            mask |= self._bit(tag)
        return mask

    def score(
        self, mentions: Sequence[Mention], unexplained: Sequence[float]
    ) -> tuple[Score, ...]:
        """Score every rule that holds for a clause; best first, one for each intent.

        `unexplained` are the weights of the words that nothing explains.
        """
        heavy: dict[int, tuple[float, float, int]] = {}
        """By the bit of each tag: what it counts for a rule and against one, and the mentions
        that have it, one bit for each."""
        counts: dict[int, int] = {}
        place = 1
        for mention in mentions:
            gain = mention.quality * (1.0 + 0.05 * (mention.end - mention.start - 1))
            light = mention.is_filler or mention.tags <= POLITE
            loss = FILLER_NOT_ALLOWED if light else NOT_ALLOWED
            for bit, weight in self._weighed(mention.tags):
                counts[bit] = counts.get(bit, 0) + 1
                most, least, places = heavy.get(bit, NOTHING)
                heavy[bit] = (max(weight * gain, most), max(weight * loss, least), places | place)
            place <<= 1
        present = sum(heavy)
        lost = sum(unexplained)
        best: dict[str, Score] = {}
        for pattern in self._fitting(present, counts):
            explained = against = 0.0
            covered = 0
            for bit, (gain, _, places) in heavy.items():
                if bit & pattern.allowed:
                    explained += gain if bit & pattern.needed else ALLOWED * gain
                    covered |= places
            if present & ~pattern.allowed:
                for bit, (_, loss, places) in heavy.items():
                    if not (bit & pattern.allowed or places & covered):
                        against += loss
            points = explained - against + MORE_NEEDS * len(pattern.needs)
            score = Score(pattern.intent, points, explained, against + lost)
            before = best.get(pattern.intent.id)
            if before is None or score.points > before.points:
                best[pattern.intent.id] = score
        return tuple(sorted(best.values(), key=lambda score: -score.points))

    def _fitting(self, present: int, counts: Mapping[int, int]) -> list[_Pattern]:
        """Give the rules that hold where these tags are present."""
        found: dict[int, _Pattern] = {}
        for bit in counts:
            for pattern in self._by_bit.get(bit, ()):
                if present & pattern.excluded or not present & pattern.needed:
                    continue
                for group in pattern.needs:
                    if not present & group:
                        break
                else:
                    if not pattern.twice or all(
                        sum(n for one, n in counts.items() if one & group) > 1
                        for group in pattern.twice
                    ):
                        found[id(pattern)] = pattern
        return list(found.values())


def is_name(word: Word) -> bool:
    """Tell whether a word is written as a name is."""
    return word.raw[0].isupper() and word.raw[1:].islower()


def joined_with_names(mentions: Sequence[Mention]) -> frozenset[int]:
    """Give the places beside a conjunction that has a country on its other side."""
    named = [mention for mention in mentions if "country" in mention.tags]
    starts, ends = {mention.start for mention in named}, {mention.end for mention in named}
    joining = [mention for mention in mentions if "conjunction" in mention.tags]
    return frozenset(
        [mention.start - 1 for mention in joining if mention.end in starts]
        + [mention.end for mention in joining if mention.start in ends]
    )


def weigh_unexplained(
    words: Sequence[Word], mentions: Sequence[Mention], first: int
) -> tuple[tuple[Word, float], ...]:
    """Weigh the words that no mention covers; `first` is the number of the first word.

    A name in the middle of a sentence, what follows `at`, `in` or somebody's given name, and what
    stands beside a name with `and` between, may change what is asked, so it weighs most.
    """
    covered: set[int] = set()
    hinted: set[int] = set()
    for mention in mentions:
        if mention.sense.explains:
            covered.update(range(mention.start, mention.end))
        elif HINT in mention.tags:
            hinted.update(range(mention.start, mention.end))
    if len(covered) == len(words):
        return ()
    restricting = {mention.end for mention in mentions if "restricts" in mention.tags}
    surnames = {mention.end for mention in mentions if "given_name" in mention.tags}
    joined = joined_with_names(mentions)
    topics = {mention.start for mention in mentions if "topic" in mention.tags}
    counting = {mention.end for mention in mentions if "count" in mention.tags}
    lowered = any(word.raw[:1].islower() for word in words)
    weighed: list[tuple[Word, float]] = []
    for place, word in enumerate(words, start=first):
        if place in covered or not word.form[0].isalnum():
            continue
        if word.is_number:
            weight = 0.2
        elif len(word.form) <= 2:
            weight = UNEXPLAINED_SHORT
        elif {place, place - 1} & restricting or place in surnames or place in joined:
            weight = UNEXPLAINED_PLACE
        elif place in counting:
            weight = UNEXPLAINED_COUNTED
        elif place in hinted:
            weight = UNEXPLAINED_HINT
        elif lowered and place > first and is_name(word) and place not in topics:
            weight = UNEXPLAINED_NAME
        else:
            weight = UNEXPLAINED
        weighed.append((word, weight))
    return tuple(weighed)


def _without_negation(mention: Mention, opens: bool, closes: bool) -> Mention:
    """Take the "not" out of a word that denies nothing: "isn't it large?", "it is large, no?"."""
    if not (opens and {"not", "polar"} <= mention.tags) and not (
        (opens or closes) and {"not", "yes_word"} <= mention.tags
    ):
        return mention
    kept = tuple(meaning for meaning in mention.meanings if meaning.tag != "not")
    return Mention(mention.start, mention.end, Sense.of(kept), mention.quality)


def _with_exceptions(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Read "not" right before a name as an exception: "who represents Belarus, not Russia?"."""
    if not any("not" in mention.tags for mention in mentions[1:-1]):
        return mentions
    changed = list(mentions)
    for place in range(1, len(mentions) - 1):
        mention = mentions[place]
        if "not" in mention.tags and mentions[place + 1].tags & {"country", "chamber"}:
            sense = Sense.of([Meaning("except", None, m.language) for m in mention.meanings])
            changed[place] = Mention(mention.start, mention.end, sense, mention.quality)
    return tuple(changed)


def read(
    words: tuple[Word, ...], mentions: Sequence[Mention], first: int, catalogue: Catalogue
) -> Ask:
    """Read a clause: `words` are its words, `first` the number of the first of them."""
    within = tuple(
        _without_negation(mention, mention.start == first, mention.end == first + len(words))
        for mention in mentions
        if first <= mention.start and mention.end <= first + len(words)
    )
    weighed = weigh_unexplained(words, within, first)
    within = _with_exceptions(within)
    scores = catalogue.score(within, [weight for _, weight in weighed])
    unexplained = tuple([word for word, _ in weighed])
    return Ask(words, first, within, scores, unexplained, tags_of(within))
