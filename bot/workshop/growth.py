"""Make a large knowledge, to measure what happens when it has grown: texts, entities, facts.

What ships is copied and invented material is put beside it: parliaments of countries that do not
exist, with their members, representatives and websites, and long documents. The words are made
from syllables and are as frequent as words are in texts (few of them often, most of them seldom);
the same size always gives the same folder.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.model import Kind, Knowledge

PASSAGES = 10_000
FACTS = 1_000
ENTITIES = 1_000

PASSAGES_OF_A_DOCUMENT = 100
CHAMBERS_OF_A_COUNTRY = 2
VOCABULARY = 12_000
"""Words that the documents are written in; about what a library of reports uses."""
WORDS_OF_A_SENTENCE = (9, 24)
QUESTIONS_OF_A_PASSAGE = 2
ASKED_ABOUT_PASSAGES = 300
ASKED_ABOUT_FACTS = 200
FIRST_DAY = date(2015, 1, 1)

HEADS = ("b", "bl", "br", "d", "dr", "f", "fl", "g", "gl", "gr", "k", "kl", "kr", "l", "m", "n",
         "p", "pl", "pr", "r", "s", "sl", "st", "t", "tr", "v", "z")  # fmt: skip
HEARTS = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
TAILS = ("l", "m", "n", "nd", "nt", "r", "rk", "rn", "s", "st", "t", "x")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made, beside what ships."""

    passages: int = PASSAGES
    facts: int = FACTS
    entities: int = ENTITIES


@dataclass(slots=True)
class _Made:
    """What has been made so far, as the files will have it."""

    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    facts: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """The lines of the document that the facts are quoted from."""
    questions: list[str] = field(default_factory=list)

    def quoted(self, line: str) -> str:
        """Write a line into the document, once, and quote it."""
        if not self.lines or self.lines[-1] != line:
            self.lines.append(line)
        return line


def make(folder: Path, shipped: Path, knowledge: Knowledge, size: Size) -> tuple[str, ...]:
    """Make a knowledge of a size in `folder`, which must not exist; give questions about it.

    `knowledge` is that of `shipped`. Texts are invented in English alone, so of the languages
    English is kept: each other one would need its translation of each sentence.
    """
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("schemas"))
    for code in knowledge.languages:
        if code != "en":
            shutil.rmtree(folder / "languages" / code)
            for path in (folder / "documents").glob(f"*.{code}.yaml"):
                path.unlink()
    chance = random.Random(1)  # noqa: S311 - the same knowledge every time, no secret
    words = _words(chance)
    made = _Made()
    speakers = _parliaments(made, words, chance, size)
    forms = {form for name in knowledge.languages["en"].names.values() for form in name.forms}
    for name in made.names.values():
        name.update(dict.fromkeys(forms, name["name"]))
    asked = _documents(folder, speakers, words, chance, size)
    _append(folder / "entities.yaml", made.entities)
    _append(folder / "languages" / "en" / "names.yaml", made.names)
    _write(folder / "facts" / "grown.yaml", {"document": "grown", "facts": made.facts})
    (folder / "documents" / "grown.txt").write_text("\n".join(made.lines), encoding="utf-8")
    part = {"id": "grown", "title": "Grown", "first": made.lines[0], "last": made.lines[-1]}
    _write(folder / "documents" / "grown.yaml", {"file": "grown.txt", "parts": [part]})
    chance.shuffle(made.questions)
    return (*asked, *made.questions[:ASKED_ABOUT_FACTS])


def _words(chance: random.Random) -> Iterator[str]:
    """Give words that differ, of two to four syllables."""
    seen: set[str] = set()
    while True:
        size = chance.choice((2, 2, 3, 3, 4))
        word = "".join(chance.choice(HEADS) + chance.choice(HEARTS) for _ in range(size))
        word += chance.choice(TAILS)
        if word not in seen:
            seen.add(word)
            yield word


# -------------------------------------------------------- entities and facts


def _parliaments(
    made: _Made, words: Iterator[str], chance: random.Random, size: Size
) -> list[str]:
    """Make countries with all that belongs to them, then people with their offices.

    Gives the people, by id.
    """
    people: list[str] = []
    for number in count(1):
        country = _country(made, f"X{number}", words, chance)
        people.append(_person(made, words, f"of {made.names[country]['name']}"))
        _represent(made, country, people[-1])
        if len(made.entities) * 2 > size.entities or len(made.facts) * 2 > size.facts:
            break
    office = "grown_office"
    made.entities[office] = {"kind": str(Kind.OFFICE)}
    made.names[office] = {"name": "keeper of the archive"}
    while len(made.entities) < size.entities:
        people.append(_person(made, words, "keeper of the archive"))
    for person in people:
        if len(made.facts) < size.facts:
            _seat(made, person, office)
    return people


def _country(made: _Made, key: str, words: Iterator[str], chance: random.Random) -> str:
    name = next(words).capitalize()
    made.entities[key] = {"kind": str(Kind.COUNTRY)}
    made.names[key] = {"name": name, "aliases": f"{name.casefold()}*"}
    made.entities[f"{key}.parliament"] = {"kind": str(Kind.PARLIAMENT), "country": key}
    made.names[f"{key}.parliament"] = {"name": f"the Parliament of {name}"}
    for place in range(CHAMBERS_OF_A_COUNTRY):
        chamber = f"{key}.{place}"
        called = f"{next(words).capitalize()} Chamber"
        made.entities[chamber] = {"kind": str(Kind.CHAMBER), "country": key}
        made.names[chamber] = {"name": f"the {called}", "aliases": called.casefold()}
        members = chance.randint(2, 40)
        line = made.quoted(f"Delegation of {name}: {members} deputies of the {called}.")
        about = {"subject": key, "of": chamber}
        made.facts.append({**about, "relation": "members", "value": members, "quote": line})
        site = f"http://www.{called.casefold().replace(' ', '-')}.example/"
        line = made.quoted(f"Website of the {called}: {site}")
        made.facts.append({**about, "relation": "website", "value": site, "quote": line})
    made.questions += [
        f"how many deputies does {name} send?",
        f"website of the parliament of {name}",
        f"how many members come from the {called} of {name}",
    ]
    return key


def _person(made: _Made, words: Iterator[str], title: str) -> str:
    first, last = (word.capitalize() for word in islice(words, 2))
    key = f"{first}_{last}".casefold()
    name = f"{first} {last}"
    made.entities[key] = {"kind": str(Kind.PERSON), "name": name, "aliases": last.casefold()}
    made.names[key] = {"name": name}
    made.quoted(f"{name}, {title}.")
    made.questions.append(f"who is {name}?")
    return key


def _represent(made: _Made, country: str, person: str) -> None:
    name = made.names[country]["name"]
    line = made.quoted(f"Plenipotentiary representative of {name}: {made.names[person]['name']}")
    made.facts.append(
        {"subject": country, "relation": "representative", "value": person, "quote": line}
    )
    made.questions.append(f"who represents {name}?")


def _seat(made: _Made, person: str, office: str) -> None:
    line = made.quoted(f"Keeper of the archive: {made.names[person]['name']}")
    made.facts.append({"subject": person, "relation": "office", "value": office, "quote": line})


# ----------------------------------------------------------------- documents


def _documents(
    folder: Path,
    speakers: Sequence[str],
    words: Iterator[str],
    chance: random.Random,
    size: Size,
) -> list[str]:
    """Write the documents and example questions; give questions in other words about them."""
    vocabulary = list(islice(words, VOCABULARY))
    # Zipf's law: the word of rank r is as frequent as 1/r.
    weights = [1.0 / rank for rank in range(1, VOCABULARY + 1)]
    topics: dict[str, str] = {}
    sentences: dict[str, list[str]] = {}
    for number, start in enumerate(range(0, size.passages, PASSAGES_OF_A_DOCUMENT)):
        passages = {}
        title = f"Report {number + 1} on {' '.join(islice(words, 2))}"
        lines = [title]
        for place in range(start, min(size.passages, start + PASSAGES_OF_A_DOCUMENT)):
            key = f"passage_{place}"
            length = chance.randint(*WORDS_OF_A_SENTENCE)
            sentences[key] = chance.choices(vocabulary, weights, k=length)
            # Each has a word or two of its own, as a sentence about something has.
            sentences[key][length // 2] = vocabulary[-1 - place % (VOCABULARY // 2)]
            lines.append(f"{' '.join(sentences[key]).capitalize()}.")
            passages[key] = {"quote": lines[-1]}
            topics[key] = "".join(
                f"what about {' '.join(_picked(sentences[key], chance))}?\n"
                for _ in range(QUESTIONS_OF_A_PASSAGE)
            )
        name = f"report-{number + 1}"
        part = {
            "id": name,
            "title": title,
            "first": title,
            "last": lines[-1],
            "date": FIRST_DAY + timedelta(days=number),
            "speaker": speakers[number % len(speakers)],
            "passages": passages,
        }
        (folder / "documents" / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
        _write(folder / "documents" / f"{name}.yaml", {"file": f"{name}.txt", "parts": [part]})
    _append(folder / "languages" / "en" / "topics.yaml", topics, indent="  ")
    asked = chance.sample(sorted(sentences), min(ASKED_ABOUT_PASSAGES, len(sentences)))
    return [f"what is said about {' '.join(_picked(sentences[key], chance))}?" for key in asked]


def _picked(sentence: Sequence[str], chance: random.Random) -> list[str]:
    """Pick four words of a sentence, the rare one among them."""
    rare = sentence[len(sentence) // 2]
    return [*chance.sample(list(sentence), 3), rare]


def _write(path: Path, data: object) -> None:
    path.write_text(_yaml(data), encoding="utf-8")


def _append(path: Path, data: object, indent: str = "") -> None:
    """Add entries to a file of the knowledge; they belong at its end."""
    lines = _yaml(data).splitlines(keepends=True)
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(text + "\n" + "".join(indent + line for line in lines), encoding="utf-8")


def _yaml(data: object) -> str:
    return str(
        yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=10_000)
    )
