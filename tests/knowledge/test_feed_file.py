"""The file of feeds that the operator names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge.feed_file import Feed, read_feeds

FEEDS = """\
feeds:
  - name: assembly
    url: https://example.org/feed.xml
    language: en
    auto: true
    minutes: 30
    topics: sessions, budget
"""


def test_feeds_are_read(tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FEEDS, encoding="utf-8")
    assert read_feeds(file, ["en", "ru"]) == [
        Feed("assembly", "https://example.org/feed.xml", "en", True, 30, ("sessions", "budget"))
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "found"),
    [
        ("name: assembly", "name: The Assembly", 2, "'The Assembly'"),
        ("https://example", "ftp://example", 3, "'ftp://example.org/feed.xml'"),
        ("language: en", "language: xx", 4, "the language 'xx'"),
        ("auto: true", "automatic: true", 5, "the unknown key feeds.0.automatic"),
        ("minutes: 30", "minutes: 0", 6, "0"),
        ("feeds:", "feeds: {}", 0, "broken YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    old: str, new: str, line: int, found: str, tmp_path: Path
) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FEEDS.replace(old, new), encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        read_feeds(file, ["en", "ru"])
    problem = caught.value.problems[0]
    assert str(caught.value).startswith(str(file))
    assert found in problem.found
    assert line in (0, problem.line)


def test_two_feeds_of_one_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FEEDS + FEEDS.removeprefix("feeds:\n"), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="a second feed 'assembly'"):
        read_feeds(file, ["en"])
