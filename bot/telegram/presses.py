"""What the buttons do. A press is acknowledged first; one that means nothing any more says so."""

from __future__ import annotations

from telegram import CallbackQuery, Message, Update

from bot.answering import Step
from bot.store import Vote
from bot.telegram import decisions, preferences, watching
from bot.telegram.buttons import REASONS, Keyboard, Press, Verb, press_of, reasons, without
from bot.telegram.desk import Asker, Desk, Verdict, asker_of_press, language_of_user
from bot.telegram.questions import deliver

EDITORS_VERBS = frozenset({Verb.NEWS, Verb.UNCERTAIN})
"""What an editor may press as often as it takes."""


async def pressed(desk: Desk, update: Update) -> None:
    """Do what a button says."""
    query = update.callback_query
    if query is None:
        return
    press = press_of(query.data)
    asker = await asker_of_press(desk, query) if press is not None else None
    known = desk.mind.answerer.knowledge.languages
    if press is None or asker is None or press.language not in known:
        language = language_of_user(desk, query, asker.chosen if asker else None)
        await desk.voice.acknowledge(query, desk.say(language, "button_pressed_out"))
        return
    is_at_work = press.verb in EDITORS_VERBS and asker.user_id in desk.options.editors
    if not is_at_work and await desk.calm.verdict(asker.user_id) is not Verdict.WELCOME:
        most = desk.options.questions_per_minute
        words = desk.say(press.language, "too_many_questions", number=most)
        await desk.voice.acknowledge(query, words)
        return
    try:
        await _do(desk, query, asker, press)
    except (KeyError, ValueError, IndexError, OverflowError):
        await desk.voice.acknowledge(query, desk.say(press.language, "button_pressed_out"))


async def _do(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    """Do it. Raises `LookupError` or `ValueError` where it has become meaningless."""
    match press.verb:
        case Verb.STEP:
            await _step(desk, query, asker, press)
        case Verb.EXAMPLE:
            await _example(desk, query, asker, press)
        case Verb.VOTE | Verb.REASON:
            await _vote(desk, query, press)
        case Verb.RECEIPT:
            (receipt,) = press.words
            words = desk.say(press.language, "receipt", receipt=receipt)
            await desk.voice.acknowledge(query, words, alert=True)
        case Verb.NEWS:
            await decisions.pressed(desk, query, asker, press)
        case Verb.UNCERTAIN:
            await watching.decided(desk, query, asker, press)
        case Verb.LANGUAGE | Verb.CHAT_LANGUAGE | Verb.SETTING | Verb.CHANNEL:
            await preferences.pressed(desk, query, asker, press)


async def _step(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    intent, entity = press.words
    step = Step(intent, entity or None)
    language = asker.chosen or press.language
    reply, conversation = desk.mind.answerer.answer_step(
        step, language, asker.conversation, desk.now()
    )
    await desk.voice.acknowledge(query)
    await deliver(desk, asker, reply, conversation, None)


async def _example(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    wording = desk.wording(press.language)
    text = wording.language.replies[f"example_{int(press.words[0])}"]
    await desk.voice.acknowledge(query)
    reply, conversation = desk.mind.answerer.answer(
        asker.question(text), asker.conversation, desk.now()
    )
    await deliver(desk, asker, reply, conversation, None)


async def _vote(desk: Desk, query: CallbackQuery, press: Press) -> None:
    """Count a vote; the thumbs go, so that nobody votes twice. Nobody's name is kept."""
    kind, intent, outcome = press.words
    message = query.message if isinstance(query.message, Message) else None
    shown = message.reply_markup if message else None
    say = desk.wording(press.language).language.replies.__getitem__
    if press.verb is Verb.VOTE:
        vote = Vote(kind)
        desk.keep(desk.store.feedback.add(vote, intent=intent, outcome=outcome, now=desk.now()))
        asks = vote is Vote.DOWN
        await desk.voice.acknowledge(
            query, say("feedback_question" if asks else "feedback_thanks")
        )
        row = reasons(intent, outcome, press.language, say) if asks else None
        await _show(desk, message, without(shown, {Verb.VOTE}, row))
        return
    if kind not in REASONS:
        raise ValueError(kind)
    desk.keep(desk.store.feedback.explain(kind, intent=intent, outcome=outcome, now=desk.now()))
    await desk.voice.acknowledge(query, say("feedback_thanks"))
    await _show(desk, message, without(shown, {Verb.REASON}))


async def _show(desk: Desk, message: Message | None, keyboard: Keyboard | None) -> None:
    if message is not None:
        await desk.voice.change_keyboard(message.chat.id, message.message_id, keyboard)
