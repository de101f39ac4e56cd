"""A news item as text, and what is wrong with one, whoever wrote it: a file, an editor, a feed."""

from __future__ import annotations

import json
from datetime import date

from bot.knowledge.model import NewsItem


def to_json(item: NewsItem) -> str:
    """Write an item as one line of JSON, to be kept; `from_json` reads it."""
    return json.dumps(
        {
            "id": item.id,
            "title": dict(item.title),
            "summary": dict(item.summary),
            "date": item.date.isoformat(),
            "link": item.link,
            "preview": item.preview,
            "image": item.image,
            "topics": item.topics,
            "source": item.source,
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> NewsItem:
    """Read what `to_json` wrote. A key that is missing has its default."""
    read = json.loads(text)
    read["date"] = date.fromisoformat(read["date"])
    read["topics"] = tuple(read.get("topics", ()))
    return NewsItem(**read)
