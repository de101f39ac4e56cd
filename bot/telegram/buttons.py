"""What stands under a reply, and what a press on it says.

A press carries all that it means, in at most 64 bytes, so it works after any restart: a version,
a verb, the language of the reply, and ids. What is not the bot's, or from a version that meant
something else, is read as None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from telegram import InlineKeyboardMarkup

from bot.answering import Outcome, Reply, Step

VERSION = "1"
LONGEST_DATA = 64
LARGEST_ID = 2**52
"""https://core.telegram.org/bots/api#chat: "at most 52 significant bits"."""
MOST_IN_ROW = 4
MOST_ROWS = 2
MOST_STEPS = 3
LONGEST_LABEL = 60
UP, DOWN = "👍", "👎"
RECEIPT = "🧾"
LABELS = {
    "representative": "button_representative",
    "composition": "button_composition",
    "website": "button_website",
    "overview": "button_overview",
    "list_delegations": "button_delegations",
    "interview_questions": "button_interview",
    "interview_about": "button_interview",
}
"""How a button for an intent is called; others are not offered, their words being too long."""
REASONS = ("other", "wrong", "incomplete")
_FIELD = re.compile(r"[A-Za-z0-9_.-]*")


class Verb(StrEnum):
    """What a press asks for."""

    STEP = "s"
    EXAMPLE = "e"
    VOTE = "v"
    REASON = "r"
    LANGUAGE = "l"
    CHAT_LANGUAGE = "c"
    SETTING = "o"
    CHANNEL = "k"
    NEWS = "n"
    UNCERTAIN = "u"
    RECEIPT = "p"


VERBS = frozenset(verb.value for verb in Verb)


@dataclass(frozen=True, slots=True)
class Press:
    """What a press says."""

    verb: Verb
    language: str
    """Of the message that the button stands under."""
    words: tuple[str, ...]


def data_of(press: Press) -> str | None:
    """Write a press as callback data; None where it does not fit."""
    data = ":".join((VERSION, press.verb, press.language, *press.words))
    return data if len(data.encode()) <= LONGEST_DATA else None


def press_of(data: str | None) -> Press | None:
    """Read callback data; None for anything that this version does not write."""
    version, _, rest = (data or "").partition(":")
    verb, *fields = rest.split(":")
    if version != VERSION or verb not in VERBS or not fields:
        return None
    if not all(_FIELD.fullmatch(field) for field in fields):
        return None
    return Press(Verb(verb), fields[0], tuple(fields[1:]))


def id_of(word: str) -> int:
    """Read the id of a chat. Raises `ValueError` for what is none."""
    number = int(word)
    if abs(number) >= LARGEST_ID:
        raise ValueError(word)
    return number


Button = dict[str, str]
Row = list[Button]
Keyboard = dict[str, Any]
"""As the Bot API takes them: made for every reply, so not by way of the library's types."""


def button(label: str, verb: Verb, language: str, *words: str) -> Row:
    """Give a button, or nothing where what it means is too long for Telegram."""
    data = data_of(Press(verb, language, words))
    if data is None:
        return []
    short = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
    return [{"text": short, "callback_data": data}]


def step_button(step: Step, label: str, language: str) -> Row:
    """Give a button that asks for a step."""
    return button(label, Verb.STEP, language, step.intent, step.entity or "")


def rows(buttons: Sequence[Button], width: int = MOST_IN_ROW) -> list[Row]:
    """Lay out buttons in as even rows as possible, two at most."""
    count = len(buttons)
    if count > width:
        width = max(-(-count // MOST_ROWS), 1)
    found = [list(buttons[start : start + width]) for start in range(0, count, width)]
    return found[:MOST_ROWS]


def keyboard(found: Sequence[Row]) -> Keyboard | None:
    """Give the rows as what Telegram takes; None where there are none."""
    kept = [row for row in found if row]
    return {"inline_keyboard": kept} if kept else None


def under_reply(
    reply: Reply, say: Callable[[str], str], *, in_full: str | None = None
) -> Keyboard | None:
    """Give what stands under a reply: what to choose from or ask next, the thumbs and the receipt.

    Args:
        reply: the reply.
        say: words a key in the reply's language.
        in_full: the question of the document that the shown passages answer in part.
    """
    language = reply.language
    if reply.outcome is Outcome.CLARIFY:
        choices = [b for step in reply.steps for b in step_button(step, step.words, language)]
        return keyboard(rows(choices))
    if reply.outcome in (Outcome.HELP, Outcome.OUT_OF_SCOPE):
        return keyboard(example_rows(language, say))
    steps: Row = []
    if in_full is not None:
        steps += step_button(Step("passage", in_full), say("button_passage"), language)
    labels = [one["text"] for one in steps]
    for step in reply.steps:
        label = say(LABELS[step.intent]) if step.intent in LABELS else ""
        if label and label not in labels and len(steps) < MOST_STEPS:
            steps += step_button(step, label, language)
            labels.append(label)
    last: Row = []
    is_of_one = any(step.entity is not None for step in reply.steps)
    if is_of_one and reply.intent != "list_delegations":
        last += step_button(Step("list_delegations"), say("button_delegations"), language)
    last += thumbs(reply.intent or "", reply.outcome, language)
    if reply.receipt:
        last += button(RECEIPT, Verb.RECEIPT, language, reply.receipt)
    return keyboard([steps, last])


def example_rows(language: str, say: Callable[[str], str]) -> list[Row]:
    """Give three examples as buttons."""
    examples = [button(say(f"example_{n}"), Verb.EXAMPLE, language, str(n)) for n in (1, 2, 3)]
    return [examples[0], [*examples[1], *examples[2]]]


def thumbs(intent: str, outcome: str, language: str) -> Row:
    """Give the two thumbs."""
    return [
        *button(UP, Verb.VOTE, language, "up", intent, outcome),
        *button(DOWN, Verb.VOTE, language, "down", intent, outcome),
    ]


def reasons(intent: str, outcome: str, language: str, say: Callable[[str], str]) -> Row:
    """Give what may have been wrong."""
    return [
        one
        for reason in REASONS
        for one in button(
            say(f"feedback_{reason}"), Verb.REASON, language, reason, intent, outcome
        )
    ]


def without(
    shown: InlineKeyboardMarkup | None, verbs: set[Verb], instead: Row | None = None
) -> Keyboard | None:
    """Give a keyboard without the buttons of some verbs, with a row in their place."""
    found: list[Row] = []
    for row in shown.inline_keyboard if shown else ():
        known = [(one.text, str(one.callback_data or "")) for one in row]
        found.append(
            [
                {"text": text, "callback_data": data}
                for text, data in known
                if (press := press_of(data)) is not None and press.verb not in verbs
            ]
        )
    return keyboard([*found, instead or []][-MOST_ROWS - 1 :])
