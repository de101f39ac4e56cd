"""The world that the server plays: a bot, users, chats, topics, members and messages as data.

What is kept here is what Telegram would know. Which calls it refuses stands in `access` and
`limits`; what people do in it, in `people`. No network and no waiting enter this module.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tests.botapi.updates import Updates

Json = dict[str, Any]

ANONYMOUS_ADMINISTRATOR = 1087968824
CHANNEL_AS_SENDER = 136817688
SERVICE_ACCOUNT = 777000
SUPERGROUP_BASE = -1_000_000_000_000
GENERAL_TOPIC = 1

PERMISSIONS = frozenset(
    {
        "can_send_messages",
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
        "can_send_polls",
        "can_send_other_messages",
        "can_add_web_page_previews",
        "can_react_to_messages",
        "can_edit_tag",
        "can_change_info",
        "can_invite_users",
        "can_pin_messages",
        "can_manage_topics",
    }
)
RIGHTS = frozenset(
    {
        "can_manage_chat",
        "can_change_info",
        "can_delete_messages",
        "can_invite_users",
        "can_restrict_members",
        "can_promote_members",
        "can_manage_video_chats",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
    }
)
RIGHTS_IN = {
    "group": RIGHTS | {"can_pin_messages", "can_manage_tags"},
    "supergroup": RIGHTS | {"can_pin_messages", "can_manage_topics", "can_manage_tags"},
    "channel": RIGHTS | {"can_post_messages", "can_edit_messages", "can_manage_direct_messages"},
}


class ChatKind(StrEnum):
    """The four kinds of chat that the Bot API knows."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    """What somebody is in a chat, in the Bot API's words."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a Telegram account, a bot included."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    is_premium: bool = False

    def as_json(self) -> Json:
        """Show the user as the Bot API does: empty fields are left out."""
        shown: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                shown[name] = value
        if self.is_premium:
            shown["is_premium"] = True
        return shown


@dataclass(frozen=True, slots=True)
class Member:
    """What one user is and may do in one chat."""

    user: User
    status: Status = Status.MEMBER
    # An administrator's rights, or a restricted member's permissions.
    rights: frozenset[str] = frozenset()
    is_anonymous: bool = False
    custom_title: str = ""

    @property
    def is_here(self) -> bool:
        """Tell whether the user is in the chat."""
        return self.status not in (Status.LEFT, Status.KICKED)

    @property
    def is_administrator(self) -> bool:
        """Tell whether the user administers the chat."""
        return self.status in (Status.CREATOR, Status.ADMINISTRATOR)

    def as_json(self, kind: ChatKind) -> Json:
        """Show the member as the Bot API does."""
        shown: Json = {"user": self.user.as_json(), "status": self.status.value}
        match self.status:
            case Status.CREATOR:
                shown["is_anonymous"] = self.is_anonymous
            case Status.ADMINISTRATOR:
                shown["can_be_edited"] = False
                for right in sorted(RIGHTS_IN.get(kind.value, RIGHTS)):
                    shown[right] = right in self.rights
                shown["can_manage_voice_chats"] = "can_manage_video_chats" in self.rights
                shown["is_anonymous"] = self.is_anonymous
            case Status.RESTRICTED:
                shown["until_date"] = 0
                shown["is_member"] = True
                for permission in sorted(PERMISSIONS):
                    shown[permission] = permission in self.rights
            case Status.KICKED:
                shown["until_date"] = 0
        if self.custom_title:
            shown["custom_title"] = self.custom_title
        return shown


@dataclass(slots=True, eq=False)
class Topic:
    """A forum topic; its id is that of the message that created it."""

    id: int
    name: str
    is_closed: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an inline keyboard."""

    text: str
    data: str | None
    url: str | None
    json: Json


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it now looks; an edit makes a new one and keeps the old looks."""

    chat_id: int
    message_id: int
    # Who put it there: the bot whose server this is, or somebody else.
    is_from_bot: bool
    json: Json
    # How it looked before each edit, oldest first.
    before: tuple[Json, ...] = ()
    # The method that sent it, for the bot's own messages.
    method: str = ""

    @property
    def text(self) -> str:
        """Give the text, or the caption where there is none."""
        return str(self.json.get("text") or self.json.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """Give the entities of the text or caption."""
        return list(self.json.get("entities") or self.json.get("caption_entities") or [])

    @property
    def rows(self) -> list[list[Button]]:
        """Give the inline keyboard's buttons by row."""
        keyboard = self.json.get("reply_markup", {}).get("inline_keyboard", [])
        return [
            [
                Button(shown["text"], shown.get("callback_data"), shown.get("url"), shown)
                for shown in row
            ]
            for row in keyboard
        ]

    @property
    def buttons(self) -> list[Button]:
        """Give all buttons of the inline keyboard in reading order."""
        return [button for row in self.rows for button in row]

    @property
    def reply_to(self) -> int | None:
        """Give the id of the message that this one replies to."""
        replied = self.json.get("reply_to_message")
        return None if replied is None else int(replied["message_id"])

    @property
    def thread(self) -> int | None:
        """Give the id of the topic or thread."""
        return self.json.get("message_thread_id")

    def parts(self, kind: str) -> list[str]:
        """Cut out of the text what entities of a kind cover.

        Args:
            kind: an entity type such as `bold` or `expandable_blockquote`.
        """
        units = self.text.encode("utf-16-le")
        return [
            units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
            for e in self.entities
            if e["type"] == kind
        ]


@dataclass(slots=True, eq=False)
class Chat:
    """A chat and everything in it."""

    id: int
    kind: ChatKind
    title: str = ""
    username: str = ""
    description: str = ""
    user: User | None = None
    is_forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    permissions: frozenset[str] = PERMISSIONS
    linked_chat_id: int | None = None
    migrated_to: int | None = None
    is_deleted: bool = False
    # In a private chat: whether the user ever opened it, and whether the bot was blocked.
    is_started: bool = False
    is_blocked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    # Deleted messages, as they last looked.
    deleted: dict[int, Message] = field(default_factory=dict)
    # Every message that the bot put here, in order, deleted ones too.
    delivered: list[int] = field(default_factory=list)
    last_message_id: int = 0
    _shown: Json | None = None

    def as_json(self) -> Json:
        """Show the chat as the Bot API does inside messages.

        The answer is shared by all messages until `changed`: a benchmark keeps many of them.
        """
        if self._shown is None:
            shown: Json = {"id": self.id}
            if self.user is not None:
                shown["first_name"] = self.user.first_name
                if self.user.last_name:
                    shown["last_name"] = self.user.last_name
                if self.user.username:
                    shown["username"] = self.user.username
            else:
                shown["title"] = self.title
                if self.username:
                    shown["username"] = self.username
                if self.is_forum:
                    shown["is_forum"] = True
            shown["type"] = self.kind.value
            self._shown = shown
        return self._shown

    def changed(self) -> None:
        """Show the chat anew from now on, after a change of title, name or kind."""
        self._shown = None

    @property
    def is_room(self) -> bool:
        """Tell whether this is a group or supergroup."""
        return self.kind in (ChatKind.GROUP, ChatKind.SUPERGROUP)


@dataclass(slots=True)
class BotProfile:
    """The bot's own settings, most of which @BotFather keeps."""

    user: User
    token: str
    privacy: bool = True
    inline: bool = True
    inline_feedback: bool = False
    guest: bool = True
    can_join_groups: bool = True
    # By (scope as canonical JSON, language).
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})

    def as_json(self) -> Json:
        """Show the bot as getMe does."""
        return {
            **self.user.as_json(),
            "can_join_groups": self.can_join_groups,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": self.inline,
            "supports_guest_queries": self.guest,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
            "can_manage_bots": False,
        }


@dataclass(slots=True, eq=False)
class Query:
    """A button press, inline query or guest message that waits for the bot's answer."""

    id: str
    user: User
    # When it was asked, on the world's clock.
    asked: float
    json: Json
    # Every answer that was accepted: the method's parameters as parsed.
    answers: list[Json] = field(default_factory=list)
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that the bot or a user uploaded."""

    file_id: str
    name: str
    content: bytes
    # A URL that Telegram was told to fetch; nothing is fetched here.
    url: str = ""


@dataclass(slots=True)
class World:
    """Everything that Telegram knows in one test."""

    bot: BotProfile
    updates: Updates
    random: random.Random
    now: Callable[[], float] = time.time
    users: dict[int, User] = field(default_factory=dict)
    deactivated: set[int] = field(default_factory=set)
    chats: dict[int, Chat] = field(default_factory=dict)
    callbacks: dict[str, Query] = field(default_factory=dict)
    inlines: dict[str, Query] = field(default_factory=dict)
    guests: dict[str, Query] = field(default_factory=dict)
    # Messages that the bot cannot address by chat: chosen inline results and guest answers.
    inline_messages: dict[str, Message] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    reactions: dict[tuple[int, int], list[Json]] = field(default_factory=dict)
    # URLs that answer with an error when Telegram fetches them.
    broken_urls: set[str] = field(default_factory=set)
    # How long a press can be answered; Telegram does not say, it is some seconds.
    query_lifetime: float = 15.0
    # Called after each message that the bot sent or edited, and each query that it answered.
    watchers: list[Callable[[str, Any], None]] = field(default_factory=list)
    _shown: dict[int, Json] = field(default_factory=dict)
    _counters: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, start: int = 1) -> int:
        """Give the next number of a series."""
        number = self._counters.get(name, start - 1) + 1
        self._counters[name] = number
        return number

    def shown(self, user: User) -> Json:
        """Show a user, sharing one value between messages."""
        if (json := self._shown.get(user.id)) is None:
            json = self._shown[user.id] = user.as_json()
        return json

    def add_user(self, user: User) -> User:
        """Make a user known, or change how a known one looks."""
        self.users[user.id] = user
        self._shown.pop(user.id, None)
        if (chat := self.chats.get(user.id)) is not None:
            chat.user = user
            chat.changed()
        return user

    def add_chat(self, chat: Chat) -> Chat:
        """Make a chat exist."""
        self.chats[chat.id] = chat
        return chat

    def private(self, user: User) -> Chat:
        """Give the private chat of a user with the bot, which may not have been opened yet."""
        chat = self.chats.get(user.id)
        if chat is None:
            chat = self.add_chat(Chat(user.id, ChatKind.PRIVATE, user=user))
        return chat

    def chat_named(self, name: str) -> Chat | None:
        """Find a public chat by its @name."""
        wanted = name.removeprefix("@").lower()
        for chat in self.chats.values():
            if chat.username and chat.username.lower() == wanted:
                return chat
        return None

    def me(self, chat: Chat) -> Member:
        """Give what the bot is in a chat."""
        return chat.members.get(self.bot.user.id) or Member(self.bot.user, Status.LEFT)

    def next_message_id(self, chat: Chat) -> int:
        """Number a new message.

        Private chats and basic groups share one series for an account; supergroups and channels
        have their own.
        """
        if chat.kind in (ChatKind.PRIVATE, ChatKind.GROUP):
            chat.last_message_id = self.count("message")
        else:
            chat.last_message_id += 1
        return chat.last_message_id

    def keep(self, chat: Chat, json: Json, *, method: str = "") -> Message:
        """Put a message that has its id into a chat.

        Args:
            chat: where it goes.
            json: the message as the Bot API shows it.
            method: the method that sent it, for the bot's own messages.
        """
        message = Message(chat.id, json["message_id"], bool(method), json, (), method)
        chat.messages[message.message_id] = message
        if method:
            chat.delivered.append(message.message_id)
            self.tell("sent", message)
        return message

    def change(self, chat: Chat, message: Message, json: Json) -> Message:
        """Replace how a message looks."""
        changed = replace(message, json=json, before=(*message.before, message.json))
        chat.messages[message.message_id] = changed
        return changed

    def tell(self, event: str, value: Any) -> None:
        """Tell whoever watches that the bot did something."""
        for watcher in self.watchers:
            watcher(event, value)

    def store(self, name: str, content: bytes, url: str = "") -> StoredFile:
        """Keep a file and give it an id."""
        number = self.count("file")
        file = StoredFile(f"AgACAgIAAxkBAAIB{number:08d}", name, content, url)
        self.files[file.file_id] = file
        return file

    def administrators(self, chat: Chat) -> Iterable[Member]:
        """Give a chat's administrators as getChatAdministrators lists them: no other bots."""
        for member in chat.members.values():
            if member.is_administrator and (
                not member.user.is_bot or member.user.id == self.bot.user.id
            ):
                yield member
