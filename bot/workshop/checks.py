"""Checks that need the answering or CLDR, and slips that do an answer no harm.

The bot starts without them; `csto-bot check` and the tests run them beside the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError

from bot.answering.loading import CHECKS
from bot.answering.lookups import LOOK_UPS
from bot.errors import Problem
from bot.knowledge.fact_checks import one_of
from bot.knowledge.folder import load
from bot.knowledge.language_checks import slips
from bot.knowledge.model import Knowledge, Language

BESIDES = ("passage", "news")
"""Look-ups that need the reader's language, so the answerer itself does them."""
NAMED_INTENTS = ("off_topic", "overview", "passage", "undocumented")
"""Intents that the answering itself names."""


def load_checked(folder: Path) -> Knowledge:
    """Load a folder of knowledge and check all that can be checked.

    Raises `KnowledgeError` with every problem found.
    """
    return load(folder, (*CHECKS, check))


def check(knowledge: Knowledge) -> Iterator[Problem]:
    """Give the problems that `bot.knowledge.checks` cannot see or lets pass."""
    yield from _check_look_ups(knowledge)
    for language in knowledge.languages.values():
        yield from _check_plurals(language)
        yield from slips(language, knowledge)


def _check_look_ups(knowledge: Knowledge) -> Iterator[Problem]:
    for intent in knowledge.intents.values():
        if intent.look_up not in LOOK_UPS and intent.look_up not in BESIDES:
            yield Problem(
                f"intents.yaml#intents#{intent.id}#look_up",
                0,
                f"the look-up {intent.look_up!r}",
                f"a function of bot/answering/lookups: {one_of(LOOK_UPS, intent.look_up)}",
            )
    for name in NAMED_INTENTS:
        if knowledge.intents and name not in knowledge.intents:
            yield Problem("intents.yaml#intents", 0, f"no intent {name!r}", "it: replies need it")


def _check_plurals(language: Language) -> Iterator[Problem]:
    """Check that each unit has exactly the plural categories of the language in CLDR."""
    try:
        rule = Locale.parse(language.code).plural_form
    except (UnknownLocaleError, ValueError):
        yield Problem(
            f"languages/{language.code}",
            0,
            "a code that CLDR has no language for",
            "a folder named by a language's code, as BCP 47 has it: `ru`, `hy`",
        )
        return
    wanted = {*rule.tags, "other"}
    for unit, phrases in language.plurals.items():
        if set(phrases) != wanted:
            yield Problem(
                f"languages/{language.code}/replies.yaml#plurals#{unit}",
                0,
                f"the categories {', '.join(phrases)}",
                f"those that CLDR has for {language.code}: {', '.join(sorted(wanted))}",
            )
