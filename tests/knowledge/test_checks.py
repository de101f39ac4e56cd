"""What shows only when the files are held together: each mistake is told with file and line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.fact_checks import RELATIONS, one_of
from bot.knowledge.folder import load
from bot.knowledge.language_checks import bad_patterns, look_alikes
from tests.knowledge.conftest import Folder

ENTITIES = "entities.yaml"
DELEGATIONS = "facts/delegations.yaml"
INTERVIEW = "facts/interview.yaml"
INTENTS = "intents.yaml"


def told(folder: Folder) -> list[tuple[str, int]]:
    """Give the file and line of each problem, each place once."""
    return sorted({(problem.path, problem.line) for problem in folder.problems()})


# ------------------------------------------------------- entities, documents


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("parliament, country: AM", "parliament, country: XX", "'XX'"),
        ("parliament, country: AM", "parliament", "no country"),
        ("also: KG.parliament", "also: RU.parliament", "'RU.parliament'"),
        ("also: KG.parliament", "also: KG.duma", "'KG.duma'"),
        ("plenary: {kind: event", "plenary: {kind: event, country: RU", "event"),
        ("moscow: {kind: place, country: RU", "moscow: {kind: place, country: XX", "'XX'"),
        ("moscow: {kind: place", "moscow: {kind: place, house: upper", "a place"),
        ("moscow: {kind: place", "moscow: {kind: place, name: Moscow", "a name"),
        ("codes: [KZ, KAZ, ҚР]", "codes: [KZ, BLR]", "BLR"),
    ],
)
def test_an_entity_that_does_not_fit_is_told(
    folder: Folder, old: str, new: str, words: str
) -> None:
    line = folder.change(ENTITIES, old, new)
    problem = folder.only_problem()
    assert (problem.path, problem.line) == (ENTITIES, line)
    assert words in problem.found


def test_a_person_has_a_name_as_the_documents_spell_it(folder: Folder) -> None:
    line = folder.change(ENTITIES, "{kind: person, name: Mikhail Krotov, ", "{kind: person, ")
    assert told(folder) == [(ENTITIES, line)]


def test_names_of_unknown_countries_are_told(folder: Folder) -> None:
    line = folder.add("country-names.yaml", "XX: Nowhere\n")
    assert told(folder) == [("country-names.yaml", line)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("speaker: pankin", "speaker: moscow"),
        (
            'answers: effectiveness\n        quote: "To some',
            'answers: all\n        quote: "To some',
        ),
    ],
)
def test_what_a_document_names_exists(folder: Folder, old: str, new: str) -> None:
    folder.change("documents/csto-pa.yaml", old, new)
    assert {path for path, _ in told(folder)} == {"documents/csto-pa.yaml"}


@pytest.mark.parametrize("key", ["date: 2023-02-10", "speaker: pankin"])
def test_passages_have_somebody_who_said_them_and_a_day(folder: Folder, key: str) -> None:
    folder.change("documents/csto-pa.yaml", f"    {key}\n", "")
    assert key.partition(":")[0] in folder.only_problem().found


def test_an_id_of_a_passage_is_that_of_one_alone(folder: Folder) -> None:
    folder.change("documents/csto-pa.yaml", '      effectiveness: "Can', '      trust: "Can')
    assert any("'trust'" in problem.found for problem in folder.problems())


# --------------------------------------------------------------------- facts


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("subject: XX, relation: representative", "'XX'"),
        ("subject: moscow, relation: website", "moscow, a place"),
        ("subject: BY, relation: representatve", "'representatve'"),
        ("subject: TJ, relation: website, of: TJ.senate", "'TJ.senate'"),
        ("subject: TJ, relation: website, of: RU.duma", "'RU.duma'"),
        ("subject: TJ, relation: website, of: TJ.parliament", "'TJ.parliament'"),
    ],
)
def test_a_fact_that_names_what_is_not_there_is_told(
    folder: Folder, fact: str, words: str
) -> None:
    line = folder.add(DELEGATIONS, f"  - {{{fact}}}\n")
    problem = folder.only_problem()
    assert (problem.path, problem.line) == (DELEGATIONS, line)
    assert words in problem.found


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: alishev", "value: alisheva", "'alisheva'"),
        ("value: alishev", "value: moscow", "a place"),
        ("value: alishev", "value: 6", "value 6"),
        ("value: alishev", "value: krotov", "'Mikhail Krotov'"),
        ("of: RU.duma, value: 10", "of: RU.duma, value: 1", "'1'"),
        ("of: RU.duma, value: 10", "of: RU.duma, value: ten", "'ten'"),
        ("of: RU.duma, value: 10", "value: 10", "no chamber"),
        ('value: "http://www.kenesh.kg/"', 'value: "http://www.kenesh.kz/"', "kenesh.kz"),
        ('value: "http://www.kenesh.kg/"', "value: 7", "value 7"),
    ],
)
def test_a_value_that_is_wrong_or_not_in_its_quote_is_told(
    folder: Folder, old: str, new: str, words: str
) -> None:
    line = folder.change(DELEGATIONS, old, new)
    problem = folder.only_problem()
    assert (problem.path, problem.line) == (DELEGATIONS, line)
    assert words in problem.found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("relation: number, value: 15", "relation: number, value: 7"),
        ("relation: date, value: 2022-12-05", "relation: date, value: 2022-12-06"),
        ("relation: date, value: 2022-12-05", "relation: date, value: 5"),
        ("relation: place, value: moscow", "relation: place, value: RU"),
        ("relation: interviewer, value: csto_pa", "relation: interviewer, value: pankin"),
    ],
)
def test_a_fact_of_the_interview_is_held_to_the_same(folder: Folder, old: str, new: str) -> None:
    line = folder.change(INTERVIEW, old, new)
    assert told(folder) == [(INTERVIEW, line)]


KENESH = (
    '  - {{subject: KG, relation: {relation}, quote: "Delegation of the Supreme Council of the'
    ' Kyrgyz Republic to the CSTO PA consists of 6 deputies.", {value}}}\n'
)


@pytest.mark.parametrize(
    "fact",
    [
        KENESH.format(relation="members", value="of: KG.council, value: 6"),
        "  - {subject: KG, relation: representative}\n",
        "  - {subject: KG, relation: members}\n",
        "  - {subject: TJ, relation: representative}\n",
    ],
)
def test_facts_that_clash_or_are_told_twice_are_told(folder: Folder, fact: str) -> None:
    folder.add(DELEGATIONS, fact)
    problems = folder.problems()
    assert {problem.path for problem in problems} == {DELEGATIONS}
    assert any(re.search("told 2 times|not given", problem.found) for problem in problems)


def test_two_values_name_both_of_them(folder: Folder) -> None:
    folder.change(
        DELEGATIONS,
        "{subject: BY, relation: members, of: BY.republic, value: 4",
        "{subject: BY, relation: members, of: BY.representatives, value: 4",
    )
    assert "7 and 4" in folder.only_problem().found


def test_a_person_may_hold_two_offices(folder: Folder) -> None:
    words = "Aleksandr Pankin, Russian deputy Foreign Minister, spoke about the role of"
    folder.add(
        INTERVIEW,
        "  - {subject: pankin, relation: office, value:"
        f' deputy_executive_secretary, quote: "{words}"}}\n',
    )
    assert folder.problems() == ()


def test_a_relation_of_its_own_is_known_by_its_intent(folder: Folder) -> None:
    folder.add(
        INTERVIEW,
        '  - {subject: interview, relation: venue, value: moscow, quote: "held in'
        ' Moscow on December 5, 2022"}\n',
    )
    assert "'venue'" in folder.only_problem().found
    folder.add(INTENTS, "  interview_venue: {look_up: interview_fact, relation: venue}\n")
    assert folder.problems() == ()


def test_every_relation_of_the_shipped_facts_is_in_the_table(folder: Folder) -> None:
    assert {fact.relation for fact in load(folder.path).facts} <= set(RELATIONS)


# ---------------------------------------------------------- intents and cues


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("look_up: help, follows: greting", "'greting'"),
        ("look_up: help, rules: [{needs: greting}]", "'greting'"),
        ("look_up: help, rules: [{needs: greeting, unless: helpp}]", "'helpp'"),
        ("look_up: help, allows: helpp", "'helpp'"),
        ("look_up: help, rules: [{needs: greeting, unless: greeting}]", "ruled out"),
    ],
)
def test_an_intent_that_names_what_is_not_there_is_told(
    folder: Folder, intent: str, words: str
) -> None:
    line = folder.add(INTENTS, f"  surprise: {{{intent}}}\n")
    problem = folder.only_problem()
    assert (problem.path, problem.line) == (INTENTS, line)
    assert words in problem.found


def test_a_weight_of_an_unknown_tag_is_told(folder: Folder) -> None:
    line = folder.change(INTENTS, "\nweights:\n", "\nweights:\n  surprise: 1\n") + 2
    assert told(folder) == [(INTENTS, line)]


def test_a_cue_that_nothing_uses_is_told(folder: Folder) -> None:
    line = folder.change("languages/ru/questions.yaml", "\ncues:\n", "\ncues:\n  surprise: ого\n")
    assert told(folder) == [("languages/ru/questions.yaml", line + 2)]


@pytest.mark.parametrize("cue", ["country", "number", "filler"])
def test_a_cue_is_not_called_like_something_else(folder: Folder, cue: str) -> None:
    folder.change("languages/ru/questions.yaml", "\ncues:\n", f"\ncues:\n  {cue}: ого\n")
    assert folder.only_problem().found == f"a cue called '{cue}'"


def test_a_language_without_a_cue_is_told_unless_it_says_so(folder: Folder) -> None:
    path = folder.path / "languages/ru/questions.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\n  budget: .*", "", text), encoding="utf-8")
    assert folder.only_problem().found.startswith("no cue 'budget'")
    path.write_text(re.sub(r"\n  budget: .*", '\n  budget: ""', text), encoding="utf-8")
    assert folder.problems() == ()


# ------------------------------------------------------------- names, patterns


def test_a_name_of_two_things_is_told_for_both(folder: Folder) -> None:
    lines = [
        folder.change(
            "languages/en/names.yaml", 'aliases: "senate*', 'aliases: "upper place, senate*'
        ),
        folder.change(
            "languages/ru/names.yaml", 'aliases: "госдум*', 'aliases: "upper place, госдум*'
        ),
    ]
    assert told(folder) == [
        ("languages/en/names.yaml", lines[0]),
        ("languages/ru/names.yaml", lines[1]),
    ]


def test_a_name_of_two_things_may_be_shared_on_purpose(folder: Folder) -> None:
    folder.change(
        "languages/en/names.yaml", 'aliases: "senate*', 'shared: upper place, aliases: "senate*'
    )
    folder.change(
        "languages/ru/names.yaml", 'aliases: "госдум*', 'shared: upper place, aliases: "госдум*'
    )
    assert folder.problems() == ()
    aliases = load(folder.path).languages["en"].aliases["KZ.senate"]
    assert "upper place" in aliases


def test_a_shared_name_that_nothing_else_has_is_told(folder: Folder) -> None:
    line = folder.change(
        "languages/en/names.yaml", 'aliases: "senate*', 'shared: upper place, aliases: "senate*'
    )
    assert told(folder) == [("languages/en/names.yaml", line)]


def test_a_country_name_of_the_world_that_names_something_else_is_told(folder: Folder) -> None:
    folder.change(
        "languages/en/names.yaml", 'aliases: "senate*', 'aliases: "Weißrussland, senate*'
    )
    folder.change("country-names.yaml", 'BY: "', 'BY: "Weißrussland, ')
    assert [path for path, _ in told(folder)] == ["country-names.yaml", "languages/en/names.yaml"]


def test_an_entity_without_a_name_and_a_name_without_an_entity_are_told(folder: Folder) -> None:
    folder.change("languages/ru/names.yaml", "\nmoscow:", "\nmosow:")
    found = sorted(problem.found for problem in folder.problems())
    assert found == ["a name of 'mosow'", "no name of moscow"]


@pytest.mark.parametrize(
    "pattern", ["", "*", "*стан", "ка*стан", "ка*", "а* беларуси", "** беларуси", "…", "к**"]
)
def test_a_pattern_that_cannot_be_meant_is_told(pattern: str) -> None:
    (problem,) = bad_patterns("x", ("before", pattern, "after*"))
    assert (repr(pattern) if pattern else "empty") in problem.found


@pytest.mark.parametrize(
    "pattern",
    ["стан*", "алма ат*", "republic* of kaz*", "15th", "q&a", "+", "2+2", "🇧🇾", "kenesh.kg", "i"],
)
def test_a_pattern_that_can_be_meant_passes(pattern: str) -> None:
    assert list(bad_patterns("x", (pattern,))) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (ENTITIES, "aliases: 🇧🇾", 'aliases: "🇧🇾, , рб*"'),
        ("languages/ru/names.yaml", 'aliases: "сенат*', 'aliases: "цц*, сенат*'),
        ("languages/ru/questions.yaml", '\n  not: "', '\n  not: "*, '),
    ],
)
def test_patterns_are_looked_at_in_every_file(
    folder: Folder, name: str, old: str, new: str
) -> None:
    line = folder.change(name, old, new) + old.count("\n")
    assert told(folder) == [(name, line)]


def test_one_word_for_two_numbers_is_told(folder: Folder) -> None:
    folder.change("languages/en/questions.yaml", "  4: four", "  4: four, five")
    assert folder.only_problem().found == "'five', which also means 4"


@pytest.mark.parametrize("filler", ["минск", "минск*", "сена*", "ru"])
def test_a_filler_that_is_a_name_is_told(folder: Folder, filler: str) -> None:
    line = folder.change("languages/ru/questions.yaml", '\nfillers: "', f'\nfillers: "{filler}, ')
    problem = folder.only_problem()
    assert (problem.path, problem.line) == ("languages/ru/questions.yaml", line + 1)


def test_letters_of_another_script_are_told(folder: Folder) -> None:
    path = folder.path / "languages/ru/language.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\nletters: .*", "", text) + "letters: abc\n", encoding="utf-8")
    problem = folder.only_problem()
    assert problem.line == text.count("\n") + (0 if "\nletters:" in text else 1)
    assert problem.found == "the letters 'abc'"
    assert problem.expected == "letters of the script alone, which is cyrillic"


# -------------------------------------------------------------------- replies


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('  denied: "Нет."\n', "", "no reply 'denied'"),
        ('  denied: "Нет."\n', '  denied: "Нет."\n  refused: "Не так."\n', "'refused'"),
        ('"Нет."', '"Нет, {country}."', "{country}"),
        ('"{country}: {chambers}"', '"Палаты: {chambers}"', "{chambers}"),
        ('"Нет."', '"Нет {country."', "'Нет {country.'"),
        ('"Нет."', '"Нет {}."', "'Нет {}.'"),
        ('"Нет."', '"Нет }."', "'Нет }.'"),
        ('"{country}: только {chamber}"', '"{country:loc}: только {chamber}"', "{country:loc}"),
        ('"Дата интервью: {value}."', '"Дата интервью: {value:dat}."', "'dat'"),
        ('"В документах их {number}."', '"В документах их {number:of}."', "'of'"),
        ('  denied: "Нет."', '  denied: ""', "''"),
    ],
)
def test_a_reply_that_cannot_be_said_is_told(
    folder: Folder, old: str, new: str, words: str
) -> None:
    folder.change("languages/ru/replies.yaml", old, new)
    problem = folder.only_problem()
    assert problem.path == "languages/ru/replies.yaml"
    assert words in problem.found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  website: {one:", "  sites: {one:"),
        ('many: "{n} сайтов", other: "{n} сайта"', 'many: "{n} сайтов"'),
        ('many: "{n} сайтов", other: "{n} сайта"', 'many: "{n} сайтов", other: "сайта"'),
        ('many: "{n} сайтов"', 'most: "{n} сайтов"'),
    ],
)
def test_a_plural_that_cannot_be_said_is_told(folder: Folder, old: str, new: str) -> None:
    folder.change("languages/ru/replies.yaml", old, new)
    assert {path for path, _ in told(folder)} == {"languages/ru/replies.yaml"}


@pytest.mark.parametrize("languages", [("en",), ("ru",), ("en", "ru")])
def test_a_placeholder_that_nothing_fills_is_told_in_each_language(
    folder: Folder, languages: tuple[str, ...]
) -> None:
    lines = []
    for code in languages:
        path = f"languages/{code}/replies.yaml"
        text = (folder.path / path).read_text(encoding="utf-8")
        [line] = [x for x in text.splitlines() if x.startswith("  representative:")]
        folder.change(path, line, line.replace('."', ' {capital}."'))
        lines.append((path, text.splitlines().index(line) + 1))
    assert told(folder) == sorted(lines)
    assert all("{capital}, which nothing fills" in one.found for one in folder.problems())
    assert all("{country}, {person}" in one.expected for one in folder.problems())


def test_what_the_bot_says_is_told_where_no_language_has_it(folder: Folder) -> None:
    for code in ("en", "ru"):
        path = folder.path / f"languages/{code}/replies.yaml"
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\n  representative: .*", "", text)
        path.write_text(re.sub(r"\n  website: {.*", "", text), encoding="utf-8")
    found = [(problem.path, problem.found) for problem in folder.problems()]
    assert found == [
        (f"languages/{code}/replies.yaml", words)
        for code in ("en", "ru")
        for words in ("no reply 'representative'", "no plural of 'website'")
    ]


@pytest.mark.parametrize("phrase", ["{n} {x}", "{n} }", "{n", "{n:of}", "{}"])
@pytest.mark.parametrize("category", ["few", "other"])
def test_a_plural_with_more_than_its_number_is_told(
    folder: Folder, phrase: str, category: str
) -> None:
    for code in ("en", "ru") if category == "other" else ("ru",):
        path = folder.path / f"languages/{code}/replies.yaml"
        text = path.read_text(encoding="utf-8")
        pattern = rf'(\n  website: {{.*{category}: )"[^"]*"'
        path.write_text(re.sub(pattern, rf'\g<1>"{phrase}"', text), encoding="utf-8")
    assert any(repr(phrase) in problem.found for problem in folder.problems())


def test_a_form_is_asked_only_of_names_that_a_reply_may_hold(folder: Folder) -> None:
    folder.change("languages/ru/replies.yaml", "Тема: {value}.", "Тема: {value:ins}.")
    assert "{value:ins}" in folder.only_problem().found
    folder.change("languages/ru/replies.yaml", "Тема: {value:ins}.", "Тема: {value:of}.")
    assert folder.problems() == ()


# ------------------------------------------------------------------ passages


def test_a_passage_without_its_questions_is_told(folder: Folder) -> None:
    line = folder.change("languages/ru/topics.yaml", "\n  trust: |", "\n  trusty: |") + 1
    found = {problem.found: problem.line for problem in folder.problems()}
    assert found["questions about 'trusty'"] == line
    assert "no question about 'trust'" in found


@pytest.mark.parametrize("key", ["trust", "importance"])
def test_a_missing_translation_is_told(folder: Folder, key: str) -> None:
    path = folder.path / "documents/csto-pa.ru.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"\n  {key}: .*", "", text), encoding="utf-8")
    problem = folder.only_problem()
    assert (problem.path, problem.found) == (
        "documents/csto-pa.ru.yaml",
        f"no translation of '{key}'",
    )


def test_a_language_without_any_translation_names_the_file_to_make(folder: Folder) -> None:
    (folder.path / "documents/csto-pa.ru.yaml").unlink()
    assert {problem.path for problem in folder.problems()} == {"documents/csto-pa.ru.yaml"}


# ----------------------------------------------------------- look-alike letters


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("languages/ru/names.yaml", "name: Москва", "name: Мoсква"),
        ("languages/ru/replies.yaml", '"Нет."', '"Heт."'),
        ("languages/ru/questions.yaml", '\nfillers: "', '\nfillers: "вотa, '),
        ("languages/ru/topics.yaml", "\n  trust: |", "\n  # пoмимо\n  trust: |"),
        ("documents/csto-pa.ru.yaml", "В некоторой степени", "B некоторой степени"),
        ("languages/en/names.yaml", "{name: Moscow}", "{name: Mоscow}"),
        ("news/2023-02-10-interview.yaml", "\ntitle:", "\n# Oдин\ntitle:"),
    ],
)
def test_a_letter_of_another_alphabet_is_told(
    folder: Folder, name: str, old: str, new: str
) -> None:
    line = folder.change(name, old, new) + (old[0] == "\n")
    problem = folder.only_problem()
    assert (problem.path, problem.line) == (name, line)
    assert re.search("LATIN|CYRILLIC", problem.found)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Кыргызстaн", "LATIN SMALL LETTER A"),
        ("Հայաստաn", "LATIN SMALL LETTER N"),
        ("Հայաստաи, Հայաստան", "CYRILLIC SMALL LETTER I"),
        ("Belаrus and more", "CYRILLIC SMALL LETTER A"),
        ("c Беларусью", "LATIN SMALL LETTER C"),
        ("делегация, a не страна", "LATIN SMALL LETTER A"),
    ],
)
def test_the_letter_is_called_by_its_name(text: str, letter: str) -> None:
    (problem,) = look_alikes("x", text)
    assert letter in problem.found


@pytest.mark.parametrize(
    "text",
    [
        "ОДКБ (CSTO)",
        "CSTO-шный",
        "{n} членов",
        "{country:of}ы",
        "http://www.kenesh.kg/ — сайт",
        "15th, 15-е",
        "в CSTO и NATO",
        "aliases: Ёлка",
        "Հայաստան (Armenia)",
        "naïve café",
        "йод",
    ],
)
def test_words_of_two_alphabets_side_by_side_are_fine(text: str) -> None:
    assert list(look_alikes("x", text)) == []


@given(st.text(alphabet="aаоoеeтt ·,\n{}éաեо", max_size=40))
def test_every_place_of_a_look_alike_is_a_line_of_the_text(text: str) -> None:
    for problem in look_alikes("x", text):
        assert 1 <= problem.line <= text.count("\n") + 1


# --------------------------------------------------------------------- advice


@pytest.mark.parametrize(
    ("known", "near", "advice"),
    [
        (["a", "b"], "", "one of a, b"),
        ([], "", "one that exists"),
        ([f"name{n}" for n in range(20)], "nam7", "name7"),
        ([f"name{n}" for n in range(20)], "quite other", "one that exists"),
    ],
)
def test_what_was_expected_is_named_as_far_as_it_helps(
    known: list[str], near: str, advice: str
) -> None:
    assert advice in one_of(known, near)
