"""From what is asked to what the documents say of it: one function for each kind of look-up.

Each takes a `Scope` and gives a `Finding`; none knows a language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.answering.finding import Finding
from bot.answering.lookups import delegations, interview, outside, people, sizes
from bot.answering.scope import Scope

LOOK_UPS: Mapping[str, Callable[[Scope], Finding]] = {
    "representative": delegations.representative,
    "members": delegations.members,
    "websites": delegations.websites,
    "overview": delegations.overview,
    "delegations": delegations.delegations,
    "chambers": delegations.chambers,
    "count_delegations": delegations.count_delegations,
    "count_representatives": delegations.count_representatives,
    "total": sizes.total,
    "average": sizes.average,
    "compare": sizes.compare,
    "rank": sizes.rank,
    "filter_size": sizes.filter_size,
    "lacking": delegations.lacking,
    "not_holding": people.not_holding,
    "two_chambers": delegations.two_chambers,
    "person": people.person,
    "verify_representative": people.verify_representative,
    "office_holders": people.office_holders,
    "people_named": people.people_named,
    "chamber_country": delegations.chamber_country,
    "website_owner": delegations.website_owner,
    "by_number": sizes.by_number,
    "interview_fact": interview.interview_fact,
    "interview_about": interview.interview_about,
    "interview_questions": interview.interview_questions,
    "plenary": interview.plenary,
    "sources": outside.sources,
    "freshness": outside.freshness,
    "undocumented": outside.undocumented,
    "elsewhere": outside.elsewhere,
    "help": outside.help_,
    "off_topic": outside.off_topic,
}
"""Every kind of look-up, by the name that `intents.yaml` uses."""
