"""Several findings of one message to one: what was answered, then what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answering.finding import SENTENCES, Finding, Say, say
from bot.answering.intents import THRESHOLD
from bot.answering.reply import Outcome
from bot.knowledge.model import Knowledge

MOST_QUESTIONS = 5
"""Questions of one message that are answered."""


def said_before(finding: Finding, others: Sequence[Finding]) -> int | None:
    """Give the place of another finding that says the same; None where there is none."""
    said = finding.says, finding.passages
    return next((n for n, one in enumerate(others) if (one.says, one.passages) == said), None)


_ORDER = (
    Outcome.ANSWER,
    Outcome.NOT_IN_DOCUMENTS,
    Outcome.CLARIFY,
    Outcome.HELP,
    Outcome.OUT_OF_SCOPE,
)


def joined(findings: Sequence[Finding], knowledge: Knowledge, *, is_order: bool) -> Finding:
    """Make one finding of those of all clauses: what was answered, then what was not.

    A remark that is not of the subject does not hide that the documents are silent on what was
    asked; an order to the bot (`is_order`) does.
    """
    if not findings:
        follows = knowledge.intents["off_topic"].follows
        return Finding(Outcome.OUT_OF_SCOPE, "off_topic", (say("out_of_scope"),), follows=follows)
    if any(f.intent in ("off_topic", "arena") and f.confidence >= THRESHOLD for f in findings):
        findings = [finding for finding in findings if finding.intent != "overview"]
    if any(finding.intent == "passage" for finding in findings):
        findings = [finding for finding in findings if finding.intent != "person"]
    best = min(findings, key=lambda found: (_ORDER.index(found.outcome), -found.confidence))
    ordered = [f for f in findings if f.intent == "off_topic" and f.confidence >= THRESHOLD]
    silent = best.outcome is Outcome.NOT_IN_DOCUMENTS and best.confidence >= THRESHOLD
    if ordered and (is_order or not silent) and best.outcome is not Outcome.ANSWER:
        best = ordered[0]
    if best.outcome is not Outcome.ANSWER:
        return best
    kept = [
        finding
        for finding in findings
        if finding.outcome is Outcome.ANSWER
        or (finding.outcome is Outcome.NOT_IN_DOCUMENTS and finding.confidence >= THRESHOLD)
    ][:MOST_QUESTIONS]
    if len(kept) == 1:
        return kept[0]
    passages = tuple(
        p for finding in kept if finding.intent == "passage" for p in finding.passages
    )
    if passages and all(finding.intent == "passage" for finding in kept):
        return replace(kept[0], passages=tuple(dict.fromkeys(passages))[:3])
    says: list[Say] = []
    for finding in kept:
        if finding.intent == "passage":
            says.append(Say(SENTENCES, passages=finding.passages))
        else:
            says += finding.says
    quotes = [quote for finding in kept for quote in finding.quotes]
    quotes += [knowledge.passage(p).quote for p in passages]
    focus = {kind: ids for finding in kept for kind, ids in finding.focus.items()}
    return replace(
        next(finding for finding in kept if finding.intent != "passage"),
        says=tuple(_unique(says)),
        quotes=tuple(dict.fromkeys(quotes)),
        documents=tuple(d for finding in kept for d in finding.documents),
        focus=focus,
        passages=(),
        outcome=Outcome.ANSWER,
        confidence=min(finding.confidence for finding in kept),
    )


def _unique(says: Sequence[Say]) -> list[Say]:
    kept: list[Say] = []
    for statement in says:
        if statement not in kept:
            kept.append(statement)
    return kept
