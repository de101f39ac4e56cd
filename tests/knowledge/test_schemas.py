"""The JSON Schemas that editors complete and check the files by."""

from __future__ import annotations

import json

import pytest

from bot.knowledge.folder import shipped_folder
from bot.workshop.schemas import schemas, write
from tests.knowledge.conftest import Folder

SHIPPED = shipped_folder()


def test_the_schemas_are_those_of_the_shapes() -> None:
    kept = {p.name: p.read_text(encoding="utf-8") for p in (SHIPPED / "schemas").glob("*.json")}
    assert kept == schemas(), "run: python -m bot.workshop.schemas"


def test_every_yaml_file_names_its_schema(folder: Folder) -> None:
    for path in folder.path.rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        key, _, schema = first.partition("$schema=")
        assert key == "# yaml-language-server: ", path
        assert (path.parent / schema).is_file(), path


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_plain_json_that_refuses_unknown_keys(name: str) -> None:
    schema = json.loads(schemas()[name])
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is not True
    assert "title" not in schema


def test_writing_makes_all_schemas_and_removes_old_ones(folder: Folder) -> None:
    target = folder.path / "schemas"
    (target / "old.json").write_text("{}", encoding="utf-8")
    write(target)
    assert {path.name for path in target.iterdir()} == set(schemas())
