"""What is shipped: the package with its knowledge, a command, and one version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import TelegramSettings

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
    wanted = {
        "compose.yaml", "knowledge/documents/csto-pa.txt", "tests/test_packaging.py",
        "Makefile", "LICENSE",
        "Dockerfile", ".dockerignore", "packaging/csto-bot.service",
    }  # fmt: skip
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
    wanted = project["dependencies"] + [
        need
        for extra in project["optional-dependencies"].values()
        for need in extra
        if not need.startswith(project["name"])
    ]
    assert {need.partition(">=")[0].partition("[")[0].lower() for need in wanted} <= pinned


def test_the_image_is_built_from_what_is_there_and_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line
    ]
    for name in (name for names in copied for name in names):
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users and not users[-1].startswith(("0", "root"))
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_two_bots_share_a_database_and_can_write_nowhere_else() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    bots = [service for name, service in services.items() if name.startswith("bot-")]
    assert len(bots) == 2 and "postgres" in services["database"]["image"]
    known = TelegramSettings.model_fields
    for bot in bots:
        assert bot["read_only"] and bot["cap_drop"] == ["ALL"]
        assert {name.lower() for name in bot["environment"]} <= set(known)


def test_the_proxy_of_the_bots_passes_on_the_webhook_alone_and_tries_the_other_one() -> None:
    found = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    proxy = found["configs"]["proxy"]["content"]
    path = found["services"]["bot-1"]["environment"]["WEBHOOK_URL"].rpartition("/")[2]
    assert f"handle /{path} {{" in proxy and "respond 404" in proxy
    assert "lb_try_duration" in proxy and "health_uri /healthz" in proxy
    assert "bot-1:8080 bot-2:8080" in proxy


def test_the_service_of_systemd_is_sound_and_has_few_rights(tmp_path: Path) -> None:
    unit = (ROOT / "packaging" / "csto-bot.service").read_text(encoding="utf-8")
    for wanted in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert wanted in unit.splitlines()
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not here: whether the unit is sound is not known")
    copy = tmp_path / "csto-bot.service"
    copy.write_text(unit.replace("/opt/csto-bot/bin/csto-bot", sys.executable), encoding="utf-8")
    verified = subprocess.run([analyze, "verify", copy], capture_output=True, check=False)
    assert verified.returncode == 0, verified.stderr
    judged = subprocess.run(
        [analyze, "security", "--offline=yes", copy],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = re.search(r"exposure level for .*: ([0-9.]+)", judged.stdout)
    assert found and float(found[1]) <= 1.5  # of 10


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell: str) -> None:
    words = {"COMP_WORDS": "csto-bot d", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "csto-bot d"}
    found = subprocess.run(
        [Path(sys.executable).parent / "csto-bot"],
        env={"_CSTO_BOT_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
        | words,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "doctor" in found.stdout
