"""What the bot remembers: chats, readers, conversations, the inbox, and nothing beside.

    store = await Store.open(url, keep_unanswered=False)    # migrations run here
    store.chats           known chats and their settings
    store.readers         language and start of people, by id; no names
    store.conversations   what a follow-up inherits, for 30 minutes
    store.replies         which messages of the bot answer which message, for 48 hours
    store.buttons         what stands behind the short keys in callback data
    store.inbox           updates between Telegram's handing over and their being done
    store.feedback        counts of votes
    store.answers         counts of answers by outcome and intent
    store.commands        hashes of what was registered with Telegram
    store.announcements   drafts, their approval, correction and retraction, and who did which
    store.deliveries      what became of each announcement in each chat: the ledger
    store.budgets         what limits are used up, by all processes together
    store.workers         the processes at work, of which this is one after `join`
    store.unanswered      questions without an answer, where the operator wants them kept
    store.dialogues       what an editor was asked for, for a day
    store.watches         the messages in which editors watch announcements go out
    await store.forget(user_id)         everything about a person
    await store.expire(now)             what is older than promised; at start, then every minute
    await store.lock("polling")         a Lock that dies with the process, or None
    await store.probe()                 whether it can be written
    await store.close()

Every method is one step: done whole or not at all, and committed when it returns. Steps asked
for at the same time share one transaction, so `asyncio.gather` over steps costs little more than
one of them. Only this package knows SQL. Times are aware and UTC, passed in as `now`. Every
method raises `StoreError` when the database fails.
"""

from bot.errors import StoreError
from bot.store.address import Address
from bot.store.announcements import Announcement, Announcements, Approval, LogEntry
from bot.store.answers import AnswerCount, Answers
from bot.store.budgets import Budgets, OwnBudgets, Spend
from bot.store.buttons import Buttons
from bot.store.chats import Chat, ChatKind, Chats
from bot.store.commands import Commands
from bot.store.conversations import ConversationKey, Conversations
from bot.store.deliveries import Deliveries
from bot.store.dialogues import Dialogues
from bot.store.feedback import Feedback, FeedbackCount, Vote
from bot.store.inbox import Inbox
from bot.store.locks import Lock, ended, under, while_held
from bot.store.readers import Reader, Readers
from bot.store.replies import Replies
from bot.store.store import Store
from bot.store.unanswered import Unanswered, UnansweredCount
from bot.store.watches import Watch, Watches, WatchKind

__all__ = [
    "Address",
    "Announcement",
    "Announcements",
    "AnswerCount",
    "Answers",
    "Approval",
    "Budgets",
    "Buttons",
    "Chat",
    "ChatKind",
    "Chats",
    "Commands",
    "ConversationKey",
    "Conversations",
    "Deliveries",
    "Dialogues",
    "Feedback",
    "FeedbackCount",
    "Inbox",
    "Lock",
    "LogEntry",
    "OwnBudgets",
    "Reader",
    "Readers",
    "Replies",
    "Spend",
    "Store",
    "StoreError",
    "Unanswered",
    "UnansweredCount",
    "Vote",
    "Watch",
    "WatchKind",
    "Watches",
    "ended",
    "under",
    "while_held",
]
