"""Which label a sentence most likely bears, learnt from labelled examples.

TF-IDF over words, word pairs and letters within words, with a ridge layer in closed form: no
training loop, the same result on every machine. n-grams are hashed with array arithmetic, so
that hundreds of examples are fitted in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LETTERS = (2, 3, 4, 5)
"""Lengths of the n-grams of letters; a word counts with a space on either side."""
RIDGE = 0.5
"""How strongly the ridge layer is held back from learning single examples by heart."""
WORD_WEIGHT = 1.0
_PRIME = np.uint64(1_099_511_628_211)
_MIX = np.uint64(0x9E37_79B9_7F4A_7C15)

Hashes = NDArray[np.uint64]
Weights = NDArray[np.float32]


def _letter_grams(codes: NDArray[np.uint64]) -> list[Hashes]:
    """Hash the n-grams of a text of words between single spaces; none crosses a space."""
    space = codes == 32
    grams = []
    for size in LETTERS:
        if len(codes) < size:
            break
        last = len(codes) - size + 1
        hashed = np.full(last, np.uint64(14_695_981_039_346_656_037 + size), dtype=np.uint64)
        inner = np.zeros(last, dtype=bool)
        for shift in range(size):
            hashed = (hashed ^ codes[shift : shift + last]) * _PRIME
            if 0 < shift < size - 1:
                inner |= space[shift : shift + last]
        grams.append(np.where(inner, np.uint64(0), hashed))
    return grams


def _features(words: Sequence[str]) -> Hashes:
    """Hash a sentence: its words, pairs of words, and letters within words."""
    text = " " + " ".join(words) + " "
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    with np.errstate(over="ignore"):
        grams = _letter_grams(codes)
        hashes = np.array(
            [hash_word(word) for word in words]
            + [hash_word(f"{a} {b}") for a, b in zip(words, words[1:], strict=False)],
            dtype=np.uint64,
        )
        found = np.concatenate([*grams, hashes * _MIX])
    return found[found != 0]


def hash_word(word: str) -> int:
    """Hash a word the same way in every process (`hash` differs between them)."""
    value = 1_469_598_103
    for byte in word.encode("utf-8", "replace"):
        value = ((value ^ byte) * 1_099_511_628_211) & 0xFFFF_FFFF_FFFF_FFFF
    return value


class Scorer:
    """Scores labels for sentences; made from `(words, label)` examples."""

    def __init__(
        self, examples: Sequence[tuple[Sequence[str], str]], ridge: float = RIDGE
    ) -> None:
        self.labels: tuple[str, ...] = tuple(dict.fromkeys(label for _, label in examples))
        if not examples:
            return
        rows = [np.unique(_features(words), return_counts=True) for words, _ in examples]
        sizes = np.array([len(found) for found, _ in rows])
        hashes = np.concatenate([found for found, _ in rows])
        counts = np.concatenate([number for _, number in rows]).astype(np.float32)
        owners = np.repeat(np.arange(len(rows)), sizes)
        self._vocabulary, columns = np.unique(hashes, return_inverse=True)
        document_counts = np.bincount(columns)
        self._idf = (np.log((1 + len(rows)) / (1 + document_counts)) + 1).astype(np.float32)
        values = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(owners, weights=values**2, minlength=len(rows)))
        values = (values / norms[owners]).astype(np.float32)
        order = np.argsort(columns, kind="stable")
        self._owners, self._values = owners[order], values[order]
        self._starts = np.concatenate([[0], np.cumsum(document_counts)])
        self._size = len(rows)
        kernel = self._kernel_of_examples(owners, columns, values)
        targets = np.full((len(rows), len(self.labels)), -1.0 / max(1, len(self.labels) - 1))
        index = {label: place for place, label in enumerate(self.labels)}
        for row, (_, label) in enumerate(examples):
            targets[row, index[label]] = 1.0
        kernel[np.diag_indices_from(kernel)] += ridge
        self._layer: NDArray[np.float32] = np.linalg.solve(kernel, targets).astype(np.float32)

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
        return np.bincount(self._owners[places], weights=weights, minlength=self._size)

    def score(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Score each label of `labels` for a sentence; a sure one comes near 1."""
        if not self.labels:
            return np.zeros(0)
        found, counts = np.unique(_features(words), return_counts=True)
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
