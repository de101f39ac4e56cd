"""What a reader of files must find: files that are missing, broken or of another shape."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import KnowledgeError
from bot.knowledge.folder import load
from tests.knowledge.conftest import Folder


def test_the_shipped_knowledge_loads(folder: Folder) -> None:
    knowledge = load(folder.path)
    assert set(knowledge.languages) == {"en", "ru"}
    assert set(knowledge.documents) >= {"delegations", "interview"}
    assert knowledge.facts


def test_every_quote_stands_in_its_document_on_the_lines_it_tells(folder: Folder) -> None:
    knowledge = load(folder.path)
    quotes = [fact.quote for fact in knowledge.facts if fact.quote]
    for document in knowledge.documents.values():
        quotes += [passage.quote for passage in (*document.passages, *document.asked)]
    for quote in quotes:
        document = knowledge.documents[quote.document]
        text = (folder.path / "documents" / document.file).read_text(encoding="utf-8")
        assert quote.text in text.split("\n")[quote.first_line - 1]
        assert quote.first_line == quote.last_line


def test_the_same_files_have_the_same_version_and_others_another(folder: Folder) -> None:
    before = load(folder.path).version
    assert load(folder.path).version == before
    folder.add("languages/en/replies.yaml", "# a remark\n")
    assert load(folder.path).version != before


@pytest.mark.parametrize("content", [None, "a file"])
def test_a_folder_that_is_not_there_or_is_a_file_is_one_problem(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "knowledge"
    if content:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        load(path)
    assert str(path) in str(raised.value)


def test_an_empty_folder_names_everything_that_is_missing(tmp_path: Path) -> None:
    missing = {problem.path for problem in Folder(tmp_path).problems()}
    assert missing == {
        "country-names.yaml",
        "documents",
        "entities.yaml",
        "facts",
        "intents.yaml",
        "languages",
        "thresholds.yaml",
    }


@pytest.mark.parametrize(
    "name",
    [
        "entities.yaml",
        "intents.yaml",
        "country-names.yaml",
        "documents/csto-pa.txt",
        "languages/ru/language.yaml",
        "languages/ru/names.yaml",
        "languages/ru/questions.yaml",
        "languages/ru/topics.yaml",
        "languages/ru/replies.yaml",
    ],
)
def test_a_missing_file_is_named(folder: Folder, name: str) -> None:
    (folder.path / name).unlink()
    problem = folder.only_problem()
    assert (problem.path, problem.found) == (name, "no such file")


def test_a_folder_in_the_place_of_a_file_is_named(folder: Folder) -> None:
    path = folder.path / "languages/ru/replies.yaml"
    path.unlink()
    path.mkdir()
    problem = folder.only_problem()
    assert (problem.path, problem.expected) == ("languages/ru/replies.yaml", "a readable file")


@pytest.mark.parametrize("name", ["documents", "facts", "languages"])
def test_a_file_in_the_place_of_a_folder_is_named(folder: Folder, name: str) -> None:
    shutil.rmtree(folder.path / name)
    (folder.path / name).write_text("", encoding="utf-8")
    assert name in {problem.path for problem in folder.problems()}


def test_an_empty_language_folder_names_each_file_that_it_needs(folder: Folder) -> None:
    (folder.path / "languages/tg").mkdir()
    assert [problem.path for problem in folder.problems()] == [
        f"languages/tg/{name}.yaml"
        for name in ("language", "names", "questions", "replies", "topics")
    ]


def test_a_file_among_the_languages_is_named_and_hidden_ones_are_passed_over(
    folder: Folder,
) -> None:
    (folder.path / "languages/.DS_Store").write_bytes(b"\0")
    (folder.path / "languages/tg.yaml").write_text("name: Тоҷикӣ", encoding="utf-8")
    assert folder.only_problem().path == "languages/tg.yaml"


@pytest.mark.parametrize(
    "broken", ["key: [", "a: b: c", "\tx: 1", "a: *nobody", "? [a]\n: 1", "x: !!python/none ''"]
)
def test_broken_yaml_is_named_with_its_line(folder: Folder, broken: str) -> None:
    (folder.path / "entities.yaml").write_text(f"# a remark\n{broken}\n", encoding="utf-8")
    (problem,) = (p for p in folder.problems() if p.path == "entities.yaml")
    assert problem.found.startswith("broken YAML: ")
    assert problem.line >= 2


def test_yaml_nested_deeper_than_can_be_read_is_no_traceback(folder: Folder) -> None:
    (folder.path / "entities.yaml").write_text("[" * 3000, encoding="utf-8")
    assert "entities.yaml" in {problem.path for problem in folder.problems()}


@pytest.mark.parametrize("text", ["", "# nothing\n", "null", "[]", "words", "{}", "3"])
def test_a_file_without_its_mapping_is_named(folder: Folder, text: str) -> None:
    (folder.path / "entities.yaml").write_text(text, encoding="utf-8")
    assert folder.only_problem().path == "entities.yaml"


def test_bytes_that_are_not_utf_8_are_named_with_their_line(folder: Folder) -> None:
    line = folder.add("languages/ru/replies.yaml", "# ")
    path = folder.path / "languages/ru/replies.yaml"
    path.write_bytes(path.read_bytes() + "Беларусь".encode("cp1251"))
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("languages/ru/replies.yaml", line)
    assert "UTF-8" in problem.expected


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Folder) -> None:
    for name in ("documents/csto-pa.txt", "languages/ru/names.yaml", "facts/interview.yaml"):
        path = folder.path / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder.path).documents["interview"].head.text.isprintable()


def test_unknown_missing_and_wrong_values_are_all_told_with_their_lines(folder: Folder) -> None:
    lines = [
        folder.change(
            "entities.yaml", "interview: {kind: document}", "interview: {kidn: document}"
        ),
        folder.change(
            "entities.yaml", "moscow: {kind: place, country: RU}", "moscow: {kind: town, size: 3}"
        ),
    ]
    told = [(problem.line, problem.found, problem.expected) for problem in folder.problems()]
    assert [line for line, _, _ in told] == [lines[0], lines[0], lines[1], lines[1]]
    text = str(told)
    for words in (
        "unknown key interview.kidn",
        "no key interview.kind",
        "unknown key moscow.size",
        "'town'",
    ):
        assert words in text


def test_a_value_that_several_types_refuse_is_one_problem(folder: Folder) -> None:
    line = folder.change(
        "facts/delegations.yaml",
        'value: 6, quote: "Delegation of the Supreme',
        'value: [6], quote: "Delegation of the Supreme',
    )
    problem = folder.only_problem()
    assert (problem.path, problem.line, problem.found) == ("facts/delegations.yaml", line, "[6]")


def test_a_day_that_does_not_exist_is_told(folder: Folder) -> None:
    folder.change("documents/csto-pa.yaml", "date: 2023-02-10", "date: 2023-02-30")
    problem = folder.only_problem()
    assert problem.path == "documents/csto-pa.yaml"
    assert "day" in problem.found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("languages/ru/names.yaml", "moscow: {name: Москва}\n"),
        ("entities.yaml", "minsk: {kind: place, kind: event}\n"),
        ("intents.yaml", '  "passage": {look_up: passage}\n'),
        ("languages/ru/replies.yaml", "  member: {one: а, few: б, many: в, other: г}\n"),
    ],
)
def test_a_key_that_stands_twice_is_told(folder: Folder, name: str, text: str) -> None:
    line = folder.add(name, text)
    told = [(p.path, p.line) for p in folder.problems() if "a second time" in p.found]
    assert told == [(name, line)]


def test_the_same_key_in_two_mappings_is_fine(folder: Folder) -> None:
    folder.add("languages/ru/questions.yaml", "  # the same words again\n")
    assert folder.problems() == ()


def test_a_quote_that_is_not_in_its_document_is_told(folder: Folder) -> None:
    line = folder.change(
        "facts/delegations.yaml",
        "Kyrgyz Republic to the CSTO PA consists of 6",
        "Kyrgyz Republic to the CSTO PA consists of six",
    )
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("facts/delegations.yaml", line)
    assert "csto-pa.txt" in problem.expected


def test_a_quote_of_another_part_of_the_file_is_told(folder: Folder) -> None:
    folder.change(
        "facts/interview.yaml",
        'value: 2023-02-10, quote: "10 February 2023"',
        'value: 2023-02-10, quote: "Viktor Kogut"',
    )
    assert "lines" in folder.only_problem().expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            (
                'value: alishev, quote: "Plenipotentiary Representative of the Supreme Council of'
                ' the Kyrgyz Republic: Shabdanbek Alishev"'
            ),
            "value: alishev",
        ),
        ('value: alishev, quote: "', 'quote: "'),
    ],
)
def test_a_value_and_its_quote_come_together(folder: Folder, old: str, new: str) -> None:
    line = folder.change("facts/delegations.yaml", old, new)
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("facts/delegations.yaml", line)


def test_a_passage_that_is_not_in_the_document_is_told_once(folder: Folder) -> None:
    line = folder.change("documents/csto-pa.yaml", "To some extent, it is.", "To an extent.")
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("documents/csto-pa.yaml", line)


@pytest.mark.parametrize("key", ["first", "last"])
def test_a_part_whose_bounds_are_not_in_the_file_is_told(folder: Folder, key: str) -> None:
    words = {"first": "Aleksandr Pankin on the Important", "last": "This applies to various forms"}
    line = folder.change(
        "documents/csto-pa.yaml", f"{key}: {words[key]}", f"{key}: Nobody {words[key]}"
    )
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("documents/csto-pa.yaml", line)


def test_two_parts_of_one_id_are_told(folder: Folder) -> None:
    line = folder.change("documents/csto-pa.yaml", "id: interview", "id: delegations")
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("documents/csto-pa.yaml", line)


def test_facts_and_translations_of_an_unknown_document_are_told(folder: Folder) -> None:
    folder.change("facts/interview.yaml", "document: interview", "document: interviw")
    folder.change("documents/csto-pa.ru.yaml", "document: interview", "document: interviw")
    told = [p for p in folder.problems() if "interviw" in p.found]
    assert [p.path for p in told] == ["documents/csto-pa.ru.yaml", "facts/interview.yaml"]


@pytest.mark.parametrize(
    ("old", "new"), [("language: ru", "language: tg"), ("  trust:", "  trusty:")]
)
def test_a_translation_is_of_a_known_language_and_passage(
    folder: Folder, old: str, new: str
) -> None:
    line = folder.change("documents/csto-pa.ru.yaml", old, new)
    told = [(p.path, p.line) for p in folder.problems()]
    assert ("documents/csto-pa.ru.yaml", line) in told


def test_a_broken_file_does_not_make_others_look_broken(folder: Folder) -> None:
    folder.add("entities.yaml", "]")
    assert {problem.path for problem in folder.problems()} == {"entities.yaml"}


def test_many_things_wrong_in_many_files_are_told_at_once(folder: Folder) -> None:
    folder.change("documents/csto-pa.yaml", "To some extent, it is.", "To an extent.")
    folder.change("languages/ru/replies.yaml", '  denied: "Нет."\n', "")
    folder.add("country-names.yaml", "XX: [1]\n")
    folder.add("intents.yaml", "surprise: 1\n")
    folder.add("facts/delegations.yaml", "  - {subject: XX, relation: representative}\n")
    assert {problem.path for problem in folder.problems()} == {
        "country-names.yaml",
        "documents/csto-pa.yaml",
        "facts/delegations.yaml",
        "intents.yaml",
        "languages/ru/replies.yaml",
    }


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(text=st.text(max_size=60) | st.binary(max_size=60))
def test_no_content_of_a_file_is_a_traceback(folder: Folder, text: str | bytes) -> None:
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    (folder.path / "languages/ru/language.yaml").write_bytes(content)
    (folder.path / "facts/more.yaml").write_bytes(content)
    assert {problem.path for problem in folder.problems()} >= {"facts/more.yaml"}
