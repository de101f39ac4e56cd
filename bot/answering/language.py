"""Which language the words of a question are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.answering.entities import Mention
from bot.answering.words import Word, script_of
from bot.knowledge.model import Kind, Language

NAME = 0.2
"""How much the name of a country or person tells, beside 1 for another word: names travel."""
LETTER = 1.5
"""How much a letter tells that the other languages of the script do not have."""
SCRIPT = 0.05
"""How much it tells that a word is in the script of a language."""
SURE = 0.3
"""What a language needs to be taken for that of the question."""
NAMES = frozenset(map(str, Kind)) | {"url", "number"}


def detect(
    words: Sequence[Word], mentions: Sequence[Mention], languages: Mapping[str, Language]
) -> str | None:
    """Give the code of the language that the words are in; None where they have none.

    A name, a number or a flag alone has no language of its own.
    """
    votes: defaultdict[str, float] = defaultdict(float)
    for mention in mentions:
        of_words = {m.language for m in mention.meanings if m.language and m.tag not in NAMES}
        of_names = {m.language for m in mention.meanings if m.language and m.tag in NAMES}
        length = mention.end - mention.start
        for found, worth in ((of_words, 1.0), (of_names - of_words, NAME)):
            for code in sorted(found):
                votes[code] += worth * length * mention.quality / len(found) ** 0.5
    special = frozenset("".join(language.letters for language in languages.values()))
    for word in words:
        script = script_of(word.form)
        if script is None:
            continue
        letters = set() if word.raw.isascii() else set(word.raw.casefold())
        telling = letters & special if letters else frozenset()
        for code, language in languages.items():
            if language.script is script:
                votes[code] += SCRIPT
                if telling:
                    own = telling <= set(language.letters)
                    votes[code] += LETTER if own else -LETTER
    if not votes:
        return None
    code, worth = max(votes.items(), key=lambda vote: vote[1])
    return code if worth >= SURE else None
