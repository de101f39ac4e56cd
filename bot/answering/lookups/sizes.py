"""Counting and comparing: totals, differences, rankings, and which has a given size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.answering.finding import Count, Finding, Ref, Say, say
from bot.answering.lookups.delegations import (
    members,
    size_of,
)
from bot.answering.lookups.parts import clarify, focus_on
from bot.answering.scope import Scope
from bot.knowledge.model import Fact


@dataclass(frozen=True, slots=True)
class Sized:
    """Something that has a size: a delegation or a chamber's part of one."""

    id: str
    number: int
    facts: tuple[Fact, ...]

    @property
    def shown(self) -> Say:
        """Name it with its size."""
        return say("sized", name=Ref(self.id), number=self.number)


def _sized(scope: Scope) -> list[Sized]:
    """Give what is to be counted or compared: chambers where they are asked for."""
    if scope.chambers:
        parts = [
            Sized(str(fact.of), int(str(fact.value)), (fact,))
            for chamber in scope.chambers
            for fact in scope.members(scope.country_of(chamber))
            if fact.of == chamber
        ]
        told = {scope.country_of(chamber) for chamber in scope.chambers}
        rest = [name for name in scope.countries if name not in told]
        return parts + [Sized(n, scope.size(n), scope.members(n)) for n in rest]
    named = [name for name in scope.meant if scope.members(name)]
    if scope.tags & {"chamber_word", "one_chamber", "two_chambers"} and (
        len(named) == 1 or not scope.countries
    ):
        return [
            Sized(str(fact.of), int(str(fact.value)), (fact,))
            for name in named
            for fact in scope.members(name)
        ]
    return [Sized(name, scope.size(name), scope.members(name)) for name in named]


def _all_facts(sized: Iterable[Sized]) -> list[Fact]:
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
    sized = list(_extremes(scope, sized))
    number = sum(one.number for one in sized)
    says = [
        say("total", members=Count(number, "member"), parts=tuple(one.shown for one in sized)),
        *_absent(scope),
    ]
    if scope.numbers and scope.is_yes_no:
        says.insert(0, say("confirmed" if number in scope.numbers else "denied"))
    return scope.find(*says, facts=_all_facts(sized), focus=focus_on(scope.countries))


def _extremes(scope: Scope, sized: Sequence[Sized]) -> Sequence[Sized]:
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


def average(scope: Scope) -> Finding:
    """How many members a delegation has on average."""
    sized = _sized(replace(scope, tags=scope.tags - {"chamber_word"}, chambers=()))
    number = sum(one.number for one in sized)
    if not sized:
        return members(scope)
    mean = number / len(sized)
    return scope.find(
        say("average", mean=mean, members=Count(number, "member"), number=len(sized)),
        facts=_all_facts(sized),
        focus=focus_on(scope.countries),
    )


def compare(scope: Scope) -> Finding:
    """Which of several delegations or chambers is larger, and by how much."""
    sized = _sized(scope)
    if _limits(scope, sized):
        return _against_limit(scope, sized)
    if {"most", "fewest"} <= scope.tags and not scope.countries and not scope.chambers:
        order = sorted(sized, key=lambda one: one.number)
        sized = [order[-1], order[0]]
    elif "total" in scope.tags and len(sized) > 2:
        return _against_sum(scope, sized)
    elif not scope.countries and not scope.chambers:
        if {"both", "anaphora"} <= scope.tags and "chamber_word" not in scope.tags:
            return clarify(scope, "which_country", scope.delegations)  # "of those two"
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
                less=small.number, ratio=large.number / small.number)
        ]  # fmt: skip
    else:
        large, small = sorted(sized, key=lambda one: -one.number)
        says = [
            say("compare", large=Ref(large.id), small=Ref(small.id), more=large.number,
                less=small.number, difference=Count(large.number - small.number, "member"))
        ]  # fmt: skip
    if _wants_verdict(scope):
        verdict = _holds(scope, first, second)
        differs_so = abs(first.number - second.number) in scope.numbers
        if verdict is not None and (differs_so or not scope.numbers):
            says.insert(0, say("confirmed" if verdict else "denied"))
    countries = tuple(one.id for one in sized if one.id in scope.delegations) or scope.countries
    return scope.find(*says, *_absent(scope), facts=_all_facts(sized), focus=focus_on(countries))


def _limits(scope: Scope, sized: Sequence[Sized]) -> bool:
    """Tell whether a number is what one size, or the sum of several, is compared with."""
    named = bool(scope.countries or scope.chambers) and not _absent(scope)
    one = len(sized) == 1 or (len(sized) == 2 and "total" in scope.tags)
    return bool(named and one and scope.numbers and scope.tags & {"more", "less"})


def _against_limit(scope: Scope, sized: Sequence[Sized]) -> Finding:
    """Give a size or a sum; yes or no where the number is passed, whether it counts or not."""
    found = total(replace(scope, numbers=()))
    number, limit = sum(one.number for one in sized), scope.numbers[0]
    clear = scope.is_yes_no and number != limit and "not" not in scope.tags
    if not clear or {"more", "less"} <= scope.tags or "same" in scope.tags:
        return found
    verdict = (number > limit) is ("more" in scope.tags)
    return replace(found, says=(say("confirmed" if verdict else "denied"), *found.says))


def _wants_verdict(scope: Scope) -> bool:
    """Tell whether a comparison is asked with yes or no.

    "Than" may be the word for "what" as well, and "the same number" counts nothing.
    """
    said = {"what"} if "than" in scope.tags else set()
    said |= {"count"} if "same" in scope.tags else set()
    claimed = {"polar"} if scope.claims and "difference" not in scope.tags else set()
    asked = replace(scope, tags=scope.tags - said | claimed)
    return asked.is_yes_no and "ratio" not in scope.tags


def _holds(scope: Scope, first: Sized, second: Sized) -> bool | None:
    """Tell whether the first is larger (smaller, as large); None where that is not asked."""
    if "same" in scope.tags:
        return first.number == second.number
    if "more" in scope.tags and "less" not in scope.tags:
        return first.number > second.number
    if "less" in scope.tags and "more" not in scope.tags:
        return first.number < second.number
    return None


def _against_sum(scope: Scope, sized: Sequence[Sized]) -> Finding:
    """Compare one delegation with several together: both sums, and which is larger."""
    ordered = sorted(sized, key=lambda one: -one.number)
    largest, rest = ordered[0], ordered[1:]
    number = sum(one.number for one in rest)
    return scope.find(
        say("against_sum", large=Ref(largest.id), more=largest.number,
            parts=tuple(one.shown for one in rest), less=number),
        facts=_all_facts(sized),
        focus=focus_on(scope.countries),
    )  # fmt: skip


def _ranked(scope: Scope, sized: Sequence[Sized]) -> Finding:
    order = sorted(sized, key=lambda one: -one.number)
    if "fewest" in scope.tags or "less" in scope.tags:
        order.reverse()
    return scope.find(
        say("ranking", parts=tuple(one.shown for one in order)),
        *_absent(scope),
        facts=_all_facts(order),
        focus=focus_on(()),
    )


def rank(scope: Scope) -> Finding:
    """Which delegation or chamber is the largest, the smallest, the second …; or all in order."""
    sized = _sized(scope)
    relation = scope.intent.relation
    if len(sized) < 2:
        sized = _sized(replace(scope, countries=(), chambers=()))
    if relation not in ("most", "fewest"):
        if not scope.ordinals:
            return _ranked(scope, sized)
        relation = "fewest" if "fewest" in scope.tags else "most"  # "the third by size"
    if "after" in scope.tags:
        kinds = {"chamber_word"} if scope.chambers else set()
        sized = _sized(replace(scope, countries=(), chambers=(), tags=scope.tags | kinds))
    elif scope.countries and len(scope.countries) > 1:
        sized = [one for one in sized if one.id in (*scope.countries, *scope.chambers)] or sized
    elif scope.countries and not any(one.facts[0].of == one.id for one in sized):
        sized = _sized(replace(scope, countries=()))
    order = sorted(sized, key=lambda one: one.number, reverse=relation == "most")
    place = _place(scope, order)
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
    return scope.find(*says, facts=_all_facts(order), focus=focus_on(focus))


def _place(scope: Scope, order: Sequence[Sized]) -> int:
    """Give the place asked for, from 1: "the second largest", "the largest after Russia"."""
    named = {*scope.countries, *scope.chambers}
    before = [at for at, one in enumerate(order, start=1) if one.id in named]
    if "after" in scope.tags and before and before[-1] < len(order):
        return before[-1] + 1
    return min([n for n in scope.ordinals if 1 < n <= len(order)], default=1)


def filter_size(scope: Scope) -> Finding:
    """Which delegations are larger or smaller than a number or another, or equal in size."""
    of_one = len(scope.countries) == 1 and "chamber_word" in scope.tags and not scope.numbers
    if len(scope.countries) > 1 or of_one:
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
        if (one.number > limit if more else one.number < limit) or (least and one.number == limit)
    ]
    facts = _all_facts(_sized(replace(scope, countries=(), chambers=())))
    key = (
        f"{'at_least' if more else 'at_most'}" if least else "more_than" if more else "fewer_than"
    )
    key = key if fitting else "none_such"
    listed = tuple(one.shown for one in (fitting or sized))
    focus = tuple(one.id for one in fitting if one.id in scope.delegations)
    says = [say(key, number=limit, parts=listed)]
    if "count" in scope.tags and fitting:
        says.insert(0, say("such_count", number=len(fitting)))
    return scope.find(*says, facts=facts, focus=focus_on(focus))


def _equal(scope: Scope, sized: Sequence[Sized]) -> Finding:
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
        return scope.find(say("equal_chambers", parts=parts), facts=facts, focus=focus_on(even))
    numbers = [one.number for one in sized]
    twins = [one for one in sized if numbers.count(one.number) > 1]
    key = "equal_delegations" if twins else "no_equal_delegations"
    shown = tuple(one.shown for one in (twins or sorted(sized, key=lambda one: -one.number)))
    return scope.find(say(key, parts=shown), facts=_all_facts(sized),
                      focus=focus_on([one.id for one in twins]))  # fmt: skip


def by_number(scope: Scope) -> Finding:
    """Which delegation, or which chamber's part of one, has a number of members."""
    says: list[Say] = []
    facts: list[Fact] = []
    countries: list[str] = []
    parts_asked = sorted(scope.numbers)
    for name in scope.delegations if len(parts_asked) > 1 else ():
        if sorted(int(str(fact.value)) for fact in scope.members(name)) == parts_asked:
            countries.append(name)
            facts += scope.members(name)
            says.append(size_of(scope, name))
    for number in scope.numbers[:1] if not says else ():
        if "chamber_word" not in scope.tags:
            for name in scope.delegations:
                if scope.size(name) == number:
                    countries.append(name)
                    facts += scope.members(name)
                    says.append(size_of(scope, name))
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
    return scope.find(*says, facts=facts, focus=focus_on(tuple(dict.fromkeys(countries))))
