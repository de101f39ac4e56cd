"""Which language the words of a question are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.answering.entities import Mention
from bot.answering.words import Word, script_of
from bot.knowledge.model import Kind, Language, Script

NAME = 0.2
"""How much the name of a country or person tells, beside 1 for another word: names travel."""
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
NAMES = frozenset(map(str, Kind)) | {"url", "number"}


def detect(
    words: Sequence[Word],
    mentions: Sequence[Mention],
    languages: Mapping[str, Language],
    expected: Sequence[str] = (),
) -> str | None:
    """Give the code of the language that the words are in; None where they have none.

    A name, a number or a flag alone has no language of its own. Where the words are as much of
    one language as of another, the first that is `expected` counts, else one whose words stand
    in the others as well.
    """
    votes: defaultdict[str, float] = defaultdict(float)
    for mention in mentions:
        of_words = {m.language for m in mention.meanings if m.language and m.tag not in NAMES}
        of_names = {m.language for m in mention.meanings if m.language and m.tag in NAMES}
        length = mention.end - mention.start
        for found, worth in ((of_words, 1.0), (of_names - of_words, NAME)):
            for code in sorted(found):
                votes[code] += worth * length * mention.quality / len(found) ** 0.5
    named = {
        place
        for mention in mentions
        if not mention.tags.isdisjoint(NAMES)
        for place in range(mention.start, mention.end)
    }
    for place, word in enumerate(words):
        script = script_of(word.form)
        if script is None or place in named:
            continue
        letters = frozenset() if word.raw.isascii() else frozenset(word.raw.casefold())
        for code, worth in _told_by_letters(letters, script, tuple(languages.items())).items():
            votes[code] += worth
    if not votes:
        return None
    most = max(votes.values())
    if most < SURE:
        return None
    tied = [code for code, worth in votes.items() if worth >= TIED * most]
    for code in (*expected, *(code for code in tied if languages[code].is_common)):
        if code in tied:
            return code
    return max(tied, key=lambda code: votes[code])


def _told_by_letters(
    letters: frozenset[str], script: Script, languages: tuple[tuple[str, Language], ...]
) -> dict[str, float]:
    """Weigh what the letters of a word tell of the languages of its script.

    A letter that few of them have speaks for those, and against the others.
    """
    own = {code: language.letters for code, language in languages if language.script is script}
    alone = len(own) == 1 and script is not Script.LATIN
    votes = dict.fromkeys(own, SURE if alone else SCRIPT)
    for letter in letters:
        having = [code for code, alphabet in own.items() if letter in alphabet]
        if not having or len(having) == len(own):
            continue
        for code in own:
            told = LETTER / len(having) if code in having else -FOREIGN
            votes[code] += told / max(len(letters), SHORT) ** 0.5
    return votes
