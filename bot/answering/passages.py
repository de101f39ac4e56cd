"""Which sentences of a document answer a question that is asked in other words.

The scorer knows example questions for each sentence and the sentences themselves. A question is
answered only where enough of its own words belong to the sentence that was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern

from bot.answering.words import forms_of
from bot.knowledge.model import Knowledge

CLOSE = 0.7
"""A second sentence is shown when it scores this share of the best one."""
TIED = 0.3
"""The same where one of the two refers to the other."""
MOST_SHOWN = 2
LEAST_SECOND = 0.1
"""The score that a second sentence needs in any case."""


@dataclass(frozen=True, slots=True)
class Found:
    """Passages that answer a question, as they are shown."""

    best: str
    """The passage that fits best."""
    ids: tuple[str, ...]
    score: float
    """Of the best passage, from 0 to about 1."""
    known: float
    """The share of the question's content words that belong to the best passage."""

    @property
    def confidence(self) -> float:
        """From 0 to 100."""
        return 100.0 * min(1.0, 0.5 * self.known + min(0.5, self.score))


def stems_of(form: str) -> tuple[str, ...]:
    """Give what two forms of a word may share: its first five letters, and four if it is short.

    >>> set(stems_of("security")) & set(stems_of("secure")), set(stems_of("talks"))
    ({'secur'}, {'talks', 'talk'})
    """
    return (form[:5], form[:4]) if len(form) <= 6 else (form[:5],)


class _Index:
    """The passages with everything that is known of them in one language."""

    def __init__(self, knowledge: Knowledge, code: str) -> None:
        from bot.answering.scorer import Scorer  # numpy takes as long to import as all the rest

        language = knowledge.languages[code]
        examples: list[tuple[tuple[str, ...], str]] = []
        for document in knowledge.documents.values():
            for passage in document.passages:
                texts = [passage.quote.text, *language.topics.get(passage.id, ())]
                if passage.id in language.translations:
                    texts.append(language.translations[passage.id])
                examples += [(forms_of(text), passage.id) for text in texts]
        self.scorer = Scorer(examples)
        self._forms: dict[str, set[str]] = {}
        for forms, label in examples:
            self._forms.setdefault(label, set()).update(map(intern, forms))
        self._stems: dict[str, frozenset[str]] = {}

    def stems(self, passage: str) -> frozenset[str]:
        """Give the stems of all words that are known of a passage."""
        known = self._stems.get(passage)
        if known is None:
            known = frozenset(stem for form in self._forms[passage] for stem in stems_of(form))
            self._stems[passage] = known
        return known


class Passages:
    """The passages of all documents, ready to be searched."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._indexes: dict[str, _Index] = {}

    def knows(self, language: str, passage: str, form: str) -> bool:
        """Tell whether anything that is known of a passage in a language has this word."""
        return not self._index(language).stems(passage).isdisjoint(stems_of(form))

    def _index(self, language: str) -> _Index:
        """Give the index of a language; it is made for the first question that needs it."""
        index = self._indexes.get(language)
        if index is None:
            index = self._indexes[language] = _Index(self._knowledge, language)
        return index

    def warm(self) -> None:
        """Make the index of every language."""
        for code in self._knowledge.languages:
            self._index(code)

    def _are_tied(self, one: str, other: str) -> bool:
        """Tell whether one of two passages refers to the other."""
        passage, second = self._knowledge.passage(one), self._knowledge.passage(other)
        return passage.context == other or second.context == one

    def _with_context(self, name: str) -> tuple[str, ...]:
        """Give a passage after the one that it refers to: "They are flexible" says not who."""
        context = self._knowledge.passage(name).context
        return (context, name) if context else (name,)

    def search(
        self,
        language: str,
        forms: Sequence[str],
        content: Sequence[str],
        strange: Sequence[str] = (),
    ) -> Found | None:
        """Find the passages for a question, given its words and those of them that have content.

        Both readings count alike: the words around the content tell passages apart, but in a
        long question they drown it.

        Gives nothing where the best passage knows no word of the content, or does not know one
        of the `strange` words, which lead away from the documents.
        """
        index = self._index(language)
        labels = index.scorer.labels
        if not content or not labels:
            return None
        scores = index.scorer.score(forms, content)
        scored = scores.nonzero()[0]
        order = scored[scores[scored].argsort()[::-1]]
        top = float(scores[order[0]]) if len(order) else 0.0
        if top <= 0:
            return None
        best = labels[order[0]]
        ids = [best]
        ids += [
            labels[place]
            for place in order[1:MOST_SHOWN]
            if scores[place] > LEAST_SECOND
            and scores[place] >= (TIED if self._are_tied(best, labels[place]) else CLOSE) * top
        ]
        known = index.stems(best)
        if any(known.isdisjoint(stems_of(form)) for form in strange):
            return None
        hits = sum(not known.isdisjoint(stems_of(form)) for form in content)
        shown = tuple(dict.fromkeys(name for found in ids for name in self._with_context(found)))
        return Found(best, shown, top, hits / len(content)) if hits else None
