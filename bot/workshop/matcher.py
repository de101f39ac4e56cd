"""Measure the bot's own scorer on labelled sentences, as public comparisons of matchers do.

What is fitted is `bot.answering.scorer.Scorer` on words read by `bot.answering`, as they serve
every question; nothing here is tuned to a set. Beside it stands a yardstick that shares no code
with it: TF-IDF of words and letters with a ridge layer, as a textbook has it.

The measures are those of HINT3 (Arora et al., 2020): the best label is given where its score
reaches a threshold, else the sentence counts as out of scope; thresholds run from 0.1 to 0.9.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.scorer import Scorer
from bot.answering.words import forms_of
from bot.errors import Problem
from bot.knowledge.fact_checks import one_of
from bot.workshop.questions import QuestionsError

OUT_OF_SCOPE = "NO_NODES_DETECTED"
"""The label that HINT3 gives to sentences which no label fits."""
COLUMNS = ("sentence", "label")
THRESHOLDS = tuple(tenth / 10 for tenth in range(1, 10))
FEWEST_LABELS = 2

Best = tuple[str, float]
"""The best label of a sentence, and its score."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and the label that people gave it."""

    sentence: str
    label: str
    line: int = field(default=0, compare=False)
    """Where it stands in its file, counted from 1."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a matcher reaches with one threshold; all but `threshold` and `mcc` are shares."""

    threshold: float
    accuracy: float
    in_scope_accuracy: float
    """Of the sentences that have a label."""
    out_of_scope_recall: float
    """The share of the sentences without a label that get none."""
    mcc: float
    """Multiclass Matthews correlation, from -1 to 1 (Gorodkin, 2004)."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A matcher over all thresholds."""

    matcher: str
    rows: tuple[Row, ...]

    @property
    def best(self) -> Row:
        """Give the threshold with the highest correlation."""
        return max(self.rows, key=lambda row: row.mcc)

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "matcher": self.matcher,
            "mcc": self.best.mcc,
            "best": asdict(self.best),
            "thresholds": [asdict(row) for row in self.rows],
        }


def measure(train: Sequence[Example], test: Sequence[Example]) -> tuple[Sweep, Sweep]:
    """Fit on one set and measure on the other: the bot's scorer, and the yardstick."""
    examples = [(forms_of(one.sentence), one.label) for one in train if one.label != OUT_OF_SCOPE]
    scorer = Scorer(examples)
    return (
        sweep("the bot's scorer", lambda text: _best_of(scorer, text), test),
        sweep("TF-IDF with ridge", yardstick(train), test),
    )


def _best_of(scorer: Scorer, text: str) -> Best:
    scores = scorer.score(forms_of(text))
    place = int(scores.argmax())
    return scorer.labels[place], float(scores[place])


def sweep(name: str, match: Callable[[str], Best], test: Sequence[Example]) -> Sweep:
    """Measure a matcher over all thresholds; each sentence is matched once."""
    found = [match(one.sentence) for one in test]
    wanted = [one.label for one in test]
    rows = []
    for threshold in THRESHOLDS:
        given = [label if score >= threshold else OUT_OF_SCOPE for label, score in found]
        right = [one == other for one, other in zip(given, wanted, strict=True)]
        outside = [label == OUT_OF_SCOPE for label in wanted]
        rows.append(
            Row(
                threshold,
                _share(right),
                _share(hit for hit, out in zip(right, outside, strict=True) if not out),
                _share(hit for hit, out in zip(right, outside, strict=True) if out),
                round(correlation(wanted, given), 4),
            )
        )
    return Sweep(name, tuple(rows))


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def correlation(wanted: Sequence[str], given: Sequence[str]) -> float:
    """Give the multiclass Matthews correlation of two labellings; 0 where one never varies.

    >>> correlation(["a", "b", "b"], ["a", "b", "b"]), correlation(["a", "b"], ["b", "b"])
    (1.0, 0.0)
    """
    size = len(wanted)
    hits = sum(one == other for one, other in zip(wanted, given, strict=True))
    true, said = Counter(wanted), Counter(given)
    expected = sum(count * said[label] for label, count in true.items())
    spread = (size**2 - sum(count**2 for count in said.values())) * (
        size**2 - sum(count**2 for count in true.values())
    )
    return float((hits * size - expected) / spread**0.5) if spread else 0.0


# ------------------------------------------------------------------- the yardstick


def yardstick(train: Sequence[Example]) -> Callable[[str], Best]:
    """Fit TF-IDF of words (1-2) and letters within words (2-5) with a closed-form ridge layer."""
    known = [one for one in train if one.label != OUT_OF_SCOPE]
    labels = sorted({one.label for one in known})
    counts = [Counter(_grams(one.sentence)) for one in known]
    seen = Counter(gram for count in counts for gram in count)
    columns = {gram: place for place, gram in enumerate(seen)}
    idf = np.log((1 + len(known)) / (1 + np.array(list(seen.values())))) + 1

    def vector(count: Counter[str]) -> NDArray[np.float64]:
        values = np.zeros(len(columns))
        for gram, times in count.items():
            if gram in columns:
                values[columns[gram]] = (1 + np.log(times)) * idf[columns[gram]]
        length = np.linalg.norm(values)
        return values / length if length else values

    matrix = np.array([vector(count) for count in counts])
    targets = np.array([[float(one.label == label) for label in labels] for one in known])
    layer = matrix.T @ np.linalg.solve(matrix @ matrix.T + np.eye(len(known)), targets)

    def match(text: str) -> Best:
        scores = vector(Counter(_grams(text))) @ layer
        return labels[int(scores.argmax())], float(scores.max())

    return match


def _grams(text: str) -> Iterator[str]:
    words = re.findall(r"\w+", text.casefold())
    yield from words
    yield from (f"{one} {other}" for one, other in pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in range(2, 6):
            yield from (f"#{padded[at : at + size]}" for at in range(len(padded) - size + 1))


# ------------------------------------------------------------------- reading


def read(train: Path, test: Path) -> tuple[list[Example], list[Example]]:
    """Read two files of labelled sentences, comma-separated with the columns of `COLUMNS`.

    Raises `QuestionsError` with every problem of both files.
    """
    problems: list[Problem] = []
    learnt, asked = list(_examples(train, problems)), list(_examples(test, problems))
    labels = {one.label for one in learnt} - {OUT_OF_SCOPE}
    broken = {problem.path for problem in problems}
    if str(train) not in broken and len(labels) < FEWEST_LABELS:
        found = f"{len(labels)} label{'' if len(labels) == 1 else 's'} beside {OUT_OF_SCOPE}"
        problems.append(
            Problem(str(train), 0, found, f"sentences of at least {FEWEST_LABELS} labels")
        )
    if not problems:
        strange = {one.label: one.line for one in reversed(asked)}
        problems += [
            Problem(
                str(test),
                line,
                f"the label {label!r}, of which {train} has no sentence",
                f"a label to learn from: {one_of(sorted(labels), label)}; or {OUT_OF_SCOPE}",
            )
            for label, line in sorted(strange.items(), key=lambda one: one[1])
            if label not in labels and label != OUT_OF_SCOPE
        ]
    if problems:
        raise QuestionsError(problems)
    return learnt, asked


def _examples(path: Path, problems: list[Problem]) -> Iterator[Example]:
    def report(line: int, found: str, expected: str) -> None:
        problems.append(Problem(str(path), line, found, expected))

    wanted = f"a first line `{','.join(COLUMNS)}` and such a line for each sentence"
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        return report(0, f"a file that cannot be read ({error.strerror})", wanted)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return report(line, "bytes that are not UTF-8", "a file saved as UTF-8")
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip().casefold() for name in next(lines, [])]
        if missing := [name for name in COLUMNS if name not in header]:
            columns = f"{len(header)} column{'' if len(header) == 1 else 's'}"
            report(1, f"{columns}, none of them {' or '.join(map(repr, missing))}", wanted)
            return None
        places = [header.index(name) for name in COLUMNS]
        empty = True
        for cells in lines:
            if not cells:
                continue
            empty = False
            if len(cells) != len(header):
                count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
                expected = f"{len(header)}, as in line 1; a sentence with commas stands in quotes"
                report(lines.line_num, count, expected)
            elif not cells[places[1]].strip():
                report(lines.line_num, "no label", f"a label, or {OUT_OF_SCOPE}")
            else:
                yield Example(cells[places[0]], cells[places[1]].strip(), lines.line_num)
        if empty:
            report(0, "no sentence", "at least one")
    except csv.Error as error:
        report(lines.line_num, f"no CSV: {error}", wanted)
    return None
