"""What the README shows is what happens: its commands run and print what stands there.

A ```console block holds commands after `$ ` and, below each, what it prints. To write what they
print now into the README: `.venv/bin/python tests/test_readme.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.answering.reply import Outcome

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=^```console\n)(?:(?!```).*\n)*", re.MULTILINE)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
OUTCOME = re.compile(r"^\| `([a-z_]+)` \| [^|]+ \| ([^|]+\?) \|$", re.MULTILINE)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:^|`|\| )make ([a-z]+)", re.MULTILINE)
RECEIPT = re.compile(r"\b[0-9a-f]{8}-([a-z]{2})-[0-9a-f]{12}\b")
"""What changes with every change of the knowledge; elsewhere it is tested that it holds."""
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@dataclass(frozen=True, slots=True)
class Example:
    """A command of the README, and what stands below it."""

    command: str
    shown: str


def examples(text: str) -> Iterator[Example]:
    """Give the commands of all console blocks, in order."""
    for block in BLOCK.findall(text):
        for command, shown in COMMAND.findall(block):
            yield Example(command, shown.strip("\n"))


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell as a reader would: in the checkout, its knowledge, no colour."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "KNOWLEDGE_DIR": str(ROOT / "knowledge"),
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "100",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def printed(command: str) -> str:
    """Run a command and give what it prints, without spaces that nobody sees."""
    ended = run(command)
    assert ended.returncode == 0, ended.stdout
    return "\n".join(line.rstrip() for line in ended.stdout.splitlines()).strip("\n")


def refreshed(text: str) -> str:
    """Give the README with what its commands print now."""
    return BLOCK.sub(
        lambda block: COMMAND.sub(lambda match: f"$ {match[1]}\n{printed(match[1])}\n", block[0]),
        text,
    )


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=example.command)
        for example in examples(README.read_text(encoding="utf-8"))
    ],
)
def test_a_command_prints_what_the_readme_shows(example: Example) -> None:
    shown, now = (
        RECEIPT.sub("receipt", text) for text in (example.shown, printed(example.command))
    )
    assert now == shown


def test_the_readme_shows_a_question_with_its_sourced_answer() -> None:
    first = next(examples(README.read_text(encoding="utf-8")))
    assert first.command.startswith("csto-bot ask ")
    quoted = (ROOT / "knowledge/documents/csto-pa.txt").read_text(encoding="utf-8").splitlines()
    assert any(line in first.shown for line in quoted)


def test_each_outcome_is_what_its_example_gets() -> None:
    shown = OUTCOME.findall(README.read_text(encoding="utf-8"))
    assert {outcome for outcome, _ in shown} == set(Outcome)
    for outcome, question in shown:
        reply = json.loads(run(f"csto-bot ask --json '{question}'").stdout)
        assert reply["outcome"] == outcome, question


def test_the_facts_that_the_readme_shows_are_facts() -> None:
    facts = (ROOT / "knowledge/facts/delegations.yaml").read_text(encoding="utf-8").splitlines()
    shown = "".join(YAML.findall(README.read_text(encoding="utf-8"))).splitlines()
    assert shown
    assert set(shown) <= set(facts)


def test_the_command_line_has_every_command_that_the_readme_names() -> None:
    named = set(re.findall(r"`csto-bot ([a-z]+)", README.read_text(encoding="utf-8")))
    assert named
    for command in sorted(named):
        assert run(f"csto-bot {command} --help").returncode == 0, command


def test_make_has_every_target_that_the_readme_names() -> None:
    named = set(MAKE.findall(README.read_text(encoding="utf-8")))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named >= {"run", "test"}
    assert named <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_every_link_to_a_file_leads_to_one(page: str) -> None:
    for target in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8")
