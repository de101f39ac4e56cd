"""The main road: reads a message, finds what the documents say, words the reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answering import words as wordforms
from bot.answering.announced import Announced
from bot.answering.asking import (
    ENTITY_TAGS,
    FRAME,
    OPERATORS,
    OUTSIDE,
    SUBJECT,
    TOLD,
    adds_unknown,
    asking,
    asks,
    goes_on_about,
    goes_on_in_talk,
    is_of_assembly,
    is_remark,
    is_talk,
    is_told_around,
    is_wish,
    only_reports,
    telling,
)
from bot.answering.carrying import continued, cues_of, cues_of_sum
from bot.answering.clauses import (
    NAMED,
    OPENERS,
    UNDISTURBED,
    Sentence,
    split_sentences,
)
from bot.answering.conversation import Conversation
from bot.answering.entities import Mention, in_language, recognise, tags_of
from bot.answering.finding import Finding, Words, say
from bot.answering.intents import (
    POLITE,
    THRESHOLD,
    TOPIC,
    UNEXPLAINED_NAME,
    Ask,
    Catalogue,
)
from bot.answering.joining import joined, said_before
from bot.answering.language import Detector
from bot.answering.lexicon import HINT, Lexicon
from bot.answering.lookups import LOOK_UPS
from bot.answering.lookups.news import News
from bot.answering.lookups.outside import SILENT
from bot.answering.lookups.parts import clarify
from bot.answering.lookups.sizes import by_size
from bot.answering.passages import Passages
from bot.answering.receipts import asked_by_step, receipt_of
from bot.answering.reply import Outcome, Question, Reply, Step
from bot.answering.scope import TOGETHER, Scope, recognised, scope_of
from bot.answering.searching import Search
from bot.answering.steps import cues_of_step, full_answer, scope_of_step
from bot.answering.wording import Wording
from bot.answering.words import LONGEST_READ, Word, split_words
from bot.knowledge.model import Document, Kind, Knowledge, NewsItem, Script

FALLBACK_LANGUAGE = "en"
MOST_SUGGESTIONS = 3
WELL_READ = 0.6
"""The share of a message's letters that must be recognised before other keyboards are tried."""
NEWS = "news"
"""The look-up of announcements, which depends on the reader's language."""
SAID_OF_DOCUMENTS = (Outcome.ANSWER, Outcome.NOT_IN_DOCUMENTS)
"""Outcomes beside which a sentence that only reports something needs no answer."""
ASKING = OPENERS | {"whose", "role", "about", "country_word", "representative", "polar", "other"}
"""Cues that say what is asked of a person."""
ABOUT_WORDS = frozenset({"interview_about", "person"})
"""Look-ups that answer nothing where somebody's words on some matter are asked for."""
GOING_ON = frozenset({"followup", "conjunction", "from", "polar", "restricts"})
"""Cues that only say that a message goes on with something else."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as words and mentions, in one of the ways that it may have been typed."""

    words: tuple[Word, ...]
    mentions: tuple[Mention, ...]
    share: float
    """The share of its letters that was recognised, misspelt ones counting for less."""
    language: str | None = None
    """The language that its words are in, if they have one."""


class Answerer:
    """Answers questions from one `Knowledge`; made once, used for every question."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.lexicon = Lexicon(knowledge)
        self.catalogue = Catalogue(knowledge)
        self.passages = Passages(knowledge)
        self._search = Search(knowledge, self.passages, self.lexicon)
        self._know_news()
        self._detector = Detector(knowledge.languages)
        self._wordings = {
            code: Wording(knowledge, language) for code, language in knowledge.languages.items()
        }

    def _know_news(self) -> None:
        self._announced = Announced(self.knowledge, lambda text: self.read(text).mentions)
        self._news = News(self.knowledge, self._announced, self.passages, self.lexicon.respelt)

    def warm(self) -> None:
        """Make at once what is else made for the first question that needs it.

        It takes some tenths of a second; in another thread, questions are answered meanwhile.
        """
        self.lexicon.warm()
        self.passages.warm()

    def with_news(self, items: Iterable[NewsItem]) -> Answerer:
        """Give one that answers the same, and about these announcements instead of its own."""
        latest = sorted(items, key=lambda item: (item.date, item.id), reverse=True)
        other = copy(self)
        other.knowledge = replace(self.knowledge, news={item.id: item for item in latest})
        other._know_news()  # noqa: SLF001 - of its own kind
        return other

    def answer(
        self, question: Question, conversation: Conversation, now: datetime
    ) -> tuple[Reply, Conversation]:
        """Answer a message; give with the reply the conversation as it stands after it."""
        conversation = conversation.at(now)
        reading = self.read(question.text, _expected(question, conversation))
        language = self._language(question, reading, conversation)
        sentences = split_sentences(reading.words, reading.mentions, self.catalogue)
        findings, asked = self._findings(sentences, reading, conversation, language)
        is_order = "command" in tags_of(reading.mentions)
        finding = joined(findings, self.knowledge, is_order=is_order)
        reply = self._worded(question, reading, finding, language, question.text, conversation)
        return reply, continued(conversation, finding, asked, reading.mentions, language, now)

    def answer_step(
        self, step: Step, language: str, conversation: Conversation, now: datetime
    ) -> tuple[Reply, Conversation]:
        """Answer what needs no words: a button, a command, a link.

        Raises `KeyError` where the knowledge has no such intent, entity or language (any more).
        """
        wording = self._wordings[language]
        intent = self.knowledge.intents[step.intent]
        cues: tuple[str, ...] = ()
        if intent.id == "passage":
            passages = full_answer(step.entity or "", self.knowledge)
            finding = self._search.told(passages, confidence=100.0)
        elif intent.look_up == NEWS:
            finding = self._news.latest(intent, language)
            cues = cues_of_step(step, self.knowledge)
        else:
            scope = scope_of_step(step, self.knowledge)
            finding = replace(self._looked_up(scope), confidence=100.0)
            cues = cues_of_step(step, self.knowledge)
        question = Question(step.words, chosen_language=language)
        conversation = conversation.at(now)
        asked = asked_by_step(step)
        reading = Reading((), (), 1.0)
        reply = self._worded(question, reading, finding, language, asked, conversation)
        if finding.outcome in (Outcome.HELP, Outcome.OUT_OF_SCOPE):
            return reply, replace(conversation, language=language, asked_at=now)
        return reply, Conversation(cues, dict(finding.focus), wording.language.code, now)

    def documents(self, language: str) -> Mapping[str, Document]:
        """Give all that replies in a language quote from: the documents and the announcements."""
        announced = {
            item.id: self._announced.document(item, language) for item in self._announced.items
        }
        return {**self.knowledge.documents, **announced}

    def wording(self, language: str) -> Wording:
        """Give how a language says things. Raises `KeyError` for one that is not known."""
        return self._wordings[language]

    def language_for(self, question: Question, conversation: Conversation) -> str:
        """Choose the language of a reply, as `answer` does."""
        reading = self.read(question.text, _expected(question, conversation))
        return self._language(question, reading, conversation)

    def named(self, text: str) -> Mapping[str, tuple[str, ...]]:
        """Give the entities that a text names, by kind."""
        return recognised(self.read(text).mentions)

    # ----------------------------------------------------------------- reading

    def read(self, text: str, expected: Sequence[str] = ()) -> Reading:
        """Read a message as it was typed or, if that explains little, as it was meant.

        A message typed with another keyboard layout on is read as the keys would have given it.
        Where its words are as much of one language as of another, the first `expected` counts.
        """
        reading = self._as_meant(text)
        language = self._detector.detect(reading.words, reading.mentions, expected)
        if language is None:
            return reading
        mentions = in_language(reading.mentions, language)
        return Reading(reading.words, mentions, reading.share, language)

    def _as_meant(self, text: str) -> Reading:
        reading = self._reading(text)
        if reading.share >= WELL_READ or not reading.words:
            return reading
        script = wordforms.script_of("".join(word.form for word in reading.words))
        best, most = reading, (round(reading.share, 2), 0, False)
        for code, language in self.knowledge.languages.items():
            if script is Script.LATIN:
                retype = wordforms.retyped
            elif script is language.script:
                retype = wordforms.retyped_latin
            else:
                continue
            for keyboard in language.keyboards:
                other = self._reading(retype(text[:LONGEST_READ], keyboard), by_sound=False)
                if other.share <= reading.share + 0.25:
                    continue
                own = sum(
                    meaning.language == code and meaning.value is None
                    for mention in other.mentions
                    for meaning in mention.meanings
                )
                likely = (round(other.share, 2), own, language.is_common)
                if likely > most:
                    best, most = other, likely
        return best

    def _reading(self, text: str, *, by_sound: bool = True) -> Reading:
        found = split_words(text)
        mentions = recognise(found, self.lexicon, by_sound=by_sound)
        torn = wordforms.torn(found)
        covered = sum(
            len(found[place].form) * mention.quality
            for mention in mentions
            if mention.end > mention.start + 1 or mention.start not in torn
            for place in range(mention.start, mention.end)
        )
        return Reading(found, mentions, covered / max(1, sum(len(word.form) for word in found)))

    def _language(self, question: Question, reading: Reading, conversation: Conversation) -> str:
        """Choose the reply's language: chosen, the words', the conversation's, the asker's."""
        for code in (
            question.chosen_language,
            reading.language,
            conversation.language,
            (question.user_language or "").split("-")[0],
            FALLBACK_LANGUAGE,
        ):
            if code in self._wordings:
                return str(code)
        return next(iter(self._wordings))

    # ----------------------------------------------------------------- finding

    def _findings(
        self,
        sentences: Sequence[Sentence],
        reading: Reading,
        conversation: Conversation,
        language: str,
    ) -> tuple[list[Finding], list[Ask]]:
        """Look up each clause; a later one inherits from the earlier ones of the message."""
        findings: list[Finding] = []
        reported: set[int] = set()
        asked: list[Ask] = []
        parts = [clause for sentence in sentences for clause in sentence.clauses]
        alone = len(parts) == 1 or sum(not is_talk(clause) for clause in parts) == 1
        named = self._is_framed(reading.mentions)
        tags = tags_of(reading.mentions)
        ordered = "command" in tags
        told = not tags & {*FRAME - {"questions"}, Kind.PERSON}
        framed = named or _speaks_of_interview(conversation)
        if "said" in tags and self._search.speakers.issuperset(
            conversation.entities.get("person", "?")
        ):
            framed = True
        for sentence in telling(sentences):
            ask = sentence.whole
            clauses = asking(sentence.clauses)
            if conversation.cues and goes_on_in_talk(sentence):
                clauses = (replace(sentence.whole, scores=()),)
            asked_of = is_of_assembly(ask)
            goes_on = framed and goes_on_about(ask)
            searched = named or asked_of or goes_on or bool(ask.unexplained)
            searched = searched and not ordered and not _asks_news(ask)
            searched = searched and not (told and is_told_around(sentence))
            passage = self._search.find(ask, framed or asked_of, language) if searched else None
            for clause in (sentence.whole,) if passage else clauses:
                entities = dict(conversation.entities)
                if clause.first:
                    said = (m for m in reading.mentions if m.end <= clause.first)
                    entities.update(recognised(said))
                for finding in findings:
                    entities.update(finding.focus)
                if asked and is_remark(clause):
                    continue
                ask = self._with_story(clause, reading)
                before = replace(conversation, cues=cues_of(asked[-1])) if asked else conversation
                ask = self._completed(ask, before, alone or bool(asked))
                if ordered and _asks_news(ask):  # an order to the bot is no question
                    finding = self._plain("out_of_scope", Outcome.OUT_OF_SCOPE, "off_topic")
                elif adds_unknown(sentence.whole):
                    finding = self._declined(sentence.whole)
                else:
                    strange = bool(ask.unexplained or sentence.whole.unexplained)
                    finding = passage or self._find(
                        ask, entities, clause.tags, language, strange=strange
                    )
                    if not passage:
                        finding = self._search.instead(finding, clause, framed, language)
                if asked and not asks(ask, finding):
                    continue
                if (place := said_before(finding, findings)) is not None:
                    findings[place] = max(findings[place], finding, key=lambda f: f.confidence)
                    continue
                if only_reports(clause, finding):
                    reported.add(len(findings))
                findings.append(finding)
                if not is_talk(ask):
                    asked.append(ask)
        others = [each for place, each in enumerate(findings) if place not in reported]
        if any(each.outcome in SAID_OF_DOCUMENTS for each in others):
            return others, asked
        return findings, asked

    def _is_framed(self, mentions: Sequence[Mention]) -> bool:
        """Tell whether a message says that it is about the interview."""
        speakers = self._search.speakers
        return any(
            (not mention.is_filler and mention.tags & FRAME)
            or (Kind.PERSON in mention.tags and speakers & set(mention.values(Kind.PERSON)))
            for mention in mentions
        )

    def _with_story(self, ask: Ask, reading: Reading) -> Ask:
        """Give a clause the names of the message before it, where it names nothing itself.

        "The Russian delegation needs rooms. How many is that?"
        """
        if ask.tags & (NAMED | OUTSIDE) or ask.confidence >= THRESHOLD or not ask.tags:
            return ask
        if not ask.tags - OPERATORS | (ask.tags & {"about"}):
            return ask
        story = [m for m in reading.mentions if m.end <= ask.first and m.tags & TOLD]
        if not story:
            return ask
        mentions = (*story[-2:], *ask.mentions)
        weights = [0.5 for _ in ask.unexplained]
        scores = self.catalogue.score(mentions, weights)
        if not scores or scores[0].confidence < THRESHOLD:
            return ask
        return replace(ask, mentions=mentions, scores=scores, tags=tags_of(mentions))

    def _completed(self, ask: Ask, conversation: Conversation, alone: bool) -> Ask:
        """Give a clause the cues of the last question, where it has too few of its own."""
        if not conversation.cues:
            return ask
        own = ask.tags - ENTITY_TAGS - OPERATORS - POLITE
        if ask.tags & {"other", "followup"}:  # "and the other chamber?" names one, as a name does
            own -= {"chamber_word"}
        sure = ask.confidence >= THRESHOLD and ask.points > 0
        talk = ask.intent is not None and ask.intent.look_up == "help"
        if {"other", "anaphora"} <= ask.tags:  # "what else is he?"
            own |= {"other"}
        if talk or (own and sure) or ask.tags & (OUTSIDE | SILENT | {HINT}):
            return ask
        if not ask.tags - {"polar", "yes_word"} or not alone:
            return ask
        if "person" in ask.tags and not ask.tags & {"followup"}:
            return ask
        if ask.unexplained and ask.tags <= GOING_ON:
            return ask  # "and Zembla?" asks what is unknown, and nothing that was answered
        if "total" in ask.tags:
            conversation = replace(conversation, cues=cues_of_sum(conversation.cues))
        mentions = (
            *ask.mentions,
            *(m for m in conversation.mentions() if not m.tags & ask.tags),
        )
        weights = [UNEXPLAINED_NAME for _ in ask.unexplained]  # it may be what is asked now
        scores = self.catalogue.score(mentions, weights)
        if not scores or scores[0].confidence < THRESHOLD:
            return ask
        if ask.scores and sure and own and ask.points >= scores[0].points:
            return ask
        return replace(ask, mentions=mentions, scores=scores, tags=tags_of(mentions))

    def _find(
        self,
        ask: Ask,
        inherited: Mapping[str, tuple[str, ...]],
        own: frozenset[str],
        language: str,
        *,
        strange: bool,
    ) -> Finding:
        """Look up what a clause asks; `strange` tells whether its sentence has unknown words."""
        intent = ask.intent
        if not ask.words:
            return self._plain("out_of_scope", Outcome.OUT_OF_SCOPE, "off_topic")
        if intent is not None and _asks_news(ask):
            return self._news.asked(ask, intent, language)
        if intent is None or ask.confidence < self.knowledge.thresholds.rules or ask.points <= 0:
            return self._declined(ask)
        if strange and intent.look_up in ABOUT_WORDS and "said" in ask.tags:
            return self._declined(ask)
        bare = not ask.tags & SUBJECT and "about" not in ask.tags
        if ask.unexplained and bare and not ask.tags - ENTITY_TAGS - OPERATORS - TOPIC:
            return self._declined(ask)
        if ask.unexplained and intent.look_up == "person" and not ask.tags & ASKING:
            return self._declined(ask)  # the strange word is what is asked of the person
        alone = ask.scores[0].against <= UNDISTURBED or inherited.get("country")
        if bare and intent.look_up == "overview" and not alone:
            return self._declined(ask)  # only a name alone asks for all of it
        scope = scope_of(ask, intent, self.knowledge, inherited, own)
        if (
            scope.everything
            and ask.unexplained
            and inherited.get("country")
            and intent.look_up in TOGETHER
        ):
            return self._declined(ask)  # the strange word may tell which of them are meant
        return replace(self._looked_up(scope), confidence=ask.confidence)

    def _looked_up(self, scope: Scope) -> Finding:
        intent = scope.intent
        if scope.ambiguous and not scope.chambers and "all" not in scope.tags:
            return clarify(scope, "which_chamber", scope.ambiguous)
        wanted = intent.wants is Kind.COUNTRY and not scope.countries
        if wanted and scope.tags & {"most", "fewest"}:
            ranked = by_size(scope)
            meant = replace(scope, countries=ranked.focus["country"], everything=False)
            found = LOOK_UPS[intent.look_up](meant)
            return replace(
                found, says=(*found.says, *ranked.says), quotes=(*found.quotes, *ranked.quotes)
            )
        if scope.few and not scope.tags & {"most", "fewest"}:
            return clarify(scope, "which_country", scope.delegations)
        if intent.wants is Kind.COUNTRY and not (
            scope.countries or scope.chambers or scope.everything
        ):
            return clarify(scope, "which_country", scope.delegations)
        if intent.wants is Kind.PERSON and not scope.persons:
            named = [str(f.value) for f in self.knowledge.find("representative") if f.given]
            return clarify(scope, "which_person", named)
        return LOOK_UPS[intent.look_up](scope)

    def _declined(self, ask: Ask) -> Finding:
        """Say that nothing answers: within the subject, or outside it."""
        if ask.tags & {"anaphora", "followup"} and not ask.unexplained and not ask.tags & OUTSIDE:
            found = self._plain("what_about", Outcome.CLARIFY, "overview")
            facts = self.knowledge.find("members")
            return replace(
                found, choices=tuple(dict.fromkeys(f.subject for f in facts if f.given))
            )
        near = ask.tags & SUBJECT or ask.tags & FRAME
        outside = ask.tags & OUTSIDE
        if is_wish(ask):
            return self._looked_up(
                scope_of(ask, self.knowledge.intents["thanks"], self.knowledge, {})
            )
        if not near or outside:
            return self._plain("out_of_scope", Outcome.OUT_OF_SCOPE, "off_topic")
        sought = Words(" ".join(word.raw for word in ask.unexplained[:4]))
        if ask.tags & FRAME:
            key = "passage_not_found_sought" if sought.text else "passage_not_found"
        else:
            key = "not_about" if sought.text else "not_given_here"
        statement = say(key, thing=sought) if sought.text else say(key)
        found = self._plain("undocumented", Outcome.NOT_IN_DOCUMENTS, "undocumented")
        scope = scope_of(ask, self.knowledge.intents["undocumented"], self.knowledge, {})
        hints = LOOK_UPS["undocumented"](scope).hints
        return replace(found, says=(statement,), hints=hints, confidence=ask.confidence)

    def _plain(self, key: str, outcome: Outcome, intent: str) -> Finding:
        follows = self.knowledge.intents[intent].follows
        return Finding(outcome=outcome, intent=intent, says=(say(key),), follows=follows)

    # ----------------------------------------------------------------- wording

    def _worded(
        self,
        question: Question,
        reading: Reading,
        finding: Finding,
        language: str,
        asked: str,
        before: Conversation,
    ) -> Reply:
        """Word a finding; what was `asked`, and `before` what, goes into the receipt."""
        wording = self._wordings[language]
        steps = self._steps(finding, wording)
        suggestions = self._suggestions(finding, wording, steps)
        answer = wording.answer(finding)
        sources = wording.sources(finding)
        text = wording.text(finding, answer, sources, suggestions)
        choices = tuple(wording.choice(name) for name in finding.choices)
        if choices:
            text += "\n" + "\n".join(f"• {choice}" for choice in choices)
        notes = [wording.say(hint) for hint in finding.hints]
        if len(question.text) > LONGEST_READ:
            notes.append(wording.say(say("too_long", number=LONGEST_READ)))
            text += "\n\n" + notes[-1]
        return Reply(
            question=question.text,
            outcome=finding.outcome,
            intent=finding.intent,
            language=language,
            answer=answer,
            text=text,
            sources=sources,
            entities=recognised(reading.mentions),
            confidence=finding.confidence,
            suggestions=suggestions,
            choices=choices,
            statement=wording.statement(finding, answer),
            attribution=wording.attribution(finding),
            notes=tuple(notes),
            emphasis=wording.emphasis(finding),
            steps=steps,
            receipt=receipt_of(
                finding.outcome, language, text, asked, before, self.knowledge.version
            ),
        )

    def _steps(self, finding: Finding, wording: Wording) -> tuple[Step, ...]:
        """Give what to choose from or to ask next in a form that needs no words."""
        if finding.outcome is Outcome.CLARIFY:
            return tuple(
                Step(finding.intent, name, str(wording.name(name))) for name in finding.choices
            )
        countries = finding.focus.get("country", ())
        country = countries[0] if len(countries) == 1 else None
        steps = (wording.step(intent, country) for intent in finding.follows)
        return tuple(step for step in steps if step is not None)

    def _suggestions(
        self, finding: Finding, wording: Wording, steps: Sequence[Step]
    ) -> tuple[str, ...]:
        """Word what a reader is likely to ask next."""
        if finding.outcome in (Outcome.HELP, Outcome.OUT_OF_SCOPE):
            return tuple(wording.language.replies[f"example_{place}"] for place in (1, 2, 3))
        most = len(steps) if finding.outcome is Outcome.CLARIFY else MOST_SUGGESTIONS
        return tuple(step.words for step in steps[:most])


def _asks_news(ask: Ask) -> bool:
    """Tell whether announcements are asked for: words that no rule explains are their subject."""
    return ask.intent is not None and ask.intent.look_up == NEWS and ask.points > 0


def _speaks_of_interview(conversation: Conversation) -> bool:
    return "interview" in conversation.entities.get("document", ())


def _expected(question: Question, conversation: Conversation) -> tuple[str, ...]:
    """Give the languages that a message is likely to be in, whatever its words."""
    user_language = (question.user_language or "").split("-")[0]
    return tuple(code for code in (conversation.language, user_language) if code)
