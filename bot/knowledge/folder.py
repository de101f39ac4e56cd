"""Read a knowledge folder: `load` gives a whole `Knowledge` or every problem at once.

Only this module reads YAML. What no single file can show is found by `checks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import KnowledgeError, Problem
from bot.knowledge import shapes
from bot.knowledge.checks import check
from bot.knowledge.model import (
    Document,
    Entity,
    Fact,
    Intent,
    Knowledge,
    Language,
    Name,
    Passage,
    Quote,
    QuoteError,
    Rule,
)

S = TypeVar("S", bound=BaseModel)

SHIPPED = Path(__file__).resolve().parent.parent.parent / "knowledge"
"""The folder in a checkout; in an installed wheel it lies inside the package."""
INSTALLED = Path(__file__).resolve().parent.parent / "shipped_knowledge"


def shipped_folder() -> Path:
    """Give the folder of knowledge that comes with the program."""
    return INSTALLED if INSTALLED.is_dir() else SHIPPED


@dataclass(slots=True)
class _Source:
    """A parsed YAML file that still knows where its values stand."""

    path: str
    text: str
    data: Any

    def line(self, place: Iterable[str | int]) -> int:
        """Find the line of a value by its keys; the nearest one above where there is none.

        The file is parsed again for that: only a broken one pays for its line numbers.
        """
        try:
            node = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            return 0
        line = 1
        for step in place:
            if isinstance(node, yaml.MappingNode):
                found = [pair for pair in node.value if pair[0].value == str(step)]
                if not found:
                    break
                key, node = found[0]
                line = key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line


@dataclass(slots=True)
class _Reader:
    """Reads files of one folder and gathers what is wrong with them."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def report(self, path: str, line: int, found: str, expected: str) -> None:
        self.problems.append(Problem(path, line, found, expected))

    def text(self, path: str) -> str | None:
        """Read a text file, which must be there and be UTF-8."""
        try:
            content = (self.folder / path).read_bytes()
        except OSError:
            self.report(path, 0, "no such file", "a readable file of this name")
            return None
        self.digest.update(f"{path}\0{len(content)}\0".encode())
        self.digest.update(content)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.report(path, line, "bytes that are not UTF-8", "a file saved as UTF-8")
            return None

    def shaped(self, path: str, shape: type[S]) -> tuple[_Source, S] | None:
        """Read a YAML file of a shape."""
        text = self.text(path)
        if text is None:
            return None
        try:
            data = yaml.load(text, Loader=yaml.CSafeLoader)  # noqa: S506 - it is a safe loader
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 0
            self.report(path, line, f"broken YAML: {getattr(error, 'problem', error)}", "YAML")
            return None
        except ValueError as error:  # a date such as 2023-02-30
            self.report(path, 0, f"a value that cannot be read: {error}", "a value that exists")
            return None
        source = _Source(path, text, data)
        self._doubled_keys(source)
        try:
            return source, shape.model_validate(data)
        except ValidationError as error:
            for fault in error.errors():
                found = fault["input"]
                shown = "nothing" if found is None else repr(found)
                if fault["type"] == "extra_forbidden":
                    shown, wanted = f"the unknown key {fault['loc'][-1]!r}", "a key of the schema"
                elif fault["type"] == "missing":
                    shown, wanted = "nothing", f"the key {fault['loc'][-1]!r}"
                else:
                    wanted = fault["msg"][0].lower() + fault["msg"][1:]
                place = ".".join(map(str, fault["loc"]))
                shown = shown if len(shown) <= 80 else shown[:77] + "..."
                self.report(path, source.line(fault["loc"]), f"{shown} at {place}", wanted)
            return None

    def _doubled_keys(self, source: _Source) -> None:
        """Report keys that stand twice in one mapping: YAML would silently keep the last."""
        parents: list[tuple[int, set[str]]] = []
        for number, line in enumerate(source.text.splitlines(), start=1):
            bare = line.lstrip(" ")
            indent = len(line) - len(bare)
            if not bare or bare[0] in "#-\"'{[|&*" or ":" not in bare:
                if bare.startswith("- "):
                    parents = [pair for pair in parents if pair[0] <= indent]
                continue
            key, _, after = bare.partition(":")
            if " " in key or (after and after[0] != " "):
                continue
            parents = [pair for pair in parents if pair[0] <= indent]
            if not parents or parents[-1][0] < indent:
                parents.append((indent, set()))
            if key in parents[-1][1]:
                self.report(
                    source.path, number, f"the key {key!r} a second time", "each key once"
                )
            parents[-1][1].add(key)


def load(folder: Path) -> Knowledge:
    """Read the knowledge in `folder`, whole and checked.

    Raises `KnowledgeError` with every problem found; nothing is given half-loaded.
    """
    if not folder.is_dir():
        raise KnowledgeError([Problem(str(folder), 0, "no such folder", "a knowledge folder")])
    reader = _Reader(folder)
    documents, part_lines = _documents(reader)
    entities = _entities(reader)
    facts = _facts(reader, documents)
    weights, intents = _intents(reader)
    languages = _languages(reader, documents)
    names = reader.shaped("country-names.yaml", shapes.CountryNamesShape)
    knowledge = Knowledge(
        version=reader.digest.hexdigest()[:12],
        documents=documents,
        entities=entities,
        facts=facts,
        intents=intents,
        weights=weights,
        languages=languages,
        country_names=names[1].root if names else {},
    )
    if not reader.problems:
        reader.problems.extend(check(knowledge))
    if reader.problems:
        raise KnowledgeError([_placed(folder, problem) for problem in reader.problems])
    return knowledge


def _placed(folder: Path, problem: Problem) -> Problem:
    """Give a problem of `checks` the line that its keys (`path#key#key`) stand on."""
    path, *keys = problem.path.split("#")
    if not keys:
        return problem
    try:
        text = (folder / path).read_text(encoding="utf-8-sig")
    except OSError:
        return Problem(path, 0, problem.found, problem.expected)
    steps = [int(key) if key.isdigit() else key for key in keys]
    return Problem(path, _Source(path, text, None).line(steps), problem.found, problem.expected)


def _documents(reader: _Reader) -> tuple[dict[str, Document], dict[str, int]]:
    documents: dict[str, Document] = {}
    first_lines: dict[str, int] = {}
    for path in sorted((reader.folder / "documents").glob("*.yaml")):
        if path.stem.count("."):
            continue
        name = f"documents/{path.name}"
        read = reader.shaped(name, shapes.DocumentShape)
        text = reader.text(f"documents/{read[1].file}") if read else None
        if not read or text is None:
            continue
        source, described = read
        lines = tuple(text.split("\n"))
        for index, part in enumerate(described.parts):
            where = ("parts", index)
            if part.id in documents:
                reader.report(
                    name, source.line(where), f"a second document {part.id!r}", "ids that differ"
                )
                continue
            first = _line_with(part.first, lines, 1)
            last = _line_with(part.last, lines, first or 1)
            for key, found, words in (("first", first, part.first), ("last", last, part.last)):
                if not found:
                    reader.report(name, source.line((*where, key)), f"{words!r}",
                                  f"words that stand in {described.file}")  # fmt: skip
            if not first or not last:
                continue
            bare = Document(part.id, described.file, lines, first, last, part.title, part.date,
                            part.speaker)  # fmt: skip
            asked, passages = [], []
            for key, words in part.asked.items():
                quote = _quoted(reader, source, bare, words, (*where, "asked", key))
                if quote:
                    asked.append(Passage(key, quote, None))
            for key, shape in part.passages.items():
                quote = _quoted(reader, source, bare, shape.quote, (*where, "passages", key))
                if quote:
                    passages.append(Passage(key, quote, shape.answers))
            documents[part.id] = Document(part.id, described.file, lines, first, last, part.title,
                                          part.date, part.speaker, tuple(passages),
                                          tuple(asked))  # fmt: skip
            first_lines[part.id] = source.line(where)
    return documents, first_lines


def _line_with(words: str, lines: tuple[str, ...], start: int) -> int | None:
    """Find the first line from `start` on that holds `words`; lines count from 1."""
    for number in range(start, len(lines) + 1):
        if words in lines[number - 1]:
            return number
    return None


def _quoted(
    reader: _Reader,
    source: _Source,
    document: Document,
    words: str,
    where: tuple[str | int, ...],
    place: int = 1,
) -> Quote | None:
    try:
        return document.quote(words, place)
    except QuoteError:
        shown = words if len(words) <= 60 else words[:57] + "..."
        reader.report(
            source.path,
            source.line(where),
            f"the quote {shown!r}",
            f"words that stand in one line of {document.file}, lines {document.first_line}"
            f" to {document.last_line}, letter for letter",
        )
        return None


def _entities(reader: _Reader) -> dict[str, Entity]:
    read = reader.shaped("entities.yaml", shapes.EntitiesShape)
    if not read:
        return {}
    return {
        key: Entity(key, shape.kind, shape.country, shape.house, shape.also, shape.name,
                    shape.codes, shape.aliases)
        for key, shape in read[1].root.items()
    }  # fmt: skip


def _facts(reader: _Reader, documents: Mapping[str, Document]) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for path in sorted((reader.folder / "facts").glob("*.yaml")):
        name = f"facts/{path.name}"
        read = reader.shaped(name, shapes.FactsShape)
        if not read:
            continue
        source, shape = read
        document = documents.get(shape.document)
        if document is None:
            reader.report(name, source.line(("document",)), f"the document {shape.document!r}",
                          f"one of {', '.join(documents)}")  # fmt: skip
            continue
        for index, fact in enumerate(shape.facts):
            where = ("facts", index)
            if (fact.quote is None) != (fact.value is None):
                reader.report(
                    name,
                    source.line(where),
                    "a value without a quote" if fact.quote is None else "a quote without a value",
                    "both, or neither where the documents do not give it",
                )
                continue
            quote = None
            if fact.quote is not None:
                quote = _quoted(reader, source, document, fact.quote, where, fact.place)
                if quote is None:
                    continue
            facts.append(Fact(fact.subject, fact.relation, fact.value, quote, fact.of))
    return tuple(facts)


def _intents(reader: _Reader) -> tuple[dict[str, float], dict[str, Intent]]:
    read = reader.shaped("intents.yaml", shapes.IntentsShape)
    if not read:
        return {}, {}
    intents = {
        key: Intent(
            id=key,
            look_up=shape.look_up,
            rules=tuple(
                Rule(tuple(tuple(need.split("|")) for need in rule.needs), frozenset(rule.unless))
                for rule in shape.rules
            ),
            allows=frozenset(shape.allows),
            relation=shape.relation,
            follows=shape.follows,
            wants=shape.wants,
        )
        for key, shape in read[1].intents.items()
    }
    return read[1].weights, intents


def _languages(reader: _Reader, documents: Mapping[str, Document]) -> dict[str, Language]:
    languages: dict[str, Language] = {}
    for folder in sorted((reader.folder / "languages").iterdir()):
        if not folder.is_dir():
            continue
        base = f"languages/{folder.name}"
        described = reader.shaped(f"{base}/language.yaml", shapes.LanguageShape)
        names = reader.shaped(f"{base}/names.yaml", shapes.NamesShape)
        questions = reader.shaped(f"{base}/questions.yaml", shapes.QuestionsShape)
        topics = reader.shaped(f"{base}/topics.yaml", shapes.TopicsShape)
        replies = reader.shaped(f"{base}/replies.yaml", shapes.RepliesShape)
        if not (described and names and questions and topics and replies):
            continue
        languages[folder.name] = Language(
            code=folder.name,
            name=described[1].name,
            script=described[1].script,
            letters=described[1].letters,
            reviewed=described[1].reviewed,
            keyboard=described[1].keyboard,
            aliases={key: shape.aliases for key, shape in names[1].root.items()},
            names={
                key: Name(shape.name, shape.__pydantic_extra__ or {})
                for key, shape in names[1].root.items()
            },
            cues=questions[1].cues,
            numbers=questions[1].numbers,
            ordinals=questions[1].ordinals,
            fillers=questions[1].fillers,
            topics=topics[1].topics,
            replies=replies[1].replies,
            plurals=replies[1].plurals,
            translations=_translations(reader, folder.name, documents),
        )
    return languages


def _translations(
    reader: _Reader, language: str, documents: Mapping[str, Document]
) -> dict[str, str]:
    """Read the translations into a language: `documents/<document>.<language>.yaml`."""
    sentences: dict[str, str] = {}
    for path in sorted((reader.folder / "documents").glob(f"*.{language}.yaml")):
        name = f"documents/{path.name}"
        read = reader.shaped(name, shapes.TranslationShape)
        if not read:
            continue
        source, shape = read
        document = documents.get(shape.document)
        known = {passage.id for passage in (*document.passages, *document.asked)} if document else set()
        for key, words in shape.passages.items():
            if key not in known:
                reader.report(name, source.line(("passages", key)), f"the passage {key!r}",
                              f"a passage of {shape.document}")  # fmt: skip
            sentences[key] = words
    return sentences
