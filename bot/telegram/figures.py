"""What editors are shown of the bot's work: figures by day and week, and what found no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, date, timedelta

from bot.news.text import clean
from bot.store import Vote
from bot.telegram.commands import Call, table
from bot.telegram.render import Block, headed, preformatted

WEEK = timedelta(days=7)
MOST_INTENTS = 12
MOST_GROUPS = 15
MOST_ALIKE = 3
LONGEST_QUESTION = 200

Dated = tuple[str, date, int]
"""What was counted, on which day, and how often."""


async def stats(call: Call) -> None:
    """Show answers by outcome and intent, feedback and deliveries, by day and week."""
    store, today = call.desk.store, call.desk.now().astimezone(UTC).date()
    first = today - 2 * WEEK + timedelta(days=1)
    answers, votes, deliveries = await asyncio.gather(
        store.answers.since(first), store.feedback.since(first), store.deliveries.daily(first)
    )
    outcomes = [(call.say(f"outcome_{one.outcome}"), one.day, one.count) for one in answers]
    intents = [(one.intent or "–", one.day, one.count) for one in answers]
    thumbs = [
        (label, one.day, one.count)
        for one in votes
        for label in _thumbs(call, one.vote, one.reason)
    ]
    ended = [(call.say(f"delivery_{one.state}"), one.day, one.count) for one in deliveries]
    blocks = [headed(call.say("stats_heading"), call.say("stats_days"))]
    for key, counted, most in (
        ("stats_answers", outcomes, None),
        ("stats_intents", intents, MOST_INTENTS),
        ("stats_feedback", thumbs, None),
        ("stats_deliveries", ended, None),
    ):
        blocks.append(headed(call.say(key)))
        lines = rows(counted, today, most)
        if not lines:
            blocks.append(Block(call.say("stats_none"), (), "\n"))
            continue
        head = ("", *(call.say(f"stats_{name}") for name in ("today", "week", "week_before")))
        blocks.append(preformatted(table([head, *lines]), "\n"))
    await call.tell(blocks)


def _thumbs(call: Call, vote: Vote, reason: str) -> Sequence[str]:
    """Give the lines that a vote is counted in: its thumb, and its reason where it has one."""
    thumb = "👍" if vote is Vote.UP else "👎"
    return (thumb, call.say(f"feedback_{reason}")) if reason else (thumb,)


def rows(
    counted: Iterable[Dated], today: date, most: int | None
) -> list[tuple[str, str, str, str]]:
    """Add up what was counted: today, in seven days with today, and in the seven before."""
    spans = (
        (today, today),
        (today - WEEK + timedelta(days=1), today),
        (today - 2 * WEEK + timedelta(days=1), today - WEEK),
    )
    totals: dict[str, list[int]] = {}
    for label, day, count in counted:
        sums = totals.setdefault(label, [0] * len(spans))
        for place, (begin, end) in enumerate(spans):
            sums[place] += count if begin <= day <= end else 0
    ordered = sorted(totals.items(), key=lambda one: (-one[1][1], -one[1][2], one[0]))
    return [(label, *map(str, sums)) for label, sums in ordered[:most]]  # type: ignore[misc]


async def unanswered(call: Call) -> None:
    """Show questions that found no answer, the most frequent first, and what would answer them."""
    from bot.workshop.likeness import Group, grouped

    desk = call.desk
    if not desk.options.keep_unanswered:
        await call.tell(call.say("unanswered_off"))
        return
    counts = await desk.store.unanswered.since(date.min)
    asked = [(one.question, one.language, one.count) for one in counts]
    answerer = desk.mind.answerer
    groups: Sequence[Group] = await asyncio.to_thread(grouped, asked, answerer, desk.now())
    if not groups:
        await call.tell(call.say("unanswered_none"))
        return
    blocks = [headed(call.say("unanswered_heading"))]
    for number, group in enumerate(groups[:MOST_GROUPS], start=1):
        shown = [_short(question) for question in group.questions[: MOST_ALIKE + 1]]
        title = call.say("unanswered_line", number=number, question=shown[0], count=group.count)
        lines = [call.say("unanswered_also", questions=" · ".join(shown[1:]))] if shown[1:] else []
        lines.append(call.say(f"lack_{group.lack}", **group.values))
        blocks.append(headed(title, *lines))
    if len(groups) > MOST_GROUPS:
        blocks.append(Block(call.say("unanswered_more", number=len(groups) - MOST_GROUPS)))
    await call.tell(blocks)


def _short(question: str) -> str:
    shown = clean(question).replace("\n", " ")
    return shown if len(shown) <= LONGEST_QUESTION else shown[: LONGEST_QUESTION - 1] + "…"
