"""Read a knowledge folder: `load` gives a whole `Knowledge` or every problem at once.

Only this module reads YAML. What no single file can show is found by `checks`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import KnowledgeError, Problem
from bot.knowledge import shapes
from bot.knowledge.checks import check
from bot.knowledge.fact_checks import one_of
from bot.knowledge.language_checks import bad_patterns, look_alikes
from bot.knowledge.model import (
    Dates,
    Document,
    Entity,
    Fact,
    Intent,
    Knowledge,
    Language,
    Name,
    NewsItem,
    Passage,
    Quote,
    QuoteError,
    Rule,
    Script,
    Thresholds,
)
from bot.knowledge.plain_yaml import check_plain
from bot.knowledge.wishes import wish

S = TypeVar("S", bound=BaseModel)

SHIPPED = Path(__file__).resolve().parent.parent.parent / "knowledge"
"""The folder in a checkout; in an installed wheel it lies inside the package."""
INSTALLED = Path(__file__).resolve().parent.parent / "shipped_knowledge"
LONGEST_SHOWN = 80
"""Characters of a value that a problem shows."""
LARGEST_PICTURE = 10_000_000
"""Bytes of a picture that Telegram takes: https://core.telegram.org/bots/api#sendphoto"""
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")
"""How files of JPEG, PNG, GIF and WebP begin."""


def shipped_folder() -> Path:
    """Give the folder of knowledge that comes with the program."""
    return INSTALLED if INSTALLED.is_dir() else SHIPPED


def load(
    folder: Path, checks: Sequence[Callable[[Knowledge], Iterable[Problem]]] = (check,)
) -> Knowledge:
    """Read the knowledge in `folder`, whole and checked.

    Raises `KnowledgeError` with every problem found; nothing is given half-loaded.
    """
    knowledge, reader = read(folder)
    reader.hold(knowledge, checks)
    if reader.problems:
        raise KnowledgeError(reader.found, folder)
    return knowledge


def read(folder: Path) -> tuple[Knowledge, Reader]:
    """Read what can be read of the knowledge in `folder`; the reader has the problems.

    What hangs on something that could not be read whole is left out: it would be reported once
    more. Raises `KnowledgeError` where there is no folder.
    """
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise KnowledgeError([Problem(str(folder), 0, found, "a knowledge folder")])
    reader = Reader(folder)
    documents = _documents(reader)
    weights, intents = _intents(reader)
    names = reader.shaped("country-names.yaml", shapes.CountryNamesShape)
    fitted = reader.shaped("thresholds.yaml", shapes.ThresholdsShape)
    knowledge = Knowledge(
        documents=documents,
        entities=_entities(reader),
        facts=_facts(reader, documents),
        intents=intents,
        weights=weights,
        languages=_languages(reader, documents),
        country_names=names.root if names else {},
        thresholds=Thresholds(**fitted.model_dump()) if fitted else Thresholds(),
        news=_news(reader),
        shared=reader.shared,
        version=reader.digest.hexdigest()[:12],
    )
    return _without_broken(knowledge, reader.lost), reader


def load_beside(
    folder: Path, paths: Iterable[str], shape: type[S], problems: list[Problem]
) -> dict[str, S]:
    """Read files that lie beside the knowledge and that no answer needs, by path.

    A file that cannot be read is left out; what is wrong with it is added to `problems`.
    """
    reader = Reader(folder)
    shaped = {path: reader.shaped(path, shape, letters=True) for path in paths}
    problems += reader.found
    return {path: one for path, one in shaped.items() if one is not None}


def opened(folder: Path, places: Iterable[str], shape: type[BaseModel]) -> list[str]:
    """Give for places as `facts/interview.yaml#facts#3` what opens them: a path and a line."""
    reader = Reader(folder)
    found = []
    for place in places:
        path, *keys = place.split("#")
        if path not in reader.nodes:
            reader.shaped(path, shape)
        found.append(f"{folder / path}:{reader.line(path, keys)}")
    return found


def _without_broken(knowledge: Knowledge, lost: set[str]) -> Knowledge:
    """Leave out what could not be read whole, and what hangs on it."""
    return replace(
        knowledge,
        documents={} if "documents" in lost else knowledge.documents,
        entities={} if "entities.yaml" in lost else knowledge.entities,
        intents={} if "intents.yaml" in lost else knowledge.intents,
        news={} if lost & {"documents", "languages"} else knowledge.news,
    )


STRING = "tag:yaml.org,2002:str"


class _Loader(yaml.CSafeLoader):
    """Reads YAML and gathers the keys that stand twice: YAML would silently keep the last."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.doubled: list[yaml.Node] = []

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """Build a date; one that does not exist is told with its line."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"{node.value!r}, which does not exist ({error})",
                node.start_mark,
                "a day that exists, or words in quotation marks",
            ) from None

    def construct_document(self, node: yaml.Node) -> Any:
        """Build a document; the general way takes three times as long for strings and mappings."""
        return self._plain(node)

    def _plain(self, node: yaml.Node) -> Any:
        if node.tag == STRING:
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(one) for one in node.value]
        if isinstance(node, yaml.MappingNode) and all(k.tag == STRING for k, _ in node.value):
            self._note_doubled(node)
            return {key.value: self._plain(value) for key, value in node.value}
        try:
            return super().construct_document(node)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"a value that cannot be read: {error}",
                node.start_mark,
                "a number that can be read, or words in quotation marks",
            ) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping."""
        self._note_doubled(node)
        return super().construct_mapping(node, deep)

    def _note_doubled(self, node: yaml.MappingNode) -> None:
        if len(node.value) < 2:
            return
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    self.doubled.append(key)
                seen.add((key.tag, key.value))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)


@dataclass(slots=True)
class Reader:
    """Reads files of one folder and gathers what is wrong with them."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    nodes: dict[str, yaml.Node | None] = field(default_factory=dict)
    """The YAML of each file, which knows the lines that its keys stand on."""
    shared: dict[str, frozenset[str]] = field(default_factory=dict)
    """Patterns that an entity shares with others on purpose, in lower case."""
    lost: set[str] = field(default_factory=set)
    """Files and folders of which something was left out: what hangs on it is not checked."""
    partial: dict[str, Language] = field(default_factory=dict)
    """Languages of which a file could not be read: none that the bot can speak."""
    digest: Any = field(default_factory=hashlib.sha256)

    def note(self, path: str, found: str, expected: str, *keys: str | int, line: int = 0) -> None:
        """Note a problem of the value that the keys lead to, or of a line."""
        self.problems.append(Problem("#".join((path, *map(str, keys))), line, found, expected))

    def lose(self, path: str, found: str, expected: str, *keys: str | int, line: int = 0) -> None:
        """Note a problem for which something has to be left out."""
        self.lost.add(re.split("[/#]", path)[0])
        self.note(path, found, expected, *keys, line=line)

    def hold(
        self, knowledge: Knowledge, checks: Iterable[Callable[[Knowledge], Iterable[Problem]]]
    ) -> None:
        """Hold what was read against checks of the whole, and note what they find."""
        for check_whole in checks:
            self.problems.extend(check_whole(knowledge))

    @property
    def found(self) -> list[Problem]:
        """Give what is wrong, each with its line."""
        return [self.placed(problem) for problem in self.problems]

    def placed(self, problem: Problem) -> Problem:
        """Give a problem the line that the keys in its path stand on."""
        path, *keys = problem.path.split("#")
        line = problem.line or (self.line(path, keys) if keys else 0)
        return replace(problem, path=path, line=line)

    def line(self, path: str, keys: Iterable[str | int]) -> int:
        """Find the line of a value by its keys; the nearest one above where there is none."""
        node = self.nodes.get(path)
        line = 0 if node is None else 1
        for key in map(str, keys):
            if isinstance(node, yaml.MappingNode):
                found = [pair for pair in node.value if pair[0].value == key]
                if not found:
                    break
                name, node = found[-1]
                line = name.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and key.isdigit():
                if int(key) >= len(node.value):
                    break
                node = node.value[int(key)]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def files(self, folder: str) -> list[str]:
        """Give the paths of the YAML files of a folder, which must have some."""
        found = sorted(path.name for path in (self.folder / folder).glob("*.yaml"))
        if not found:
            self.lose(folder, "no YAML file", "a folder with at least one")
        return [f"{folder}/{name}" for name in found]

    def folders(self, folder: str) -> list[str]:
        """Give the names of the folders in a folder, which must have some and no files."""
        try:
            entries = sorted((self.folder / folder).iterdir())
        except OSError:
            entries = []
        visible = [entry for entry in entries if entry.name[0] not in "._"]
        for entry in visible:
            if not entry.is_dir():
                self.note(f"{folder}/{entry.name}", "a file", "a folder")
        names = [entry.name for entry in visible if entry.is_dir()]
        if not names:
            self.lose(folder, "no folder in it", "a folder with at least one")
        return names

    def text(self, path: str) -> str | None:
        """Read a text file, which must be there and be UTF-8."""
        try:
            content = (self.folder / path).read_bytes()
        except FileNotFoundError:
            self.lose(path, "no such file", "a file of this name")
            return None
        except OSError as error:
            self.lose(path, f"{error.strerror or error}", "a readable file")
            return None
        self.digest.update(f"{path}\0{len(content)}\0".encode())
        self.digest.update(content)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.lose(path, "bytes that are not UTF-8", "a file saved as UTF-8", line=line)
            return None

    def shaped(self, path: str, shape: type[S], *, letters: bool = False) -> S | None:
        """Read a YAML file of a shape; with `letters`, look for letters of other alphabets."""
        text = self.text(path)
        if text is None:
            return None
        if letters:
            self.problems.extend(look_alikes(path, text))
        try:
            check_plain(text)
            loader = _Loader(text)
            self.nodes[path] = node = loader.get_single_node()
            data = loader.construct_document(node) if node else None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or str(error).splitlines()[0]
            wanted = getattr(error, "note", None) or "YAML"
            self.lose(path, f"broken YAML: {reason}", wanted, line=mark.line + 1 if mark else 0)
            return None
        for key in loader.doubled:
            self.note(
                path,
                f"the key {key.value!r} a second time",
                "each key once",
                line=key.start_mark.line + 1,
            )
        try:
            return shape.model_validate(data)
        except ValidationError as error:
            self._report_faults(path, error)
            return None

    def _report_faults(self, path: str, error: ValidationError) -> None:
        """Report what does not fit a shape; several wishes for one value as one problem."""
        wishes: dict[tuple[int, str], list[str]] = {}
        for fault in error.errors():
            place = ".".join(map(str, fault["loc"])) or "the top"
            shown = "nothing" if fault["input"] is None else repr(fault["input"])
            shown = shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 3] + "..."
            if fault["type"] == "extra_forbidden":
                shown = f"the unknown key {place}"
            elif fault["type"] == "missing":
                shown = f"no key {place}"
            line = self.line(path, map(str, fault["loc"]))
            wishes.setdefault((line, shown), []).append(wish(fault))
        for (line, shown), wished in wishes.items():
            self.lose(path, shown, " or ".join(dict.fromkeys(wished)), line=line)

    def share(self, entity: str, patterns: Iterable[str]) -> None:
        """Note patterns that an entity shares with others on purpose."""
        found = frozenset(pattern.casefold() for pattern in patterns)
        if found:
            self.shared[entity] = self.shared.get(entity, frozenset()) | found


# ----------------------------------------------------------------- documents


def _documents(reader: Reader) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for path in reader.files("documents"):
        if _is_translation(path):
            continue
        described = reader.shaped(path, shapes.DocumentShape)
        text = reader.text(f"documents/{described.file}") if described else None
        if described is None or text is None:
            continue
        lines = tuple(line.removesuffix("\r") for line in text.split("\n"))
        for number, part in enumerate(described.parts):
            if part.id in documents:
                reader.lose(
                    path, f"a second document {part.id!r}", "ids that differ", "parts", number
                )
                continue
            bounds = _bounds(reader, path, number, part, lines)
            if bounds:
                bare = Document(
                    part.id,
                    described.file,
                    lines,
                    *bounds,
                    part.title,
                    part.date,
                    part.speaker,
                    language=described.language,
                    is_interview=part.kind == "interview",
                    place=f"{path}#parts#{number}",
                )
                documents[part.id] = _with_passages(reader, bare, part)
    return documents


def _is_translation(path: str) -> bool:
    """Tell whether a file is a translation: `documents/<document>.<language>.yaml`."""
    return "." in Path(path).stem


def _bounds(
    reader: Reader, path: str, number: int, part: shapes.PartShape, lines: Sequence[str]
) -> tuple[int, int] | None:
    """Find the first and the last line of a part; the last is sought from the first on."""
    first = next((place for place, line in enumerate(lines, 1) if part.first in line), 0)
    last = next(
        (place for place, line in enumerate(lines, 1) if place >= first and part.last in line), 0
    )
    for key, place, words in (("first", first, part.first), ("last", last, part.last)):
        if not place:
            reader.lose(
                path,
                repr(words),
                "words of a line of the file, letter for letter",
                "parts",
                number,
                key,
            )
    return (first, last) if first and last else None


def _with_passages(reader: Reader, bare: Document, part: shapes.PartShape) -> Document:
    asked = [
        Passage(key, quote, None)
        for key, words in part.asked.items()
        if (quote := _quoted(reader, bare, words, f"{bare.place}#asked#{key}"))
    ]
    passages = [
        Passage(key, quote, shape.answers, shape.context)
        for key, shape in part.passages.items()
        if (quote := _quoted(reader, bare, shape.quote, f"{bare.place}#passages#{key}#quote"))
    ]
    return replace(bare, asked=tuple(asked), passages=tuple(passages))


def _document(
    reader: Reader, path: str, name: str, documents: Mapping[str, Document]
) -> Document | None:
    """Find the document that a file is about; one that could not be read was reported before."""
    if name not in documents and "documents" not in reader.lost:
        reader.lose(path, f"the document {name!r}", one_of(documents, name), "document")
    return documents.get(name)


def _quoted(
    reader: Reader, document: Document, words: str, written: str, place: int = 1
) -> Quote | None:
    """Find the words in the document; `written` is where they were asked for."""
    try:
        return document.quote(words, place)
    except QuoteError:
        shown = words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 3] + "..."
        times = f", {place} times" if place > 1 else ""
        reader.lose(
            written,
            f"the quote {shown!r}",
            f"words that stand in one line of {document.file}, lines {document.first_line}"
            f" to {document.last_line}, letter for letter{times}",
        )
        return None


# --------------------------------------------------- entities, facts, intents


def _entities(reader: Reader) -> dict[str, Entity]:
    read = reader.shaped("entities.yaml", shapes.EntitiesShape, letters=True)
    entities: dict[str, Entity] = {}
    for key, shape in read.root.items() if read else ():
        aliases = shape.aliases + shape.shared
        reader.share(key, shape.shared)
        reader.problems.extend(bad_patterns(f"entities.yaml#{key}", aliases))
        entities[key] = Entity(
            key,
            shape.kind,
            shape.country,
            shape.house,
            shape.also,
            shape.name,
            shape.codes,
            aliases,
        )
    return entities


def _facts(reader: Reader, documents: Mapping[str, Document]) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for path in reader.files("facts"):
        shape = reader.shaped(path, shapes.FactsShape)
        if shape is None:
            continue
        document = _document(reader, path, shape.document, documents)
        if document is None:
            continue
        for number, fact in enumerate(shape.facts):
            place = f"{path}#facts#{number}"
            quote = None
            if (fact.quote is None) != (fact.value is None):
                found = "a value without a quote" if fact.quote is None else "a quote alone"
                reader.lose(place, found, "both, or neither where the documents do not give it")
                continue
            if fact.quote is not None:
                quote = _quoted(reader, document, fact.quote, f"{place}#quote", fact.place)
                if quote is None:
                    continue
            facts.append(Fact(fact.subject, fact.relation, fact.value, quote, fact.of, place))
    return tuple(facts)


def _intents(reader: Reader) -> tuple[dict[str, float], dict[str, Intent]]:
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
        for key, shape in read.intents.items()
    }
    return read.weights, intents


# ----------------------------------------------------------------- languages


def _languages(reader: Reader, documents: Mapping[str, Document]) -> dict[str, Language]:
    codes = reader.folders("languages")
    translations = _translations(reader, documents, codes)
    languages: dict[str, Language] = {}
    for code in codes:
        base = f"languages/{code}"
        described = reader.shaped(f"{base}/language.yaml", shapes.LanguageShape, letters=True)
        names = reader.shaped(f"{base}/names.yaml", shapes.NamesShape, letters=True)
        questions = reader.shaped(f"{base}/questions.yaml", shapes.QuestionsShape, letters=True)
        topics = reader.shaped(f"{base}/topics.yaml", shapes.TopicsShape, letters=True)
        replies = reader.shaped(f"{base}/replies.yaml", shapes.RepliesShape, letters=True)
        is_whole = bool(described and names and questions and topics and replies)
        described = described or shapes.LanguageShape(
            name=code, script=Script.LATIN, reviewed=False
        )
        names = names or shapes.NamesShape({})
        questions = questions or shapes.QuestionsShape(cues={}, fillers=())
        topics = topics or shapes.TopicsShape(topics={})
        replies = replies or shapes.RepliesShape(replies={}, plurals={})
        into = languages if is_whole else reader.partial
        into[code] = Language(
            code=code,
            name=described.name,
            script=described.script,
            letters=described.letters,
            is_common=described.common,
            reviewed=described.reviewed,
            keyboards=described.keyboards,
            dates=Dates(**described.dates.model_dump()) if described.dates else None,
            aliases={key: shape.aliases + shape.shared for key, shape in names.root.items()},
            names={
                key: Name(shape.name, shape.__pydantic_extra__ or {})
                for key, shape in names.root.items()
            },
            cues=questions.cues,
            numbers=questions.numbers,
            ordinals=questions.ordinals,
            fillers=questions.fillers,
            topics=topics.topics,
            replies=replies.replies,
            plurals={
                unit: {str(category): phrase for category, phrase in phrases.items()}
                for unit, phrases in replies.plurals.items()
            },
            translations=translations.get(code, {}),
        )
        for key, shape in names.root.items() if is_whole else ():
            reader.share(key, shape.shared)
    return languages


def _translations(
    reader: Reader, documents: Mapping[str, Document], codes: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Read the translations: sentences by passage id, by language."""
    sentences: dict[str, dict[str, str]] = {}
    for path in filter(_is_translation, reader.files("documents")):
        shape = reader.shaped(path, shapes.TranslationShape, letters=True)
        if not shape:
            continue
        code = Path(path).stem.rpartition(".")[2]
        if code not in codes or shape.language != code:
            reader.lose(
                path,
                f"the language {shape.language!r}",
                f"the code in the file's name, {one_of(codes)}",
                "language",
            )
            continue
        document = _document(reader, path, shape.document, documents)
        if document is None:
            continue
        known = [passage.id for passage in (*document.passages, *document.asked)]
        for key in shape.passages:
            if key not in known and "documents" not in reader.lost:
                reader.note(path, f"the passage {key!r}", one_of(known, key), "passages", key)
        sentences.setdefault(code, {}).update(shape.passages)
    return sentences


# ---------------------------------------------------------------------- news


def _news(reader: Reader) -> dict[str, NewsItem]:
    """Read the items of news, the latest first; a folder without any is no problem."""
    items: list[NewsItem] = []
    folder = reader.folder / "news"
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        path = f"news/{file.name}"
        if file.suffix in (".yaml", ".yml"):
            items += _news_item(reader, path, file.stem)
    items.sort(key=lambda item: (item.date, item.id), reverse=True)
    return {item.id: item for item in items}


def _news_item(reader: Reader, path: str, name: str) -> list[NewsItem]:
    if not path.endswith(".yaml") or not _is_dated(name):
        reader.lose(path, f"the name {Path(path).name!r}", "YYYY-MM-DD-slug.yaml, in a-z, 0-9, -")
        return []
    shape = reader.shaped(path, shapes.NewsShape, letters=True)
    if shape is None:
        return []
    image = shape.image
    if image is not None and "://" not in image:
        image = _picture(reader, path, image)
    return [
        NewsItem(
            id=name,
            title=shape.title,
            summary=shape.summary,
            date=shape.date,
            link=shape.link,
            preview=shape.preview,
            image=image,
            topics=shape.topics,
            source=shape.source,
            place=path,
        )
    ]


def _is_dated(name: str) -> bool:
    """Tell whether a name is a day that exists and a slug: `2026-05-04-session`."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9]+(-[a-z0-9]+)*", name):
        return False
    try:
        date.fromisoformat(name[:10])
    except ValueError:
        return False
    return True


def _picture(reader: Reader, path: str, name: str) -> str | None:
    """Find a picture beside an item: give its path, or note why it cannot be sent."""
    expected = "a JPEG, PNG, GIF or WebP file beside the item"
    file = reader.folder / "news" / name
    if Path(name).name != name:
        reader.lose(path, f"the picture {name!r}", expected, "image")
        return None
    try:
        content = file.read_bytes() if file.stat().st_size <= LARGEST_PICTURE else None
    except OSError as error:
        reader.lose(path, f"the picture {name!r}: {error.strerror or error}", expected, "image")
        return None
    if content is None:
        found = f"the picture {name!r} of {file.stat().st_size / 1_000_000:.1f} MB"
        expected = f"at most {LARGEST_PICTURE // 1_000_000} MB, as Telegram allows"
    elif not content.startswith(PICTURES):
        found = f"the file {name!r}, which is no picture"
    else:
        reader.digest.update(content)
        return str(file.resolve())
    reader.lose(path, found, expected, "image")
    return None
