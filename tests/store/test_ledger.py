"""Announcements and the ledger of their deliveries."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.knowledge.model import NewsItem
from bot.news.deliveries import (
    LEASE,
    Action,
    Delivery,
    DeliveryState,
    ItemState,
    Refused,
    Result,
    Sent,
    Shut,
    Unsure,
    Wait,
    after,
)
from bot.store import Approval, ChatKind, Store
from bot.store.workers import GRACE_SECONDS
from tests.conftest import subscribe

ITEM = NewsItem("2026-05-04-session", {"en": "A session"}, {"en": "It met."}, date(2026, 5, 4))
EDITOR = 77
ME = 0
"""The number of a worker."""


async def approved(store: Store, now: datetime, *chat_ids: int, item: NewsItem = ITEM) -> None:
    await subscribe(store, *chat_ids)
    assert await store.announcements.draft(item, "file", None, now)
    assert (await store.announcements.approve(item.id, EDITOR, now)).is_new


async def work(
    store: Store, now: datetime, result: Result | None, most: int = 100
) -> list[Delivery]:
    """Do all that is due with one outcome; with None the worker dies on the way."""
    begun = []
    for delivery in await store.deliveries.claim(ME, most, now):
        task = await store.deliveries.begin(delivery, ME, now)
        if task is None:
            continue
        begun.append(task.delivery)
        if result is None:
            continue
        came = result
        if isinstance(result, Sent) and task.delivery.action is Action.POST:
            came = Sent(1000 + delivery.id)
        await store.deliveries.record(task.delivery, after(task.delivery, came, now), now)
    return begun


async def test_an_approval_plans_one_post_for_each_chat_that_wants_news(
    store: Store, now: datetime
) -> None:
    await store.chats.remember(9, ChatKind.PRIVATE)
    await approved(store, now, 1, 2, -3)
    assert await store.deliveries.counts(ITEM.id) == {"pending": 3}
    found = await store.announcements.get(ITEM.id)
    assert found is not None
    assert (found.item, found.state, found.approved_by) == (ITEM, ItemState.QUEUED, EDITOR)


async def test_approving_twice_or_at_once_is_one_approval(store: Store, now: datetime) -> None:
    await subscribe(store, 1, 2)
    await store.announcements.draft(ITEM, "editor", EDITOR, now)
    approvals = await asyncio.gather(
        *(store.announcements.approve(ITEM.id, by, now) for by in (1, 2, 3))
    )
    assert sorted(each.is_new for each in approvals) == [False, False, True]
    assert {each.chats for each in approvals} == {2}
    assert await store.deliveries.counts(ITEM.id) == {"pending": 2}
    log = await store.announcements.log(ITEM.id)
    assert [entry.action for entry in log] == ["draft", "approve"]


async def test_a_draft_with_a_taken_id_changes_nothing(store: Store, now: datetime) -> None:
    assert await store.announcements.draft(ITEM, "file", None, now)
    other = replace(ITEM, title={"en": "Another"})
    assert not await store.announcements.draft(other, "editor", EDITOR, now)
    found = await store.announcements.get(ITEM.id)
    assert found is not None and found.item == ITEM


async def test_what_is_for_later_is_planned_when_its_time_comes(
    store: Store, now: datetime
) -> None:
    await subscribe(store, 1)
    await store.announcements.draft(ITEM, "file", None, now)
    later = now + timedelta(hours=3)
    assert await store.announcements.approve(ITEM.id, 1, now, at=later) == Approval(True, 1)
    await subscribe(store, 2)
    await store.deliveries.tidy(later - timedelta(seconds=1))
    assert await store.deliveries.counts(ITEM.id) == {}
    for _ in range(2):
        await store.deliveries.tidy(later)
    assert await store.deliveries.counts(ITEM.id) == {"pending": 2}


async def test_topics_decide_who_gets_an_item(store: Store, now: datetime) -> None:
    await subscribe(store, 1, 2, 3)
    await store.chats.set_topics(1, ["observers"])
    await store.chats.set_topics(2, ["100%_done", "выборы"])
    for number, (topics, chats) in enumerate([
        (("observers",), 2), (("выборы", "observers"), 3), (("observer",), 1), ((), 3),
        (("100%_done",), 2), (("100x_done",), 1),
    ]):  # fmt: skip
        item = replace(ITEM, id=f"item-{number}", topics=topics)
        await store.announcements.draft(item, "file", None, now)
        assert (await store.announcements.approve(item.id, None, now)).chats == chats, topics


async def test_only_the_named_chats_get_it(store: Store, now: datetime) -> None:
    await subscribe(store, 1, 2, 3)
    await store.announcements.draft(ITEM, "file", None, now)
    assert await store.announcements.approve(ITEM.id, None, now, only=[2, 9]) == Approval(True, 1)
    assert [each.chat_id for each in await store.deliveries.of(ITEM.id)] == [2]


async def test_a_delivery_goes_to_one_worker(store: Store, now: datetime) -> None:
    await approved(store, now, *range(1, 21))
    shares = await asyncio.gather(*(store.deliveries.claim(n, 6, now) for n in range(5)))
    ids = [delivery.id for share in shares for delivery in share]
    assert len(ids) == len(set(ids)) == 20
    first = shares[0][0]
    assert await store.deliveries.begin(first, 4, now) is None
    assert await store.deliveries.begin(first, 0, now) is not None
    assert await store.deliveries.begin(first, 0, now) is None


async def test_what_another_worker_has_by_now_is_not_put_off(store: Store, now: datetime) -> None:
    await approved(store, now, 1)
    (had,) = await store.deliveries.claim(ME, 1, now)
    await store.deliveries.tidy(now)  # nobody holds that number
    (has,) = await store.deliveries.claim(7, 1, now)
    await store.deliveries.postpone(had, ME, now + timedelta(hours=1))
    assert await store.deliveries.begin(has, 7, now) is not None


async def test_a_sent_post_keeps_its_message_id_and_is_never_sent_again(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    await work(store, now, Sent())
    await store.deliveries.tidy(now + timedelta(days=1))
    assert await store.deliveries.claim(ME, 10, now + timedelta(days=1)) == []
    sent = (await store.deliveries.of(ITEM.id))[0]
    assert (sent.state, sent.message_id, sent.posted_in) == (DeliveryState.SENT, 1000 + sent.id, 1)
    found = await store.announcements.get(ITEM.id)
    assert found is not None and found.state is ItemState.DONE


async def test_a_claim_that_ends_is_claimed_again_a_request_that_ends_is_uncertain(
    store: Store, now: datetime
) -> None:
    me = await store.workers.join()
    await approved(store, now, 1, 2)
    first, _ = await store.deliveries.claim(me, 2, now)
    assert await store.deliveries.begin(first, me, now) is not None
    await store.deliveries.tidy(now + LEASE)
    assert await store.deliveries.counts(ITEM.id) == {"claimed": 1, "sending": 1}
    assert await store.deliveries.tidy(now + LEASE + timedelta(seconds=1)) == 1
    assert await store.deliveries.counts(ITEM.id) == {"pending": 1, "uncertain": 1}
    assert [each.chat_id for each in await store.deliveries.uncertain()] == [first.chat_id]


async def test_a_new_process_with_the_number_of_a_dead_one_does_not_wait_for_its_leases(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1, 2)
    await work(store, now, None, most=1)
    await store.deliveries.claim(ME, 1, now)
    assert await store.deliveries.recover(ME, now) == 1
    assert await store.deliveries.counts(ITEM.id) == {"pending": 1, "uncertain": 1}


async def test_the_late_answer_of_a_worker_thought_dead_still_counts_if_it_is_certain(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    (begun,) = await work(store, now, None)
    await store.deliveries.recover(ME, now)
    assert not await store.deliveries.record(begun, after(begun, Refused("no"), now), now)
    assert await store.deliveries.record(begun, after(begun, Sent(5), now), now)
    assert await store.deliveries.counts(ITEM.id) == {"sent": 1}


@pytest.mark.parametrize(
    ("how", "counts"),
    [("sent", {"sent": 1}), ("resend", {"pending": 1}), ("leave", {"uncertain": 1})],
)
async def test_an_uncertain_post_is_decided_on_once(
    store: Store, now: datetime, how: str, counts: dict[str, int]
) -> None:
    await approved(store, now, 1)
    await work(store, now, Unsure("a timeout"))
    await store.deliveries.tidy(now)
    assert not await store.deliveries.resolve(ITEM.id, 2, how, EDITOR, now)
    assert await store.deliveries.resolve(ITEM.id, 1, how, EDITOR, now)
    assert await store.deliveries.counts(ITEM.id) == counts
    assert await store.deliveries.uncertain() == []
    log = await store.announcements.log(ITEM.id)
    assert (log[-1].action, log[-1].by, log[-1].detail) == (f"resolve: {how}", EDITOR, "1")


async def test_uncertain_private_posts_are_sent_once_more_where_the_operator_says_so(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1, -2)
    await work(store, now, None)
    assert await store.deliveries.recover(ME, now, may_resend=True) == 1
    assert await store.deliveries.counts(ITEM.id) == {"pending": 1, "uncertain": 1}
    later = now + timedelta(minutes=1)
    assert [each.chat_id for each in await work(store, later, None)] == [1]
    await store.deliveries.recover(ME, later, may_resend=True)
    assert await store.deliveries.counts(ITEM.id) == {"uncertain": 2}


async def test_what_a_dead_process_had_is_taken_back_but_not_sent_again_before_its_lease_ends(
    store: Store, now: datetime
) -> None:
    """Its request may still be on its way: it may live, and have lost its lock alone.

    What it had not begun goes back at once: it would find that it may not begin.
    """
    time = [0.0]
    store.workers._clock = lambda: time[0]
    await approved(store, now, 1, 2, 3)
    (begun,) = await work(store, now, None, most=1)
    (claimed,) = await store.deliveries.claim(ME, 1, now)
    await store.deliveries.tidy(now, may_resend=True)
    assert await store.deliveries.counts(ITEM.id) == {"pending": 2, "sending": 1}
    assert await store.deliveries.begin(claimed, ME, now) is None
    time[0] = GRACE_SECONDS
    await store.deliveries.tidy(now, may_resend=True)
    assert await store.deliveries.counts(ITEM.id) == {"pending": 3}
    soon = now + LEASE - timedelta(seconds=1)
    assert begun.id not in {each.id for each in await store.deliveries.claim(7, 9, soon)}
    assert await store.deliveries.record(begun, after(begun, Sent(5), soon), soon)
    assert await store.deliveries.claim(7, 9, now + LEASE) == []


async def test_a_chat_that_cannot_be_written_to_gets_it_when_it_returns(
    store: Store, now: datetime
) -> None:
    await subscribe(store, 2)
    await store.chats.pause(2, "blocked", now)
    await approved(store, now, 1)
    await work(store, now, Shut("kicked"))
    assert await store.deliveries.counts(ITEM.id) == {"paused": 2}
    paused = await store.chats.get(1)
    assert paused is not None and paused.paused_reason == "kicked"
    assert await state_after_tidying(store, now) is ItemState.DONE
    await store.chats.resume(1)
    await store.chats.resume(2)
    assert await store.deliveries.counts(ITEM.id) == {"pending": 2}
    assert await state_after_tidying(store, now) is ItemState.QUEUED
    await work(store, now, Sent())
    assert await store.deliveries.counts(ITEM.id) == {"sent": 2}
    assert await state_after_tidying(store, now) is ItemState.DONE


async def state_after_tidying(store: Store, now: datetime) -> ItemState:
    await store.deliveries.tidy(now)
    found = await store.announcements.get(ITEM.id)
    assert found is not None
    return found.state


async def test_stale_news_is_not_delivered(store: Store, now: datetime) -> None:
    await subscribe(store, 2)
    await store.chats.pause(2, "blocked", now)
    await approved(store, now, 1)
    late = now + timedelta(hours=48)
    claimed = await store.deliveries.claim(ME, 1, now)
    assert await store.deliveries.begin(claimed[0], ME, late) is None
    await store.deliveries.tidy(late)
    assert await store.deliveries.counts(ITEM.id) == {"expired": 2}


async def test_who_unsubscribed_meanwhile_gets_nothing(store: Store, now: datetime) -> None:
    await approved(store, now, 1)
    await store.chats.set_news(1, on=False)
    assert await work(store, now, Sent()) == []
    assert await store.deliveries.counts(ITEM.id) == {"failed": 1}


async def test_a_429_delays_its_chat_alone(store: Store, now: datetime) -> None:
    await approved(store, now, 1)
    await work(store, now, Wait(17))
    assert await store.deliveries.claim(ME, 9, now + timedelta(seconds=16.9)) == []
    assert len(await store.deliveries.claim(ME, 9, now + timedelta(seconds=17))) == 1


# ------------------------------------------------------- corrections, retractions

NEWER = replace(ITEM, title={"en": "The session"})
NEWEST = replace(ITEM, title={"en": "The 17th session"})


async def test_a_draft_is_changed_without_a_correction(store: Store, now: datetime) -> None:
    await store.announcements.draft(ITEM, "file", None, now)
    changed = await store.announcements.change(ITEM.id, NEWER, EDITOR, now)
    assert changed is not None
    assert (changed.item, changed.revision, changed.revised_at) == (NEWER, 1, None)


async def test_a_correction_goes_to_each_post_once_and_those_to_come_get_the_new_text(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1, 2)
    await work(store, now, Sent(), most=1)
    for _ in range(2):  # the same text again is no correction
        changed = await store.announcements.change(ITEM.id, NEWER, EDITOR, now)
        assert changed is not None and changed.revision == 2
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {"pending": 1}
    tasks = []
    for delivery in await store.deliveries.claim(ME, 9, now):
        task = await store.deliveries.begin(delivery, ME, now)
        assert task is not None
        tasks.append(task)
        await store.deliveries.record(task.delivery, after(task.delivery, Sent(7), now), now)
    assert [(task.delivery.action, task.item, task.message_id) for task in tasks] == [
        (Action.EDIT, NEWER, 1001),
        (Action.POST, NEWER, None),
    ]
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {"sent": 1}
    assert await store.deliveries.claim(ME, 9, now) == []


async def test_a_post_on_its_way_while_it_is_corrected_gets_the_correction(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    (begun,) = await work(store, now, None)
    await store.announcements.change(ITEM.id, NEWER, EDITOR, now)
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {}
    await store.deliveries.record(begun, after(begun, Sent(7), now), now)
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {"pending": 1}


async def test_a_correction_of_a_correction_on_its_way_is_made_too(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    await work(store, now, Sent())
    await store.announcements.change(ITEM.id, NEWER, EDITOR, now)
    (begun,) = await work(store, now, None)
    await store.announcements.change(ITEM.id, NEWEST, EDITOR, now)
    await store.deliveries.record(begun, after(begun, Sent(), now), now)
    (again,) = await work(store, now, Sent())
    assert (again.action, again.revision) == (Action.EDIT, 3)
    await store.announcements.change(ITEM.id, NEWER, EDITOR, now)
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {"pending": 1}


async def test_a_correction_without_an_answer_is_made_again(store: Store, now: datetime) -> None:
    await approved(store, now, 1)
    await work(store, now, Sent())
    await store.announcements.change(ITEM.id, NEWER, EDITOR, now)
    await work(store, now, Unsure("a timeout"))
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {"pending": 1}


async def test_a_retraction_drops_what_is_to_come_and_takes_back_what_is_there(
    store: Store, now: datetime
) -> None:
    await subscribe(store, 4)
    await store.chats.pause(4, "blocked", now)
    await approved(store, now, 1, 2, 3)
    await work(store, now, Sent(), most=1)
    await store.deliveries.claim(ME, 1, now)
    assert await store.announcements.retract(ITEM.id, EDITOR, now)
    assert not await store.announcements.retract(ITEM.id, EDITOR, now)
    assert await store.deliveries.counts(ITEM.id) == {"sent": 1, "retracted": 3}
    (begun,) = await work(store, now, Sent())
    assert begun.action is Action.RETRACT
    assert await store.deliveries.counts(ITEM.id) == {"retracted": 4}
    assert await store.deliveries.counts(ITEM.id, Action.RETRACT) == {"sent": 1}
    assert await store.announcements.change(ITEM.id, NEWER, EDITOR, now) is None


async def test_a_post_on_its_way_while_it_is_retracted_is_taken_back(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1, 2)
    first, second = await work(store, now, None)
    await store.announcements.retract(ITEM.id, EDITOR, now)
    await store.deliveries.record(first, after(first, Sent(7), now), now)
    await store.deliveries.record(second, after(second, Wait(1), now), now)
    assert await store.deliveries.counts(ITEM.id) == {"sent": 1, "retracted": 1}
    (begun,) = await work(store, now, Sent())
    assert (begun.action, begun.chat_id) == (Action.RETRACT, first.chat_id)


async def test_what_was_retracted_is_not_sent_again(store: Store, now: datetime) -> None:
    await approved(store, now, 1)
    await work(store, now, Unsure("a timeout"))
    await store.announcements.retract(ITEM.id, EDITOR, now)
    assert await store.deliveries.resolve(ITEM.id, 1, "resend", EDITOR, now)
    assert await store.deliveries.counts(ITEM.id) == {"retracted": 1}


async def test_only_drafts_and_what_waits_for_its_time_are_discarded(
    store: Store, now: datetime
) -> None:
    await store.announcements.draft(ITEM, "file", None, now)
    await store.announcements.approve(ITEM.id, 1, now, at=now + timedelta(hours=1))
    assert await store.announcements.discard(ITEM.id, EDITOR, now)
    assert not await store.announcements.discard(ITEM.id, EDITOR, now)
    assert not (await store.announcements.approve(ITEM.id, 1, now)).is_new
    await store.deliveries.tidy(now + timedelta(hours=2))
    assert await store.deliveries.counts(ITEM.id) == {}


async def test_what_may_be_in_a_chat_is_never_said_to_be_nowhere(
    store: Store, now: datetime
) -> None:
    """Of one copy nobody knows, and the second never went out."""
    await approved(store, now, 1, 2, 3, 4)
    in_retraction, waiting, stale, refused = await store.deliveries.claim(ME, 4, now)

    async def request(delivery: Delivery, result: Result, at: datetime) -> None:
        (task,) = [await store.deliveries.begin(delivery, ME, at)]
        assert task is not None
        change = after(task.delivery, result, at, may_resend=True)
        await store.deliveries.record(task.delivery, change, at)

    for delivery in (stale, refused, waiting):
        await request(delivery, Unsure("a timeout"), now)
    later = now + timedelta(seconds=5)
    for again in await store.deliveries.claim(ME, 4, later):
        result = Refused("no") if again.chat_id == refused.chat_id else Wait(90_000)
        await request(again, result, later)
    rows = {row.chat_id: row for row in await store.deliveries.of(ITEM.id)}
    assert rows[refused.chat_id].state is DeliveryState.UNCERTAIN
    assert rows[refused.chat_id].reason == "no"

    in_flight = await store.deliveries.begin(in_retraction, ME, later)
    assert in_flight is not None
    await store.announcements.retract(ITEM.id, EDITOR, later)
    change = after(in_flight.delivery, Unsure("a timeout"), later, may_resend=True)
    await store.deliveries.record(in_flight.delivery, change, later)
    assert await store.deliveries.counts(ITEM.id) == {"uncertain": 4}
    assert len(await store.deliveries.uncertain()) == 4


async def test_a_second_copy_that_grew_stale_leaves_the_first_uncertain(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    (delivery,) = await store.deliveries.claim(ME, 1, now)
    task = await store.deliveries.begin(delivery, ME, now)
    assert task is not None
    change = after(task.delivery, Unsure("a timeout"), now, may_resend=True)
    await store.deliveries.record(task.delivery, change, now)
    await store.deliveries.tidy(now + timedelta(days=3))
    assert await store.deliveries.counts(ITEM.id) == {"uncertain": 1}


async def test_what_an_editor_has_sent_again_is_news_once_more(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    await work(store, now, Unsure("a timeout"))
    later = now + timedelta(days=3)
    await store.deliveries.tidy(later)
    assert await store.deliveries.resolve(ITEM.id, 1, "resend", EDITOR, later)
    await store.deliveries.tidy(later)
    assert len(await work(store, later, Sent())) == 1


async def test_the_late_answer_to_what_an_editor_found_there_tells_which_message_it_is(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    (begun,) = await work(store, now, None)
    late = now + 2 * LEASE
    await store.deliveries.tidy(late)
    assert await store.deliveries.resolve(ITEM.id, 1, "sent", EDITOR, late)
    assert await store.deliveries.record(begun, after(begun, Sent(7), late), late)
    await store.announcements.retract(ITEM.id, EDITOR, late)
    (retraction,) = await store.deliveries.claim(ME, 1, late)
    task = await store.deliveries.begin(retraction, ME, late)
    assert task is not None and task.message_id == 7


async def test_a_correction_that_is_refused_is_made_again_where_the_text_changed_meanwhile(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    await work(store, now, Sent())
    await store.announcements.change(ITEM.id, replace(ITEM, title={"en": "A"}), EDITOR, now)
    (begun,) = await work(store, now, None)
    await store.announcements.change(ITEM.id, replace(ITEM, title={"en": "B"}), EDITOR, now)
    await store.deliveries.record(begun, after(begun, Refused("too long"), now), now)
    assert await store.deliveries.counts(ITEM.id, Action.EDIT) == {"pending": 1}
    assert len(await work(store, now, Sent())) == 1


async def test_a_picture_that_a_correction_brought_is_known_to_the_next(
    store: Store, now: datetime
) -> None:
    await approved(store, now, 1)
    await work(store, now, Sent())
    await store.announcements.change(ITEM.id, replace(ITEM, title={"en": "A"}), EDITOR, now)
    await work(store, now, Sent(has_image=True))
    await store.announcements.change(ITEM.id, replace(ITEM, title={"en": "B"}), EDITOR, now)
    (correction,) = await store.deliveries.claim(ME, 1, now)
    task = await store.deliveries.begin(correction, ME, now)
    assert task is not None and task.has_image


# ---------------------------------------------------------------- supergroups


async def test_a_group_named_for_later_gets_it_as_the_supergroup_it_became(
    store: Store, now: datetime
) -> None:
    await subscribe(store, -1, 2)
    await store.announcements.draft(ITEM, "file", None, now)
    later = now + timedelta(hours=1)
    await store.announcements.approve(ITEM.id, EDITOR, now, at=later, only=[-1])
    await store.chats.migrate(-1, -100, now)
    await store.deliveries.tidy(later)
    assert [row.chat_id for row in await store.deliveries.of(ITEM.id)] == [-100]


async def test_a_group_that_became_a_supergroup_keeps_its_deliveries(
    store: Store, now: datetime
) -> None:
    await approved(store, now, -1)
    await store.chats.migrate(-1, -100, now)
    (begun,) = await work(store, now, Sent())
    assert begun.chat_id == -100
    assert [each.chat_id for each in await store.deliveries.of(ITEM.id)] == [-100]


async def test_a_group_that_got_it_does_not_get_it_again_as_a_supergroup(
    store: Store, now: datetime
) -> None:
    await approved(store, now, -1, -100)
    (first,) = await work(store, now, Sent(), most=1)
    await store.chats.migrate(-1, -100, now)
    assert await store.deliveries.counts(ITEM.id) == {"sent": 1}
    assert await work(store, now, Sent()) == []
    post = (await store.deliveries.of(ITEM.id))[0]
    assert (post.chat_id, post.posted_in) == (-100, first.chat_id)


async def test_a_request_that_comes_back_after_the_move_is_recorded(
    store: Store, now: datetime
) -> None:
    await approved(store, now, -1)
    (begun,) = await work(store, now, None)
    await store.chats.migrate(-1, -100, now)
    assert await store.deliveries.record(begun, after(begun, Sent(7), now), now)
    post = (await store.deliveries.of(ITEM.id))[0]
    assert (post.chat_id, post.posted_in, post.message_id) == (-100, -1, 7)
