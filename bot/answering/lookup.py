"""From what is asked to what the documents say of it: one function for each kind of look-up.

Each takes a `Scope` and gives a `Finding`; none knows a language. The table `LOOK_UPS` at the
end is what `look_up` in `intents.yaml` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.answering.finding import Count, Finding, Ref, Say, Value, Words, quotes_of, say
from bot.answering.reply import Outcome
from bot.knowledge.model import Fact, Intent, Kind, Knowledge, Quote

MOST_NAMED = 6


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
        """Tell whether the question wants a yes or a no."""
        asking = {"who", "what", "which", "count", "where", "when", "why", "name", "list"}
        return "polar" in self.tags and not self.tags & asking

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


def clarify(scope: Scope, key: str, choices: Iterable[str]) -> Finding:
    """Ask back, offering entities to choose from."""
    return replace(
        scope.find(say(key), outcome=Outcome.CLARIFY), choices=tuple(dict.fromkeys(choices))
    )


def _focus(countries: Sequence[str], **other: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"country": tuple(countries)} | {kind: ids for kind, ids in other.items() if ids}


def _refs(ids: Iterable[str]) -> tuple[Ref, ...]:
    return tuple(Ref(identifier) for identifier in ids)


def _outcome(facts: Sequence[Fact]) -> Outcome:
    given = any(fact.given for fact in facts)
    return Outcome.ANSWER if given else Outcome.NOT_IN_DOCUMENTS


def _nearest(scope: Scope, countries: Iterable[str]) -> list[Say]:
    """Say what the documents do give of countries, where they are silent on what was asked."""
    hints: list[Say] = []
    for country in countries:
        if country not in scope.delegations:
            hints.append(say("have_delegations", countries=_refs(scope.delegations)))
            continue
        given = [
            say(f"have_{relation}")
            for relation in ("members", "representative", "website")
            if any(fact.given for fact in scope.knowledge.find(relation, country))
        ]
        hints.append(say("have", country=Ref(country), things=given))
    return list(dict.fromkeys(map(_frozen, hints)).values()) if False else hints[:2]


def _frozen(statement: Say) -> str:
    return repr(statement)


# ------------------------------------------------------------- delegations


def representative(scope: Scope) -> Finding:
    """Who represents a country, several, or each."""
    says: list[Say] = []
    facts: list[Fact] = []
    persons: list[str] = []
    for country in scope.meant:
        for fact in scope.knowledge.find("representative", country):
            facts.append(fact)
            if fact.given:
                persons.append(str(fact.value))
                says.append(say("representative", country=Ref(country), person=Ref(str(fact.value))))
            elif country in scope.delegations:
                says.append(say("representative_not_given", country=Ref(country)))
            else:
                says.append(say("no_delegation", country=Ref(country)))
    outcome = _outcome(facts)
    silent = outcome is Outcome.NOT_IN_DOCUMENTS
    return scope.find(
        *says,
        facts=facts,
        outcome=outcome,
        focus=_focus(scope.meant, person=tuple(persons)),
        hints=_nearest(scope, scope.meant) if silent else (),
    )


def _parts(facts: Sequence[Fact]) -> tuple[Say, ...]:
    return tuple(
        say("part", number=int(str(fact.value)), chamber=Ref(fact.of or fact.subject))
        for fact in facts
    )


def _size_of(scope: Scope, country: str) -> Say:
    """Say how many members a delegation has, with the chambers that it is made of."""
    facts = scope.members(country)
    if len(facts) == 1 and facts[0].of:
        return say(
            "members_one_chamber",
            country=Ref(country),
            members=Count(scope.size(country), "member"),
            chamber=Ref(facts[0].of),
        )
    return say(
        "members",
        country=Ref(country),
        members=Count(scope.size(country), "member"),
        parts=_parts(facts),
    )


def members(scope: Scope) -> Finding:
    """How many members, from which chambers: of a chamber, a country, several, or each."""
    says: list[Say] = []
    facts: list[Fact] = []
    asked: list[int] = []
    if scope.chambers:
        for chamber in scope.chambers:
            country = scope.country_of(chamber)
            for fact in scope.members(country):
                if fact.of == chamber:
                    facts.append(fact)
                    number = int(str(fact.value))
                    asked.append(number)
                    says.append(
                        say("members_chamber", chamber=Ref(chamber), country=Ref(country),
                            members=Count(number, "member"))
                    )  # fmt: skip
        countries: tuple[str, ...] = tuple(dict.fromkeys(map(scope.country_of, scope.chambers)))
    else:
        countries = scope.meant
        for country in countries:
            of_country = scope.members(country)
            if not of_country:
                says.append(say("no_delegation", country=Ref(country)))
                continue
            facts += of_country
            asked.append(scope.size(country))
            says.append(_size_of(scope, country))
            if scope.tags & {"both", "two_chambers"} and len(of_country) == 1:
                says.append(say("only_one_chamber", country=Ref(country)))
    if not facts:
        return scope.find(*says, outcome=Outcome.NOT_IN_DOCUMENTS, focus=_focus(countries),
                          hints=_nearest(scope, countries))  # fmt: skip
    if scope.numbers and len(asked) == 1 and scope.is_yes_no:
        parts = [int(str(fact.value)) for fact in facts]
        compared = scope.tags & {"more", "less"}
        claimed = [n for n in scope.numbers if n != len(facts) or n in (*asked, *parts)]
        if claimed and not compared:
            holds = set(claimed) <= {*asked, *parts}
            fits = asked[0] in claimed or (holds and len(claimed) > 1)
            says.insert(0, say("confirmed" if fits else "denied"))
    return scope.find(*says, facts=facts, focus=_focus(countries, chamber=scope.chambers))


def websites(scope: Scope) -> Finding:
    """Which websites the documents give: of a chamber, a country, several, or all."""
    says: list[Say] = []
    facts: list[Fact] = []
    for country in scope.meant:
        of_country = scope.knowledge.find("website", country)
        chambers = [c for c in scope.chambers if scope.country_of(c) == country]
        if chambers:
            found = [fact for fact in of_country if fact.of in chambers]
            missing = [c for c in chambers if not any(fact.of == c for fact in found)]
            says += [
                say("website_chamber_not_given", chamber=Ref(c), country=Ref(country))
                for c in missing
            ]
        else:
            found = [fact for fact in of_country if fact.given]
            if not found:
                key = "website_not_given" if country in scope.delegations else "no_delegation"
                says.append(say(key, country=Ref(country)))
        facts += found
        says += [
            say("website", chamber=Ref(str(fact.of)), country=Ref(country),
                address=Words(str(fact.value)))
            for fact in found
            if fact.given
        ]  # fmt: skip
    given = [fact for fact in facts if fact.given]
    if "count" in scope.tags and len(given) > 1 and not scope.countries:
        says.insert(0, say("websites_count", websites=Count(len(given), "website")))
    outcome = _outcome(given)
    if outcome is Outcome.ANSWER and not scope.countries and not scope.excepted:
        silent = [c for c in scope.meant if not any(fact.subject == c for fact in given)]
        says = [s for s in says if s.key not in ("website_not_given", "no_delegation")]
        if silent:
            says.append(say("website_not_given_many", countries=_refs(silent)))
    return scope.find(
        *says,
        facts=given,
        outcome=outcome,
        focus=_focus(scope.meant, chamber=scope.chambers),
        hints=_nearest(scope, scope.meant) if outcome is Outcome.NOT_IN_DOCUMENTS else (),
    )


def overview(scope: Scope) -> Finding:
    """Everything about a delegation, with what the documents leave out."""
    says: list[Say] = []
    facts: list[Fact] = []
    for country in scope.meant[:MOST_NAMED]:
        if country not in scope.delegations:
            says.append(say("no_delegation", country=Ref(country)))
            continue
        facts += scope.members(country)
        says.append(_size_of(scope, country))
        person = representative(replace(scope, countries=(country,), chambers=()))
        sites = websites(replace(scope, countries=(country,), chambers=()))
        says += [*person.says, *_offices(scope, person.focus.get("person", ())), *sites.says]
        facts += [
            fact
            for relation in ("representative", "website")
            for fact in scope.knowledge.find(relation, country)
            if fact.given
        ]
    outcome = _outcome(facts)
    hints = _nearest(scope, scope.meant) if outcome is Outcome.NOT_IN_DOCUMENTS else []
    return scope.find(*says, facts=facts, outcome=outcome, focus=_focus(scope.meant), hints=hints)


def _offices(scope: Scope, persons: Iterable[str]) -> list[Say]:
    return [
        say("also_office", person=Ref(person), office=Ref(str(fact.value)))
        for person in persons
        for fact in scope.knowledge.find("office", person)
    ]


def delegations(scope: Scope) -> Finding:
    """Which delegations the documents describe."""
    names = tuple(name for name in scope.delegations if name not in scope.excepted)
    facts = [fact for name in names for fact in scope.members(name)]
    return scope.find(
        say("delegations", number=len(names), countries=_refs(names)), facts=facts,
        focus=_focus(names),
    )  # fmt: skip


def chambers(scope: Scope) -> Finding:
    """Which chambers the delegations are drawn from."""
    facts = [fact for name in scope.meant for fact in scope.members(name)]
    says = [
        say("chambers_of", country=Ref(name), chambers=_refs(str(f.of) for f in scope.members(name)))
        for name in scope.meant
    ]
    if "count" in scope.tags:
        says.insert(0, say("chambers_count", chambers=Count(len(facts), "chamber")))
    return scope.find(*says, facts=facts, focus=_focus(scope.meant))


def count_representatives(scope: Scope) -> Finding:
    """How many representatives the documents name."""
    facts = [fact for fact in scope.knowledge.find("representative") if fact.given]
    found = representative(replace(scope, countries=(), excepted=()))
    return replace(
        found, says=(say("representatives_count", number=len(facts)), *found.says)
    )


# ---------------------------------------------------- counting and comparing


@dataclass(frozen=True, slots=True)
class _Sized:
    """Something that has a size: a delegation or a chamber's part of one."""

    id: str
    number: int
    facts: tuple[Fact, ...]

    @property
    def shown(self) -> Say:
        return say("sized", name=Ref(self.id), number=self.number)


def _sized(scope: Scope) -> list[_Sized]:
    """Give what is to be counted or compared: chambers where they are asked for."""
    if scope.chambers:
        parts = [
            _Sized(str(fact.of), int(str(fact.value)), (fact,))
            for chamber in scope.chambers
            for fact in scope.members(scope.country_of(chamber))
            if fact.of == chamber
        ]
        told = {scope.country_of(chamber) for chamber in scope.chambers}
        rest = [name for name in scope.countries if name not in told]
        return parts + [_Sized(n, scope.size(n), scope.members(n)) for n in rest]
    named = [name for name in scope.meant if scope.members(name)]
    if scope.tags & {"chamber_word", "one_chamber"} and (len(named) == 1 or not scope.countries):
        return [
            _Sized(str(fact.of), int(str(fact.value)), (fact,))
            for name in named
            for fact in scope.members(name)
        ]
    return [_Sized(name, scope.size(name), scope.members(name)) for name in named]


def _all_facts(sized: Iterable[_Sized]) -> list[Fact]:
    return [fact for one in sized for fact in one.facts]


def _absent(scope: Scope) -> list[Say]:
    return [
        say("no_delegation", country=Ref(name))
        for name in scope.countries
        if name not in scope.delegations
    ]


def total(scope: Scope) -> Finding:
    """How many members several delegations, or all of them, have together."""
    bare = replace(scope, tags=scope.tags - {"chamber_word"})
    sized = _sized(bare)
    if not sized:
        return members(scope)
    if len(sized) == 1:
        return members(scope)
    sized = _extremes(scope, sized)
    number = sum(one.number for one in sized)
    says = [
        say("total", members=Count(number, "member"), parts=tuple(one.shown for one in sized)),
        *_absent(scope),
    ]
    if scope.numbers and scope.is_yes_no:
        says.insert(0, say("confirmed" if number in scope.numbers else "denied"))
    return scope.find(*says, facts=_all_facts(sized), focus=_focus(scope.countries))


def _extremes(scope: Scope, sized: Sequence[_Sized]) -> Sequence[_Sized]:
    """Give only the largest or the smallest few, where the question counts those together."""
    wanted = [number for number in scope.numbers if 1 < number < len(sized)]
    if "both" in scope.tags:
        wanted.append(2)
    if not wanted or not scope.tags & {"most", "fewest"}:
        return sized
    order = sorted(sized, key=lambda one: one.number, reverse="most" in scope.tags)
    return order[: wanted[0]]


def by_size(scope: Scope) -> Finding:
    """Find the delegation that a question means by its size: "the largest delegation's"."""
    relation = "most" if "most" in scope.tags else "fewest"
    ranking = replace(scope.intent, relation=relation)
    bare = frozenset({"most", "fewest"}) & scope.tags
    return rank(replace(scope, intent=ranking, tags=bare, countries=(), chambers=()))


def count_delegations(scope: Scope) -> Finding:
    """How many delegations the documents describe."""
    return delegations(replace(scope, excepted=()))


def average(scope: Scope) -> Finding:
    """How many members a delegation has on average."""
    sized = _sized(replace(scope, tags=scope.tags - {"chamber_word"}, chambers=()))
    number = sum(one.number for one in sized)
    if not sized:
        return members(scope)
    mean = _quotient(number, len(sized))
    return scope.find(
        say("average", mean=Words(mean), members=Count(number, "member"), number=len(sized)),
        facts=_all_facts(sized),
        focus=_focus(scope.countries),
    )


def _quotient(number: int, by: int) -> str:
    """Divide, to one place: `13.4`; a whole number is written without places."""
    return f"{number / by:.1f}".removesuffix(".0")


def compare(scope: Scope) -> Finding:
    """Which of several delegations or chambers is larger, and by how much."""
    sized = _sized(scope)
    if "total" in scope.tags and len(sized) > 2:
        return _against_sum(scope, sized)
    if not scope.countries and not scope.chambers:
        return rank(scope)
    if len(sized) < 2:
        if _absent(scope):
            return members(scope)
        if "chamber_word" in scope.tags:
            return members(scope)
        others = [name for name in scope.delegations if name not in scope.countries]
        return clarify(scope, "compare_with_which", others)
    if len(sized) > 2:
        return _ranked(scope, sized)
    first, second = sized
    if first.number == second.number:
        says = [say("compare_equal", first=Ref(first.id), second=Ref(second.id),
                    number=first.number)]  # fmt: skip
    elif "ratio" in scope.tags:
        large, small = sorted(sized, key=lambda one: -one.number)
        says = [
            say("compare_ratio", large=Ref(large.id), small=Ref(small.id), more=large.number,
                less=small.number, ratio=Words(_quotient(large.number, small.number)))
        ]  # fmt: skip
    else:
        large, small = sorted(sized, key=lambda one: -one.number)
        says = [
            say("compare", large=Ref(large.id), small=Ref(small.id), more=large.number,
                less=small.number, difference=Count(large.number - small.number, "member"))
        ]  # fmt: skip
    if scope.is_yes_no and "ratio" not in scope.tags:
        verdict = _holds(scope, first, second)
        if verdict is not None:
            says.insert(0, say("confirmed" if verdict else "denied"))
    countries = tuple(one.id for one in sized if one.id in scope.delegations) or scope.countries
    return scope.find(*says, *_absent(scope), facts=_all_facts(sized), focus=_focus(countries))


def _holds(scope: Scope, first: _Sized, second: _Sized) -> bool | None:
    """Tell whether "is the first larger (smaller, as large)?" is so; None where it is not asked."""
    if "same" in scope.tags:
        return first.number == second.number
    if "more" in scope.tags and "less" not in scope.tags:
        return first.number > second.number
    if "less" in scope.tags and "more" not in scope.tags:
        return first.number < second.number
    return None


def _against_sum(scope: Scope, sized: Sequence[_Sized]) -> Finding:
    """Compare one delegation with several together: both sums, and which is larger."""
    ordered = sorted(sized, key=lambda one: -one.number)
    largest, rest = ordered[0], ordered[1:]
    number = sum(one.number for one in rest)
    return scope.find(
        say("against_sum", large=Ref(largest.id), more=largest.number,
            parts=tuple(one.shown for one in rest), less=number),
        facts=_all_facts(sized),
        focus=_focus(scope.countries),
    )  # fmt: skip


def _ranked(scope: Scope, sized: Sequence[_Sized]) -> Finding:
    order = sorted(sized, key=lambda one: -one.number)
    if "fewest" in scope.tags or "less" in scope.tags:
        order.reverse()
    return scope.find(
        say("ranking", parts=tuple(one.shown for one in order)),
        *_absent(scope),
        facts=_all_facts(order),
        focus=_focus(()),
    )


def rank(scope: Scope) -> Finding:
    """Which delegation or chamber is the largest, the smallest, the second …; or all in order."""
    sized = _sized(scope)
    relation = scope.intent.relation
    if len(sized) < 2:
        sized = _sized(replace(scope, countries=(), chambers=()))
    if relation not in ("most", "fewest"):
        return _ranked(scope, sized)
    if scope.countries and len(scope.countries) > 1:
        sized = [one for one in sized if one.id in (*scope.countries, *scope.chambers)] or sized
    elif scope.countries and not any(one.facts[0].of == one.id for one in sized):
        sized = _sized(replace(scope, countries=()))
    order = sorted(sized, key=lambda one: one.number, reverse=relation == "most")
    place = min([n for n in scope.ordinals if 1 < n <= len(order)], default=1)
    number = order[place - 1].number
    winners = [one for one in order if one.number == number]
    key = f"{relation}_first" if place == 1 else f"{relation}_later"
    rest = [one for one in order if one.number != number]
    says = [
        say(key, names=tuple(Ref(one.id) for one in winners), number=number, place=place,
            members=Count(number, "member"), rest=tuple(one.shown for one in rest))
    ]  # fmt: skip
    if scope.is_yes_no and len(scope.countries) == 1 and place == 1:
        mine = any(one.id == scope.countries[0] for one in winners)
        says.insert(0, say("confirmed" if mine else "denied"))
    focus = tuple(one.id for one in winners if one.id in scope.delegations)
    if not focus:
        focus = tuple(dict.fromkeys(scope.country_of(one.id) for one in winners))
    return scope.find(*says, facts=_all_facts(order), focus=_focus(focus))


def filter_size(scope: Scope) -> Finding:
    """Which delegations are larger or smaller than a number or another, or equal in size."""
    if len(scope.countries) > 1:
        return compare(scope)
    sized = _sized(replace(scope, countries=(), chambers=()))
    if "same" in scope.tags:
        return _equal(scope, sized)
    if scope.countries:
        limits = [scope.size(name) for name in scope.countries if scope.members(name)]
        sized = [one for one in sized if one.id not in scope.countries]
        if not limits:
            return members(scope)
        limit = limits[0]
    else:
        limit = scope.numbers[0]
    more = ("more" in scope.tags) is not ("not" in scope.tags)
    least = "not" in scope.tags
    fitting = [
        one
        for one in sized
        if (one.number > limit if more else one.number < limit) or least and one.number == limit
    ]
    facts = _all_facts(_sized(replace(scope, countries=(), chambers=())))
    key = f"{'at_least' if more else 'at_most'}" if least else "more_than" if more else "fewer_than"
    key = key if fitting else "none_such"
    listed = tuple(one.shown for one in (fitting or sized))
    focus = tuple(one.id for one in fitting if one.id in scope.delegations)
    return scope.find(say(key, number=limit, parts=listed), facts=facts, focus=_focus(focus))


def _equal(scope: Scope, sized: Sequence[_Sized]) -> Finding:
    """Find delegations of one size, or delegations whose chambers send as many each."""
    if scope.tags & {"chamber_word", "two_chambers"}:
        even = [
            name
            for name in scope.delegations
            if len({fact.value for fact in scope.members(name)}) == 1
            and len(scope.members(name)) > 1
        ]
        facts = [fact for name in scope.delegations for fact in scope.members(name)]
        parts = tuple(
            say("sized", name=Ref(name), number=int(str(scope.members(name)[0].value)))
            for name in even
        )
        return scope.find(say("equal_chambers", parts=parts), facts=facts, focus=_focus(even))
    numbers = [one.number for one in sized]
    twins = [one for one in sized if numbers.count(one.number) > 1]
    key = "equal_delegations" if twins else "no_equal_delegations"
    shown = tuple(one.shown for one in (twins or sorted(sized, key=lambda one: -one.number)))
    return scope.find(say(key, parts=shown), facts=_all_facts(sized),
                      focus=_focus([one.id for one in twins]))  # fmt: skip


def lacking(scope: Scope) -> Finding:
    """Which delegations have no website, representative or second chamber in the documents."""
    if "deputy_secretary" in scope.tags:
        return _not_holding(scope)
    names = [name for name in scope.delegations if name not in scope.excepted]
    if scope.tags & {"chamber_word", "one_chamber"}:
        single = [name for name in names if len(scope.members(name)) == 1]
        facts = [fact for name in single for fact in scope.members(name)]
        return scope.find(
            *(say("chambers_one", country=Ref(n), chamber=Ref(str(scope.members(n)[0].of)))
              for n in single),
            facts=facts, focus=_focus(single),
        )  # fmt: skip
    says: list[Say] = []
    given: list[Fact] = []
    focus: list[str] = []
    relations = [r for r in ("website", "representative") if r in scope.tags]
    for relation in relations or ["website", "representative"]:
        facts = scope.knowledge.find(relation)
        silent = [n for n in names if not any(f.subject == n and f.given for f in facts)]
        given += [fact for fact in facts if fact.given]
        focus += silent
        says.append(say(f"lacking_{relation}", countries=_refs(silent)))
    if not relations:
        says.append(say("lacking_names"))
    return scope.find(*says, facts=given, focus=_focus(tuple(dict.fromkeys(focus))))


def _not_holding(scope: Scope) -> Finding:
    """Say to which representatives the documents give no second office."""
    held = [fact for fact in scope.knowledge.find("office")
            if fact.value == "deputy_executive_secretary"]  # fmt: skip
    holders = {fact.subject for fact in held}
    named = [fact for fact in scope.knowledge.find("representative") if fact.given]
    others = tuple(str(fact.value) for fact in named if fact.value not in holders)
    facts = [fact for fact in named if fact.value in others]
    return scope.find(
        say("not_holding", persons=_refs(others), office=Ref("deputy_executive_secretary")),
        facts=facts, focus={"person": others},
    )  # fmt: skip


def two_chambers(scope: Scope) -> Finding:
    """Which delegations are drawn from two chambers."""
    names = [name for name in scope.delegations if len(scope.members(name)) == 2]
    facts = [fact for name in names for fact in scope.members(name)]
    says = [
        say("chambers_of", country=Ref(name), chambers=_refs(str(f.of) for f in scope.members(name)))
        for name in names
    ]
    return scope.find(*says, facts=facts, focus=_focus(names))


# ------------------------------------------------------------ the other way


def person(scope: Scope) -> Finding:
    """Who a person is: whom he represents, and which offices he holds."""
    says: list[Say] = []
    facts: list[Fact] = []
    countries: list[str] = []
    for name in scope.persons:
        for fact in scope.knowledge.find("representative"):
            if fact.value == name:
                facts.append(fact)
                countries.append(fact.subject)
                says.append(say("person_represents", person=Ref(name), country=Ref(fact.subject)))
        for fact in scope.knowledge.find("office", name):
            facts.append(fact)
            key = "also_office" if countries else "person_office"
            says.append(say(key, person=Ref(name), office=Ref(str(fact.value))))
        for fact in scope.knowledge.find("speaker"):
            if fact.value == name:
                facts.append(fact)
                says.append(say("gave_interview", person=Ref(name)))
        if "other" in scope.tags and not any(
            fact.subject == name for fact in scope.knowledge.find("office")
        ):
            says.append(say("no_other_office", person=Ref(name)))
    return scope.find(*says, facts=facts, focus=_focus(countries, person=scope.persons))


def verify_representative(scope: Scope) -> Finding:
    """Whether a person represents a country; if not, whom he does, and who represents it."""
    says: list[Say] = []
    facts: list[Fact] = []
    all_facts = scope.knowledge.find("representative")
    represented = {str(fact.value): fact for fact in all_facts if fact.given}
    right = all(
        name in represented and represented[name].subject in scope.countries
        for name in scope.persons
    )
    denied = "not" in scope.tags
    if scope.is_yes_no or not right:
        says.append(say("denied" if right is denied else "confirmed"))
    for name in scope.persons:
        fact = represented.get(name)
        if fact:
            facts.append(fact)
            says.append(say("person_represents", person=Ref(name), country=Ref(fact.subject)))
        else:
            offices = scope.knowledge.find("office", name)
            facts += offices
            says += [say("person_office", person=Ref(name), office=Ref(str(o.value)))
                     for o in offices]  # fmt: skip
            says.append(say("represents_nobody", person=Ref(name)))
    if not right:
        own = {represented[n].subject for n in scope.persons if n in represented}
        for country in scope.countries:
            for fact in all_facts:
                if fact.subject == country and country not in own:
                    facts.append(fact)
                    if fact.given:
                        says.append(say("representative", country=Ref(country),
                                        person=Ref(str(fact.value))))  # fmt: skip
                    elif country in scope.delegations:
                        says.append(say("representative_not_given", country=Ref(country)))
                    else:
                        says.append(say("no_delegation", country=Ref(country)))
    return scope.find(*says, facts=facts, focus=_focus(scope.countries, person=scope.persons))


def office_holders(scope: Scope) -> Finding:
    """Who holds an office; whether a person, or a country's representative, does."""
    office = str(scope.intent.relation)
    facts = [fact for fact in scope.knowledge.find("office") if fact.value == office]
    holders = [fact.subject for fact in facts]
    persons = list(scope.persons)
    if not persons:
        persons = [
            str(fact.value)
            for country in scope.countries
            for fact in scope.knowledge.find("representative", country)
            if fact.given
        ]
    if not persons:
        says = [_held_by(scope, holders, office)]
        if scope.countries:
            says = [*representative(scope).says, *says]
        if "count" in scope.tags:
            says.insert(0, say("holders_count", number=len(holders)))
        return scope.find(*says, facts=facts, focus={"person": tuple(holders)})
    says = []
    used: list[Fact] = []
    holding = [name for name in persons if name in holders]
    lacking_it = [name for name in persons if name not in holders]
    if scope.is_yes_no:
        says.append(say("denied" if lacking_it else "confirmed"))
    for name in holding:
        says.append(say("holds_office", person=Ref(name), office=Ref(office)))
        used += [fact for fact in facts if fact.subject == name]
    for name in lacking_it:
        says.append(say("holds_no_office", person=Ref(name), office=Ref(office)))
        used += [f for f in scope.knowledge.find("representative") if f.value == name]
        used += [f for f in scope.knowledge.find("office", name)]
    if lacking_it:
        others = [name for name in holders if name not in holding]
        says.append(_held_by(scope, holders, office))
        used += [fact for fact in facts if fact.subject in others]
    if lacking_it and says and says[0].key == "denied":
        says.pop(0)
    return scope.find(*says, facts=used, focus={"person": tuple(persons)})


def _held_by(scope: Scope, holders: Sequence[str], office: str) -> Say:
    """Say who holds an office, each with the country that he represents."""
    countries = {str(f.value): f.subject for f in scope.knowledge.find("representative")}
    persons = tuple(
        say("held_by", person=Ref(name), country=Ref(countries[name])) for name in holders
    )
    return say("office_holders", persons=persons, office=Ref(office))


def people_named(scope: Scope) -> Finding:
    """Which people the documents name."""
    named = [fact for fact in scope.knowledge.find("representative") if fact.given]
    speakers = scope.knowledge.find("speaker")
    says = [
        say("person_represents", person=Ref(str(fact.value)), country=Ref(fact.subject))
        for fact in named
    ]
    says += [say("gave_interview", person=Ref(str(fact.value))) for fact in speakers]
    return scope.find(*says, facts=[*named, *speakers])


def chamber_country(scope: Scope) -> Finding:
    """Which country a chamber or parliament belongs to."""
    says: list[Say] = []
    facts: list[Fact] = []
    countries = [scope.country_of(chamber) for chamber in scope.chambers]
    asked = [name for name in scope.countries if name not in countries]
    if scope.chambers and asked and scope.is_yes_no:
        says.append(say("denied"))
    for chamber in scope.chambers:
        country = scope.country_of(chamber)
        says.append(say("chamber_country", chamber=Ref(chamber), country=Ref(country)))
        facts += [fact for fact in scope.members(country) if fact.of == chamber]
    if not scope.chambers:
        return overview(scope)
    for name in asked:
        facts += scope.members(name)
        if scope.members(name):
            says.append(say("chambers_of", country=Ref(name),
                            chambers=_refs(str(f.of) for f in scope.members(name))))  # fmt: skip
    return scope.find(*says, facts=facts, focus=_focus(countries, chamber=scope.chambers))


def website_owner(scope: Scope) -> Finding:
    """Whose a website is; whether it is a given country's or chamber's."""
    facts = [
        fact for fact in scope.knowledge.find("website")
        if any(fact.value == url for url in scope.urls)
    ]  # fmt: skip
    says: list[Say] = []
    owners = tuple(fact.subject for fact in facts)
    chambers_of_sites = {fact.of for fact in facts}
    if scope.is_yes_no:
        wrong = any(name not in owners for name in scope.countries) or any(
            chamber not in chambers_of_sites for chamber in scope.chambers
        )
        if scope.countries or scope.chambers:
            says.append(say("denied" if wrong else "confirmed"))
    says += [
        say("website_owner", address=Words(str(fact.value)), chamber=Ref(str(fact.of)),
            country=Ref(fact.subject))
        for fact in facts
    ]  # fmt: skip
    return scope.find(*says, facts=facts, focus=_focus(owners))


def by_number(scope: Scope) -> Finding:
    """Which delegation, or which chamber's part of one, has a number of members."""
    says: list[Say] = []
    facts: list[Fact] = []
    countries: list[str] = []
    for number in scope.numbers[:1]:
        if "chamber_word" not in scope.tags:
            for name in scope.delegations:
                if scope.size(name) == number:
                    countries.append(name)
                    facts += scope.members(name)
                    says.append(_size_of(scope, name))
        if not says:
            for fact in scope.knowledge.find("members"):
                if fact.value == number:
                    countries.append(fact.subject)
                    facts.append(fact)
                    says.append(say("members_chamber", chamber=Ref(str(fact.of)),
                                    country=Ref(fact.subject),
                                    members=Count(number, "member")))  # fmt: skip
    if not says:
        every = _sized(replace(scope, countries=(), chambers=(), tags=frozenset()))
        parts = tuple(one.shown for one in every)
        number = scope.numbers[0]
        return scope.find(say("none_of_size", number=number, parts=parts), facts=_all_facts(every))
    return scope.find(*says, facts=facts, focus=_focus(tuple(dict.fromkeys(countries))))


# ------------------------------------------------------------ the interview


def interview_fact(scope: Scope) -> Finding:
    """Who gave the interview, when, on what occasion, to whom."""
    relation = str(scope.intent.relation)
    asked = [name for name, tags in ASKED_TOGETHER.items() if scope.tags & tags]
    if relation in asked and len(asked) > 1:
        facts = tuple(f for name in asked for f in scope.knowledge.find(name, "interview"))
    elif relation == "diplomats_day":
        facts = scope.knowledge.find("day", "diplomats_day")
    else:
        facts = scope.knowledge.find(relation, "interview")
    places = [str(fact.value) for fact in scope.knowledge.find("country", relation)]
    others = [name for name in scope.countries if places and name not in places]
    if others:
        return scope.find(say("diplomats_day_elsewhere", countries=_refs(others)),
                          outcome=Outcome.NOT_IN_DOCUMENTS,
                          hints=[_interview_statement(scope, fact) for fact in facts])  # fmt: skip
    says = [_interview_statement(scope, fact) for fact in facts]
    return scope.find(*says, facts=facts, focus=_interview_focus(scope))


ASKED_TOGETHER: Mapping[str, frozenset[str]] = {
    "speaker": frozenset({"who"}),
    "date": frozenset({"when", "date"}),
    "occasion": frozenset({"occasion"}),
    "interviewer": frozenset({"interviewer", "with_whom"}),
}
"""What may be asked of the interview in one question, by the cues that ask for it."""


def _interview_statement(scope: Scope, fact: Fact) -> Say:
    relation = fact.subject if fact.relation == "day" else fact.relation
    speakers = _refs(str(f.value) for f in scope.knowledge.find("speaker"))
    return say(f"interview_{relation}", value=_value(fact), person=speakers)


def _value(fact: Fact) -> Value:
    if isinstance(fact.value, str):
        return Ref(fact.value) if fact.relation != "title" else Words(fact.value)
    if fact.value is None:
        raise ValueError(f"{fact.subject} {fact.relation}: not given")
    return fact.value


def _interview_focus(scope: Scope) -> dict[str, tuple[str, ...]]:
    speakers = tuple(str(fact.value) for fact in scope.knowledge.find("speaker"))
    return {"person": speakers, "document": ("interview",)}


def interview_about(scope: Scope) -> Finding:
    """What the interview is: who, to whom, when, about what."""
    relations = ("speaker", "date", "occasion", "subject_matter")
    facts = [fact for r in relations for fact in scope.knowledge.find(r, "interview")]
    says = [_interview_statement(scope, fact) for fact in facts]
    return scope.find(*says, facts=facts, focus=_interview_focus(scope))


def interview_questions(scope: Scope) -> Finding:
    """Which questions the interview asks, in its own words."""
    document = scope.knowledge.documents["interview"]
    found = scope.find(
        say("interview_questions", number=len(document.asked)),
        quotes=[passage.quote for passage in document.asked],
        focus=_interview_focus(scope),
    )
    return replace(found, passages=tuple(passage.id for passage in document.asked))


def plenary(scope: Scope) -> Finding:
    """Where and when the plenary session was, and which one it was."""
    facts = scope.knowledge.find("place", "plenary")
    values = {fact.relation: _value(fact) for fact in scope.knowledge.facts
              if fact.subject == "plenary"}  # fmt: skip
    says = [Say("plenary", values)]
    number = scope.knowledge.find("number", "plenary")[0].value
    others = [n for n in scope.numbers if n != number and n > 5 and n < 100]
    if others and not scope.tags & {"when", "date"}:
        return undocumented(scope)
    wrong_place = scope.countries and str(facts[0].value) not in scope.countries
    if scope.is_yes_no and wrong_place:
        says.insert(0, say("denied"))
    return scope.find(*says, facts=facts, focus={"document": ("interview",)})


# ------------------------------------------------------- the documents, talk


def sources(scope: Scope) -> Finding:
    """What the answers are taken from."""
    documents = scope.knowledge.documents.values()
    says = [
        say("source_dated" if document.date else "source_undated", title=Words(document.title),
            **({"date": document.date} if document.date else {}))
        for document in documents
    ]  # fmt: skip
    return scope.find(*says, quotes=[document.head for document in documents])


def freshness(scope: Scope) -> Finding:
    """How old the documents are."""
    return sources(scope)


def undocumented(scope: Scope) -> Finding:
    """Something near the subject that the documents are known to be silent on."""
    silent = sorted(scope.tags & SILENT, key=lambda tag: tag != "member_names")
    keys = [say(f"silent_{tag}") for tag in silent] or [say("silent_member_names")]
    about: list[Value] = [*_refs(scope.persons), *_refs(scope.countries)]
    says = [say("not_given", thing=keys[0])]
    if about:
        says = [say("not_given_about", thing=keys[0], about=tuple(about[:MOST_NAMED]))]
    hints: list[Say] = []
    if "member_states" in silent:
        hints.append(say("have_delegations", countries=_refs(scope.delegations)))
    elif scope.countries:
        hints += _nearest(scope, scope.countries)
    elif silent and silent[0] in ("executive_secretary",):
        holders = [f.subject for f in scope.knowledge.find("office")
                   if f.value == "deputy_executive_secretary"]  # fmt: skip
        hints.append(say("have_deputies", number=len(holders)))
    else:
        hints.append(say("have_delegations", countries=_refs(scope.delegations)))
    return scope.find(*says, outcome=Outcome.NOT_IN_DOCUMENTS, hints=hints,
                      focus=_focus(scope.countries, person=scope.persons))  # fmt: skip


SILENT = frozenset(
    {"member_names", "contact", "birth", "biography", "appointment", "headquarters",
     "executive_secretary", "other_office", "budget", "history", "next_session",
     "member_states", "attribute"}
)  # fmt: skip
"""Cues of what people ask next door. `intents.yaml` lists the same for `undocumented`."""


def elsewhere(scope: Scope) -> Finding:
    """Another organisation or stage than the Assembly."""
    sought = Words(" ".join(scope.sought[:4])) if scope.sought else None
    says = [say("not_about", thing=sought)] if sought else [say("not_given_here")]
    hints = [say("have_delegations", countries=_refs(scope.delegations))]
    return scope.find(*says, outcome=Outcome.NOT_IN_DOCUMENTS, hints=hints)


def help_(scope: Scope) -> Finding:
    """A greeting, thanks, goodbye, or what the bot can do."""
    return scope.find(say(scope.intent.id), outcome=Outcome.HELP)


def off_topic(scope: Scope) -> Finding:
    """Anything that is not the subject."""
    return scope.find(say("out_of_scope"), outcome=Outcome.OUT_OF_SCOPE)


LOOK_UPS: Mapping[str, Callable[[Scope], Finding]] = {
    "representative": representative,
    "members": members,
    "websites": websites,
    "overview": overview,
    "delegations": delegations,
    "chambers": chambers,
    "count_delegations": count_delegations,
    "count_representatives": count_representatives,
    "total": total,
    "average": average,
    "compare": compare,
    "rank": rank,
    "filter_size": filter_size,
    "lacking": lacking,
    "two_chambers": two_chambers,
    "person": person,
    "verify_representative": verify_representative,
    "office_holders": office_holders,
    "people_named": people_named,
    "chamber_country": chamber_country,
    "website_owner": website_owner,
    "by_number": by_number,
    "interview_fact": interview_fact,
    "interview_about": interview_about,
    "interview_questions": interview_questions,
    "plenary": plenary,
    "sources": sources,
    "freshness": freshness,
    "undocumented": undocumented,
    "elsewhere": elsewhere,
    "help": help_,
    "off_topic": off_topic,
}
"""Every kind of look-up, by the name that `intents.yaml` uses."""
