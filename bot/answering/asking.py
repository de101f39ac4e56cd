"""What of a message asks something, and what is only told around it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.clauses import (
    NAMED,
    OPENERS,
    UNDISTURBED,
    Sentence,
    only_denies,
    only_names,
)
from bot.answering.finding import Finding
from bot.answering.intents import POLITE, THRESHOLD, Ask, joined_with_names
from bot.answering.lexicon import UNSURE
from bot.answering.reply import Outcome

ENTITY_TAGS = frozenset({"country", "parliament", "chamber", "person", "url", "number"})
OPERATORS = frozenset(
    {"all", "both", "other", "polar", "not", "only", "except", "from", "anaphora", "restricts",
     "conjunction", "several", "followup", "yes_word", "who", "what", "which", "where", "when",
     "why", "name", "list", "than", "csto", "assembly", "delegation", "person_word",
     "country_word", "parliament_word", "said", "upper_house", "lower_house",
     "about", "covered", "also", "total", "whose"}
)  # fmt: skip
"""Cues that do not make a question by themselves: it takes the rest from the turn before."""
SUBJECT = frozenset(
    {"assembly", "csto", "delegation", "representative", "parliament", "parliament_word",
     "chamber", "chamber_word", "person", "interview", "members", "deputy_secretary", "plenary",
     "diplomats_day", "website", "lead", "speaker", "url"}
)  # fmt: skip
"""Tags of the documents' own subject: a question with one of them is never out of scope."""
OUTSIDE = frozenset({"off_topic", "command", "contest"})
"""Tags of what is none of the bot's business."""
TOLD = NAMED | {"upper_house", "lower_house"}
"""Tags of what a story may name and the question after it may leave unsaid."""
FRAME = frozenset({"interview", "said", "speaker", "interviewer", "questions"})
"""Tags that tell that the interview is meant."""


LONGEST_WISH = 4
"""Unknown words that may stand beside thanks or a goodbye."""
SHORTEST_CONTENT = 3
"""Letters that an ordinary word must exceed to say what a question is about."""
VAGUE = frozenset({"attribute", "history", "next_session", "budget", "member_states"})
"""Tags of what the documents are silent on, unless the interview speaks of it."""


def is_of_assembly(ask: Ask) -> bool:
    """Tell whether the Assembly's own role is asked for, or that of parliaments in general.

    The interview tells these, and nobody else's.
    """
    somebody = {"who", "anaphora", "other", "representative", "deputy_secretary", "delegation",
                "help"}  # fmt: skip
    played = "role" in ask.tags and ask.tags & {"assembly", "parliaments"}
    return bool(played) and not ask.tags & (NAMED | somebody)


def asks_of_office(ask: Ask) -> bool:
    """Tell whether somebody's office is asked for or claimed: "his position", "the minister?".

    What many strange words stand beside is a question about what somebody says.
    """
    if not ask.tags & {"person", "speaker"} or len(ask.unexplained) > 1:
        return False
    others = {"about", "country_word", "parliament_word", "parliaments", "members", "assembly",
              "csto", "said", "subject_matter"}  # fmt: skip
    return bool(ask.tags & {"role", "other_office"}) and others.isdisjoint(ask.tags)


def is_explained(ask: Ask) -> bool:
    """Tell whether a rule leaves nothing over; the speaker's name alone explains no question."""
    best = ask.scores[0]
    vague = best.intent.look_up == "elsewhere" or bool(ask.tags & VAGUE) or is_of_assembly(ask)
    return best.against <= UNDISTURBED and not vague


def goes_on_about(ask: Ask) -> bool:
    """Tell whether a clause goes on with another organisation: "and about the UN?"."""
    going_on = ask.tags & {"about", "followup"} and not ask.tags & NAMED
    return "arena" in ask.tags and bool(going_on)


def content_of(ask: Ask, *, with_fillers: bool = False) -> list[str]:
    """Give the words of a clause that say what it is about: neither frame nor filler.

    `with_fillers` counts ordinary words as well, for a clause that has no others.
    """
    framing = (FRAME | OPERATORS | ENTITY_TAGS | {"published", "count", "name"}) - {"country_word"}
    skipped: set[int] = set()
    for mention in ask.mentions:
        if with_fillers and mention.is_filler and not mention.tags & FRAME:
            continue
        if mention.is_filler or (mention.tags and mention.tags <= framing):
            skipped.update(range(mention.start, mention.end))
    return [
        word.form
        for place, word in enumerate(ask.words, start=ask.first)
        if place not in skipped
        and len(word.form) > (SHORTEST_CONTENT if with_fillers else 1)
        and word.form[0].isalpha()
    ]


def adds_unknown(ask: Ask) -> bool:
    """Tell whether something unknown is added to a country, or compared with it.

    "Kazakhstan and Zembla together": what is unknown changes the whole answer.
    """
    if ask.tags.isdisjoint({"total", "compare", "more", "less"}):
        return False
    joined = joined_with_names(ask.mentions)
    return any(
        place in joined and word in ask.unexplained
        for place, word in enumerate(ask.words, start=ask.first)
    )


def is_told_around(sentence: Sentence) -> bool:
    """Tell whether rules explain what a sentence asks, and the rest is a story around it.

    "We were given questions at school: how many deputies has Tajikistan?"
    """
    asked = sum(len(clause.words) for clause in sentence.clauses)
    return asked < len(sentence.whole.words) and all(
        clause.scores and is_explained(clause) and not clause.unexplained
        for clause in sentence.clauses
    )


def only_reports(ask: Ask, finding: Finding) -> bool:
    """Tell whether a clause may only say that the documents have changed, and not ask it.

    "The records were updated today: … So who represents Tajikistan?" A word that makes a
    question at the beginning, such as "were", stands in many a sentence that asks nothing.
    """
    if finding.intent != "freshness" or ask.tags & (OPENERS | {"list", "name"}):
        return False
    polar = [m for m in ask.mentions if "polar" in m.tags]
    return not any(m.start == ask.first or not m.is_filler for m in polar)


def asking(clauses: Sequence[Ask]) -> Sequence[Ask]:
    """Leave out clauses that only name something, where another one asks something."""
    saying = [clause for clause in clauses if not only_names(clause)]
    return saying if any(clause.intent for clause in saying) else clauses


def telling(sentences: Sequence[Sentence]) -> Sequence[Sentence]:
    """Leave out sentences that only name or rule out something, where another asks something."""
    saying = [
        sentence
        for sentence in sentences
        if not only_names(sentence.whole) and not only_denies(sentence.whole)
    ]
    intents = [sentence.whole.intent for sentence in saying]
    asking = any(intent is not None and intent.look_up != "help" for intent in intents)
    return saying if asking else sentences


def is_talk(ask: Ask) -> bool:
    """Tell whether a clause is only said to be polite: a greeting, thanks, or nothing at all."""
    if ask.intent is not None:
        return ask.intent.look_up == "help"
    return not ask.tags and not ask.unexplained


def goes_on_in_talk(sentence: Sentence) -> bool:
    """Tell whether a sentence of which only small talk is read goes on asking: "ok, who then?"."""
    asking = sentence.whole.tags & {"who", "which", "count", "where", "when"}
    return bool(asking) and all(is_talk(clause) for clause in sentence.clauses)


def is_wish(ask: Ask) -> bool:
    """Tell whether thanks or a goodbye go on in words of their own: "Thanks, live long!"."""
    parting = ask.tags & {"thanks", "goodbye"}
    return bool(parting) and ask.tags - UNSURE <= POLITE and len(ask.unexplained) <= LONGEST_WISH


def is_remark(ask: Ask) -> bool:
    """Tell whether a clause beside a question neither asks nor names nor goes on with anything."""
    going_on = {"followup", "anaphora", "conjunction", "other", "also", "total", "polar", "from"}
    asking = ask.tags - OPERATORS or ask.tags & (OPENERS | going_on)
    return ask.confidence < THRESHOLD and not asking


def asks(ask: Ask, finding: Finding) -> bool:
    """Tell whether a clause asks something, and is more than a remark beside a question.

    "When was it founded? Surely your documents say." asks nothing about the documents.
    """
    asking = bool(ask.tags & (OPENERS | {"polar", "list", "name", "news"}))
    if finding.intent == "sources":
        return asking
    remark = finding.outcome is Outcome.NOT_IN_DOCUMENTS and not ask.tags & (SUBJECT | NAMED)
    return asking or not remark
