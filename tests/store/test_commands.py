from __future__ import annotations

from bot.store import Store


async def test_a_hash_is_kept_for_each_scope_and_language(url: str) -> None:
    async with await Store.open(url) as store:
        assert await store.commands.hashes() == {}
        await store.commands.put("private", "", "a")
        await store.commands.put("private", "ru", "b")
        await store.commands.put("private", "ru", "c")
    async with await Store.open(url) as store:
        assert await store.commands.hashes() == {("private", ""): "a", ("private", "ru"): "c"}
