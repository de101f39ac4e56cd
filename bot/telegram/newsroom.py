"""How announcements are shown to editors: the exact posts, and beneath them what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.answering.finding import Value
from bot.knowledge.model import NewsItem
from bot.news.deliveries import OPEN, Action, Delivery, DeliveryState, ItemState
from bot.news.items import problems
from bot.news.post import Post, compose
from bot.news.text import clean
from bot.news.times import shown
from bot.store import Announcement, LogEntry
from bot.telegram.buttons import Keyboard, Row, Verb, button, keyboard
from bot.telegram.desk import Desk
from bot.telegram.drafts import digest
from bot.telegram.render import Block, Rendered, headed, messages
from bot.telegram.sending import Place

LONGEST_TITLE = 60
MOST_TROUBLED = 5
MOST_LOGGED = 30
IN_A_ROW = 5
NOW = "now"
"""What a button says in the place of a time."""
WAITING = (ItemState.DRAFT, ItemState.APPROVED)
"""Where no chat has the post yet."""
ENDED = (ItemState.RETRACTED, ItemState.DISCARDED)


class Room:
    """Shows announcements in one language to one editor."""

    def __init__(self, desk: Desk, language: str) -> None:
        """Take what everything is worded with."""
        self.desk = desk
        self.language = language

    def say(self, key: str, **values: Value | str) -> str:
        """Word a text."""
        return self.desk.say(self.language, key, **values)

    def time(self, moment: datetime) -> str:
        """Write a time in full."""
        known = self.desk.mind.answerer.knowledge.languages.get(self.language)
        dates = known.dates if known else None
        return shown(moment, self.desk.options.zone, self.language, dates)

    # -------------------------------------------------------------------- texts

    def title(self, item: NewsItem) -> str:
        """Give an item's title, shortened, in this language where it has one."""
        title = clean(item.title.get(self.language) or next(iter(item.title.values()), ""))
        words = " ".join(title.split())
        return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1] + "…"

    def flaws(self, item: NewsItem) -> list[str]:
        """Say everything that keeps an item from being announced."""
        knowledge = self.desk.mind.answerer.knowledge
        found = problems(
            item, list(knowledge.languages), list(knowledge.documents), self.desk.wording
        )
        return [self.say(f"item_{one.flaw}", **one.values) for one in found]

    def posts(self, item: NewsItem, *, updated: datetime | None = None) -> list[Post]:
        """Give the post in each language that the item has."""
        if updated is not None:
            updated = updated.astimezone(self.desk.options.zone)
        return [
            compose(item, language, self.desk.wording, updated=updated) for language in item.title
        ]

    def facts(self, found: Announcement, chats: int) -> list[str]:
        """Say what there is to know about an announcement beside its text."""
        names = self.desk.mind.answerer.knowledge.languages
        shown_as = [names[code].name if code in names else code for code in found.item.title]
        lines = [self.say("desk_languages", languages=", ".join(shown_as))]
        if found.item.topics:
            lines.append(self.say("desk_topics", topics=", ".join(found.item.topics)))
        if found.origin not in ("editor", "file"):
            lines.append(self.say("desk_from_feed", feed=found.origin))
        if found.state in WAITING:
            lines.append(self.say("desk_chats", number=chats))
        if found.state is ItemState.APPROVED and found.publish_at:
            lines.append(self.say("desk_scheduled", time=self.time(found.publish_at)))
        return lines

    def status(
        self,
        found: Announcement,
        counts: Mapping[Action, Mapping[str, int]],
        troubled: Sequence[Delivery] = (),
        titles: Mapping[int, str] | None = None,
        speed: float = 0.0,
    ) -> Rendered:
        """Say how far an announcement has come.

        Args:
            found: the announcement.
            counts: deliveries by action and state.
            troubled: some that did not arrive.
            titles: of their chats.
            speed: posts a second, just now.
        """
        lines = [self.say(f"item_state_{found.state}")]
        if found.state is ItemState.APPROVED and found.publish_at:
            lines.append(self.say("desk_scheduled", time=self.time(found.publish_at)))
        posts = counts.get(Action.POST, {})
        if posts:
            total, sent = sum(posts.values()), posts.get(DeliveryState.SENT, 0)
            lines.append(self.say("desk_progress", number=sent, total=total))
            if speed and is_open(posts):
                lines.append(self.say("desk_speed", number=round(speed, 1)))
        lines += self._counted(posts, apart=DeliveryState.SENT)
        for action in (Action.EDIT, Action.RETRACT):
            done = counts.get(action, {})
            if done:
                heading = self.say(f"desk_of_{action}")
                lines.append(heading + " " + "; ".join(self._counted(done)))
        for one in troubled:
            chat = (titles or {}).get(one.chat_id) or str(one.chat_id)
            lines.append(self.say("desk_trouble", chat=chat, reason=one.reason or "–"))
        return messages([headed(self.title(found.item), *lines)])[0]

    def _counted(self, counts: Mapping[str, int], apart: DeliveryState | None = None) -> list[str]:
        return [
            self.say("desk_count", state=self.say(f"delivery_{state}"), number=number)
            for state, number in counts.items()
            if state != apart and number
        ]

    async def log(self, entries: Sequence[LogEntry], by: int) -> Rendered:
        """Say who did what to an announcement, and when; `by` is the editor who asks."""
        lines = [
            self.say(
                "log_line",
                time=self.time(one.at),
                who=self._who(one.by, by),
                what=await self._what(one),
            )
            for one in entries[-MOST_LOGGED:]
        ]
        return messages([headed(self.say("log_heading"), *lines)])[0]

    def _who(self, by: int | None, asking: int) -> str:
        if by is None:
            return self.say("log_operator")
        return self.say("log_you") if by == asking else self.say("log_editor", number=str(by))

    async def _what(self, entry: LogEntry) -> str:
        action, _, how = entry.action.partition(": ")
        if how and entry.detail:
            chat = await self.chat_title(int(entry.detail))
            return self.say(f"log_{how}", chat=chat)
        done = self.say(f"log_{action}")
        if action in ("approve", "schedule") and entry.detail:
            return f"{done}: {self.time(datetime.fromisoformat(entry.detail))}"
        return done

    # ------------------------------------------------------------------ buttons

    async def key(self, announcement_id: str) -> str:
        """Give what stands for an announcement in buttons, which hold 64 bytes."""
        (key,) = await self.desk.store.buttons.keep([{"news": announcement_id}], self.desk.now())
        return key

    def choice(self, label: str, *words: str) -> Row:
        """Give a button that does something with an announcement."""
        return button(self.say(label), Verb.NEWS, self.language, *words)

    async def controls(self, found: Announcement) -> Keyboard | None:
        """Give what can be done with an announcement where it stands."""
        key, seen = await self.key(found.id), digest(found.item)
        match found.state:
            case ItemState.DRAFT:
                rows = [
                    [
                        *self.choice("button_approve", "approve", key, seen),
                        *self.choice("button_schedule", "when", key),
                    ],
                    [
                        *self.choice("button_test", "test", key),
                        *self.choice("button_edit", "edit", key),
                        *self.choice("button_discard", "discard", key),
                    ],
                ]
            case ItemState.APPROVED:
                rows = [
                    [
                        *self.choice("button_now", "move", key, seen, NOW),
                        *self.choice("button_reschedule", "when", key),
                    ],
                    [
                        *self.choice("button_test", "test", key),
                        *self.choice("button_edit", "edit", key),
                        *self.choice("button_discard", "discard", key),
                    ],
                    self.choice("button_log", "log", key),
                ]
            case ItemState.QUEUED | ItemState.DONE:
                rows = [
                    [
                        *self.choice("button_correct", "edit", key),
                        *self.choice("button_retract", "retract", key),
                    ],
                    self.choice("button_log", "log", key),
                ]
            case _:
                rows = [self.choice("button_log", "log", key)]
        return keyboard(rows)

    async def editing(self, found: Announcement) -> Keyboard | None:
        """Give what can be changed about an announcement."""
        key, item = await self.key(found.id), found.item
        names = self.desk.mind.answerer.knowledge.languages
        texts = [
            one
            for code, language in names.items()
            for one in button(
                ("✎ " if code in item.title else "+ ") + language.name,
                Verb.NEWS, self.language, "text", key, code,
            )
        ]  # fmt: skip
        rows = [texts[start : start + 3] for start in range(0, len(texts), 3)]
        if len(item.title) > 1:
            rows += [
                button(
                    self.say("button_drop_language", language=names[code].name),
                    Verb.NEWS, self.language, "drop", key, code,
                )
                for code in item.title
                if code in names
            ]  # fmt: skip
        more: Row = []
        if item.image:
            more += self.choice("button_no_image", "bare", key)
        if item.link:
            more += self.choice("button_no_link", "unlink", key)
            label = "button_preview_off" if item.preview else "button_preview_on"
            more += self.choice(label, "preview", key, "off" if item.preview else "on")
        if item.topics:
            more += self.choice("button_no_topics", "untag", key)
        return keyboard([*rows, more, self.choice("button_back", "back", key)])

    async def sure(self, found: Announcement, label: str, *words: str) -> Keyboard | None:
        """Ask again before something that cannot be undone."""
        key = await self.key(found.id)
        yes = self.choice(label, words[0], key, *words[1:])
        return keyboard([yes, self.choice("button_back", "back", key)])

    # --------------------------------------------------------------------- said

    async def card(self, found: Announcement) -> Rendered:
        """Say where an announcement stands, to be shown over its buttons."""
        if found.state in WAITING:
            chats = await self.desk.store.announcements.audience(found.item, found.only_chats)
            lines = [self.say(f"item_state_{found.state}"), *self.facts(found, chats)]
            return messages([headed(self.title(found.item), *lines)])[0]
        return await self.progress(found)

    async def progress(self, found: Announcement, speed: float = 0.0) -> Rendered:
        """Say how far an announcement has come, with what did not arrive."""
        store = self.desk.store
        counts = {action: await store.deliveries.counts(found.id, action) for action in Action}
        troubled = await store.deliveries.troubled(found.id, MOST_TROUBLED)
        titles = {one.chat_id: await self.chat_title(one.chat_id) for one in troubled}
        return self.status(found, counts, troubled, titles, speed)

    async def chat_title(self, chat_id: int) -> str:
        """Name a chat: its title, or for a private one its number."""
        chat = await self.desk.store.chats.get(chat_id)
        if chat is not None and chat.title:
            return clean(chat.title)
        return self.say("desk_private_chat", number=str(chat_id))

    async def present(self, place: Place, found: Announcement) -> list[int]:
        """Show an announcement: each post exactly, then where it stands and what can be done."""
        await self.preview(place, found.item, updated=found.revised_at)
        card = await self.card(found)
        return await self.desk.voice.say(place, [card], await self.controls(found))

    async def preview(
        self, place: Place, item: NewsItem, *, updated: datetime | None = None
    ) -> None:
        """Show each post exactly as it will look."""
        for post in self.posts(item, updated=updated):
            trouble = await self.desk.carrier.show(place.chat_id, post)
            if trouble:
                words = self.say("desk_not_shown", reason=trouble)
                await self.desk.voice.say(place, [Rendered(words)])

    async def refuse(self, place: Place, flaws: Sequence[str]) -> None:
        """Say what is wrong with what was written; the dialogue goes on."""
        blocks = [Block(self.say("desk_flaws")), *(Block(f"• {flaw}", (), "\n") for flaw in flaws)]
        blocks.append(Block(self.say("desk_try_again")))
        await self.desk.voice.say(place, messages(blocks))


def is_open(counts: Mapping[str, int]) -> bool:
    """Tell whether deliveries are being worked on."""
    return any(counts.get(state, 0) for state in OPEN)
