"""Which label a sentence most likely bears, learnt from labelled examples.

TF-IDF over words, word pairs and letters within words, with a ridge layer in closed form: no
training loop, the same result on every machine. n-grams are hashed with array arithmetic, so
that hundreds of examples are fitted in milliseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

LETTERS = (3, 4)
"""Lengths of the n-grams of letters; a word counts with a space on either side."""
RIDGE = 0.5
"""How strongly the ridge layer is held back from learning single examples by heart."""
_PRIME = np.uint64(1_099_511_628_211)
_BASIS = np.uint64(14_695_981_039_346_656_037)
_SPACE, _LINE = 32, 10

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]
Weights = NDArray[np.float32]


def _features(lines: Sequence[Sequence[str]]) -> tuple[Places, Hashes]:
    """Hash what sentences are made of; give for each feature its sentence and its hash.

    Features are the words, pairs of words, and n-grams of letters that cross no space.
    """
    text = "\n".join(" " + " ".join(words) + " " for words in lines)
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    broken = (codes == _SPACE) | (codes == _LINE)
    line_of = np.cumsum(codes == _LINE)
    owners: list[NDArray[Any]] = []
    hashes: list[Hashes] = []
    with np.errstate(over="ignore"):
        for size in LETTERS:
            last = len(codes) - size + 1
            if last <= 0:
                break
            hashed = np.full(last, _BASIS + np.uint64(size), dtype=np.uint64)
            whole = codes[:last] != _LINE
            whole &= codes[size - 1 : size - 1 + last] != _LINE
            for shift in range(size):
                hashed = (hashed ^ codes[shift : shift + last]) * _PRIME
                if 0 < shift < size - 1:
                    whole &= ~broken[shift : shift + last]
            owners.append(line_of[:last][whole])
            hashes.append(hashed[whole])
        sizes = [len(words) for words in lines]
        single = np.array(
            [crc32(word.encode("utf-8", "replace")) for words in lines for word in words],
            dtype=np.uint64,
        )
        of_word = np.repeat(np.arange(len(lines)), sizes)
        together = of_word[1:] == of_word[:-1]
        owners += [of_word, of_word[1:][together]]
        hashes += [single * _BASIS, (single[:-1] * _PRIME ^ single[1:])[together] * _BASIS]
    return np.concatenate(owners), np.concatenate(hashes)


class Scorer:
    """Scores labels for sentences; made from `(words, label)` examples."""

    def __init__(
        self, examples: Sequence[tuple[Sequence[str], str]], ridge: float = RIDGE
    ) -> None:
        self.labels: tuple[str, ...] = tuple(dict.fromkeys(label for _, label in examples))
        if not examples:
            return
        self._size = len(examples)
        owners, hashes = _features([words for words, _ in examples])
        self._vocabulary, found = np.unique(hashes, return_inverse=True)
        cells, counts = np.unique(owners * len(self._vocabulary) + found, return_counts=True)
        owners, columns = np.divmod(cells, len(self._vocabulary))
        document_counts = np.bincount(columns)
        self._idf = (np.log((1 + self._size) / (1 + document_counts)) + 1).astype(np.float32)
        values = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(owners, weights=values**2, minlength=self._size))
        values = (values / norms[owners]).astype(np.float32)
        order = np.argsort(columns, kind="stable")
        self._owners, self._values = owners[order].astype(np.int32), values[order]
        self._starts = np.concatenate([[0], np.cumsum(document_counts)])
        kernel = self._kernel_of_examples(owners, columns, values)
        targets = np.full((self._size, len(self.labels)), -1.0 / max(1, len(self.labels) - 1))
        index = {label: place for place, label in enumerate(self.labels)}
        targets[np.arange(self._size), [index[label] for _, label in examples]] = 1.0
        kernel[np.diag_indices_from(kernel)] += ridge * self._held_back(examples)
        self._layer: NDArray[np.float32] = np.linalg.solve(kernel, targets).astype(np.float32)

    def _held_back(self, examples: Sequence[tuple[Sequence[str], str]]) -> NDArray[np.float64]:
        """Weigh how strongly each example is held back: the more its label has, the more.

        So a label with many examples does not drown one with few.
        """
        counts = Counter(label for _, label in examples)
        sizes = np.array([counts[label] for _, label in examples], dtype=np.float64)
        return np.asarray(np.sqrt(sizes / sizes.mean()))

    def _kernel_of_examples(
        self, owners: NDArray[Any], columns: NDArray[Any], values: Weights
    ) -> NDArray[np.float64]:
        kernel = np.zeros((self._size, self._size))
        bounds = np.searchsorted(owners, np.arange(self._size + 1))
        for row in range(self._size):
            part = slice(bounds[row], bounds[row + 1])
            kernel[row] = self._similarities(columns[part], values[part])
        return kernel

    def _similarities(self, columns: NDArray[Any], values: Weights) -> NDArray[np.float64]:
        """Give the cosine of a sentence with each example, by the examples' inverted index."""
        starts, ends = self._starts[columns], self._starts[columns + 1]
        lengths = ends - starts
        places = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        places += np.arange(lengths.sum())
        weights = np.repeat(values, lengths) * self._values[places]
        found = np.bincount(self._owners[places], weights=weights, minlength=self._size)
        return found.astype(np.float64, copy=False)

    def score(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Score each label of `labels` for a sentence; a sure one comes near 1."""
        if not self.labels:
            return np.zeros(0)
        found, counts = np.unique(_features([words])[1], return_counts=True)
        columns = np.searchsorted(self._vocabulary, found)
        columns[columns == len(self._vocabulary)] = 0
        known = self._vocabulary[columns] == found
        if not known.any():
            return np.zeros(len(self.labels))
        idf = np.where(known, self._idf[columns], np.float32(np.log(1 + self._size) + 1))
        values = (1 + np.log(counts)) * idf
        norm = np.sqrt((values**2).sum())
        similar = self._similarities(columns[known], (values[known] / norm).astype(np.float32))
        return np.asarray(similar @ self._layer)
