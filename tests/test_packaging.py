"""What is shipped: the package with its knowledge, a command, and one version."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and the source distribution; nothing is downloaded for that."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True
    )
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.Path:
    (path,) = built.glob("*.whl")
    return zipfile.Path(path)


def kept(folder: Path) -> set[Path]:
    """Give the files below a folder, except those that version control leaves out."""
    return {
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and not {".tmp", ".pyc"} & set(path.suffixes)
    }


def test_the_wheel_brings_the_knowledge_byte_for_byte(wheel: zipfile.Path) -> None:
    knowledge = ROOT / "knowledge"
    shipped = wheel / "bot" / "shipped_knowledge"
    for path in kept(knowledge):
        assert (shipped / path.as_posix()).read_bytes() == (knowledge / path).read_bytes(), path


def test_the_wheel_holds_the_package_and_nothing_beside(wheel: zipfile.Path) -> None:
    names = {Path(name) for name in wheel.root.namelist() if not name.endswith("/")}
    package = {Path("bot") / path for path in kept(ROOT / "bot")}
    knowledge = {Path("bot/shipped_knowledge") / path for path in kept(ROOT / "knowledge")}
    described = {name for name in names if name.parts[0].endswith(".dist-info")}
    assert names - described == package | knowledge
    assert any(name.name == "LICENSE" for name in described)


def test_an_installed_wheel_answers_from_the_knowledge_it_brought(
    wheel: zipfile.Path, tmp_path: Path
) -> None:
    wheel.root.extractall(tmp_path)
    program = "from bot.knowledge.folder import load, shipped_folder as s; print(s()); load(s())"
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert Path(found.stdout.strip()) == tmp_path / "bot" / "shipped_knowledge"


def test_the_source_distribution_brings_the_knowledge_and_the_tests(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {Path(*Path(name).parts[1:]).as_posix() for name in archive.getnames()}
    wanted = ("knowledge/documents/csto-pa.txt", "tests/test_packaging.py", "Makefile", "LICENSE")
    assert names.issuperset(wanted)


def test_the_command_is_installed_under_its_name() -> None:
    (entry,) = distribution("csto-bot").entry_points.select(group="console_scripts")
    assert (entry.name, entry.value) == ("csto-bot", "bot.cli:main")
    assert callable(entry.load())


def test_the_version_stands_in_one_place() -> None:
    version = PYPROJECT["project"]["version"]
    assert distribution("csto-bot").version == version
    for path in (ROOT / "bot").rglob("*.py"):
        assert f'"{version}"' not in path.read_text(encoding="utf-8"), path


def test_every_dependency_is_pinned_for_make() -> None:
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    project = PYPROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    assert {need.partition(">=")[0].partition("[")[0].lower() for need in wanted} <= pinned
