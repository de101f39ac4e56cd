"""What people do in the world: write, press, join, block; each act reaches the bot as an update.

Acts take users, chats and messages as objects or ids. They happen at once; waiting for the bot is
the driver's part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.botapi import markup, members
from tests.botapi.world import (
    ANONYMOUS_ADMINISTRATOR,
    CHANNEL_AS_SENDER,
    GENERAL_TOPIC,
    PERMISSIONS,
    RIGHTS_IN,
    SERVICE_ACCOUNT,
    SUPERGROUP_BASE,
    Chat,
    ChatKind,
    Json,
    Member,
    Message,
    Query,
    Status,
    StoredFile,
    Topic,
    User,
    World,
)

# The smallest thing that passes for a JPEG.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 64 + b"\xff\xd9"


class People:
    """Everybody but the bot."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._someone = world.add_user(User(900_000_001, "Somebody"))
        world.add_user(User(SERVICE_ACCOUNT, "Telegram"))
        for number, name, username in (
            (ANONYMOUS_ADMINISTRATOR, "Group", "GroupAnonymousBot"),
            (CHANNEL_AS_SENDER, "Channel", "Channel_Bot"),
        ):
            world.add_user(User(number, name, username=username, is_bot=True))

    # Finding things by object or id.

    def chat(self, chat: Chat | User | int) -> Chat:
        """Give a chat by itself, by its user or by its id."""
        if isinstance(chat, Chat):
            return chat
        if isinstance(chat, User):
            return self.world.private(chat)
        found = self.world.chats.get(chat)
        if found is None and chat in self.world.users:
            return self.world.private(self.world.users[chat])
        return self.world.chats[chat]

    def person(self, user: User | int) -> User:
        """Give a user by itself or by id."""
        return user if isinstance(user, User) else self.world.users[user]

    def message(
        self, message: Message | Json | int, chat: Chat | User | int | None = None
    ) -> Message:
        """Give a message as it now looks.

        Args:
            message: as seen earlier, or its id.
            chat: its chat, needed with an id.
        """
        if isinstance(message, Message):
            if message.message_id == 0:
                return message
            return self.world.chats[message.chat_id].messages[message.message_id]
        if isinstance(message, dict):
            return self.message(int(message["message_id"]), int(message["chat"]["id"]))
        if chat is None:
            raise TypeError("a message id needs its chat")
        return self.chat(chat).messages[message]

    # Making users and chats.

    def user(
        self,
        first_name: str = "Ann",
        *,
        id: int | None = None,
        last_name: str = "",
        username: str = "",
        language_code: str = "en",
        is_bot: bool = False,
        is_premium: bool = False,
        started: bool = False,
    ) -> User:
        """Create a user.

        Args:
            first_name: any text, markup and right-to-left marks included.
            id: above 2^32 too; made up when missing, every other one is above 2^32.
            last_name: may be empty.
            username: without @.
            language_code: an IETF tag or empty.
            is_bot: whether it is another bot.
            is_premium: whether it pays.
            started: whether the private chat with the bot is open already, without an update.
        """
        if id is None:
            number = self.world.count("user")
            id = 1_000_000 + number if number % 2 else 5_000_000_000 + number
        user = User(id, first_name, last_name, username, language_code, is_bot, is_premium)
        self.world.add_user(user)
        if started:
            self.world.private(user).is_started = True
        return user

    def group(
        self,
        title: str = "Group",
        *,
        id: int | None = None,
        creator: User | int | None = None,
        members: Iterable[User | int] = (),
        bot: Status | str = Status.MEMBER,
        rights: Iterable[str] | None = None,
    ) -> Chat:
        """Create a basic group, with the bot in it unless `bot` says otherwise; no update is sent.

        Args:
            title: may be empty.
            id: negative; made up when missing.
            creator: its owner; somebody when missing.
            members: who else is in it.
            bot: what the bot is: member, administrator, left …
            rights: the bot's rights as an administrator; all when missing.
        """
        number = id if id is not None else -4_000_000_000 - self.world.count("group")
        chat = Chat(number, ChatKind.GROUP, title)
        return self._furnish(chat, creator, members, Status(bot), rights)

    def supergroup(
        self,
        title: str = "Supergroup",
        *,
        id: int | None = None,
        creator: User | int | None = None,
        members: Iterable[User | int] = (),
        bot: Status | str = Status.MEMBER,
        rights: Iterable[str] | None = None,
        forum: bool = False,
        username: str = "",
    ) -> Chat:
        """Create a supergroup; arguments as for `group`.

        Args:
            forum: whether it has topics.
            username: its public name, without @.
        """
        number = id if id is not None else SUPERGROUP_BASE - 2_000_000 - self.world.count("super")
        chat = Chat(number, ChatKind.SUPERGROUP, title, username, is_forum=forum)
        if forum:
            chat.topics[GENERAL_TOPIC] = Topic(GENERAL_TOPIC, "General")
            chat.last_message_id = 1
        return self._furnish(chat, creator, members, Status(bot), rights)

    def channel(
        self,
        title: str = "Channel",
        *,
        id: int | None = None,
        creator: User | int | None = None,
        members: Iterable[User | int] = (),
        bot: Status | str = Status.ADMINISTRATOR,
        rights: Iterable[str] | None = None,
        username: str = "",
        linked: Chat | int | None = None,
    ) -> Chat:
        """Create a channel; arguments as for `group`.

        Args:
            username: its public name, without @.
            linked: its discussion group.
        """
        number = (
            id if id is not None else SUPERGROUP_BASE - 3_000_000 - self.world.count("channel")
        )
        chat = Chat(number, ChatKind.CHANNEL, title, username)
        if linked is not None:
            room = self.chat(linked)
            chat.linked_chat_id, room.linked_chat_id = room.id, chat.id
        return self._furnish(chat, creator, members, Status(bot), rights)

    def _furnish(
        self,
        chat: Chat,
        creator: User | int | None,
        people: Iterable[User | int],
        bot: Status,
        rights: Iterable[str] | None,
    ) -> Chat:
        owner = self.person(creator) if creator is not None else self._someone
        chat.members[owner.id] = Member(owner, Status.CREATOR)
        for someone in map(self.person, people):
            chat.members.setdefault(someone.id, Member(someone))
        if bot is not Status.LEFT:
            me = self.world.bot.user
            chat.members[me.id] = Member(me, bot, self._rights(chat, bot, rights))
        return self.world.add_chat(chat)

    @staticmethod
    def _rights(chat: Chat, status: Status, rights: Iterable[str] | None) -> frozenset[str]:
        if rights is not None:
            return frozenset(rights)
        if status is Status.RESTRICTED:
            return frozenset()
        return frozenset(RIGHTS_IN[chat.kind]) if status is Status.ADMINISTRATOR else frozenset()

    def owner(self, chat: Chat | int) -> User:
        """Give a chat's creator."""
        chat = self.chat(chat)
        return next(m.user for m in chat.members.values() if m.status is Status.CREATOR)

    # Writing.

    def start_chat(self, user: User | int, payload: str = "") -> Message:
        """Press Start in the private chat, with a deep link's payload."""
        return self.say(user, f"/start {payload}".strip())

    def say(
        self,
        chat: Chat | User | int,
        text: str,
        by: User | int | None = None,
        **how: Any,
    ) -> Message:
        """Write a text.

        Args:
            chat: where; a user stands for the private chat with the bot.
            text: what; entities are found as Telegram does.
            by: who; in a private chat its user, in a channel nobody.
            how: see `send`.
        """
        content: Json = {"text": text}
        if entities := markup.found(text):
            content["entities"] = entities
        return self.send(chat, content, by, **how)

    def send_photo(
        self,
        chat: Chat | User | int,
        caption: str = "",
        by: User | int | None = None,
        *,
        content: bytes = JPEG,
        **how: Any,
    ) -> Message:
        """Send a picture; arguments as for `say`."""
        file = self.world.store("photo.jpg", content)
        size = {
            "file_id": file.file_id,
            "file_unique_id": f"AQAD{file.file_id[-8:]}",
            "width": 800,
            "height": 533,
            "file_size": len(content),
        }
        return self.send(chat, {"photo": [size], **self._caption(caption)}, by, **how)

    def send_document(
        self,
        chat: Chat | User | int,
        caption: str = "",
        by: User | int | None = None,
        *,
        name: str = "file.pdf",
        content: bytes = b"%PDF-",
        **how: Any,
    ) -> Message:
        """Send a file; arguments as for `say`."""
        file: StoredFile = self.world.store(name, content)
        document = {
            "file_id": file.file_id,
            "file_unique_id": f"AgAD{file.file_id[-8:]}",
            "file_name": name,
            "file_size": len(content),
        }
        return self.send(chat, {"document": document, **self._caption(caption)}, by, **how)

    @staticmethod
    def _caption(caption: str) -> Json:
        if not caption:
            return {}
        entities = markup.found(caption)
        return {"caption": caption} | ({"caption_entities": entities} if entities else {})

    def send(
        self,
        chat: Chat | User | int,
        content: Json,
        by: User | int | None = None,
        *,
        reply_to: Message | int | None = None,
        quote: str | None = None,
        topic: Topic | int | None = None,
        anonymous: bool = False,
        as_chat: Chat | int | None = None,
        forward_of: Json | None = None,
        signature: str = "",
        **fields: Any,
    ) -> Message:
        """Send a message of any content, and tell the bot if it may see it.

        Args:
            chat: where.
            content: the message's own fields: `{"text": …}`, `{"sticker": {…}}` …
            by: who.
            reply_to: the message that this one answers.
            quote: what of it is quoted.
            topic: the forum topic.
            anonymous: as an anonymous administrator of the group.
            as_chat: in the name of a channel.
            forward_of: a `forward_origin`.
            signature: the author's, in channels.
            fields: more fields of the message.
        """
        chat = self.chat(chat)
        if chat.kind is ChatKind.PRIVATE:
            chat.is_started = True
        json = self._from(chat, by, anonymous, as_chat)
        json |= {"chat": chat.as_json(), "date": int(self.world.now())}
        if signature:
            json["author_signature"] = signature
        if reply_to is not None:
            replied = self.message(reply_to, chat)
            shown = {k: v for k, v in replied.json.items() if k != "reply_to_message"}
            json["reply_to_message"] = shown
            if quote is not None:
                position = markup.units(replied.text.partition(quote)[0])
                json["quote"] = {"text": quote, "position": position, "is_manual": True}
        self._place(chat, json, topic)
        if forward_of is not None:
            json["forward_origin"] = forward_of
        json |= content | fields
        json = {"message_id": self.world.next_message_id(chat), **json}
        message = self.world.keep(chat, json)
        if members.bot_sees(self.world, chat, json):
            kind = "channel_post" if chat.kind is ChatKind.CHANNEL else "message"
            self.world.updates.add(kind, json, chat.id)
        if chat.kind is ChatKind.CHANNEL and chat.linked_chat_id is not None:
            self._forward_automatically(chat, message)
        return message

    def _from(
        self, chat: Chat, by: User | int | None, anonymous: bool, as_chat: Chat | int | None
    ) -> Json:
        world = self.world
        if chat.kind is ChatKind.CHANNEL:
            return {"sender_chat": chat.as_json()}
        if anonymous:
            sender = world.users[ANONYMOUS_ADMINISTRATOR]
            return {"from": world.shown(sender), "sender_chat": chat.as_json()}
        if as_chat is not None:
            sender = world.users[CHANNEL_AS_SENDER]
            return {"from": world.shown(sender), "sender_chat": self.chat(as_chat).as_json()}
        if by is None:
            by = chat.user if chat.user is not None else self.owner(chat)
        return {"from": world.shown(self.person(by))}

    def _place(self, chat: Chat, json: Json, topic: Topic | int | None) -> None:
        """Put a message into its topic or thread.

        A message in a topic answers the message that opened it, unless it answers another. A reply
        outside topics carries a thread id too, that of the thread's first message, which is no id
        of a topic.
        """
        replied = json.get("reply_to_message")
        number = topic.id if isinstance(topic, Topic) else topic
        if number is None and replied is not None and replied.get("is_topic_message"):
            number = replied["message_thread_id"]
        if number is not None and number != GENERAL_TOPIC:
            json["message_thread_id"] = number
            json["is_topic_message"] = True
            if replied is None and (opening := chat.messages.get(number)) is not None:
                json["reply_to_message"] = opening.json
        elif replied is not None and chat.kind is ChatKind.SUPERGROUP:
            json["message_thread_id"] = replied.get("message_thread_id", replied["message_id"])

    def _forward_automatically(self, channel: Chat, post: Message) -> None:
        room = self.world.chats[channel.linked_chat_id or 0]
        content = {
            name: value
            for name, value in post.json.items()
            if name not in ("message_id", "chat", "date", "sender_chat", "reply_to_message")
        }
        origin = {
            "type": "channel",
            "chat": channel.as_json(),
            "message_id": post.message_id,
            "date": post.json["date"],
        }
        json: Json = {
            "message_id": self.world.next_message_id(room),
            "from": self.world.shown(self.world.users[SERVICE_ACCOUNT]),
            "sender_chat": channel.as_json(),
            "chat": room.as_json(),
            "date": int(self.world.now()),
            "forward_origin": origin,
            "is_automatic_forward": True,
            **content,
        }
        self.world.keep(room, json)
        if members.bot_sees(self.world, room, json):
            self.world.updates.add("message", json, room.id)

    def edit(self, message: Message | Json, text: str, **fields: Any) -> Message:
        """Change the text, or the caption, of somebody's own message."""
        message = self.message(message)
        chat = self.world.chats[message.chat_id]
        name = "text" if "text" in message.json else "caption"
        entities = "entities" if name == "text" else "caption_entities"
        json = {key: value for key, value in message.json.items() if key != entities}
        json |= {name: text, "edit_date": int(self.world.now()), **fields}
        if found := markup.found(text):
            json[entities] = found
        edited = self.world.change(chat, message, json)
        if members.bot_sees(self.world, chat, json):
            kind = "channel_post" if chat.kind is ChatKind.CHANNEL else "message"
            self.world.updates.add(f"edited_{kind}", json, chat.id)
        return edited

    def delete(self, message: Message | Json) -> None:
        """Delete a message as a person does; bots are not told."""
        message = self.message(message)
        chat = self.world.chats[message.chat_id]
        chat.deleted[message.message_id] = chat.messages.pop(message.message_id)

    def react(self, message: Message | Json, emoji: str, by: User | int | None = None) -> None:
        """React to a message; the bot is told if it asked for it and administers the chat."""
        message = self.message(message)
        chat = self.world.chats[message.chat_id]
        if chat.kind is not ChatKind.PRIVATE and not self.world.me(chat).is_administrator:
            return
        someone = self.person(by) if by is not None else chat.user or self.owner(chat)
        update = {
            "chat": chat.as_json(),
            "message_id": message.message_id,
            "user": self.world.shown(someone),
            "date": int(self.world.now()),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        }
        self.world.updates.add("message_reaction", update, chat.id)

    # Buttons, inline queries, guest messages.

    def press(
        self,
        message: Message | Json,
        button: str | int | None = None,
        by: User | int | None = None,
        *,
        data: str | None = None,
        inaccessible: bool = False,
    ) -> Query:
        """Press a button under a message.

        Args:
            message: the message, also a chosen inline result.
            button: its label or its place in reading order.
            by: who; in a private chat its user.
            data: callback data instead of a button, the bot's own or anything else.
            inaccessible: show the bot an inaccessible message, as Telegram does with old ones.

        Raises:
            LookupError: when there is no such button.
        """
        message = self.message(message)
        if data is None:
            data = self._data_of(message, button)
        chat = self.world.chats.get(message.chat_id)
        if by is None and chat is not None:
            by = chat.user if chat.user is not None else self.owner(chat)
        user = self.person(by) if by is not None else self._someone
        number = str(self.world.count("query", 400_000_000_000_000_001))
        json: Json = {
            "id": number,
            "from": self.world.shown(user),
            "chat_instance": str(message.chat_id),
        }
        inline = [k for k, m in self.world.inline_messages.items() if m.json is message.json]
        if inline:
            json["inline_message_id"] = inline[0]
        elif inaccessible:
            shown = {"chat": message.json["chat"], "message_id": message.message_id, "date": 0}
            json["message"] = shown
        else:
            json["message"] = message.json
        json["data"] = data
        query = Query(number, user, self.world.now(), json)
        self.world.callbacks[number] = query
        self.world.updates.add("callback_query", json, message.chat_id)
        return query

    @staticmethod
    def _data_of(message: Message, button: str | int | None) -> str:
        buttons = message.buttons
        if isinstance(button, int):
            found = buttons[button : button + 1]
        else:
            found = [shown for shown in buttons if button in (shown.text, shown.data)]
            found = found or [b for b in buttons if isinstance(button, str) and button in b.text]
        if not found or found[0].data is None:
            labels = [shown.text for shown in buttons]
            raise LookupError(f"no button {button!r} to press; there are {labels}")
        return found[0].data

    def inline(
        self, user: User | int, query: str, *, offset: str = "", chat_type: str = "sender"
    ) -> Query:
        """Type an inline query in some chat.

        Args:
            user: who types.
            query: what, up to 256 characters: Telegram cuts the rest.
            offset: where to go on, from an earlier answer.
            chat_type: the kind of chat in which it is typed.
        """
        user = self.person(user)
        number = str(self.world.count("inline", 700_000_000_000_000_001))
        json = {
            "id": number,
            "from": self.world.shown(user),
            "query": query[:256],
            "offset": offset,
            "chat_type": chat_type,
        }
        asked = Query(number, user, self.world.now(), json)
        self.world.inlines[number] = asked
        if self.world.bot.inline:
            self.world.updates.add("inline_query", json, user.id)
        return asked

    def choose(
        self, query: Query, result: int | str = 0, chat: Chat | User | int | None = None
    ) -> Message:
        """Choose an inline result, which posts it.

        Args:
            query: an answered inline query.
            result: the result's id, or its place.
            chat: where it is posted; a chat that the bot does not know when missing.
        """
        results = query.answers[-1]["results"]
        chosen = (
            results[result]
            if isinstance(result, int)
            else next(r for r in results if r["id"] == result)
        )
        place = self.chat(chat) if chat is not None else None
        json: Json = {
            "message_id": self.world.next_message_id(place) if place else 0,
            "from": self.world.shown(query.user),
            "chat": place.as_json() if place else {"id": 0, "type": "private"},
            "date": int(self.world.now()),
            "via_bot": self.world.shown(self.world.bot.user),
            **chosen["_message"],
        }
        if chosen["_keyboard"]:
            json["reply_markup"] = chosen["_keyboard"]
        name = f"inline-{self.world.count('inline_message')}"
        if place is not None:
            message = self.world.keep(place, json)
            if members.bot_sees(self.world, place, json):
                self.world.updates.add("message", json, place.id)
        else:
            message = Message(0, 0, False, json)
        self.world.inline_messages[name] = message
        if self.world.bot.inline_feedback:
            feedback = {
                "result_id": chosen["id"],
                "from": self.world.shown(query.user),
                "query": query.json["query"],
            }
            if chosen["_keyboard"]:
                feedback["inline_message_id"] = name
            self.world.updates.add("chosen_inline_result", feedback, query.user.id)
        return message

    def ask_as_guest(
        self,
        user: User | int,
        text: str,
        chat: Chat | int | None = None,
        *,
        reply_to: Message | int | None = None,
    ) -> Query:
        """Mention the bot in a chat that it is no member of (guest mode).

        Args:
            user: who.
            text: what, the mention included.
            chat: a group without the bot, or None for a chat that the server does not play.
            reply_to: a message of that chat, which the bot gets to see.
        """
        user = self.person(user)
        number = str(self.world.count("guest", 900_000_000_000_000_001))
        place = self.chat(chat) if chat is not None else None
        json: Json = {
            "message_id": self.world.next_message_id(place) if place else 17,
            "from": self.world.shown(user),
            "chat": place.as_json()
            if place
            else {"id": -1_009_999_999_999, "title": "Elsewhere", "type": "supergroup"},
            "date": int(self.world.now()),
        }
        if reply_to is not None:
            json["reply_to_message"] = self.message(reply_to, place).json
        json |= {"guest_query_id": number, "text": text}
        if entities := markup.found(text):
            json["entities"] = entities
        if place is not None:
            self.world.keep(place, json)
        asked = Query(number, user, self.world.now(), json)
        self.world.guests[number] = asked
        if self.world.bot.guest:
            self.world.updates.add("guest_message", json, user.id)
        return asked

    def expire(self, query: Query) -> None:
        """Let a press or query become too old to be answered."""
        query.is_expired = True

    # Coming, going, rights.

    def add_bot(
        self,
        chat: Chat | int,
        by: User | int | None = None,
        *,
        administrator: bool = False,
        rights: Iterable[str] | None = None,
    ) -> None:
        """Add the bot to a chat, or change what it is there.

        Args:
            chat: where; a channel takes it only as an administrator.
            by: who adds it; the owner when missing.
            administrator: whether it becomes one.
            rights: which, all when missing.
        """
        chat = self.chat(chat)
        is_administrator = administrator or chat.kind is ChatKind.CHANNEL or rights is not None
        status = Status.ADMINISTRATOR if is_administrator else Status.MEMBER
        me = Member(self.world.bot.user, status, self._rights(chat, status, rights))
        self._become(chat, by, me)

    def restrict_bot(
        self,
        chat: Chat | int,
        permissions: Iterable[str] = (),
        by: User | int | None = None,
    ) -> None:
        """Leave the bot in a supergroup only some permissions; without them it cannot write."""
        me = Member(self.world.bot.user, Status.RESTRICTED, frozenset(permissions))
        self._become(self.chat(chat), by, me)

    def kick_bot(self, chat: Chat | int, by: User | int | None = None) -> None:
        """Throw the bot out for good."""
        self._become(self.chat(chat), by, Member(self.world.bot.user, Status.KICKED))

    def remove_bot(self, chat: Chat | int, by: User | int | None = None) -> None:
        """Remove the bot without banning it."""
        self._become(self.chat(chat), by, Member(self.world.bot.user, Status.LEFT))

    def _become(self, chat: Chat, by: User | int | None, member: Member) -> None:
        actor = self.person(by) if by is not None else self.owner(chat)
        members.change(self.world, chat, actor, member)

    def join(self, chat: Chat | int, user: User | int) -> None:
        """Let somebody join."""
        user = self.person(user)
        members.change(self.world, self.chat(chat), user, Member(user))

    def leave(self, chat: Chat | int, user: User | int) -> None:
        """Let somebody leave."""
        user = self.person(user)
        members.change(self.world, self.chat(chat), user, Member(user, Status.LEFT))

    def promote(
        self,
        chat: Chat | int,
        user: User | int,
        *,
        anonymous: bool = False,
        rights: Iterable[str] | None = None,
    ) -> None:
        """Make somebody an administrator."""
        chat, user = self.chat(chat), self.person(user)
        granted = self._rights(chat, Status.ADMINISTRATOR, rights)
        member = Member(user, Status.ADMINISTRATOR, granted, anonymous)
        members.change(self.world, chat, self.owner(chat), member, service=False)

    def demote(self, chat: Chat | int, user: User | int) -> None:
        """Make an administrator a member again; the bot too."""
        chat, user = self.chat(chat), self.person(user)
        members.change(self.world, chat, self.owner(chat), Member(user), service=False)

    def permit(self, chat: Chat | int, permissions: Iterable[str] = PERMISSIONS) -> None:
        """Set what members of a group may do; nothing tells bots."""
        self.chat(chat).permissions = frozenset(permissions)

    def block(self, user: User | int) -> None:
        """Let a user block the bot."""
        self._block(self.person(user), blocked=True)

    def unblock(self, user: User | int) -> None:
        """Let a user unblock the bot."""
        self._block(self.person(user), blocked=False)

    def _block(self, user: User, *, blocked: bool) -> None:
        chat = self.world.private(user)
        chat.is_blocked = blocked
        states = (Status.KICKED, Status.MEMBER) if blocked else (Status.MEMBER, Status.KICKED)
        new, old = (Member(self.world.bot.user, state).as_json(chat.kind) for state in states)
        update = {
            "chat": chat.as_json(),
            "from": self.world.shown(user),
            "date": int(self.world.now()),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        self.world.updates.add("my_chat_member", update, chat.id)

    def deactivate(self, user: User | int) -> None:
        """Let a user's account be deleted."""
        self.world.deactivated.add(self.person(user).id)

    # Chats that change.

    def rename(self, chat: Chat | int, title: str) -> None:
        """Change a group's or channel's title."""
        chat = self.chat(chat)
        chat.title = title
        chat.changed()
        members.service_message(self.world, chat, self.owner(chat), {"new_chat_title": title})

    def migrate(self, group: Chat | int, *, with_member_updates: bool = False) -> Chat:
        """Turn a basic group into a supergroup, with both service messages.

        Args:
            group: the group; calls with its id are refused with the new id from now on.
            with_member_updates: also tell the bot that it left the one and came to the other.
        """
        old = self.chat(group)
        new = Chat(
            SUPERGROUP_BASE - 2_500_000 - self.world.count("migrated"),
            ChatKind.SUPERGROUP,
            old.title,
            members=dict(old.members),
            permissions=old.permissions,
        )
        self.world.add_chat(new)
        owner = self.owner(old)
        members.service_message(self.world, old, owner, {"migrate_to_chat_id": new.id})
        anonymous = self.world.users[ANONYMOUS_ADMINISTRATOR]
        come = {"migrate_from_chat_id": old.id, "sender_chat": new.as_json()}
        members.service_message(self.world, new, anonymous, come)
        old.migrated_to = new.id
        if with_member_updates:
            me = self.world.me(old)
            left = replace(me, status=Status.LEFT, rights=frozenset())
            members.change(self.world, old, owner, left, service=False)
            new.members.pop(self.world.bot.user.id, None)
            members.change(self.world, new, owner, me, service=False)
        return new

    def delete_chat(self, chat: Chat | int) -> None:
        """Delete a group or channel."""
        self.chat(chat).is_deleted = True

    def topic(self, chat: Chat | int, name: str = "Topic", by: User | int | None = None) -> Topic:
        """Open a topic in a forum."""
        chat = self.chat(chat)
        actor = self.person(by) if by is not None else self.owner(chat)
        number = chat.last_message_id + 1
        content = {
            "forum_topic_created": {"name": name, "icon_color": 7322096},
            "message_thread_id": number,
            "is_topic_message": True,
        }
        members.service_message(self.world, chat, actor, content)
        chat.topics[number] = Topic(number, name)
        return chat.topics[number]

    def close_topic(self, chat: Chat | int, topic: Topic | int = GENERAL_TOPIC) -> None:
        """Close a topic, the General one when none is named."""
        self._open_or_close(chat, topic, closed=True)

    def reopen_topic(self, chat: Chat | int, topic: Topic | int = GENERAL_TOPIC) -> None:
        """Open a closed topic again."""
        self._open_or_close(chat, topic, closed=False)

    def _open_or_close(self, chat: Chat | int, topic: Topic | int, *, closed: bool) -> None:
        chat = self.chat(chat)
        topic = topic if isinstance(topic, Topic) else chat.topics[topic]
        topic.is_closed = closed
        content: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
        if topic.id != GENERAL_TOPIC:
            content |= {"message_thread_id": topic.id, "is_topic_message": True}
        members.service_message(self.world, chat, self.owner(chat), content)

    def delete_topic(self, chat: Chat | int, topic: Topic | int) -> None:
        """Delete a topic and its messages; bots are not told."""
        chat = self.chat(chat)
        topic = topic if isinstance(topic, Topic) else chat.topics[topic]
        topic.is_deleted = True
        gone = [m for m in chat.messages.values() if m.thread == topic.id]
        for message in gone:
            chat.deleted[message.message_id] = chat.messages.pop(message.message_id)

    # Updates of any shape.

    def inject(self, update: Json, stream: int = 0) -> int:
        """Queue an update as it stands, whatever it is; a missing `update_id` is filled in."""
        return self.world.updates.add_raw(update, stream)

    def replay(self, update_id: int) -> None:
        """Deliver an update again with its old id."""
        self.world.updates.replay(update_id)
