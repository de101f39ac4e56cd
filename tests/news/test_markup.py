"""The light markup of a summary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news import markup
from bot.news.markup import BOLD, ITALIC, LINK, QUOTE, Span


def looks(text: str) -> list[tuple[str, str]]:
    """Give each marked stretch with what it looks like."""
    marked = markup.read(text)
    assert not marked.faults
    return [(span.kind, marked.text[span.start : span.end]) for span in marked.spans]


def test_bold_italic_links_and_quotes_are_read() -> None:
    text = "**Hello __all__**, see [the site](https://a.org/x_(y)).\n\n> quoted\n> twice"
    assert looks(text) == [
        (BOLD, "Hello all"),
        (ITALIC, "all"),
        (LINK, "the site"),
        (QUOTE, "quoted\ntwice"),
    ]
    assert markup.read(text).text == "Hello all, see the site.\n\nquoted\ntwice"
    assert markup.read(text).spans[2].url == "https://a.org/x_(y)"


def test_marks_after_a_backslash_are_ordinary() -> None:
    marked = markup.read(r"\*\*not bold\*\* and \[no link\](x) \> a \\ b")
    assert (marked.text, marked.spans) == ("**not bold** and [no link](x) > a \\ b", ())
    assert not marked.faults


def test_addresses_keep_their_underscores() -> None:
    assert looks("see https://a.org/b__c__d. or __this__") == [(ITALIC, "this")]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("fine\n\na ** b", 3, "** without an end"),
        ("**a\n\nb**", 1, "** without an end"),
        ("[x](ftp://a.org)", 1, "a link to 'ftp://a.org'"),
        ("[x](javascript:alert)", 1, "a link to 'javascript:alert'"),
        ("[x]()", 1, "a link to ''"),
        ("****", 1, "** with nothing in it"),
        ("**a __b** c__", 1, "** before the __ in it ends"),
    ],
)
def test_what_marks_nothing_is_told_with_its_line(text: str, line: int, found: str) -> None:
    marked = markup.read(text)
    assert (marked.faults[0].line, marked.faults[0].found) == (line, found)
    assert marked.text == text
    assert not marked.spans


@given(st.text(alphabet="ab *_[]()>\\\n.", max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    marked = markup.read(text)
    assert all(0 <= span.start < span.end <= len(marked.text) for span in marked.spans)


@given(st.text(alphabet="ab *_[]()>\\👍\n", max_size=30), st.data())
def test_what_is_written_reads_the_same(text: str, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    spans = data.draw(
        st.lists(
            st.builds(
                Span, st.sampled_from([BOLD, ITALIC, LINK]), places, places, st.just("http://a.b")
            ),
            max_size=4,
        )
    )
    marked = markup.read(markup.write(text, spans))
    assert not marked.faults
    assert marked.text.split() == text.split()
    for kind in (BOLD, ITALIC):
        wanted = {p for s in spans if s.kind == kind for p in range(s.start, s.end)}
        shown = "".join(text[place] for place in sorted(wanted))
        bold = "".join(marked.text[s.start : s.end] for s in marked.spans if s.kind == kind)
        assert "".join(bold.split()) == "".join(shown.split())


def test_marks_around_nothing_but_spaces_are_left_out() -> None:
    assert markup.write("  ab  cd  ", [Span(BOLD, 1, 5)]) == "  **ab**  cd  "
    assert markup.write("   ", [Span(BOLD, 1, 2)]) == "   "


def test_a_message_with_entities_becomes_markup() -> None:
    text = "👍 News: see here\nquoted"
    entities = [
        {"type": "bold", "offset": 3, "length": 5},
        {"type": "text_link", "offset": 13, "length": 4, "url": "https://a.org"},
        {"type": "expandable_blockquote", "offset": 18, "length": 6},
        {"type": "mention", "offset": 0, "length": 2},
    ]
    written = markup.from_entities(text, entities)
    assert written == "👍 **News:** see [here](https://a.org)\n> quoted"
