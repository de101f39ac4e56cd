"""Make the JSON Schemas of the YAML files: run `python -m bot.workshop.schemas`.

An editor completes and checks a file by the schema that its first line names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.knowledge.folder import shipped_folder
from bot.knowledge.shapes import SCHEMAS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """Give the text of each schema by the name of its file."""
    return {
        f"{name}.json": json.dumps(
            {"$schema": DIALECT, **_plain(shape.model_json_schema())}, ensure_ascii=False, indent=2
        )
        + "\n"
        for name, shape in SCHEMAS.items()
    }


def _plain(schema: Any) -> Any:
    """Leave out what an editor has no use for: titles made from names, and empty defaults."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _plain(part)
        for key, part in schema.items()
        if not (key == "title" and isinstance(part, str))
    }
    if kept.get("default") in ([], {}, None):
        kept.pop("default", None)
    return kept


def write(folder: Path) -> None:
    """Write all schemas into a folder, and remove those of shapes that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    made = schemas()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    for path in folder.glob("*.json"):
        if path.name not in made:
            path.unlink()


if __name__ == "__main__":
    write(shipped_folder() / "schemas")
