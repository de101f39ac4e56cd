"""The command line, as people and scripts meet it."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering import Answerer, Outcome
from bot.cli import app
from bot.cli.batch import answer_batch
from bot.cli.chat import Chat
from bot.knowledge.folder import shipped_folder

ROOT = Path(__file__).resolve().parents[1]
FIELDS = {
    "id", "question", "outcome", "intent", "entities", "language", "answer", "text", "sources",
    "confidence", "suggestions", "receipt",
}  # fmt: skip
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
KOGUT = "Viktor Kogut"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KNOWLEDGE_DIR", "LOG_LEVEL", "LOG_FORMAT", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, typed: str | bytes = "") -> typer.testing.Result:
    return typer.testing.CliRunner().invoke(app, arguments, input=typed)


def wrong(*arguments: str) -> str:
    """Give what is told of wrong arguments, on standard error and with status 2."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert not result.stdout
    assert "Traceback" not in result.stderr
    return result.stderr


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the knowledge with two mistakes in two files."""
    folder = tmp_path / "knowledge"
    shutil.copytree(shipped_folder(), folder)
    facts = folder / "facts" / "delegations.yaml"
    facts.write_text(
        facts.read_text(encoding="utf-8").replace("Viktor Kogut", "Victor Kogut"), encoding="utf-8"
    )
    entities = folder / "entities.yaml"
    entities.write_text(
        entities.read_text(encoding="utf-8") + "\nXX: {kind: country, colour: red}\n",
        encoding="utf-8",
    )
    return folder


# --------------------------------------------------------------------------- ask


def test_a_question_gets_its_answer_first_and_then_the_line_that_says_it() -> None:
    result = run("ask", "Who represents Belarus?")
    assert result.exit_code == 0
    answer, quoted = result.stdout.split("\n\n", 1)
    assert KOGUT in answer
    assert (
        "«Plenipotentiary representative of the National Assembly of the Republic of Belarus:"
        f" {KOGUT}»" in quoted
    )
    assert "line 2" in quoted


def test_a_question_needs_no_quotation_marks() -> None:
    assert run("ask", "who", "represents", "Belarus?").stdout == (
        run("ask", "who represents Belarus?").stdout
    )


def test_json_is_one_object_with_the_fields_that_programs_rely_on() -> None:
    result = run("ask", "--json", "Who represents Belarus?")
    reply = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert set(reply) == FIELDS
    assert reply["id"] is None
    assert reply["question"] == "Who represents Belarus?"
    assert reply["outcome"] == "answer"
    assert reply["entities"] == {"country": ["BY"]}
    [source] = reply["sources"]
    assert set(source) == {"document", "title", "date", "lines", "quote"}
    assert source["lines"] == [2, 2]


def test_an_empty_question_is_told_what_the_bot_is_for() -> None:
    assert json.loads(run("ask", "--json", "").stdout)["outcome"] in set(Outcome)


def test_the_reader_may_choose_the_language_of_the_reply() -> None:
    asked = "Кто представляет Беларусь?"
    assert json.loads(run("ask", "--json", asked, "--lang", "en").stdout)["language"] == "en"


def test_a_language_that_nobody_speaks_is_an_error_that_names_those_there_are() -> None:
    told = wrong("ask", "hello", "--lang", "xx")
    assert "'xx'" in told
    assert "en" in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "--json"],
        ["ask", "--batch", "-"],
        ["ask", "--json", "--batch", "-", "who?"],
        ["ask", "--json", "--batch", "-", "--explain"],
        ["ask", "--json", "--explain", "who?"],
        ["ask", "--json", "--batch", "no such file"],
        ["ask", "--no-such-option"],
        ["no-such-command"],
        ["ask", "who?", "--knowledge", "no such folder"],
        ["chat", "--knowledge", "no such folder"],
        ["eval"],
        ["eval", "no such file"],
        ["bench", "no such file"],
        ["bench", "matcher", "README.md", "no such file"],
    ],
)
def test_wrong_arguments_are_told_in_a_sentence_with_status_2(arguments: Sequence[str]) -> None:
    assert wrong(*arguments).strip()


def test_a_defect_of_the_program_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("capital")

    monkeypatch.setattr(Answerer, "answer", broken)
    result = run("ask", "who?")
    assert result.exit_code == 1
    assert result.stderr.startswith("cannot go on: KeyError: 'capital', at test_cli.py:")
    assert "Traceback" not in result.stderr


def test_wrong_settings_are_told_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", "no such folder")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    told = wrong("ask", "who?")
    assert "KNOWLEDGE_DIR: found 'no such folder'" in told
    assert "LOG_LEVEL: found 'loud'" in told


def test_another_folder_of_knowledge_may_be_set_or_named(
    monkeypatch: pytest.MonkeyPatch, broken: Path
) -> None:
    assert "delegations.yaml" in wrong("ask", "who?", "--knowledge", str(broken))
    monkeypatch.setenv("KNOWLEDGE_DIR", str(broken))
    assert "delegations.yaml" in wrong("ask", "who?")
    assert run("ask", "who?", "--knowledge", str(shipped_folder())).exit_code == 0


def test_explain_shows_what_the_words_mean_and_why_the_rule_won() -> None:
    result = run("ask", "--explain", "Who represents Belarus zyxwv?")
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert "16-22 Belarus country BY 1.00" in told
    assert "zyxwv unexplained" in told
    assert "unexplained: zyxwv" in told
    assert "representative" in told
    assert "runner-up" in told
    assert "passages:" in told


def test_explain_shows_what_was_left_out_as_a_story() -> None:
    told = run("ask", "--explain", "Who represents Belarus, zyxwv?").stdout
    assert "left out, as a story around it: zyxwv" in told


@pytest.mark.parametrize("asked", ["", "?", "{country} [bold]x[/bold]", "что такое доверие?"])
def test_explain_explains_anything(asked: str) -> None:
    result = run("ask", "--explain", asked)
    assert result.exit_code == 0
    assert "outcome" in result.stdout


def test_usage_has_no_argument_without_a_name() -> None:
    assert "[]..." not in run("news", "publish", "-h").stdout


def test_help_says_that_failures_do_not_change_the_status_of_eval() -> None:
    told = " ".join(run("eval", "-h").stdout.split())
    assert "failures do not change the exit status" in told


def test_the_version_is_told() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("csto-bot ")


# --------------------------------------------------------------------------- batch


def batch(*lines: str | bytes, arguments: Sequence[str] = ()) -> tuple[list[dict[str, Any]], int]:
    typed = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    result = run("ask", "--json", "--batch", "-", *arguments, typed=typed)
    return [json.loads(line) for line in result.stdout_bytes.splitlines()], result.exit_code


def question(name: str, text: str, **more: object) -> str:
    return json.dumps({"id": name, "question": text, **more})


def test_every_line_gets_its_reply_in_order() -> None:
    replies, status = batch(
        question("a", "Who represents Belarus?"), question("b", "hello", note=1)
    )
    assert status == 0
    assert [reply["id"] for reply in replies] == ["a", "b"]
    assert [reply["outcome"] for reply in replies] == ["answer", "help"]
    assert set(replies[0]) == FIELDS


@pytest.mark.parametrize(
    ("line", "name", "told"),
    [
        (b"", None, "not JSON"),
        (b"who represents Belarus?", None, "not JSON"),
        (b'{"id": "x", "question": "half', None, "not JSON"),
        (b"[]", None, "a list"),
        (b"null", None, "null"),
        (b'"who?"', None, "text"),
        (b"true", None, "true or false"),
        (b'{"id": "x"}', "x", "question"),
        (b'{"id": "x", "question": null}', "x", "null at 'question'"),
        (b'{"id": "x", "question": 6}', "x", "a number at 'question'"),
        (b'{"id": "x", "question": ["who?"]}', "x", "a list at 'question'"),
        (b'{"id": 6, "question": "who?"}', None, "a number at 'id'"),
        (b'{"id": "x", "question": "who?", "session": 1}', "x", "at 'session'"),
        (b'{"id": "x", "question": "who?", "lang": {}}', "x", "an object at 'lang'"),
        (b'{"id": "x", "question": "\xff"}', "x", "UTF-8"),
        (b'{"id": "\xff", "question": "who?"}', None, "UTF-8"),
        (b"\xff\xfe", None, "UTF-8"),
        (b"[" * 100_000, None, "cannot be read"),
        (b'{"id": "x", "question": ' + b"9" * 10_000 + b"}", None, "cannot be read"),
    ],
)
def test_a_malformed_line_gets_its_error_in_its_place_and_the_run_goes_on(
    line: bytes, name: str | None, told: str
) -> None:
    replies, status = batch(question("a", "hello"), line, question("b", "hello"))
    assert status == 1
    assert [reply["id"] for reply in replies] == ["a", name, "b"]
    assert set(replies[1]) == {"id", "error"}
    assert told in replies[1]["error"]
    assert replies[2]["outcome"] == "help"


def test_a_file_is_read_like_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text("\ufeff" + question("a", "hello"), encoding="utf-8")  # no line end either
    result = run("ask", "--json", "--batch", str(path))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["id"] == "a"


def test_nothing_asked_is_nothing_wrong() -> None:
    assert batch() == ([], 0)


def test_lines_of_one_session_are_one_conversation_and_others_are_not() -> None:
    replies, _ = batch(
        question("1", "Who represents Kyrgyzstan?", session="a"),
        question("2", "Who represents Belarus?", session="b"),
        question("3", "What is their website?", session="a"),
        question("4", "What is their website?", session="b"),
        question("5", "What is their website?"),
    )
    assert "kenesh.kg" in replies[2]["answer"]
    assert "house.gov.by" in replies[3]["answer"]
    assert replies[4]["outcome"] == "clarify"


def test_a_conversation_expires_after_half_an_hour(answerer: Answerer) -> None:
    lines = [
        question(name, text, session="a").encode()
        for name, text in (("1", "Who represents Kyrgyzstan?"), ("2", "What is their website?"))
    ]
    for pause, outcome in ((timedelta(minutes=29), "answer"), (timedelta(minutes=31), "clarify")):
        clock = functools.partial(next, iter([NOW, NOW + pause]))
        with printed() as output:
            answer_batch(lines, answerer, None, clock)
        assert json.loads(output().splitlines()[1])["outcome"] == outcome


def test_the_language_of_the_asker_counts_where_the_question_has_none() -> None:
    replies, _ = batch(
        question("1", "krotov", lang="ru"),
        question("2", "krotov", lang="en"),
        question("3", "krotov", lang="xx"),
        question("4", "Who represents Belarus?", lang="ru-RU"),
    )
    assert [reply["language"] for reply in replies] == ["ru", "en", "en", "en"]


def test_the_language_that_was_chosen_counts_for_every_line() -> None:
    replies, _ = batch(
        question("1", "Кто представляет Беларусь?", lang="ru"), arguments=["--lang", "en"]
    )
    assert replies[0]["language"] == "en"


def test_a_line_of_output_is_one_line_for_every_reader() -> None:
    asked = "who\u2028represents\u2029Belarus\x85\r\x0b\x0c\x1c?"
    result = run("ask", "--json", "--batch", "-", typed=question("a", asked) + "\n")
    [line] = result.stdout.splitlines()
    assert json.loads(line)["question"] == asked


def test_an_unpaired_surrogate_is_echoed_as_received() -> None:
    result = run("ask", "--json", "--batch", "-", typed=b'{"id": "a", "question": "hi \\ud83d"}\n')
    assert json.loads(result.stdout_bytes)["question"] == "hi \ud83d"


def test_each_line_is_answered_as_soon_as_it_is_read() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--json", "--batch", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin
        assert process.stdout
        for name in ("a", "b", "c"):
            process.stdin.write(question(name, "hello").encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == name
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_whoever_has_read_enough_may_stop_reading() -> None:
    lines = (question("a", "hello") + "\n") * 2000
    command = f"{sys.executable} -m bot ask --json --batch - | head -n 1"
    done = subprocess.run(
        command,
        shell=True,
        input=lines.encode(),
        capture_output=True,
        env=environment(),
        check=True,
    )
    assert json.loads(done.stdout)["id"] == "a"
    assert b"Traceback" not in done.stderr


@contextlib.contextmanager
def printed() -> Iterator[Callable[[], bytes]]:
    """Catch what is printed; gives what reads it."""
    caught = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(caught, encoding="utf-8")) as stream:
        yield caught.getvalue
        stream.detach()


def answered(lines: Iterable[bytes], answerer: Answerer) -> list[dict[str, Any]]:
    with printed() as output:
        answer_batch(lines, answerer, None, lambda: NOW)
        return [json.loads(line) for line in output().decode("utf-8").splitlines()]


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
objects = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("id", "question", "session", "lang", "other"), values)
)
asked_lines = st.fixed_dictionaries(
    {"id": st.text(), "question": st.text(st.characters(exclude_categories=()))},
    optional={"session": st.sampled_from(["a", "b"]), "lang": st.text(max_size=3)},
)
batch_lines = st.one_of(
    st.binary(max_size=80).map(lambda line: line.replace(b"\n", b" ")),
    st.text(max_size=40).map(lambda line: line.replace("\n", " ").encode()),
    objects.map(lambda line: json.dumps(line).encode()),
    asked_lines.map(lambda line: json.dumps(line).encode()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(batch_lines, max_size=6))
def test_any_lines_get_one_object_each_a_reply_or_an_error(
    answerer: Answerer, lines: list[bytes]
) -> None:
    replies = answered([line + b"\n" for line in lines], answerer)
    assert len(replies) == len(lines)
    for reply in replies:
        assert reply["id"] is None or isinstance(reply["id"], str)
        assert set(reply) == {"id", "error"} or reply["outcome"] in set(Outcome)


@settings(max_examples=150, deadline=None)
@given(asked_lines)
def test_what_can_be_read_is_echoed_as_received(answerer: Answerer, line: dict[str, str]) -> None:
    [reply] = answered([json.dumps(line).encode() + b"\n"], answerer)
    assert (reply["id"], reply["question"]) == (line["id"], line["question"])
    assert reply["outcome"] in set(Outcome)


# --------------------------------------------------------------------------- chat


def test_piped_lines_are_answered_each_and_the_chat_ends() -> None:
    result = run("chat", typed="Who represents Belarus?\n\nhello\nAnd Kazakhstan?\n")
    assert result.exit_code == 0
    assert KOGUT in result.stdout
    assert "Bye" not in result.stdout


def test_the_chat_keeps_the_conversation() -> None:
    told = run("chat", typed="Who represents Kyrgyzstan?\nWhat is their website?\n").stdout
    assert "http://www.kenesh.kg/" in told.split("\n\n", 1)[1]


def test_what_is_offered_can_be_chosen_by_its_number(answerer: Answerer) -> None:
    chat = Chat(answerer, lambda: NOW)
    asked_back = chat.said("Who is the representative?")
    assert asked_back is not None
    assert asked_back.reply is not None
    assert asked_back.reply.outcome is Outcome.CLARIFY
    number = chat.options.index("Belarus") + 1
    assert f"  {number}. Belarus" in asked_back.text.splitlines()
    chosen = chat.said(str(number))
    assert chosen is not None
    assert KOGUT in chosen.text
    assert chosen.reply is not None
    suggestion = chosen.reply.suggestions[0]
    assert f"  1. {suggestion}" in chosen.text.splitlines()
    following = chat.said("1")
    assert following is not None
    assert following.reply is not None
    assert following.reply.question == suggestion


def test_a_number_that_was_not_offered_is_a_question(answerer: Answerer) -> None:
    turn = Chat(answerer, lambda: NOW).said("7")
    assert turn is not None
    assert turn.reply is not None
    assert turn.reply.question == "7"


def test_examples_stand_once_as_numbers_not_twice(answerer: Answerer) -> None:
    turn = Chat(answerer, lambda: NOW).said("hello")
    assert turn is not None
    assert turn.text.count("Who represents Kyrgyzstan?") == 1
    assert "•" not in turn.text


@pytest.mark.parametrize(
    ("locale", "chosen", "greeted"),
    [(None, None, "en"), ("ru", None, "ru"), ("fr", None, "en"), ("ru", "en", "en")],
)
def test_the_chat_greets_in_the_language_of_the_locale_or_the_one_chosen(
    answerer: Answerer, locale: str | None, chosen: str | None, greeted: str
) -> None:
    chat = Chat(answerer, lambda: NOW, locale, chosen)
    greeting = answerer.knowledge.languages[greeted].replies["greeting"]
    assert chat.greeting().startswith(greeting)
    assert len(chat.options) == 3


def test_commands_of_the_chat_change_the_language_help_and_leave(answerer: Answerer) -> None:
    chat = Chat(answerer, lambda: NOW)
    assert "/quit" in shown(chat, "/help")
    assert "ru" in shown(chat, "/lang xx")
    assert answerer.knowledge.languages["ru"].name in shown(chat, "/lang ru")
    replied = chat.said("Who represents Belarus?")
    assert replied is not None
    assert replied.reply is not None
    assert replied.reply.language == "ru"
    shown(chat, "/lang")
    assert chat.chosen_language is None
    assert chat.said("/quit") is None


def shown(chat: Chat, line: str) -> str:
    turn = chat.said(line)
    assert turn is not None
    assert turn.reply is None
    return turn.text


def test_bytes_that_are_no_text_do_not_end_the_chat() -> None:
    result = run("chat", typed=b"\xff\xfe\nWho represents Belarus?\n")
    assert result.exit_code == 0
    assert KOGUT in result.stdout


@pytest.mark.parametrize(
    "line", ["Who represents Belarus?", "hello", "Which chambers are there?", "the representative"]
)
def test_a_number_stands_for_each_thing_offered_and_every_word_stays(
    answerer: Answerer, line: str
) -> None:
    chat = Chat(answerer, lambda: NOW)
    turn = chat.said(line)
    assert turn is not None
    assert turn.reply is not None
    for number, option in enumerate(chat.options, start=1):
        assert f"  {number}. {option}" in turn.text.splitlines()
    kept = [part for part in turn.reply.text.splitlines() if not part.startswith("• ")]
    assert all(part in turn.text for part in kept)


# --------------------------------------------------------------------------- terminal


IN_TERMINAL = """
import fcntl, signal, termios
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # the keys of a terminal work for those it belongs to
from bot.cli import main
main()
"""


def in_terminal(typed: Sequence[bytes], *arguments: str, **more: str) -> tuple[str, int]:
    """Run the program in a terminal; type each part once it waits for more. Give what it shows."""
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
    ours, its = pty.openpty()
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *arguments],
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        env=plain | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TERM": "xterm"} | more,
    )
    os.close(its)
    seen = b""
    waiting = list(typed)
    ends = time.monotonic() + 60
    while (left := ends - time.monotonic()) > 0:
        if not select.select([ours], [], [], min(left, 5))[0]:
            if typed[-1:] and typed[-1].endswith(b"\x03"):
                os.write(ours, b"\x03")  # readline may miss one that comes as it begins to wait
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        seen += part
        if waiting and seen.rstrip(b"\x1b[?2004h").endswith(b"> "):
            os.write(ours, waiting.pop(0))
    if process.poll() is None and time.monotonic() >= ends:
        process.kill()
    os.close(ours)
    return seen.decode("utf-8", "replace"), process.wait(timeout=30)


def test_in_a_terminal_the_chat_greets_and_leaves_at_ctrl_d() -> None:
    told, status = in_terminal([b"Who represents Belarus?\n", b"\x04"], "chat")
    assert status == 0
    assert "/help" in told
    assert KOGUT in told
    assert told.rstrip().endswith("Bye.")


def test_in_a_terminal_ctrl_c_leaves_politely() -> None:
    told, status = in_terminal([b"Who rep\x03"], "chat")
    assert status == 0
    assert told.rstrip().endswith("Bye.")
    assert "Traceback" not in told


def test_colour_is_shown_in_a_terminal_only_and_never_where_it_is_not_wanted() -> None:
    asked = ("ask", "Who represents Belarus?")
    told, _ = in_terminal([], *asked)
    assert "\x1b[1m" in told
    without, _ = in_terminal([], *asked, NO_COLOR="1")
    assert "\x1b[3" not in without.replace("\x1b[3m", "")
    assert "\x1b" not in run(*asked).stdout


# --------------------------------------------------------------------------- check


def test_sound_knowledge_is_told_with_counts_and_how_complete_each_language_is() -> None:
    result = run("check")
    assert result.exit_code == 0
    *table, line = result.stdout.splitlines()
    assert "ok" in line
    assert "2 documents" in line
    assert "question tests" in line
    assert any(row.split()[0] == "hy" and row.endswith("100.0") for row in table if row)


def test_question_tests_are_named_or_none_are_there(tmp_path: Path) -> None:
    result = run("check", "--tests", str(tmp_path))
    assert result.exit_code == 2
    assert f"--tests: found no question file at {tmp_path}" in result.stderr


def test_every_problem_is_listed_as_a_place_what_was_found_and_what_is_expected(
    broken: Path,
) -> None:
    result = run("check", str(broken))
    assert result.exit_code == 2
    lines = result.stdout.rpartition("\n\n")[2].splitlines()
    assert len(lines) >= 2
    for line in lines:
        place, _, told = line.partition(": ")
        path, _, number = place.rpartition(":")
        assert Path(path).is_file()
        assert int(number) > 0
        assert told.startswith("found ")
        assert "; expected " in told
    files = {Path(line.split(":")[0]).name for line in lines}
    assert files >= {"delegations.yaml", "entities.yaml"}
    assert f"{len(lines)} problem" in result.stderr


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    result = run("check", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert result.stdout.count("nowhere") == 1


def test_how_complete_languages_are_is_shown_where_something_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(shipped_folder(), folder)
    replies = folder / "languages/tg/replies.yaml"
    text = replies.read_text(encoding="utf-8")
    replies.write_text(text.replace("\n  denied:", "\n  # denied:"), encoding="utf-8")
    result = run("check", str(folder))
    assert result.exit_code == 2
    [row] = [row.split() for row in result.stdout.splitlines() if row.startswith("tg")]
    has, wanted = map(int, row[3].split("/"))
    assert (wanted - has, row[-1]) == (1, "99.8")
    assert "languages/tg/replies.yaml:3: found no reply 'denied'" in result.stdout


def test_a_language_without_one_of_its_files_is_shown_with_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(shipped_folder(), folder)
    (folder / "languages/tg/topics.yaml").unlink()
    shown = run("check", str(folder)).stdout
    [row] = [row.split() for row in shown.splitlines() if row.startswith("tg")]
    assert row[4] == "0/14"
    assert row[2] == "34/34"
    assert "languages/tg/topics.yaml: found no such file" in shown


def test_problems_of_knowledge_and_of_its_question_tests_are_listed_together(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(shipped_folder(), folder)
    (folder / "languages/kk/writing.yaml").unlink()
    (folder / "twins.yaml").write_text("twins: 5\n", encoding="utf-8")
    tests = tmp_path / "questions.jsonl"
    tests.write_text(json.dumps({**RIGHT, "must": [["Nobody"]]}), encoding="utf-8")
    result = run("check", str(folder), "--tests", str(tests))
    assert "kk/writing.yaml: found no such file" in result.stdout
    assert "twins.yaml:1: found " in result.stdout
    assert f"{tests}:1: found " in result.stdout
    assert "'Nobody'" in result.stdout


def test_some_question_tests_need_not_have_every_outcome_in_every_language(
    tmp_path: Path,
) -> None:
    tests = tmp_path / "questions.jsonl"
    tests.write_text(json.dumps(RIGHT), encoding="utf-8")
    result = run("check", "--tests", str(tests))
    assert result.exit_code == 0, result.stdout
    assert "outcomes" not in result.stdout


@pytest.mark.parametrize("command", [["ask", "who?"], ["coverage"], ["fit"], ["check"]])
def test_places_are_paths_that_can_be_opened(
    command: list[str], broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(broken.parent)
    named = ["knowledge"] if command == ["check"] else ["--knowledge", "knowledge"]
    if command != ["ask", "who?"]:
        shutil.copytree(ROOT / "tests/questions", broken.parent / "tests/questions")
    result = run(*command, *named)
    told = result.stdout.rpartition("\n\n")[2] + result.stderr
    places = [line.split(":")[0] for line in told.splitlines() if ": found " in line]
    assert str(Path("knowledge/facts/delegations.yaml")) in places
    assert all(Path(place).is_file() for place in places)


# ------------------------------------------------------------------ coverage, diff


def test_sentences_that_no_question_reaches_are_marked_in_the_text(tmp_path: Path) -> None:
    tests = tmp_path / "questions.jsonl"
    tests.write_text(json.dumps(RIGHT), encoding="utf-8")
    result = run("coverage", "--tests", str(tests), "--html", str(tmp_path / "page.html"))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert any(line.startswith("!") and "Alishev" in line for line in lines)
    assert not any(line.startswith("!") and line.endswith(f"Belarus: {KOGUT}") for line in lines)
    assert any(
        line.endswith("delegations.yaml:18  KG representative: alishev, line 8") for line in lines
    )
    assert lines[-1].startswith("1 questions reach 1 of")
    assert "<mark" not in result.stdout
    assert KOGUT in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_replies_that_change_are_shown_with_both(tmp_path: Path) -> None:
    tests = tmp_path / "questions.jsonl"
    tests.write_text(json.dumps(RIGHT), encoding="utf-8")
    old, new = shipped_folder(), tmp_path / "knowledge"
    shutil.copytree(old, new)
    result = run("diff", str(old), str(new), "--tests", str(tests))
    assert (result.exit_code, result.stdout) == (0, "0 of 1 replies change\n")
    replies = new / "languages/en/replies.yaml"
    text = replies.read_text(encoding="utf-8")
    replies.write_text(
        text.replace('  representative: "{person} is ', '  representative: "Behold: {person} is '),
        encoding="utf-8",
    )
    result = run("diff", str(old), str(new), "--tests", str(tests))
    assert f"-   {KOGUT} is" in result.stdout
    assert f"+   Behold: {KOGUT} is" in result.stdout
    assert result.stdout.endswith("1 of 1 replies change\n")


def test_versions_without_question_tests_are_told_what_to_name(tmp_path: Path) -> None:
    shutil.copytree(shipped_folder(), tmp_path / "knowledge")
    told = wrong("diff", str(tmp_path / "knowledge"), str(tmp_path / "knowledge"))
    assert "--tests FILE" in told


def test_question_tests_beside_the_old_version_serve_where_the_new_one_has_none(
    tmp_path: Path,
) -> None:
    old, new = tmp_path / "a/knowledge", tmp_path / "b/knowledge"
    for folder in (old, new):
        shutil.copytree(shipped_folder(), folder)
    (tmp_path / "a/tests/questions").mkdir(parents=True)
    tests = tmp_path / "a/tests/questions/en.jsonl"
    tests.write_text(json.dumps(RIGHT), encoding="utf-8")
    assert run("diff", str(old), str(new)).stdout == "0 of 1 replies change\n"


def test_a_version_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    told = wrong("diff", str(shipped_folder()), str(nowhere))
    assert told == f"{nowhere}: found no such folder; expected a knowledge folder\n"


def test_a_comparison_in_which_nothing_was_asked_says_so(tmp_path: Path) -> None:
    tests = tmp_path / "questions.jsonl"
    tests.write_text(json.dumps(RIGHT), encoding="utf-8")
    folder = str(shipped_folder())
    told = wrong("diff", folder, folder, "--lang", "tg", "--tests", str(tests))
    assert told == "--lang: found no question in tg; expected one of en\n"


def test_a_sample_without_a_variant_is_told(tmp_path: Path) -> None:
    tests = tmp_path / "questions.jsonl"
    tests.write_text(json.dumps(RIGHT), encoding="utf-8")
    told = wrong("variants", str(tests), "--every", "100000")
    assert "found none to try with --every 100000" in told


@pytest.mark.parametrize("command", [["coverage", "--html"], ["fit", "--check", "--picture"]])
def test_a_place_where_nothing_can_be_written_is_told_before_the_work(
    command: list[str], tmp_path: Path
) -> None:
    option = command[-1]
    told = wrong(*command, str(tmp_path / "nowhere/x.svg"))
    assert told.startswith(f"{option}: found no folder {tmp_path / 'nowhere'}")
    told = wrong(*command, str(tmp_path))
    assert told.startswith(f"{option}: found the folder {tmp_path}; expected a file in it")


# -------------------------------------------------------------------------- verify


def test_a_receipt_finds_its_reply_again() -> None:
    receipt = json.loads(run("ask", "--json", "Who represents Belarus?").stdout)["receipt"]
    result = run("verify", receipt, "Who represents Belarus?")
    assert result.exit_code == 0
    assert KOGUT in result.stdout
    assert result.stdout.rstrip().endswith("holds, this is the reply that it was given for")


def test_a_receipt_of_another_question_does_not_hold() -> None:
    receipt = json.loads(run("ask", "--json", "Who represents Belarus?").stdout)["receipt"]
    result = run("verify", receipt, "Who represents Russia?")
    assert result.exit_code == 1
    assert "does not hold" in result.stderr


def test_a_receipt_of_another_version_is_a_wrong_argument() -> None:
    result = run("verify", "00000000-en-0123456789ab", "Who represents Belarus?")
    assert result.exit_code == 2
    assert "from version 00000000" in result.stderr


# --------------------------------------------------------------------------- eval

RIGHT = {
    "id": "r",
    "category": "representative",
    "lang": "en",
    "question": "Who represents Belarus?",
    "outcome": ["answer"],
    "must": [["Kogut"]],
    "cites": [KOGUT],
}
WRONG = RIGHT | {"id": "w", "category": "website", "lang": "ru", "must": [["Krotov"]]}


@pytest.fixture
def asked_file(tmp_path: Path) -> Path:
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(map(json.dumps, (RIGHT, WRONG))), encoding="utf-8")
    return path


def test_eval_counts_by_category_and_language_and_shows_the_failures(asked_file: Path) -> None:
    result = run("eval", str(asked_file))
    assert result.exit_code == 0
    told = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "representative 1 1 100.0" in told
    assert "website 1 0 0.0" in told
    assert "en 1 1 100.0" in told
    assert told.count("total 2 1 50.0") == 2
    assert any(line.startswith("wrong_fact 1 ") for line in told)
    assert "quotes not verbatim: 0 of 2" in told
    assert "w [website, ru] wrong_fact" in told


def test_eval_shows_as_many_failures_as_are_wanted(asked_file: Path) -> None:
    assert "[website, ru]" not in run("eval", str(asked_file), "--show-failures", "0").stdout


def test_eval_gives_json_for_programs(asked_file: Path) -> None:
    told = json.loads(run("eval", "--json", str(asked_file)).stdout)
    assert told["total"] == {"n": 2, "correct": 1, "percent": 50.0}
    assert told["non_verbatim_quotes"] == 0
    [failure] = told["failures"]
    assert (failure["id"], failure["verdict"]) == ("w", "wrong_fact")


def test_eval_reads_yaml_and_several_files(asked_file: Path, tmp_path: Path) -> None:
    listed = tmp_path / "asked.yaml"
    listed.write_text(f"- {json.dumps(RIGHT)}\n", encoding="utf-8")
    told = json.loads(run("eval", "--json", str(asked_file), str(listed)).stdout)
    assert told["total"]["n"] == 3


def test_eval_tells_every_malformed_line_of_every_file(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(f"{json.dumps(RIGHT)}\n{{}}\nno\n", encoding="utf-8")
    told = wrong("eval", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"))
    for place in ("a.jsonl:2:", "a.jsonl:3:", "b.jsonl:2:", "b.jsonl:3:"):
        assert place in told


def test_what_has_to_be_cited_has_to_stand_in_the_documents(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(json.dumps(RIGHT | {"cites": ["Victor Kogut"]}), encoding="utf-8")
    assert "Victor Kogut" in wrong("eval", str(path))
