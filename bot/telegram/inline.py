"""Answers as one types in any chat, and as a guest where the bot is no member."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Update

from bot.answering import Conversation, Outcome, Question, Reply, Step
from bot.news.text import clean
from bot.telegram.commands import described
from bot.telegram.desk import Desk, Verdict, language_of_user, sender_of
from bot.telegram.line import Json
from bot.telegram.questions import addressed, blocks_of
from bot.telegram.render import messages
from bot.telegram.sending import NO_PREVIEW

log = logging.getLogger(__name__)

MOST_RESULTS = 10
CACHE_SECONDS = 60
LONGEST_TITLE = 100
LONGEST_DESCRIPTION = 200
START_PARAMETER = "ask"
ANSWERED = frozenset({Outcome.ANSWER, Outcome.NOT_IN_DOCUMENTS})


async def typed(desk: Desk, update: Update) -> None:
    """Give results for what somebody is typing: the answer first, then cards and passages."""
    query = update.inline_query
    if query is None:
        return
    reader = await desk.store.readers.get(query.from_user.id)
    chosen = reader.language if reader else None
    text = query.query.strip()
    results, is_answered = found(desk, text, chosen, query.from_user.language_code)
    language = language_of_user(desk, query, chosen)
    button = None
    if not is_answered:
        words = desk.say(language, "inline_unanswered")
        button = {"text": words, "start_parameter": START_PARAMETER}
    values = {
        "inline_query_id": query.id,
        "results": results,
        "cache_time": CACHE_SECONDS,
        "is_personal": True,
        "button": button,
    }
    await desk.voice.quietly(desk.line.call("answerInlineQuery", values))


def found(desk: Desk, text: str, chosen: str | None, code: str | None) -> tuple[list[Json], bool]:
    """Find what fits a text; tell whether anything does."""
    answerer, now = desk.mind.answerer, desk.now()
    countries = described(answerer.knowledge)
    question = Question(text, chosen, code)
    if not text:
        language = answerer.language_for(question, Conversation())
        return [card(desk, country, language) for country in countries], True
    reply, _ = answerer.answer(question, Conversation(), now)
    is_answered = reply.outcome in ANSWERED
    results = [article(desk, "answer", title_of(reply), reply)] if is_answered else []
    language = reply.language
    named = [c for c in answerer.named(text).get("country", ()) if c in countries]
    cards = [card(desk, country, language) for country in named]
    results += cards
    for name in passages(desk, text, language):
        shown, _ = answerer.answer_step(Step("passage", name), language, Conversation(), now)
        results.append(
            article(desk, f"passage-{name}"[:64], desk.say(language, "inline_passage"), shown)
        )
    if not results:
        return [card(desk, country, language) for country in countries], False
    return unlike(results)[:MOST_RESULTS], bool(is_answered or cards or results)


def passages(desk: Desk, text: str, language: str) -> list[str]:
    """Give the questions of the interview whose answers fit a text."""
    answerer = desk.mind.answerer
    forms = [word.form for word in answerer.read(text).words]
    content = [form for form in forms if len(form) > 3]
    hit = answerer.passages.search(language, forms, content)
    if hit is None or hit.confidence < 50:
        return []
    asked = [answerer.knowledge.passage(name).asked for name in hit.ids]
    return list(dict.fromkeys(name for name in asked if name))


def card(desk: Desk, country: str, language: str) -> Json:
    """Give a delegation's card as a result."""
    reply, _ = desk.mind.answerer.answer_step(
        Step("overview", country), language, Conversation(), desk.now()
    )
    name = str(desk.wording(language).name(country))
    return article(desk, f"card-{country}"[:64], name[:1].upper() + name[1:], reply)


def title_of(reply: Reply) -> str:
    """Give the answer's first line as a title."""
    return (reply.statement or reply.attribution or reply.answer).split("\n")[0]


def article(desk: Desk, key: str, title: str, reply: Reply) -> Json:
    """Give a reply as a result. It is one message, so what does not fit is left to the chat."""
    first = messages(blocks_of(desk, reply))[0]
    below = reply.statement or reply.answer
    described_as = below.removeprefix(title).strip() or (
        reply.sources[0].title if reply.sources else ""
    )
    return {
        "type": "article",
        "id": key,
        "title": clean(title)[:LONGEST_TITLE] or "…",
        "description": clean(described_as.replace("\n", " "))[:LONGEST_DESCRIPTION],
        "input_message_content": {
            "message_text": first.text,
            "entities": first.entities,
            "link_preview_options": NO_PREVIEW,
        },
    }


def unlike(results: Sequence[Json]) -> list[Json]:
    """Leave out results that would post what an earlier one does."""
    kept: dict[str, Json] = {}
    for result in results:
        kept.setdefault(result["input_message_content"]["message_text"], result)
    return list(kept.values())


async def visited(desk: Desk, update: Update) -> None:
    """Answer a mention in a chat that the bot is no member of, in one message."""
    message = update.guest_message
    if message is None or message.guest_query_id is None:
        return
    user_id, code = sender_of(message)
    if await desk.calm.verdict(user_id) is not Verdict.WELCOME:
        return
    reader = await desk.store.readers.get(user_id)
    text = addressed(message, desk.bot.username, desk.bot.id)
    question = Question(text or message.text or "", reader.language if reader else None, code)
    reply, _ = desk.mind.answerer.answer(question, Conversation(), desk.now())
    desk.keep(desk.store.answers.add(reply.outcome, reply.intent, desk.now()))
    result = article(desk, "answer", title_of(reply), reply)
    values = {"guest_query_id": message.guest_query_id, "result": result}
    await desk.voice.quietly(desk.line.call("answerGuestQuery", values))
    log.info("%s %s as a guest, knowledge %s", reply.outcome, reply.intent, desk.mind.version)
