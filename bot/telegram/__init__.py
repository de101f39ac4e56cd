"""The bot in Telegram: the one place that knows its library.

    app          wires everything together and runs it: every handler on one screen
    intake       from Telegram to the inbox to a handler: polls, order, restarts
    completing   what an update leaves out
    hook         tells Telegram where its updates go, where there is a webhook
    listening    what the process listens on: webhook, health, metrics
    questions    a message to its answer
    commands     what the commands do
    presses      what the buttons do
    inline       answers as one types, and as a guest
    chats        coming, going, rights; who may change a chat
    preferences  what readers and chats decide: language, news, sound, topic
    editors      who is an editor; figures: what editors are shown of the bot's work
    editing      editors write announcements; drafts: what they wrote, as an item of news
    newsroom     how announcements are shown to editors; decisions: what their buttons do
    watching     editors watch announcements go out, and are asked what nobody knows
    menus        the commands and descriptions that Telegram shows
    desk         what a handler works with, and how it speaks
    render       a reply to text and entities
    buttons      what stands under a reply, and what a press says
    sending      messages out; what Telegram's refusals mean
    pace         how often Telegram may be called
    refusals     what an answer that is none says
    line         calls of the Bot API with plain values
    client       HTTP
    mind         the knowledge in use, and its replacement
    logs         lines for people or machines
    redaction    keeps the token out of every log
    options      what the operator has decided
    thrift       keeps the process small, and its garbage collector out of the way
    doctor       what is wrong with the set-up

Nothing here decides what is true: answers come from `bot.answering`, words from the knowledge.
"""
