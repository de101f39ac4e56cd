"""Text as people type it, to words in a normal form that can be looked up.

Case, marks, invisible characters, look-alike letters and stretched letters are levelled here;
what a word means is no business of this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.knowledge.model import Script

LONGEST_READ = 4096
"""Characters of a message that are read: the longest text that Telegram sends."""

KEYS = "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./"
"""The keys of a Latin keyboard, in the order of `Language.keyboards`."""
LETTERS_ELSEWHERE = {"[": "{", "]": "}", ";": ":", "'": '"', ",": "<", ".": ">", "`": "~"}
"""Keys of marks that are letters on most other keyboards, with what they type with shift."""
DIGITS = dict(zip("1234567890-=", "!@#$%^&*()_+", strict=True))
"""The same for the row of digits, which few keyboards have letters on."""
SHIFTED = LETTERS_ELSEWHERE | DIGITS
"""What the keys type with shift that are no letters on a Latin keyboard."""
RUSSIAN_MARKS = {"?": ",", "&": "?"}
"""What Latin marks stand for where the last key is the full stop, with shift the comma."""
ROWS = (13, 25, 36, 46)
"""Where the rows of a keyboard end in `KEYS` and `Language.keyboards`."""

PLAIN_LETTERS = (
    *zip("ёіїўәғқңөұүһӣӯҳҷґє՚", "еииуагкноуухиухчгеʼ", strict=True),
    ("й", "и"),
    ("և", "եւ"),
    ("ß", "ss"),
    ("ı", "i"), ("ł", "l"), ("ž", "zh"), ("š", "sh"), ("ş", "sh"), ("č", "ch"), ("ç", "ch"),
)  # fmt: skip
"""Letters of one language, as people type them on the keyboard of another or spell their sound."""

LOOK_ALIKES = (("a", "а"), ("e", "е"), ("o", "о"), ("p", "р"), ("c", "с"), ("x", "х"), ("y", "у"),
               ("k", "к"), ("m", "м"), ("h", "н"), ("b", "в"), ("t", "т"), ("i", "и"))  # fmt: skip
TO_CYRILLIC = str.maketrans(dict(LOOK_ALIKES))
TO_LATIN = str.maketrans({cyrillic: latin for latin, cyrillic in LOOK_ALIKES})

WORD = re.compile(
    r"(?:https?://|www\.)[^\s<>\"«»]+"
    r"|[\U0001F1E6-\U0001F1FF]{2}"
    r"|\d+|[^\W\d_]+|[+&=<>/]"
)
SENTENCE_END = re.compile(
    r"[!?;…\n։;‽？。]"
    r"|\.(?=\s+[^\Wa-zа-яёіўқғҳҷӣӯәңөұүһա-ֆ_]|\s*$)"  # before a small letter it abbreviates
    r"|:(?=\s|$)"
)
APOSTROPHES = frozenset("'’ʼ‘`´՚՛՜՞ʹ")
PLAIN = re.compile(r"[ -&(-_a-~«»–—…№А-яёЁіІўЎәӘғҒқҚңҢөӨұҰүҮһҺӣӢӯӮҳҲҷҶԱ-Ֆա-և։]*")
"""What most messages are made of: nothing that cannot be seen, no apostrophe, no mark."""
BREATH = re.compile(r"[,.՝()\[\]]|\s[-–—]+\s")
"""What may part two questions of a sentence; a full stop before a small letter is one."""
ONE_SCRIPT = re.compile("[a-z]+|[а-я]+|[ա-ֆ]+")
OWNED = re.compile(r"[a-zA-Z]['’ʼ‘]s(?![^\W_])")
"""Whose something is: "Krotov's"."""
NUMBER = re.compile(r"((?<!\S)\d+(?![^\s?!.,:;]))")
"""A number that stands by itself."""
DOUBLED = re.compile(r"(i)i+|(.)\2")
STRETCHED = re.compile(r"([^\W\d])\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a message: its normal form, and where it stands in the text as typed."""

    form: str
    start: int
    end: int
    raw: str
    sentence: int
    """The number of the sentence that it stands in, counted from 0."""
    after_comma: bool = False
    """Whether a comma stands before it."""
    owner: str | None = None
    """The form before an apostrophe and an "s": "Kazakhstan's" may be Kazakhstan."""

    @property
    def is_number(self) -> bool:
        """Tell whether the word is written in digits."""
        return self.form.isdecimal()


def script_of(word: str) -> Script | None:
    """Give the alphabet that most of a word's letters are of, if it is one that we know."""
    if word.isascii():
        return Script.LATIN if any("a" <= letter <= "z" for letter in word) else None
    latin = cyrillic = armenian = 0
    for letter in word:
        if "Ѐ" <= letter <= "ԯ":
            cyrillic += 1
        elif "\u0531" <= letter <= "\u0587":
            armenian += 1
        elif "a" <= letter <= "z" or "à" <= letter <= "ž":
            latin += 1
    most = max(latin, cyrillic, armenian)
    if not most:
        return None
    if most == cyrillic:
        return Script.CYRILLIC
    return Script.LATIN if most == latin else Script.ARMENIAN


@lru_cache(maxsize=20_000)
def normal_form(word: str) -> str:
    """Level case, marks, letters of neighbouring alphabets and stretched letters of one word.

    >>> normal_form("Қазақстан"), normal_form("hellooooo"), normal_form("Кыргызстaн")
    ('казакстан', 'hello', 'кыргызстан')
    """
    form = levelled(word)
    if not form.isascii() and not ONE_SCRIPT.fullmatch(form):
        if not form.isalpha() or any(letter > "\u00bf" for letter in form):
            form = "".join(
                letter
                for letter in unicodedata.normalize("NFKD", form)
                if not unicodedata.combining(letter)
            )
        latin = sum("a" <= letter <= "z" for letter in form)
        if 0 < latin < len(form):
            half = latin * 2 <= len(form)
            form = form.translate(TO_CYRILLIC if half else TO_LATIN)
    return STRETCHED.sub(r"\1", form)


def levelled(text: str) -> str:
    """Level the case and the letters of neighbouring alphabets of a text; its lines stay lines."""
    text = text.casefold()
    if not text.isascii():
        for letter, plain in PLAIN_LETTERS:  # in a long text ten times as fast as `translate`
            text = text.replace(letter, plain)
    return STRETCHED.sub(r"\1", text)


def _readable(text: str) -> tuple[str, list[int] | None]:
    """Drop what cannot be seen; give with it the place of each character that is left.

    The places are None where nothing was dropped.
    """
    if PLAIN.fullmatch(text):
        return text, None
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character in APOSTROPHES:
            continue
        category = unicodedata.category(character)
        if category in {"Cf", "Cs", "Mn", "Me"}:
            continue
        kept.append(" " if category == "Cc" and character != "\n" else character)
        places.append(place)
    return "".join(kept), places


def split_words(text: str) -> tuple[Word, ...]:
    """Split a message into words that know their place and their sentence.

    Reads the first `LONGEST_READ` characters; never raises, whatever the text.
    """
    readable, places = _readable(text[:LONGEST_READ])
    owned = {found.end() for found in OWNED.finditer(text[:LONGEST_READ])} if places else set()
    ends = [match.start() for match in SENTENCE_END.finditer(readable)]
    words: list[Word] = []
    passed = 0
    last_end = 0
    for match in WORD.finditer(readable):
        start, end = match.span()
        if passed < len(ends) and ends[passed] < start:
            while passed < len(ends) and ends[passed] < start:
                passed += 1
        raw = match.group()
        last = (places[end - 1] if places else end - 1) + 1
        words.append(
            Word(
                form=_form(raw),
                owner=_form(raw[:-1]) if last in owned else None,
                start=places[start] if places else start,
                end=last,
                raw=raw,
                sentence=passed,
                after_comma=(
                    readable[last_end:start] != " "
                    and BREATH.search(readable, last_end, start) is not None
                ),
            )
        )  # fmt: skip
        last_end = end
    return tuple(words)


def torn(words: Sequence[Word]) -> frozenset[int]:
    """Give the numbers of the words that are pieces of one: letters and digits side by side.

    >>> sorted(torn(split_words("r3v 16")))
    [0, 1, 2]
    """
    places: set[int] = set()
    for place, (word, after) in enumerate(pairwise(words)):
        if word.end == after.start and word.is_number is not after.is_number:
            places |= {place, place + 1}
    return frozenset(places)


def forms_of(text: str) -> tuple[str, ...]:
    """Give the normal forms of the words of a text alone: a third of the work."""
    found = WORD.findall(levelled(_readable(text[:LONGEST_READ])[0]))
    return tuple([raw if ONE_SCRIPT.fullmatch(raw) else _form(raw) for raw in found])


def _form(raw: str) -> str:
    if "://" in raw or raw[:4].lower() == "www.":
        return raw.casefold().rstrip("/.,)")
    return normal_form(raw)


def neighbours(boards: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give each letter of keyboards with each that is beside it in its row.

    >>> [other for letter, other in neighbours([KEYS]) if letter == "s"]
    ['a', 'd']
    """
    for board in boards:
        for first, end in pairwise((0, *ROWS)):
            row = board[first:end]
            for letter, other in pairwise(row):
                if letter.isalpha() and other.isalpha():
                    yield letter, other
                    yield other, letter


@lru_cache(maxsize=64)
def _layout(keyboard: str) -> dict[int, str]:
    lower = dict(zip(KEYS, keyboard, strict=True))
    upper = {key.upper(): letter.upper() for key, letter in lower.items() if key.isalpha()}
    shifted = {mark: lower[key] for key, mark in LETTERS_ELSEWHERE.items()}
    shifted |= {mark: lower[key] for key, mark in DIGITS.items() if lower[key].isalpha()}
    marks = RUSSIAN_MARKS if keyboard.endswith(".") else {}
    typed = lower | upper | shifted | marks
    return str.maketrans({key: made for key, made in typed.items() if len(made) == 1})


def retyped(text: str, keyboard: str) -> str:
    """Give what the same keys would have typed with `keyboard` on instead of a Latin one.

    A number stays one, though some keyboards have letters on its keys.
    """
    layout = _layout(keyboard)
    parts = NUMBER.split(text)
    parts[::2] = [part.translate(layout) for part in parts[::2]]
    return "".join(parts)


@lru_cache(maxsize=64)
def _latin_layout(keyboard: str) -> dict[int, str]:
    keys = {ord(letter): chr(key) for key, letter in reversed(_layout(keyboard).items())}
    lower = dict(zip(KEYS, keyboard, strict=True))
    capitals = {mark: lower[key].upper() for key, mark in SHIFTED.items() if lower[key].isalpha()}
    return keys | {ord(capital): mark for mark, capital in capitals.items() if len(capital) == 1}


def retyped_latin(text: str, keyboard: str) -> str:
    """Give what the same keys would have typed with a Latin keyboard on instead of `keyboard`."""
    return text.translate(_latin_layout(keyboard))


ROMAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "q", "з": "z", "и": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "х": "h", "ц": "s", "ч": "c", "ш": "w", "щ": "w", "ъ": "", "ы": "i",
    "ь": "", "э": "e", "ю": "iu", "я": "ia",
    "ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "i", "թ": "t",
    "ժ": "q", "ի": "i", "լ": "l", "խ": "h", "ծ": "s", "կ": "k", "հ": "h", "ձ": "z", "ղ": "g",
    "ճ": "c", "մ": "m", "յ": "i", "ն": "n", "շ": "w", "ո": "o", "չ": "c", "պ": "p", "ջ": "q",
    "ռ": "r", "ս": "s", "վ": "v", "տ": "t", "ր": "r", "ց": "s", "ւ": "v", "փ": "p", "ք": "k",
    "օ": "o", "ֆ": "f",
}  # fmt: skip
DIGRAPHS = (
    (re.compile("shch|sch"), "w"),
    (re.compile("sh"), "w"),
    (re.compile("tch|ch"), "c"),
    (re.compile("kh|x"), "h"),
    (re.compile("gh"), "g"),
    (re.compile("ts|tz|cz"), "s"),
    (re.compile("ck|q"), "k"),
    (re.compile("dzh|zh|dj"), "q"),
    (re.compile("ph"), "f"),
    (re.compile("th"), "t"),
    (re.compile("w(?=[aeiou])"), "w"),
    (re.compile("yo|jo|io"), "e"),
    (re.compile("ou"), "u"),
    (re.compile("[yj](?=[aueo])"), "i"),
    (re.compile("[yj]"), "i"),
    (re.compile("ii+"), "i"),
    (re.compile(r"(.)\1"), r"\1"),
)
"""Habits of writing Cyrillic and Armenian in Latin letters, levelled in this order."""
TWO_SOUNDS = (
    (re.compile("dj|j"), "zh"),
    (re.compile("j"), "ch"),  # Tajik
    (re.compile("(?<![ckgpstz])h"), "g"),  # Belarusian
    (re.compile("c(?![hz])"), "ts"),  # Armenian, and Belarusian: "ck"
    (re.compile(r"(?<=\w[bdfgklmnprstvz])ie(?=\w)"), "e"),  # Belarusian
)
"""Latin letters that some write for another sound: `j` for ж or ҷ, `h` for г, `c` for ц."""


@lru_cache(maxsize=20_000)
def skeleton(form: str) -> str:
    """Give what a normal form sounds like in Latin letters, one letter a sound, roughly.

    Words that people write in Latin letters have the skeleton of the word that they mean:

    >>> skeleton("сколько"), skeleton("skolko"), skeleton("депутаттар"), skeleton("deputattar")
    ('skolko', 'skolko', 'deputatar', 'deputatar')
    """
    form = form.replace("ու", "у").replace("тс", "ц")
    letters = "".join(ROMAN.get(letter, letter) for letter in form)
    if letters == form:
        for pattern, sound in DIGRAPHS:
            letters = pattern.sub(sound, letters)
    else:
        letters = DOUBLED.sub(r"\1\2", letters)
    return letters


def skeletons_of(forms: Iterable[str]) -> list[str]:
    """Give the skeletons of many words that are not in Latin letters, at a tenth of the cost.

    >>> skeletons_of(["сколько", "депутаттар"])
    ['skolko', 'deputatar']
    """
    text = "\n".join(forms).replace("ու", "у").replace("тс", "ц")
    for letter, sound in ROMAN.items():
        text = text.replace(letter, sound)
    return DOUBLED.sub(r"\1\2", text).splitlines()


def skeletons(form: str) -> tuple[str, ...]:
    """Give the skeletons of a word in Latin letters, some of which are written for two sounds.

    >>> skeletons("joq"), skeletons("rossija"), skeletons("aranc")
    (('iok', 'qok', 'cok'), ('rosia', 'rosiqa', 'rosica'), ('aranc', 'arans'))
    """
    spelt = [form]
    for letter, other in TWO_SOUNDS:
        spelt += [heard for one in spelt if (heard := letter.sub(other, one)) != one]
    return tuple(dict.fromkeys(map(skeleton, spelt)))
