"""Answer questions from given documents, with the line that says it.

The floors, from the ground up; a floor imports only the floors below it:

    knowledge/   what the documents say, as frozen values: reads the folder of the same name
    news/        an item of news to a post; who gets it, when, and what became of it
    answering/   one question to one reply, pure: `answering.answer` is the main road
    workshop/    what measures the answers: question files and their score, benchmarks
    store/       what the bot remembers, and for how long
    web/         what the bot takes and shows over HTTP: webhook, health, metrics
    telegram/    the bot in Telegram: its handlers, and everything that keeps it running
    cli/         the command line: ask, chat, check, eval, bench, run, doctor, news, chats

Text that people read lives in `knowledge/languages/`, never in Python.
"""
