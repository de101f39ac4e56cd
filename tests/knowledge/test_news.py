"""Items of news in files: what is read, and what is refused with file and line."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answering.loading import load
from bot.errors import Problem
from tests.knowledge.conftest import Folder

NAME = "news/2026-05-04-session.yaml"
ITEM = """\
# yaml-language-server: $schema=../schemas/news.json
title:
  en: A session
  ru: Заседание
summary:
  en: It will be **in May**.
  ru: Пройдёт **в мае**.
date: 2026-05-04
link: https://example.org/session
topics: sessions, budget
"""
PNG = b"\x89PNG\r\n\x1a\n"


def write(folder: Folder, text: str = ITEM, name: str = NAME) -> None:
    (folder.path / name).write_text(text, encoding="utf-8")


def found(folder: Folder, old: str = "", new: str = "") -> Problem:
    """Change the item; give the only problem that it has then."""
    assert not old or ITEM.count(old) == 1
    write(folder, ITEM.replace(old, new) if old else ITEM)
    return folder.only_problem()


def test_items_are_read_the_latest_first(folder: Folder) -> None:
    write(folder)
    news = load(folder.path).news
    assert list(news) == ["2026-05-04-session", "2023-02-10-interview"]
    item = news["2026-05-04-session"]
    assert item.title == {"en": "A session", "ru": "Заседание"}
    assert (item.date, item.topics) == (date(2026, 5, 4), ("sessions", "budget"))


def test_the_shipped_item_is_in_the_words_of_the_document(folder: Folder) -> None:
    knowledge = load(folder.path)
    item = knowledge.news["2023-02-10-interview"]
    lines = [item.title["en"], *filter(None, item.summary["en"].split("\n"))]
    assert all(knowledge.documents["interview"].quote(line) for line in lines)


def test_knowledge_without_news_can_be_used(folder: Folder) -> None:
    for path in (folder.path / "news").iterdir():
        path.unlink()
    assert load(folder.path).news == {}
    (folder.path / "news").rmdir()
    assert load(folder.path).news == {}


def test_a_picture_lies_beside_the_item(folder: Folder) -> None:
    (folder.path / "news/hall.png").write_bytes(PNG)
    before = load(folder.path).version
    write(folder, ITEM + "image: hall.png\n")
    knowledge = load(folder.path)
    assert knowledge.news["2026-05-04-session"].image == str(folder.path / "news/hall.png")
    assert knowledge.version != before


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title:\n  en: A session\n  ru: Заседание\n", "", 0, "no key title"),
        ("title:\n  en: A session\n  ru: Заседание\n", "title: {}\n", 2, "{}"),
        ("  en: A session", "  en:", 3, "nothing"),
        ("  en: A session\n", "", 2, "no title in 'en'"),
        ("  en: A session\n", "  en: A session\n  xx: Hm\n", 4, "the language 'xx'"),
        ("**in May**", "**in May", 6, "** without an end (line 1 of the text)"),
        ("**in May**", "[in May](here)", 6, "a link to 'here'"),
        ("2026-05-04", "2026-02-30", 8, "'2026-02-30', which does not exist"),
        ("2026-05-04", "tomorrow", 8, "'tomorrow'"),
        ("https://example", "ftp://example", 9, "'ftp://example.org/session'"),
        ("sessions, budget", "sessions, the budget", 10, "'the budget'"),
        ("topics: sessions, budget", "source: nothing", 10, "the document 'nothing'"),
        (
            "topics: sessions, budget",
            "image: hall.png",
            10,
            "the picture 'hall.png': No such file",
        ),
        ("topics: sessions, budget", "image: ../hall.png", 10, "the picture '../hall.png'"),
        ("topics: sessions, budget", "image: http://a.org/b.png", 10, "'http://a.org/b.png'"),
        ("topics: sessions, budget", "photo: hall.png", 10, "the unknown key photo"),
        ("It will be", "x" * 10_000, 6, "too many"),
    ],
)
def test_a_broken_item_is_told_with_its_line(
    old: str, new: str, line: int, words: str, folder: Folder
) -> None:
    problem = found(folder, old, new)
    assert (problem.path, problem.line or line) == (NAME, line or problem.line)
    assert words in problem.found


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"hello", "which is no picture"), (PNG + b"\0" * 10_500_000, "of 10.5 MB")],
)
def test_a_picture_that_telegram_would_refuse_is_told(
    content: bytes, words: str, folder: Folder
) -> None:
    (folder.path / "news/hall.png").write_bytes(content)
    problem = found(folder, "topics: sessions, budget", "image: hall.png")
    assert (problem.line, words in problem.found) == (10, True)


@pytest.mark.parametrize(
    "name",
    [
        "session.yaml",
        "2026-05-04.yaml",
        "2026-02-30-session.yaml",
        "2026-05-04-Session.yaml",
        "2026-05-04-session.yml",
    ],
)
def test_the_name_of_a_file_is_its_day_and_a_slug(name: str, folder: Folder) -> None:
    write(folder, name=f"news/{name}")
    assert "YYYY-MM-DD-slug.yaml" in folder.only_problem().expected


def test_a_post_may_be_as_long_as_telegram_allows(folder: Folder) -> None:
    room = 4096 - len("A session\n\n\n\nhttps://example.org/session")
    write(folder, ITEM.replace("It will be **in May**.", "x" * room))
    assert not folder.problems()
    write(folder, ITEM.replace("It will be **in May**.", "x" * (room + 1)))
    assert "4097 characters, 1 too many" in folder.only_problem().found
