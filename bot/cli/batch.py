"""Answer the lines of a file, each on its own or in its conversation."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.answering import Answerer, Conversation, Question, Reply
from bot.cli.printing import print_json
from bot.cli.program import WrongArgumentError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some editors put at the beginning of a UTF-8 file."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A question of a batch."""

    id: str | None
    question: str
    session: str | None
    language: str | None
    """The language that the asker's program is set to."""


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """The reply to a question of a batch."""

    id: str | None
    reply: Reply


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """A line of a batch that gets no reply, and why."""

    id: str | None
    error: str


def batch_lines(name: str) -> Any:
    """Open what a batch is read from; it is closed at the end, but for standard input."""
    from contextlib import nullcontext

    if name == "-":
        if sys.stdin is None:
            raise WrongArgumentError("--batch -: standard input is closed")
        return nullcontext(iter(sys.stdin.buffer.readline, b""))
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise WrongArgumentError(f"--batch: {name} cannot be read: {error.strerror}") from None


def answer_batch(
    lines: Iterable[bytes],
    answerer: Answerer,
    chosen: str | None,
    clock: Callable[[], datetime],
) -> int:
    """Print for each line a reply or an error, as soon as it is read; give how many errors."""
    conversations: dict[str, Conversation] = {}
    failed = 0
    for number, content in enumerate(lines):
        line: BatchLine | AnsweredLine | MalformedLine
        line = parse_line(content.removeprefix(BYTE_ORDER_MARK) if number == 0 else content)
        if isinstance(line, BatchLine):
            line = _answer_line(line, answerer, chosen, conversations, clock())
        if isinstance(line, MalformedLine):
            failed += 1
            print_json({"id": line.id, "error": line.error})
        else:
            print_json(line.reply.as_json(line.id))
    return failed


def _answer_line(
    line: BatchLine,
    answerer: Answerer,
    chosen: str | None,
    conversations: dict[str, Conversation],
    now: datetime,
) -> AnsweredLine | MalformedLine:
    """Answer one line and remember its conversation."""
    before = conversations.get(line.session or "", Conversation())
    question = Question(line.question, chosen, line.language)
    try:
        reply, after = answerer.answer(question, before, now)
    except Exception as error:  # noqa: BLE001 - one line harms only itself
        return MalformedLine(line.id, f"failed with {type(error).__name__}: {error}")
    if line.session is not None:
        conversations[line.session] = after
    return AnsweredLine(line.id, reply)


def parse_line(content: bytes) -> BatchLine | MalformedLine:
    """Parse a line of a batch; never raises, whatever the bytes."""
    try:
        record = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        known = parse_line(content.decode("utf-8", "replace").encode())
        name = known.id if known.id and "\ufffd" not in known.id else None
        return MalformedLine(name, f"not UTF-8: byte {error.start + 1} of the line")
    except json.JSONDecodeError as error:
        return MalformedLine(None, f"not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError) as error:  # a number or a nesting beyond all measure
        return MalformedLine(None, f"cannot be read: {error}")
    if not isinstance(record, dict):
        return MalformedLine(None, f"found {_kind(record)}; expected an object")
    name = record.get("id")
    if "question" not in record:
        wrong = ["no 'question'"]
    else:
        wrong = [] if isinstance(record["question"], str) else ["question"]
    wrong += [
        key for key in ("id", "session", "lang") if not isinstance(record.get(key), str | None)
    ]
    if wrong:
        told = [
            key if key == "no 'question'" else f"{_kind(record[key])} at {key!r}" for key in wrong
        ]
        error_text = f"found {', '.join(told)}; expected text"
        return MalformedLine(name if isinstance(name, str) else None, error_text)
    return BatchLine(name, record["question"], record.get("session"), record.get("lang"))


def _kind(value: object) -> str:
    """Name the kind of a JSON value."""
    if value is None:
        return "null"
    kinds = {bool: "true or false", dict: "an object", list: "a list", str: "text"}
    return kinds.get(type(value), "a number")
