"""What the commands do. Each takes the desk, the message and what follows the command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from unicodedata import east_asian_width

from telegram import Chat, Message, Update

from bot.answering import Source, Step
from bot.answering.finding import Ref, Say, Value, Words
from bot.knowledge.model import Kind, Knowledge
from bot.telegram import preferences
from bot.telegram.buttons import (
    Keyboard,
    Row,
    Verb,
    example_rows,
    keyboard,
    rows,
    step_button,
)
from bot.telegram.chats import may_change
from bot.telegram.desk import Asker, Desk, asker_of, sender_of
from bot.telegram.menus import EDITORS, country_commands, menu
from bot.telegram.questions import (
    answer,
    answer_step,
    blocks_of,
    is_admitted,
    is_automatic,
    is_edit,
    send,
    source_lines,
)
from bot.telegram.render import (
    Block,
    Rendered,
    headed,
    messages,
    preformatted,
    quoted,
    reply_blocks,
    runs,
)

SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Call:
    """A command as somebody gave it."""

    desk: Desk
    message: Message
    asker: Asker
    words: str
    """What followed the command."""
    language: str
    is_edit: bool

    def say(self, key: str, **values: Value | str) -> str:
        """Word a text in the language of the reply."""
        return self.desk.say(self.language, key, **values)

    async def tell(
        self, blocks: Sequence[Block] | str, markup: Sequence[Row] | None = None
    ) -> None:
        """Answer the command."""
        found = [Block(blocks)] if isinstance(blocks, str) else blocks
        await self.show(messages(found), keyboard(markup or []))

    async def show(self, parts: Sequence[Rendered], markup: Keyboard | None) -> None:
        """Answer the command with messages; an edited one has its answer edited."""
        await send(
            self.desk,
            self.asker,
            parts,
            markup,
            self.message.message_id,
            is_edit=self.is_edit,
        )

    async def step(self, step: Step) -> None:
        """Answer with what the documents say."""
        await answer_step(
            self.desk,
            self.asker,
            step,
            self.language,
            self.message.message_id,
            is_edit=self.is_edit,
        )


Action = Callable[[Call], Awaitable[None]]


def handler(action: Action) -> Callable[[Desk, Update], Awaitable[None]]:
    """Make of what a command does something that takes updates."""

    async def handle(desk: Desk, update: Update) -> None:
        message = update.effective_message
        if message is None or is_automatic(message):
            return
        asker = await asker_of(desk, message)
        if is_edit(update) and desk.is_forgotten(message, asker.user_id):
            return
        if not await is_admitted(desk, asker):
            return
        _, words = parted(message.text or message.caption or "")
        # What a deep link carries was not written by the reader.
        language = asker.language(desk, "" if action is start else words)
        await action(Call(desk, message, asker, words, language, is_edit(update)))

    return handle


def parted(text: str) -> tuple[str, str]:
    """Part a command from what follows it, on the same line or below."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0].rstrip() if rest else ""


# ------------------------------------------------------------------- talk


async def start(call: Call) -> None:
    """Say what this is, or open what a deep link names."""
    desk = call.desk
    if not call.asker.place.is_private:
        await help_(call)
        return
    is_first = await desk.store.readers.started(call.asker.user_id, desk.now())
    if is_first and call.asker.user_id in desk.options.editors:
        desk.editor_started.set()
    opened = _payload(call)
    if opened is not None:
        await opened(replace(call, words=""))
        return
    say = desk.wording(call.language).language.replies.__getitem__
    await call.tell(call.say("welcome"), example_rows(call.language, say))


def _payload(call: Call) -> Action | None:
    """Find what a deep link's payload opens: `delegation-kg`, `interview`, `ask`."""
    name, _, rest = call.words.lower().partition("-")
    if name == "delegation" and rest:
        entity = rest.upper()
        known = call.desk.mind.answerer.knowledge.entities.get(entity)
        if known is None or known.kind is not Kind.COUNTRY:
            return None

        async def card(call: Call) -> None:
            await call.step(Step("overview", entity))

        return card
    return LINKED.get(name) if not rest else None


async def help_(call: Call) -> None:
    """Say what can be asked, and which commands there are."""
    desk, language = call.desk, call.language
    bot = f"@{desk.bot.username}"
    reply, _ = desk.mind.answerer.answer_step(
        Step("help"), language, call.asker.conversation, desk.now()
    )
    is_private = call.asker.place.is_private
    scope = "private" if is_private else "group_administrators"
    if is_private and call.asker.user_id in desk.options.editors:
        scope = EDITORS
    lines = [f"/{name} – {words}" for name, words in menu(desk.mind.answerer, scope, language)]
    blocks = [
        *blocks_of(desk, reply),
        headed(call.say("help_commands"), *lines),
        Block(call.say("help_private" if is_private else "help_group", bot=bot)),
    ]
    say = desk.wording(language).language.replies.__getitem__
    await call.tell(blocks, example_rows(language, say))


async def ask(call: Call) -> None:
    """Answer the question that follows, or ask for one."""
    if call.words:
        await answer(call.desk, call.message, call.words, is_edit=call.is_edit, asker=call.asker)
        return
    prompt = (
        None
        if call.is_edit
        else {  # which Telegram takes in no edit
            "force_reply": True,
            "selective": True,
            "input_field_placeholder": call.say("ask_placeholder")[:64],
        }
    )
    await call.show([Rendered(call.say("ask_prompt"))], prompt)


async def cancel(call: Call) -> None:
    """Leave the conversation."""
    store = call.desk.store
    was_there = await store.conversations.drop(call.asker.key)
    if call.asker.user_id in call.desk.options.editors and call.asker.place.is_private:
        was_there = await store.dialogues.drop(call.asker.user_id) or was_there
    await call.tell(call.say("cancelled" if was_there else "nothing_to_cancel"))


async def about(call: Call) -> None:
    """Tell the versions of the bot and of its knowledge, and whose texts a speaker has read."""
    try:
        number = version("csto-bot")
    except PackageNotFoundError:
        number = "?"
    lines = [call.say("about", version=number, knowledge=call.desk.mind.version)]
    spoken = call.desk.mind.answerer.knowledge.languages.values()
    for key, reviewed in (("about_reviewed", True), ("about_not_reviewed", False)):
        names = tuple(Words(one.name) for one in spoken if one.reviewed is reviewed)
        if names:
            lines.append(call.say(key, languages=names))
    await call.tell("\n".join(lines))


# -------------------------------------------------------------- documents


async def delegations(call: Call) -> None:
    """Show all delegations at a glance, and what the documents leave out."""
    desk, language = call.desk, call.language
    answerer, now = desk.mind.answerer, desk.now()
    blocks: list[Block] = []
    sources: list[Source] = []
    wording = desk.wording(language)
    for country in described(answerer.knowledge):
        card, _ = answerer.answer_step(
            Step("overview", country), language, call.asker.conversation, now
        )
        name = str(wording.name(country))
        blocks.append(headed(name[:1].upper() + name[1:], *card.statement.split("\n")))
        sources += card.sources
    total, _ = answerer.answer_step(Step("total"), language, call.asker.conversation, now)
    blocks.append(Block(total.statement))
    left_out = [call.say("not_given", thing=Say("silent_member_names"))]
    left_out += [
        call.say("no_delegation", country=Ref(fact.subject))
        for fact in answerer.knowledge.find("members")
        if not fact.given
    ]
    blocks.append(headed(call.say("left_out"), *left_out))
    everything, conversation = answerer.answer_step(
        Step("list_delegations"), language, call.asker.conversation, now
    )
    shown = everything.with_sources(tuple(dict.fromkeys(sources)))
    for run, line in zip(runs(shown.sources), source_lines(desk, shown), strict=True):
        blocks += [quoted(one.quote, "\n\n" if one is run[0] else "\n") for one in run]
        blocks.append(Block(line, (), "\n"))
    desk.keep(desk.store.conversations.put(call.asker.key, conversation.as_json(), now))
    await call.tell(blocks, rows(country_buttons(call)))


def described(knowledge: Knowledge) -> list[str]:
    """Give the countries whose delegations the documents describe, in their order."""
    return list(dict.fromkeys(f.subject for f in knowledge.find("members") if f.given))


def country_buttons(call: Call) -> Row:
    """Give a button for each delegation."""
    wording = call.desk.wording(call.language)
    return [
        one
        for country in described(call.desk.mind.answerer.knowledge)
        for one in step_button(
            Step("overview", country), str(wording.name(country)), call.language
        )
    ]


async def delegation(call: Call) -> None:
    """Show a delegation's card, or let one be chosen."""
    named = call.desk.mind.answerer.named(call.words).get("country", ()) if call.words else ()
    if named:
        await call.step(Step("overview", named[0]))
    elif call.words:
        await answer(call.desk, call.message, call.words, is_edit=call.is_edit, asker=call.asker)
    else:
        await call.tell(call.say("which_country"), rows(country_buttons(call)))


async def representatives(call: Call) -> None:
    """Show who represents whom."""
    await call.step(Step("representative"))


async def compare(call: Call) -> None:
    """Show sizes side by side, as a table."""
    desk, language = call.desk, call.language
    answerer = desk.mind.answerer
    all_of_them = described(answerer.knowledge)
    named = answerer.named(call.words).get("country", ()) if call.words else tuple(all_of_them)
    if len(named) < 2:
        wording = desk.wording(language)
        example = "/compare " + " ".join(str(wording.name(c)) for c in all_of_them[:2])
        await call.tell(call.say("compare_two", example=example))
        return
    lines: list[tuple[str, str, str]] = []
    sources: list[Source] = []
    missing: list[str] = []
    for country in named:
        facts = [f for f in answerer.knowledge.find("members", country) if f.given]
        name = str(desk.wording(language).name(country))
        if not facts:
            missing.append(call.say("no_delegation", country=Ref(country)))
            continue
        numbers = [int(str(fact.value)) for fact in facts]
        parts = " + ".join(map(str, numbers)) if len(numbers) > 1 else ""
        lines.append((name, str(sum(numbers)), parts))
        card, _ = answerer.answer_step(
            Step("composition", country), language, call.asker.conversation, desk.now()
        )
        sources += card.sources
    head = (call.say("table_delegation"), call.say("table_members"), call.say("table_chambers"))
    blocks = [preformatted(table([head, *lines]))] if lines else []
    blocks += [Block(words) for words in missing]
    reply, _ = answerer.answer_step(
        Step("rank_all"), language, call.asker.conversation, desk.now()
    )
    shown = reply.with_sources(tuple(dict.fromkeys(sources)))
    blocks += reply_blocks(shown.without_words(), source_lines(desk, shown))
    await call.tell(blocks)


def table(lines: Sequence[Sequence[str]]) -> str:
    """Write lines of cells in columns; those of numbers stand to the right."""
    columns = list(zip(*lines, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    are_numbers = [all(map(str.isdecimal, column[1:])) for column in columns]
    return "\n".join(
        "  ".join(
            " " * (width - _width(cell)) + cell
            if is_number
            else cell + " " * (width - _width(cell))
            for cell, width, is_number in zip(line, widths, are_numbers, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


async def interview(call: Call) -> None:
    """Show who gave the interview and when, and its questions to choose from."""
    desk, language = call.desk, call.language
    answerer = desk.mind.answerer
    reply, conversation = answerer.answer_step(
        Step("interview_about"), language, call.asker.conversation, desk.now()
    )
    wording = desk.wording(language).language
    questions = [
        one for document in answerer.knowledge.documents.values() for one in document.asked
    ]
    listed = [
        f"{number}. {wording.translations.get(one.id) or one.quote.text}"
        for number, one in enumerate(questions, start=1)
    ]
    blocks = blocks_of(desk, reply)
    blocks[1:1] = [Block("\n".join(listed)), Block(call.say("interview_pick"))]
    buttons = [
        b
        for number, one in enumerate(questions, start=1)
        for b in step_button(Step("passage", one.id), str(number), language)
    ]
    desk.keep(desk.store.conversations.put(call.asker.key, conversation.as_json(), desk.now()))
    await call.tell(blocks, rows(buttons))


async def sources(call: Call) -> None:
    """Show the documents, their dates, and what each holds."""
    desk, language = call.desk, call.language
    answerer = desk.mind.answerer
    reply, _ = answerer.answer_step(Step("sources"), language, call.asker.conversation, desk.now())
    blocks = []
    described_here = described(answerer.knowledge)
    for document, line in zip(
        answerer.knowledge.documents.values(), reply.statement.split("\n"), strict=True
    ):
        if document.speaker:
            holds = call.say(
                "holds_interview", person=Ref(document.speaker), number=len(document.asked)
            )
        else:
            holds = call.say("holds_delegations", countries=tuple(map(Ref, described_here)))
        blocks.append(headed(line, holds))
    shown = reply.without_words()
    blocks += reply_blocks(shown, source_lines(desk, shown))
    await call.tell(blocks, keyboard_rows(call))


def keyboard_rows(call: Call) -> list[Row]:
    """Give the way from the documents to what they hold."""
    return [
        [
            *step_button(Step("list_delegations"), call.say("command_delegations"), call.language),
            *step_button(Step("interview_about"), call.say("button_interview"), call.language),
        ]
    ]


# ---------------------------------------------------------- news, settings


async def news(call: Call) -> None:
    """Show the latest announcements."""
    await call.step(Step("news"))


async def subscribe(call: Call) -> None:
    """Bring announcements into this chat or topic, silently or about some topics if so wished."""
    if not await _may(call):
        return
    chats, chat_id = call.desk.store.chats, call.asker.chat.id
    wished = [word.strip("#,;").lower() for word in call.words.split()]
    silent = SILENT in wished
    sought = [word for word in wished if word and word != SILENT]
    known = await preferences.known_topics(call.desk) if sought else []
    spelt = {topic.lower(): topic for topic in known}
    topics = [spelt[word] for word in sought if word in spelt]
    unknown_ones = [word for word in sought if word not in spelt]
    if unknown_ones:
        await call.tell(
            call.say("topics_unknown", topics=", ".join(unknown_ones), known=", ".join(known))
            if known
            else call.say("topics_none")
        )
        return
    thread = call.asker.place.thread_id
    await chats.set_silent(chat_id, on=silent)
    await chats.set_thread(chat_id, thread)
    await chats.set_topics(chat_id, topics)
    await chats.set_news(chat_id, on=True)
    key = "subscribed" + ("_topic" if thread else "") + ("_silent" if silent else "")
    about = [Block(call.say("subscribed_about", topics=", ".join(topics)))] if topics else []
    await call.tell([Block(call.say(key)), *about])


async def unsubscribe(call: Call) -> None:
    """Bring no more announcements."""
    if not await _may(call):
        return
    was_on = call.asker.chat.news
    await call.desk.store.chats.set_news(call.asker.chat.id, on=False)
    await call.tell(call.say("unsubscribed" if was_on else "not_subscribed"))


async def _may(call: Call) -> bool:
    user_id, _ = sender_of(call.message)
    if await may_change(call.desk, call.asker, user_id):
        return True
    await call.tell(call.say("administrators_only"))
    return False


async def settings(call: Call) -> None:
    """Show how the chat is set, with buttons to change it."""
    asker = call.asker
    panel = preferences.Panel(call.desk, asker.chat, call.language, asker.place.thread_id)
    await call.show([panel.text()], panel.keyboard())


async def language(call: Call) -> None:
    """Let the reader choose a language."""
    code = call.words.lower()
    if code in call.desk.mind.answerer.knowledge.languages:
        await preferences.choose_language(call.desk, call.asker, code)
        await call.tell(preferences.language_text(call.desk, code, code))
        return
    markup = preferences.language_keyboard(call.desk, call.language, Verb.LANGUAGE)
    await call.show([Rendered(call.say("language_question"))], markup)


async def privacy(call: Call) -> None:
    """Tell what is kept, and for how long."""
    blocks = [Block(call.say("privacy"))]
    if call.desk.options.keep_unanswered:
        blocks.append(Block(call.say("privacy_unanswered")))
    await call.tell([*blocks, Block(call.say("privacy_forget"))])


async def forget(call: Call) -> None:
    """Delete what is kept about the asker."""
    await call.desk.store.forget(call.asker.user_id)
    call.desk.forget(call.asker.user_id, call.message.date)
    words = call.say("forgotten")
    await call.desk.voice.say(call.asker.place, [Rendered(words)])


async def unknown(desk: Desk, update: Update) -> None:
    """Show a delegation for its own command; say of another that it is not known.

    A command for another bot is none of ours, and in a group so is one that nobody claims.
    """
    message = update.effective_message
    if message is None:
        return
    word, _ = parted(message.text or "")
    name, _, receiver = word.lstrip("/").partition("@")
    if receiver and receiver.lower() != desk.bot.username.lower():
        return
    country = country_commands(desk.mind.answerer.knowledge).get(name.lower())
    is_private = message.chat.type == Chat.PRIVATE
    if country is None and not is_private and not receiver:
        return

    async def action(call: Call) -> None:
        if country is not None:
            await call.step(Step("overview", country))
        else:
            await call.tell(call.say("unknown_command"))

    await handler(action)(desk, update)


LINKED: dict[str, Action] = {
    "ask": ask,
    "help": help_,
    "delegations": delegations,
    "representatives": representatives,
    "compare": compare,
    "interview": interview,
    "sources": sources,
    "news": news,
    "privacy": privacy,
    "language": language,
}
"""What the payload of a deep link opens."""
