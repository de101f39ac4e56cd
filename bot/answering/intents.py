"""What is asked: scores the mentions of a clause against the rules of the catalogue.

The rule that explains the most wins; words that nothing explains count against it. The outcome
is an `Ask`, with the runner-up and what stayed unexplained, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.answering.entities import Mention
from bot.answering.words import Word
from bot.knowledge.model import Intent, Knowledge

THRESHOLD = 50.0
"""The confidence below which the bot does not answer (the machine interface fixes it)."""
ALLOWED = 0.9
"""What a tag counts that a rule allows, beside 1 for one that it needs."""
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
BINDING = frozenset({"not", "except", "arena", "contest", "command", "off_topic"})
"""Tags that turn a question into another one: no rule may pass over them."""

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
        return 100.0 * self.explained / (self.explained + self.against)


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
        return tuple(
            values for mention in self.mentions if (values := mention.values(tag))
        )


class Catalogue:
    """The rules of a knowledge as bit masks, so that a clause meets them all in microseconds."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._bits: dict[str, int] = {}
        self.weights = knowledge.weights
        self._rules: list[tuple[Intent, tuple[int, ...], int, int, int, tuple[int, ...]]] = []
        for intent in knowledge.intents.values():
            for rule in intent.rules:
                needs = tuple(self._mask(group) for group in rule.needs)
                twice = tuple(
                    needs.count(group) for group in dict.fromkeys(needs)
                )
                allowed = self._mask(intent.allows)
                for group in needs:
                    allowed |= group
                self._rules.append(
                    (intent, tuple(dict.fromkeys(needs)), self._mask(rule.unless), allowed,
                     self._mask(BINDING) & ~allowed, twice)
                )  # fmt: skip

    def weight(self, tag: str) -> float:
        """Give how much a tag tells about what is asked."""
        return self.weights.get(tag, 1.0)

    def _bit(self, tag: str) -> int:
        return self._bits.setdefault(tag, 1 << len(self._bits))

    def _mask(self, tags: Iterable[str]) -> int:
        mask = 0
        for tag in tags:
            mask |= self._bit(tag)
        return mask

    def score(
        self, words: Sequence[Word], mentions: Sequence[Mention], unexplained: Sequence[float]
    ) -> tuple[Score, ...]:
        """Score every rule that holds for a clause; best first, one for each intent.

        `unexplained` are the weights of the words that nothing explains.
        """
        present = 0
        heavy: dict[str, tuple[int, float, float]] = {}
        counts: dict[int, int] = {}
        for mention in mentions:
            filler = mention.is_filler
            length_bonus = 1.0 + 0.05 * (mention.end - mention.start - 1)
            for tag in mention.tags:
                bit = self._bits.get(tag, 0)
                if not bit:
                    continue
                present |= bit
                counts[bit] = counts.get(bit, 0) + 1
                weight = self.weight(tag)
                gain = weight * mention.quality * length_bonus
                loss = weight * (FILLER_NOT_ALLOWED if filler else NOT_ALLOWED)
                old = heavy.get(tag)
                if old is None or gain > old[1]:
                    loss = loss if old is None else max(loss, old[2])
                    heavy[tag] = (bit, gain, loss)
        shared = _alternatives(mentions)
        lost = sum(unexplained)
        best: dict[str, Score] = {}
        for intent, needs, unless, allowed, binding, twice in self._rules:
            if present & unless or present & binding:
                continue
            if not all(present & group for group in needs):
                continue
            if any(
                times > 1 and sum(n for bit, n in counts.items() if bit & group) < times
                for group, times in zip(needs, twice, strict=True)
            ):
                continue
            needed = 0
            for group in needs:
                needed |= group
            explained = against = 0.0
            covered: set[int] = set()
            for tag, (bit, gain, _loss) in heavy.items():
                if bit & allowed:
                    explained += gain if bit & needed else ALLOWED * gain
                    covered |= shared.get(tag, frozenset())
            for tag, (bit, _gain, loss) in heavy.items():
                if not bit & allowed and not shared.get(tag, frozenset()) & covered:
                    against += loss
            score = Score(intent, explained - against, explained, against + lost)
            old_score = best.get(intent.id)
            if old_score is None or score.points > old_score.points:
                best[intent.id] = score
        return tuple(sorted(best.values(), key=lambda score: -score.points))


def _alternatives(mentions: Sequence[Mention]) -> dict[str, frozenset[int]]:
    """Give for each tag the mentions that carry it: one reading of a mention is enough."""
    carried: dict[str, set[int]] = {}
    for place, mention in enumerate(mentions):
        for tag in mention.tags:
            carried.setdefault(tag, set()).add(place)
    return {tag: frozenset(places) for tag, places in carried.items()}


def weigh_unexplained(
    words: Sequence[Word], mentions: Sequence[Mention], first: int
) -> tuple[tuple[Word, float], ...]:
    """Weigh the words that no mention covers; `first` is the number of the first word.

    A name in the middle of a sentence, and what follows `at` or `in`, may change what is asked,
    so it weighs most.
    """
    covered = {
        place
        for mention in mentions
        if mention.tags != TOPIC
        for place in range(mention.start, mention.end)
    }
    restricting = {
        mention.end for mention in mentions if "restricts" in mention.tags
    }
    lowered = any(word.raw[:1].islower() for word in words)
    weighed: list[tuple[Word, float]] = []
    for place, word in enumerate(words, start=first):
        if place in covered or not word.form[0].isalnum():
            continue
        if word.is_number:
            weight = 0.2
        elif len(word.form) <= 2:
            weight = UNEXPLAINED_SHORT
        elif place in restricting or place - 1 in restricting:
            weight = UNEXPLAINED_PLACE
        elif lowered and place > first and word.raw[0].isupper() and word.raw[1:].islower():
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
    return Mention(mention.start, mention.end, kept, mention.quality)


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
    scores = catalogue.score(words, within, [weight for _, weight in weighed])
    tags = frozenset(tag for mention in within for tag in mention.tags)
    return Ask(words, first, within, scores, tuple(word for word, _ in weighed), tags)
