from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering.conversation import Conversation
from bot.store import ConversationKey, Store

KEY = ConversationKey(user_id=5, chat_id=-400, thread_id=3)

any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),  # halves of surrogate pairs and NUL included
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


async def test_a_conversation_survives_a_restart(url: str, now: datetime) -> None:
    said = Conversation(("members",), {"country": ("KG", "AM")}, "en", now)
    async with await Store.open(url) as store:
        await store.conversations.put(KEY, said.as_json(), now)
    async with await Store.open(url) as store:
        state = await store.conversations.get(KEY, now)
    assert state is not None
    assert Conversation.from_json(state) == said


async def test_it_is_gone_thirty_minutes_after_the_last_turn(store: Store, now: datetime) -> None:
    await store.conversations.put(KEY, {"turn": 1}, now)
    later = now + timedelta(minutes=20)
    await store.conversations.put(KEY, {"turn": 2}, later)
    half_an_hour = later + timedelta(minutes=30)
    assert await store.conversations.get(KEY, half_an_hour) == {"turn": 2}
    assert await store.conversations.get(KEY, half_an_hour + timedelta(microseconds=1)) is None


async def test_two_people_two_chats_and_two_topics_do_not_share_one(
    store: Store, now: datetime
) -> None:
    await store.conversations.put(KEY, {}, now)
    for other in (
        ConversationKey(6, -400, 3),
        ConversationKey(5, -401, 3),
        ConversationKey(5, -400, 4),
    ):
        assert await store.conversations.get(other, now) is None


async def test_a_dialogue_that_is_left_is_gone(store: Store, now: datetime) -> None:
    await store.conversations.put(KEY, {}, now)
    assert await store.conversations.drop(KEY)
    assert not await store.conversations.drop(KEY)
    assert await store.conversations.get(KEY, now) is None


async def test_times_of_any_zone_are_the_same_moment(store: Store, now: datetime) -> None:
    bishkek = now.astimezone(timezone(timedelta(hours=6)))
    await store.conversations.put(KEY, {}, bishkek)
    assert await store.conversations.get(KEY, now + timedelta(minutes=29)) == {}
    assert await store.conversations.get(KEY, now + timedelta(minutes=31)) is None


async def test_a_time_without_a_zone_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(ValueError, match="naive"):
        await store.conversations.put(KEY, {}, now.replace(tzinfo=None))


async def test_what_json_cannot_hold_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        await store.conversations.put(KEY, {"x": float("nan")}, now)
    with pytest.raises(TypeError):
        await store.conversations.put(KEY, {"x": object()}, now)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(state=st.dictionaries(st.text(st.characters()), any_json))
async def test_any_state_comes_back_as_it_was(url: str, state: dict[str, Any]) -> None:
    now = datetime(2026, 5, 4, tzinfo=UTC)
    async with await Store.open(url) as store:
        await store.conversations.put(KEY, state, now)
        assert await store.conversations.get(KEY, now) == state
