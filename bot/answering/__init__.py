"""One question to one reply: `Answerer.answer` is the main road.

    words         text to normal words
    lexicon       the patterns of all languages, indexed
    entities      what is named in the words, and the words left over
    clauses       a message to its questions
    intents       what is asked
    asking        what of a message asks, and what is only told around it
    conversation  what a follow-up inherits
    scope         who and what a question is about
    lookups       what the documents say of it
    passages      which sentences answer it
    searching     and whether they do before a rule, or where none would
    joining       several findings to one
    carrying      what a turn leaves for the next
    wording       the finding in the reader's language
    steps         what is asked without words, by a button or a command
    receipts      what proves a reply, and is made again from the same question

Pure: no clock, no files, no network. The same question gets the same reply.
"""

from __future__ import annotations

from bot.answering.answerer import Answerer
from bot.answering.conversation import Conversation
from bot.answering.reply import Outcome, Question, Reply, Source, Step

__all__ = ["Answerer", "Conversation", "Outcome", "Question", "Reply", "Source", "Step"]
