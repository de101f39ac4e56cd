"""Show how a question was understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.answering import Answerer, Reply
from bot.cli.printing import table, terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bot.answering.intents import Ask

RULES_SHOWN = 5


def print_explanation(text: str, reply: Reply, answerer: Answerer) -> None:
    """Print the words, rules and passages of which a reply came."""
    from bot.answering.clauses import split_sentences

    console = terminal()
    reading = answerer.read(text)
    sentences = split_sentences(reading.words, reading.mentions, answerer.catalogue)
    console.out("")
    console.print(_words_table(sentence.whole for sentence in sentences))
    for sentence in sentences:
        for clause in sentence.clauses:
            _print_clause(clause, reply, answerer, console)
        read = {word.start for clause in sentence.clauses for word in clause.words}
        left_out = [word.raw for word in sentence.whole.words if word.start not in read]
        if left_out:
            console.out(f"left out, as a story around it: {' '.join(left_out)}")
    console.out(
        f"\noutcome {reply.outcome.value}, intent {reply.intent}, confidence"
        f" {reply.confidence:.1f} (answers from 50), language {reply.language}"
    )


def _word_rows(asks: Iterable[Ask]) -> list[tuple[str, str, str, str]]:
    """Give for each mention and each other word: its columns, words, meanings and quality."""
    rows: list[tuple[str, str, str, str]] = []
    for asked in asks:
        placed: list[tuple[int, int, str, str]] = []
        covered: set[int] = set()
        for mention in asked.mentions:
            meanings = dict.fromkeys(
                meaning.tag if meaning.value is None else f"{meaning.tag} {meaning.value}"
                for meaning in mention.meanings
            )
            covered.update(range(mention.start, mention.end))
            placed.append((mention.start, mention.end, ", ".join(meanings),
                           f"{mention.quality:.2f}"))  # fmt: skip
        unexplained = {word.start for word in asked.unexplained}
        for place, word in enumerate(asked.words, start=asked.first):
            if place not in covered:
                told = "unexplained" if word.start in unexplained else "passed over"
                placed.append((place, place + 1, told, ""))
        for start, end, told, quality in sorted(placed):
            words = asked.words[start - asked.first : end - asked.first]
            columns = f"{words[0].start + 1}-{words[-1].end}"
            rows.append((columns, " ".join(word.raw for word in words), told, quality))
    return rows


def _words_table(asks: Iterable[Ask]) -> Table:
    titles = ("columns", "words", "understood as", "quality")
    return table(titles, _word_rows(asks), right=("quality",))


def _print_clause(clause: Ask, reply: Reply, answerer: Answerer, console: Console) -> None:
    console.out(f"\n“{' '.join(word.raw for word in clause.words)}”", style="bold")
    if clause.scores:
        rows = [
            (score.intent.id, f"{score.points:.2f}", f"{score.explained:.2f}",
             f"{score.against:.2f}", f"{score.confidence:.1f}")
            for score in clause.scores[:RULES_SHOWN]
        ]  # fmt: skip
        titles = ("rule", "points", "explains", "against", "confidence")
        console.print(table(titles, rows, right=titles[1:]))
        if len(clause.scores) > 1:
            first, second = clause.scores[:2]
            gap = first.points - second.points
            console.out(f"runner-up: {second.intent.id}, {gap:.2f} points behind")
        else:
            console.out("runner-up: none, no other rule holds")
    else:
        console.out("no rule holds")
    unexplained = " ".join(word.raw for word in clause.unexplained)
    console.out(f"unexplained: {unexplained or 'nothing'}")
    console.out(_passage_search(clause, reply, answerer))


def _passage_search(clause: Ask, reply: Reply, answerer: Answerer) -> str:
    """Say what a search for passages finds for a clause, and whether the reply uses it."""
    from bot.answering.asking import content_of

    content = content_of(clause)
    if not content:
        return "passages: not searched, no word of its own"
    forms = [word.form for word in clause.words]
    found = answerer.passages.search(reply.language, forms, content)
    if found is None:
        return f"passages: none for {' '.join(content)}"
    used = "used" if reply.intent == "passage" else "not used"
    return (
        f"passages: {', '.join(found.ids)} for {' '.join(content)}: score {found.score:.2f},"
        f" {found.known:.0%} of the words known, confidence {found.confidence:.1f}; {used}"
    )
