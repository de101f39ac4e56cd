"""Who and what a question is about: its own entities, and those it leaves to the conversation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.answering.entities import Mention
from bot.answering.finding import Finding, Say, quotes_of
from bot.answering.intents import Ask
from bot.answering.reply import Outcome
from bot.knowledge.model import Fact, Intent, Kind, Knowledge, Quote

RECOGNISED = frozenset({Kind.COUNTRY, Kind.PARLIAMENT, Kind.CHAMBER, Kind.PERSON})
EARLIER = "earlier"
"""The key of the countries that were spoken of before the last ones: "which of the two?"."""
OLDER = "older"
"""The key of those that were spoken of before these: "and all three together?"."""
TOGETHER = frozenset({"compare", "total"})
"""Look-ups that bring countries together."""
FEW = range(2, 5)
"""Numbers of countries, fewer than all, that may be meant together."""
LISTING = frozenset(
    {"except", "except_after", "followup", "conjunction", "delegation", "country_word",
     "several", "from"}
)  # fmt: skip
"""Cues that may stand between the things that are excepted."""
SITTING = frozenset({"chamber", "members"})
"""The tags of a word for those who sit in a chamber: "senators"."""
OF_CHAMBERS = frozenset({"members", "websites", "compare"})
"""Look-ups that tell of a country by its chambers."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is about, after the conversation has filled in what was left unsaid."""

    knowledge: Knowledge
    intent: Intent
    tags: frozenset[str]
    countries: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    chambers: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    """Chambers and parliaments of one name, where nothing tells which is meant."""
    persons: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    ordinals: tuple[int, ...] = ()
    urls: tuple[str, ...] = ()
    sought: tuple[str, ...] = ()
    """Words of the question that name what was looked for, as they were typed."""
    everything: bool = False
    """Whether all delegations are meant."""
    few: int = 0
    """How many countries are meant together, where they are counted and not named."""
    claims: bool = False
    """Whether it says of one thing that it is more or less than another."""

    @property
    def delegations(self) -> tuple[str, ...]:
        """Give the countries whose delegations the documents describe, in their order."""
        facts = self.knowledge.find("members")
        return tuple(dict.fromkeys(fact.subject for fact in facts if fact.given))

    @property
    def meant(self) -> tuple[str, ...]:
        """Give the countries that the question is about: those named, or all but the excepted."""
        if self.countries:
            return self.countries
        return tuple(name for name in self.delegations if name not in self.excepted)

    @property
    def is_yes_no(self) -> bool:
        """Tell whether the question wants a yes or a no, and not one of two things."""
        return "polar" in self.tags and not self.is_open and "either" not in self.tags

    @property
    def is_open(self) -> bool:
        """Tell whether the question wants more than a yes or a no.

        Many languages ask "Krotov represents Russia?" without a word that says so.
        """
        asking = {"who", "what", "which", "count", "where", "when", "why", "name", "list"}
        return bool(self.tags & asking)

    def country_of(self, entity_id: str) -> str:
        """Give the country of a chamber or parliament. Raises `KeyError` for anything else."""
        entity = self.knowledge.entities[entity_id]
        if entity.country is None:
            raise KeyError(entity_id)
        return entity.country

    def members(self, country: str) -> tuple[Fact, ...]:
        """Give the facts that tell the members of a delegation by chamber."""
        return tuple(fact for fact in self.knowledge.find("members", country) if fact.given)

    def size(self, country: str) -> int:
        """Give the number of members of a delegation."""
        return sum(int(str(fact.value)) for fact in self.members(country))

    def find(
        self,
        *says: Say,
        facts: Sequence[Fact] = (),
        quotes: Sequence[Quote] = (),
        outcome: Outcome = Outcome.ANSWER,
        focus: Mapping[str, tuple[str, ...]] | None = None,
        hints: Sequence[Say] = (),
    ) -> Finding:
        """Make a finding of this question."""
        return Finding(
            outcome=outcome,
            intent=self.intent.id,
            says=says,
            quotes=(*quotes_of(facts), *quotes),
            focus=focus or {},
            hints=tuple(hints),
            follows=self.intent.follows,
        )


def scope_of(
    ask: Ask,
    intent: Intent,
    knowledge: Knowledge,
    inherited: Mapping[str, tuple[str, ...]],
    own: frozenset[str] = frozenset(),
) -> Scope:
    """Gather what a question is about; what it needs and does not name is inherited.

    `own` are the tags that the clause had before it took others from the turn before.
    """
    countries, excepted = _countries(ask)
    before = inherited.get("country", ())
    if not before and (intent.wants is Kind.COUNTRY or intent.look_up in TOGETHER):
        before = _represented(inherited.get("person", ()), knowledge)
    persons = _persons(ask, countries, knowledge)
    if intent.wants is Kind.COUNTRY and not countries:
        countries = _represented(persons, knowledge)
    near = countries or before
    chambers, ambiguous = _chambers(ask, knowledge, countries, near)
    if intent.look_up in OF_CHAMBERS and ask.tags & {"members", "count", "website"}:
        chambers = _sat_in(ask, knowledge, chambers, countries, near, own)
    few = _few(ask, intent)
    everything = _means_all(ask.tags, own, intent, before, excepted) and not (before and few)
    if not countries and not chambers and not ambiguous:
        if not everything and _leaves_country(ask.tags, intent):
            countries = before
        countries = _with_earlier(ask.tags, intent, inherited, countries, few)
    elif _adds_to_earlier(ask.tags, own, intent, countries, chambers, excepted):
        countries = tuple(dict.fromkeys((*before, *countries)))
    if (
        not persons
        and intent.wants is Kind.PERSON
        and ask.tags & {"representative", "person_word"}
    ):
        persons = _representatives(countries, knowledge)
    if not persons and _leaves_person(intent, own):
        persons = inherited.get("person", ())
    if countries or everything:
        chambers = (*chambers, *_by_house(ask.tags, countries, knowledge))
    if not countries and chambers:
        countries = tuple(
            dict.fromkeys(str(knowledge.entities[chamber].country) for chamber in chambers)
        )
    return Scope(
        knowledge=knowledge,
        intent=intent,
        tags=ask.tags,
        countries=countries,
        excepted=excepted,
        chambers=tuple(dict.fromkeys(chambers)),
        ambiguous=ambiguous,
        persons=persons,
        ordinals=tuple(int(v) for values in ask.values("ordinal") for v in values[:1]),
        numbers=tuple(int(v) for values in ask.values("number") for v in values[:1]),
        urls=tuple(str(v) for values in ask.values("url") for v in values),
        sought=_sought(ask),
        everything=everything,
        few=few if not countries else 0,
        claims=_claims(ask),
    )


def _represented(persons: Sequence[str], knowledge: Knowledge) -> tuple[str, ...]:
    """Give the countries that persons represent: "his country", "Krotov's delegation"."""
    return tuple(f.subject for f in knowledge.find("representative") if f.value in persons)


def _representatives(countries: Sequence[str], knowledge: Knowledge) -> tuple[str, ...]:
    """Give the persons that represent countries: "what else is Minsk's man?"."""
    facts = knowledge.find("representative")
    return tuple(str(f.value) for f in facts if f.given and f.subject in countries)


def _means_all(
    tags: frozenset[str],
    own: frozenset[str],
    intent: Intent,
    before: Sequence[str],
    excepted: Sequence[str],
) -> bool:
    """Tell whether all delegations are meant, and not the countries spoken of `before`."""
    of_each = "chamber_word" in tags and not tags & {"delegation", "country_word"}
    if before and (
        "anaphora" in tags
        or tags & {"followup", "all"} == {"followup"}
        or (of_each and intent.look_up == "members")  # "and how many from each chamber?"
    ):
        return False
    if "all" in tags or excepted:
        return True
    told = before and (intent.look_up == "websites" or len(before) > 1)
    if "several" in tags and not told:
        return True  # but one country has several websites, too
    if "country_word" in tags and tags & {"which", "what", "list", "who", "whose"}:
        goes_on = len(before) > 1 and "country_word" not in own  # "by how much?"
        return "anaphora" not in tags and not goes_on  # "that country's"
    if tags & {"upper_house", "lower_house"} and "total" in tags:
        return True
    return not before and ("list" in tags or {"which", "chamber_word"} <= tags)


def _leaves_country(tags: frozenset[str], intent: Intent) -> bool:
    """Tell whether a question that names no country leaves it to the conversation."""
    if intent.wants is Kind.COUNTRY or intent.look_up == "compare":
        return True
    if "anaphora" in tags and intent.wants is not Kind.PERSON:
        return True
    return intent.wants is None and "total" in tags and "except" not in tags


def _leaves_person(intent: Intent, own: frozenset[str]) -> bool:
    """Tell whether a question that names no person leaves it to the conversation.

    An office is no person's unless the clause says "he": "is he the Secretary General?".
    """
    he_too = {"anaphora", "polar"} <= own and "country_word" not in own
    return intent.wants is Kind.PERSON or (intent.look_up == "office_holders" and he_too)


def _few(ask: Ask, intent: Intent) -> int:
    """Give how many countries are meant together, without their names: "all three"; else 0."""
    if intent.look_up not in TOGETHER or not ask.tags & {"all", "together"}:
        return 0
    numbers = [int(value) for values in ask.values("number") for value in values[:1]]
    return next((number for number in numbers if number in FEW), 0)


def _with_earlier(
    tags: frozenset[str],
    intent: Intent,
    inherited: Mapping[str, tuple[str, ...]],
    countries: tuple[str, ...],
    few: int,
) -> tuple[str, ...]:
    """Add those spoken of earlier: "all three", "which of the two?", "and together?".

    After a chamber was spoken of, what it is together is its own country's delegation.
    """
    earlier = (*inherited.get(EARLIER, ()), *countries)
    if few:
        known = (*inherited.get(OLDER, ()), *earlier)
        return known[-few:] if len(known) >= few else ()
    if len(countries) != 1 or intent.look_up not in TOGETHER:
        return countries
    if "both" in tags:
        return earlier[-2:]
    if {"anaphora", "total"} <= tags and "together" not in tags:  # "how many are they in all?"
        return countries
    if intent.look_up == "compare" or ("together" not in tags and inherited.get("chamber")):
        return countries
    return earlier


def _adds_to_earlier(
    tags: frozenset[str],
    own: frozenset[str],
    intent: Intent,
    countries: Sequence[str],
    chambers: Sequence[str],
    excepted: Sequence[str],
) -> bool:
    """Tell whether countries join those spoken of before: "together with Belarus?".

    A total of one country that asks all of its own is that country's.
    """
    one = len(countries) == 1
    if "total" in own:
        return not excepted and (own != tags or ("together" in tags and one))
    to_compare = intent.look_up == "compare" and bool(tags & {"anaphora", "followup", "than"})
    return to_compare and one and len(chambers) < 2


def _claims(ask: Ask) -> bool:
    """Tell whether "more" or "than" stands between two things: "Russia has more than Belarus".

    Many languages ask so without a word that says that it is a question.
    """
    if not ask.tags & {"more", "less"} or ask.tags & {"either", "compare"}:
        return False
    chambers = [m for m in ask.mentions if "chamber" in m.tags]
    named = [m for m in ask.mentions if m.tags & {"country", "chamber"}]
    countries = [m for m in named if "country" in m.tags]
    things = next((two for two in (countries, chambers, named) if len(two) == 2), named)
    return len(things) == 2 and any(
        things[0].end <= mention.start < things[1].start
        and mention.tags & {"more", "less", "than"}
        for mention in ask.mentions
    )


def _sought(ask: Ask) -> tuple[str, ...]:
    """Give the words that name what was looked for: other organisations, and unknown words."""
    named = {word.start for word in ask.unexplained}
    for mention in ask.mentions:
        if mention.tags & {"arena", "contest", "off_topic"} and mention.start >= 0:
            first = mention.start - ask.first
            named |= {word.start for word in ask.words[first : mention.end - ask.first]}
    return tuple(word.raw for word in ask.words if word.start in named)


def _countries(ask: Ask) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the countries that are named, and those that are excepted."""
    if Kind.COUNTRY not in ask.tags:
        return (), ()
    named: list[str] = []
    excepted: list[str] = []
    excepting = False
    for mention in ask.mentions:
        if "except_after" in mention.tags and named:  # "Russia excepted", as some languages say it
            excepted += named
            named.clear()
        elif "except" in mention.tags:
            excepting = True
        values = [str(value) for value in mention.values("country")]
        if values:
            (excepted if excepting else named).append(values[0])
        elif excepting and mention.tags - LISTING and not mention.is_filler:
            excepting = False
    return tuple(dict.fromkeys(named)), tuple(dict.fromkeys(excepted))


def _chambers(
    ask: Ask, knowledge: Knowledge, countries: Sequence[str], near: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the chambers that are named, and the candidates where a name fits several.

    What is meant is told by the `countries` of the question, or by those that were spoken of
    before (`near`).
    """
    if ask.tags.isdisjoint((Kind.CHAMBER, Kind.PARLIAMENT)):
        return (), ()
    chambers: list[str] = []
    ambiguous: list[str] = []
    for mention in ask.mentions:
        candidates = [
            str(value) for tag in (Kind.CHAMBER, Kind.PARLIAMENT) for value in mention.values(tag)
        ]
        if not candidates:
            continue
        fitting = [c for c in candidates if knowledge.entities[c].country in near]
        if not fitting and len(candidates) > 1 and "country" not in mention.tags:
            if not countries:  # else it is one of the country that is named, which has none such
                ambiguous += candidates
            continue
        for candidate in fitting or candidates[:1]:
            entity = knowledge.entities[candidate]
            if entity.kind is Kind.CHAMBER:
                chambers.append(candidate)
            elif not countries:
                chambers += _only_chamber(candidate, knowledge)
    return tuple(dict.fromkeys(chambers)), tuple(dict.fromkeys(ambiguous))


def _names_both_kinds(ask: Ask) -> bool:
    """Tell whether those of one chamber are counted with the others: "deputies and senators"."""
    plain = any("members" in m.tags and not m.tags >= SITTING for m in ask.mentions)
    return plain and "conjunction" in ask.tags


def _of_plain_chambers(ask: Ask, knowledge: Knowledge) -> tuple[str, ...]:
    """Give the countries of the chambers that are named: "senators of the Federation Council"."""
    named = (m.values(Kind.CHAMBER) for m in ask.mentions if not m.tags >= SITTING)
    return tuple(
        str(knowledge.entities[str(values[0])].country) for values in named if len(values) == 1
    )


def _sat_in(
    ask: Ask,
    knowledge: Knowledge,
    chambers: Sequence[str],
    countries: Sequence[str],
    near: Sequence[str],
    own: frozenset[str],
) -> tuple[str, ...]:
    """Give the chambers that are meant where those who sit in them are asked for.

    `near` are the countries of the question or, where it has none, those spoken of before.
    """
    sitting = any(mention.tags >= SITTING for mention in ask.mentions)
    if not sitting:
        return _own_chambers(chambers, countries, knowledge, everywhere=False)
    if _names_both_kinds(ask):
        return ()
    theirs = near if own & {"anaphora", "followup"} else countries
    theirs = theirs or _of_plain_chambers(ask, knowledge)
    return _own_chambers(chambers, theirs, knowledge, everywhere=True)


def _own_chambers(
    chambers: Sequence[str],
    countries: Sequence[str],
    knowledge: Knowledge,
    *,
    everywhere: bool,
) -> tuple[str, ...]:
    """Give each country's own chamber for one that is named as another country calls its own.

    "Russian senators" sit in the Federation Council: what people call an upper house is known.
    "Senators" sit in each of the countries (`everywhere`), "the Senate" in one. A country that has
    no such house has none of them, and nobody else's are told for its own.
    """
    told = {knowledge.entities[chamber].country for chamber in chambers}
    if not everywhere and told >= set(countries):  # each country that is named has its chamber
        return tuple(chambers)
    own: list[str] = []
    for chamber in chambers:
        named = knowledge.entities[chamber]
        its_own = named.country in countries and (not everywhere or len(chambers) > 1)
        if not countries or named.house is None or its_own:
            own.append(chamber)
        else:
            house = frozenset({f"{named.house}_house"})
            own += [c for name in countries for c in _by_house(house, (name,), knowledge)]
    return tuple(dict.fromkeys(own))


def _only_chamber(parliament: str, knowledge: Knowledge) -> list[str]:
    """Give all chambers of a parliament that is named without its country."""
    country = knowledge.entities[parliament].country
    return [
        entity.id
        for entity in knowledge.entities.values()
        if entity.kind is Kind.CHAMBER and entity.country == country
    ]


def _by_house(
    tags: frozenset[str], countries: Sequence[str], knowledge: Knowledge
) -> tuple[str, ...]:
    """Give the chambers that people call the upper or the lower house of the countries."""
    houses = {tag.removesuffix("_house") for tag in tags & {"upper_house", "lower_house"}}
    return tuple(
        entity.id
        for entity in knowledge.entities.values()
        if entity.house in houses and (not countries or entity.country in countries)
    )


def _persons(ask: Ask, countries: Sequence[str], knowledge: Knowledge) -> tuple[str, ...]:
    """Give the persons that are named; of two of one first name, the one of the `countries`."""
    if Kind.PERSON not in ask.tags:
        return ()
    persons: list[str] = []
    own = set(_representatives(countries, knowledge))
    end, before = -1, frozenset[str]()
    for mention in ask.mentions:
        named = [str(value) for value in mention.values(Kind.PERSON)]
        both = before & frozenset(named) if mention.start == end else frozenset[str]()
        if both:  # a first name and a surname beside each other: one person
            persons = [name for name in persons if name not in before or name in both]
            named = sorted(both)
        persons += [name for name in named if name in own] if len(named) > 1 else named
        persons += named if len(named) > 1 and not own.intersection(named) else []
        end, before = mention.end, frozenset(named)
    return tuple(dict.fromkeys(persons))


def recognised(mentions: Iterable[Mention]) -> dict[str, tuple[str, ...]]:
    """Give what is named in the mentions, by kind of entity."""
    found: dict[str, list[str]] = {}
    for mention in mentions:
        for kind in mention.tags & RECOGNISED:
            found.setdefault(kind, []).extend(map(str, mention.values(kind)))
    return {kind: tuple(dict.fromkeys(found[kind])) for kind in sorted(found)}
