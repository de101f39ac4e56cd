"""The bot in Telegram: the one place that knows its library.

    app          wires everything together and runs it: every handler on one screen
    intake       from Telegram to the inbox to a handler: polls, order, restarts
    questions    a message to its answer
    commands     what the commands do
    presses      what the buttons do
    inline       answers as one types, and as a guest
    chats        coming, going, rights; who may change a chat
    menus        the commands and descriptions that Telegram shows
    desk         what a handler works with, and how it speaks
    render       a reply to text and entities
    buttons      what stands under a reply, and what a press says
    sending      messages out; what Telegram's refusals mean
    pace         how often Telegram may be called
    client       HTTP
    mind         the knowledge in use, and its replacement
    redaction    keeps the token out of every log
    doctor       what is wrong with the set-up

Nothing here decides what is true: answers come from `bot.answering`, words from the knowledge.
"""
