"""What `csto-bot check` tells beside the checks that every start makes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bot
from bot.answering.lookups.outside import SILENT
from bot.knowledge.folder import load, shipped_folder
from bot.knowledge.model import Intent
from bot.knowledge.placeholders import FILLED, UNITS, filled
from bot.workshop.checks import check_folder
from tests.knowledge.conftest import Folder, folder

__all__ = ["folder"]

ANSWERING = Path(bot.__file__).parent / "answering"


def told(folder: Folder) -> str:
    """Give what the checks tell, as text."""
    return "\n".join(map(str, check_folder(folder.path).problems))


def test_nothing_is_wrong_with_the_shipped_knowledge() -> None:
    assert check_folder(shipped_folder()).problems == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("languages/ru/times.yaml", "later:", "latter:", "no key later"),
        ("languages/ru/times.yaml", "later:", "# чeрез\nlater:", "LATIN SMALL LETTER E"),
        ("languages/ru/writing.yaml", "before:", "# чeрез\nbefore:", "LATIN SMALL LETTER E"),
        ("languages/ru/writing.yaml", "before:", "befour:", "no key before"),
        ("twins.yaml", "\ntwins:", "\ntwin:", "no key twins"),
        ("intents.yaml", "look_up: average", "look_up: avarage", "'avarage'"),
        ("intents.yaml", "\n  off_topic:\n", "\n  beside:\n", "no intent 'off_topic'"),
        ("languages/ru/replies.yaml", 'many: "{n} сайтов", ', "", "few, many, one, other"),
        (
            "languages/en/replies.yaml",
            'website: {one: "{n} website"',
            'website: {few: "{n} websites", one: "{n} website"',
            "one, other",
        ),
        (
            "languages/en/questions.yaml",
            '\nfillers: "',
            '\nfillers: "twofold, twofold, ',
            "2 times",
        ),
        (
            "languages/ru/replies.yaml",
            '"{country}: {chambers}"',
            '"{country:acc}: {chambers}"',
            "a form that",
        ),
    ],
)
def test_a_slip_is_told(folder: Folder, name: str, old: str, new: str, words: str) -> None:
    if words == "a form that":
        folder.change(
            "languages/ru/names.yaml", "AM: {name: Армения", "AM: {xyz: а, name: Армения"
        )
        new = new.replace("acc", "xyz")
    folder.change(name, old, new)
    assert words in told(folder)


def test_a_language_that_cldr_does_not_know_is_told(folder: Folder) -> None:
    (folder.path / "languages/ru").rename(folder.path / "languages/qxx")
    (folder.path / "documents/csto-pa.ru.yaml").unlink()
    assert "languages/qxx: found a code" in told(folder)


def test_the_other_checks_are_told_with_them(folder: Folder) -> None:
    folder.change("intents.yaml", "look_up: average", "look_up: avarage")
    folder.change("languages/ru/replies.yaml", '  denied: "Нет."\n', "")
    assert "avarage" in told(folder)
    assert "denied" in told(folder)


# What the code says by name is in the knowledge: a check of the program, not of its folder.


def keys_said() -> set[str]:
    """Give the replies that the answering names outright, as in `say("total", …)`."""
    found: set[str] = set()
    for path in ANSWERING.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", None) in {"say", "Say"}
                and node.args
            ):
                found |= {
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    if not isinstance(node.args[0], ast.JoinedStr)
                }
    return found


def test_every_reply_that_the_answering_names_is_there(folder: Folder) -> None:
    replies = load(folder.path).languages["en"].replies
    assert keys_said()
    assert keys_said() <= set(replies)


def fillings() -> dict[str, list[frozenset[str]]]:
    """Give by key what the program fills in where it names the reply outright."""
    found: dict[str, list[frozenset[str]]] = {}
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or any(one.arg is None for one in node.keywords):
                continue
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            given = frozenset(str(one.arg) for one in node.keywords)
            for argument in node.args if called == "say" else ():
                parts = [argument]
                if isinstance(argument, ast.IfExp):
                    parts = [argument.body, argument.orelse]
                for part in parts:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found.setdefault(part.value, []).append(given)
    return found


def test_what_replies_are_filled_with_is_what_the_program_fills_in(folder: Folder) -> None:
    """The table of what may be written in a reply cannot leave what the program does."""
    replies = load(folder.path).languages["en"].replies
    called = {key: given for key, given in fillings().items() if key in replies}
    assert len(called) > 100
    for key, given in called.items():
        assert filled(key) == frozenset.intersection(*given), key
    assert set(FILLED) <= set(replies)


def test_what_the_program_counts_has_plurals() -> None:
    counted = {
        node.args[1].value
        for path in ANSWERING.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", None) == "Count"
        and isinstance(node.args[1], ast.Constant)
    }
    assert counted == set(UNITS)


def test_every_subject_that_the_documents_are_silent_on_has_its_words(folder: Folder) -> None:
    knowledge = load(folder.path)
    assert {f"silent_{tag}" for tag in SILENT} <= set(knowledge.languages["en"].replies)
    rules = knowledge.intents["undocumented"].rules
    assert {tag for rule in rules for group in rule.needs for tag in group} >= SILENT


@pytest.mark.parametrize("look_up", ["interview_fact"])
def test_every_fact_of_the_interview_that_is_asked_for_can_be_said(
    folder: Folder, look_up: str
) -> None:
    knowledge = load(folder.path)
    asked: list[Intent] = [i for i in knowledge.intents.values() if i.look_up == look_up]
    assert asked
    for intent in asked:
        assert f"interview_{intent.relation}" in knowledge.languages["en"].replies
