"""Whether sentences of the interview answer a clause, before a rule does or where none would.

The words of an interview are those of other questions as well, so both are weighed: what a rule
explains wholly is the rule's, and what no rule answers may still be told in the interview.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.asking import asks_of_office, content_of, is_explained
from bot.answering.finding import Finding
from bot.answering.intents import POLITE, THRESHOLD, Ask, is_name
from bot.answering.lexicon import HINT, Lexicon
from bot.answering.lookups.outside import SILENT
from bot.answering.passages import Found, Passages
from bot.answering.reply import Outcome
from bot.answering.words import Word
from bot.knowledge.model import Knowledge

SURE = 75.0
"""The confidence from which a question of who gave the interview, or when, is no other."""
EXPLAINED = 60.0
"""The confidence from which a rule answers where nothing says that the interview is meant."""
ASKED_OUTRIGHT = SILENT - {"attribute", "contact", "history"} | {"count", "when"}
"""Cues of what no passage tells in other words."""
UNANSWERED = frozenset({Outcome.NOT_IN_DOCUMENTS, Outcome.CLARIFY, Outcome.OUT_OF_SCOPE})
"""Outcomes after which the interview is searched, where it is spoken of."""
FEWEST_WORDS = 2
"""Words of content by which a passage is taken instead of what a rule says."""


@dataclass(frozen=True, slots=True)
class Least:
    """What a passage must reach to be taken for the answer."""

    known: float
    score: float
    confidence: float

    def is_reached(self, found: Found) -> bool:
        """Tell whether what was found knows enough of the words, and fits them well enough."""
        near = found.known >= self.known and found.score >= self.score
        return near and found.confidence >= self.confidence


FRAMED = Least(known=0.3, score=0.15, confidence=40)
"""Where the message says that it is about the interview."""
UNFRAMED = Least(known=0.5, score=0.2, confidence=50)
"""Where nothing says so."""
INSTEAD = Least(known=0.5, score=0.3, confidence=60)
"""Where it is about the interview and a rule would not answer it."""
INSTEAD_UNFRAMED = Least(known=0.75, score=0.5, confidence=75)
"""The same where nothing says that it is about the interview."""


class Search:
    """Searches the interview for what clauses ask."""

    def __init__(self, knowledge: Knowledge, passages: Passages, lexicon: Lexicon) -> None:
        self._knowledge = knowledge
        self._passages = passages
        self._lexicon = lexicon
        self.speakers = frozenset(str(fact.value) for fact in knowledge.find("speaker"))

    def find(self, ask: Ask, framed: bool, language: str) -> Finding | None:
        """Find the sentences of the interview that answer a sentence of the message, if any do.

        Where the message does not say that it is about the interview (`framed`), only what the
        rules cannot explain is looked for there, and more of its words must be known.
        """
        content = content_of(ask)
        if framed and not content and (ask.points <= 0 or ask.confidence < THRESHOLD):
            content = content_of(ask, with_fillers=True)
        if not content or self._names_others(ask) or _is_of_rules(ask, framed):
            return None
        found = self._searched(ask, language, content)
        if found is None or not self._leaves_nothing_strange(ask, language, found, framed):
            return None
        if self._tells_another_date(ask, found):
            return None
        fits = (FRAMED if framed else UNFRAMED).is_reached(found)
        fits = fits and (framed or found.confidence >= self._knowledge.thresholds.passages)
        return self.told(found.ids, found.confidence) if fits else None

    def instead(self, finding: Finding, ask: Ask, framed: bool, language: str) -> Finding:
        """Give the sentences that answer what a rule takes for something else, or its finding.

        The interview's words are those of other questions as well: "whom do they represent?".
        """
        asked_back = finding.outcome is Outcome.CLARIFY
        if finding.outcome not in UNANSWERED or (asked_back and not framed):
            return finding
        content = content_of(ask)
        if len(content) < FEWEST_WORDS or self._names_others(ask) or "country" in ask.tags:
            return finding
        if not framed and ask.tags & ASKED_OUTRIGHT:
            return finding
        found = self._searched(ask, language, content)
        least = INSTEAD if framed else INSTEAD_UNFRAMED
        if found is None or not least.is_reached(found):
            return finding
        plain = self._leaves_nothing_strange(ask, language, found, framed)
        return self.told(found.ids, found.confidence) if plain else finding

    def told(self, passages: tuple[str, ...], confidence: float) -> Finding:
        """Make the finding that sentences of the interview, by their ids, are the answer."""
        return Finding(
            outcome=Outcome.ANSWER,
            intent="passage",
            says=(),
            passages=passages,
            focus={"person": tuple(sorted(self.speakers)), "document": ("interview",)},
            confidence=max(THRESHOLD, confidence),
            follows=self._knowledge.intents["passage"].follows,
        )

    def _names_others(self, ask: Ask) -> bool:
        """Tell whether somebody is named who says nothing there, or the bot is given an order."""
        named = {str(value) for values in ask.values("person") for value in values}
        return bool(named - self.speakers) or "command" in ask.tags

    def _searched(self, ask: Ask, language: str, content: Sequence[str]) -> Found | None:
        """Search the passages; each word that leads away from the documents must be theirs."""
        strange = [
            ask.words[place - ask.first].form
            for mention in ask.mentions
            if mention.tags & {"arena", "contest", "off_topic"} and mention.start >= ask.first
            for place in range(mention.start, mention.end)
        ]
        forms = [self._lexicon.respelt(word.form) for word in _without_address(ask)]
        content = [self._lexicon.respelt(form) for form in content]
        return self._passages.search(language, forms, content, strange)

    def _tells_another_date(self, ask: Ask, found: Found) -> bool:
        """Tell whether a date is asked for, and what was found has that of something else."""
        asked = ask.tags & {"when", "date"} and not ask.tags & {"plenary", "number"}
        text = self._knowledge.passage(found.best).quote.text
        return bool(asked) and any(letter.isdigit() for letter in text)

    def _leaves_nothing_strange(self, ask: Ask, language: str, found: Found, framed: bool) -> bool:
        """Tell whether a passage knows the words that no rule explains: names, and most others."""
        known = [self._passages.knows(language, found.best, w.form) for w in ask.unexplained]
        if HINT in ask.tags and sum(known) * 2 <= len(known):
            return False
        lowered = any(word.raw[:1].islower() for word in ask.words)  # else capitals tell nothing
        names = [lowered and is_name(w) and w != ask.words[0] for w in ask.unexplained]
        if any(name and not is_known for name, is_known in zip(names, known, strict=True)):
            return False
        return framed or not known or sum(known) * 2 > len(known)


def _without_address(ask: Ask) -> Sequence[Word]:
    """Give the words of a sentence without what it opens with: "Dear colleagues, what …"."""
    addressing = {
        place
        for mention in ask.mentions
        if not mention.tags or mention.tags & POLITE
        for place in range(mention.start - ask.first, mention.end - ask.first)
    }
    is_address = False
    for place, word in enumerate(ask.words):
        is_address = is_address or word.after_comma or word.sentence != ask.words[0].sentence
        if place not in addressing:
            return ask.words[place:] if is_address else ask.words
    return ask.words


def _is_of_rules(ask: Ask, framed: bool) -> bool:
    """Tell whether a sentence is the rules' to answer: no passage tells better what they do."""
    if ask.intent is None or ask.points <= 0:
        return not framed and _asks_outright(ask)
    if asks_of_office(ask):
        return True
    if "country" in ask.tags:  # no passage is about one country
        meant = ask.tags & {"interview", "person", "anaphora"}
        told = ask.tags & {"representative", "members", "website"}
        if not framed or told or (ask.confidence >= SURE and not meant):
            return True
    sure = THRESHOLD if "when" in ask.tags else SURE  # but one, no passage has a date
    if ask.intent.look_up == "interview_fact" and ask.confidence >= sure:
        return True
    if framed:
        return is_explained(ask)
    return ask.confidence >= EXPLAINED or _asks_outright(ask)


def _asks_outright(ask: Ask) -> bool:
    """Tell whether it asks what no passage tells, and not for somebody's words about it."""
    return bool(ask.tags & ASKED_OUTRIGHT) and not ask.tags & {"said", "anaphora"}
