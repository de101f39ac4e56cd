"""Which label a sentence most likely bears, learnt from labelled examples.

TF-IDF over words, word pairs and letters within words, with a ridge layer in closed form: no
training loop, the same result on every machine. n-grams are hashed with array arithmetic, so
that hundreds of examples are fitted in milliseconds. The layer's cost grows with the cube of its
examples: where there are thousands, it is fitted for each sentence to those that are nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

LETTERS = (3, 4)
"""Lengths of the n-grams of letters; a word counts with a space on either side."""
RIDGE = 0.5
"""How strongly the ridge layer is held back from learning single examples by heart."""
MOST_FITTED = 2_000
"""Examples up to which one layer is fitted to all of them, in less than half a second."""
NEAREST = 32
"""Examples that a layer is fitted to where there are more."""
MOST_COMPARED = 20_000
"""Places of features that are looked at to find them: the commonest features tell least."""
_PRIME = np.uint64(1_099_511_628_211)
_BASIS = np.uint64(14_695_981_039_346_656_037)
_SPACE, _LINE = 32, 10

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]
Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Features:
    """What sentences are made of: words, pairs of words, and n-grams of letters in a word.

    The features of a word are hashed once, however often it stands in the sentences.
    """

    hashes: Hashes
    """Of each distinct word one after the other, then of the pairs."""
    starts: Places
    """Where the features of each distinct word begin in `hashes`, and where the last one ends."""
    words: Places
    """The words of all sentences, as numbers of distinct words."""
    of_word: Places
    """The sentence of each of them."""
    of_pair: Places
    """The sentence of each pair."""

    def placed(self) -> tuple[Places, Places]:
        """Give for each feature of each sentence the sentence and its place in `hashes`."""
        starts, lengths = self.starts[self.words], np.diff(self.starts)[self.words]
        pairs = np.arange(self.starts[-1], len(self.hashes))
        return (
            np.concatenate([np.repeat(self.of_word, lengths), self.of_pair]),
            np.concatenate([_spans(starts, lengths), pairs]),
        )


def _spans(starts: Places, lengths: Places) -> Places:
    """Give the numbers of several spans, one after the other: from each start on, so many."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)


def _features(lines: Sequence[Sequence[str]]) -> _Features:
    """Hash what sentences are made of; each is given in words."""
    numbers: dict[str, int] = {}
    words = np.array(
        [numbers.setdefault(word, len(numbers)) for words in lines for word in words],
        dtype=np.intp,
    )
    of_word = np.repeat(np.arange(len(lines)), [len(words) for words in lines])
    text = "\n".join(f" {word} " for word in numbers)
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    ends = codes == _LINE
    owner_of = np.cumsum(ends)
    single = np.array(
        [crc32(word.encode("utf-8", "replace")) for word in numbers], dtype=np.uint64
    )
    owners: list[Places] = [np.arange(len(numbers))]
    hashes: list[Hashes] = []
    with np.errstate(over="ignore"):
        hashes.append(single * _BASIS)
        for size in LETTERS:
            last = len(codes) - size + 1
            if last <= 0:
                break
            hashed = np.full(last, _BASIS + np.uint64(size), dtype=np.uint64)
            whole = np.ones(last, dtype=bool)
            for shift in range(size):
                hashed = (hashed ^ codes[shift : shift + last]) * _PRIME
                whole &= ~ends[shift : shift + last]
            owners.append(owner_of[:last][whole])
            hashes.append(hashed[whole])
        together = of_word[1:] == of_word[:-1]
        coded = single[words]
        pairs = ((coded[:-1] * _PRIME ^ coded[1:])[together]) * _BASIS
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(numbers))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return _Features(
        hashes=np.concatenate([np.concatenate(hashes)[order], pairs]),
        starts=starts,
        words=words,
        of_word=of_word,
        of_pair=of_word[1:][together],
    )


class Scorer:
    """Scores labels for sentences; made from `(words, label)` examples."""

    def __init__(
        self, examples: Sequence[tuple[Sequence[str], str]], ridge: float = RIDGE
    ) -> None:
        self.labels: tuple[str, ...] = tuple(dict.fromkeys(label for _, label in examples))
        if not examples:
            return
        self._size = len(examples)
        index = {label: place for place, label in enumerate(self.labels)}
        self._label_of = np.array([index[label] for _, label in examples], dtype=np.intp)
        # A label with many examples must not drown one with few: its own are held back more.
        sizes = np.bincount(self._label_of)[self._label_of]
        self._ridge = ridge * np.sqrt(sizes / sizes.mean())
        features = _features([words for words, _ in examples])
        self._vocabulary, column_of = np.unique(features.hashes, return_inverse=True)
        owners, places = features.placed()
        cells, counts = np.unique(
            owners * len(self._vocabulary) + column_of[places], return_counts=True
        )
        owners, columns = np.divmod(cells, len(self._vocabulary))
        document_counts = np.bincount(columns)
        self._idf = (np.log((1 + self._size) / (1 + document_counts)) + 1).astype(np.float32)
        values = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(owners, weights=values**2, minlength=self._size))
        values = (values / norms[owners]).astype(np.float32)
        order = np.argsort(columns, kind="stable")
        self._owners, self._values = owners[order].astype(np.int32), values[order]
        self._starts = np.concatenate([[0], np.cumsum(document_counts)])
        self._rows = columns.astype(np.int32), values
        """The features of the examples, one example after the other, and their values."""
        self._bounds = np.searchsorted(owners, np.arange(self._size + 1))
        self._layer: NDArray[np.float32] | None = None
        if self._size <= MOST_FITTED:
            self._layer = self._fitted()
            del self._rows, self._bounds  # half of the memory

    def _fitted(self) -> NDArray[np.float32]:
        """Fit one layer to all examples."""
        kernel = np.zeros((self._size, self._size))
        columns, values = self._rows
        for row in range(self._size):
            part = slice(self._bounds[row], self._bounds[row + 1])
            kernel[row] = self._similarities(columns[part], values[part])
        return self._solved(kernel, np.arange(self._size))[1]

    def _solved(
        self, kernel: NDArray[np.floating[Any]], examples: Places
    ) -> tuple[Places, NDArray[np.float32]]:
        """Solve the ridge layer for examples with their similarities; give its labels with it."""
        labels, label_of = np.unique(self._label_of[examples], return_inverse=True)
        targets = np.full((len(examples), len(labels)), -1.0 / max(1, len(self.labels) - 1))
        targets[np.arange(len(examples)), label_of] = 1.0
        kernel[np.diag_indices_from(kernel)] += self._ridge[examples]
        return labels, np.linalg.solve(kernel, targets).astype(np.float32)

    def _similarities(self, columns: NDArray[Any], values: Weights) -> NDArray[np.float64]:
        """Give the cosine of a sentence with each example, by the examples' inverted index."""
        starts, ends = self._starts[columns], self._starts[columns + 1]
        lengths = ends - starts
        places = _spans(starts, lengths)
        weights = np.repeat(values, lengths) * self._values[places]
        found = np.bincount(self._owners[places], weights=weights, minlength=self._size)
        return found.astype(np.float64, copy=False)

    def score(self, *readings: Sequence[str]) -> NDArray[np.float64]:
        """Score each label of `labels` for a sentence; a sure one comes near 1.

        Of several readings of the sentence, each in words, it is the mean.
        """
        if not self.labels:
            return np.zeros(0)
        vectors = [self._vector(words) for words in readings]
        # Scores are linear in the vectors: their mean is scored once.
        columns, at = np.unique(
            np.concatenate([columns for columns, _ in vectors]), return_inverse=True
        )
        if not len(columns):
            return np.zeros(len(self.labels))
        summed = np.bincount(at, weights=np.concatenate([values for _, values in vectors]))
        values: Weights = np.asarray(summed / len(readings), dtype=np.float32)
        if self._layer is None:
            return self._scored_by_nearest(columns, values)
        return np.asarray(self._similarities(columns, values) @ self._layer)

    def _vector(self, words: Sequence[str]) -> tuple[Places, Weights]:
        """Give the features of a sentence that are known, and their values."""
        features = _features([words])
        found, counts = np.unique(features.hashes[features.placed()[1]], return_counts=True)
        columns = np.searchsorted(self._vocabulary, found)
        columns[columns == len(self._vocabulary)] = 0
        known = self._vocabulary[columns] == found
        idf = np.where(known, self._idf[columns], np.float32(np.log(1 + self._size) + 1))
        values = (1 + np.log(counts)) * idf
        norm = np.sqrt((values**2).sum())
        return columns[known], (values[known] / norm).astype(np.float32)

    def _scored_by_nearest(self, columns: Places, values: Weights) -> NDArray[np.float64]:
        """Score by a layer that is fitted to the nearest examples alone."""
        lengths = self._starts[columns + 1] - self._starts[columns]
        rarest = np.argsort(lengths, kind="stable")
        most = int(np.searchsorted(np.cumsum(lengths[rarest]), MOST_COMPARED))
        telling = rarest[: max(1, most)]
        similar = self._similarities(columns[telling], values[telling])
        near = np.flatnonzero(similar)
        if len(near) > NEAREST:
            near = near[np.argpartition(similar[near], -NEAREST)[-NEAREST:]]
        starts, sizes = self._bounds[near], self._bounds[near + 1] - self._bounds[near]
        places = _spans(starts, sizes)
        features, column = np.unique(self._rows[0][places], return_inverse=True)
        dense = np.zeros((len(near), len(features)), dtype=np.float32)
        dense[np.repeat(np.arange(len(near)), sizes), column] = self._rows[1][places]
        labels, layer = self._solved((dense @ dense.T).astype(np.float64), near)
        asked = np.zeros(len(features), dtype=np.float32)
        at = np.minimum(np.searchsorted(features, columns), len(features) - 1)
        known = features[at] == columns
        asked[at[known]] = values[known]
        scores = np.zeros(len(self.labels))
        scores[labels] = dense @ asked @ layer
        return scores
