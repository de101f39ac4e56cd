"""Make `knowledge/country-names.yaml` from CLDR: run `python -m bot.workshop.country_names`.

Reading all of CLDR's languages takes half a second and changes once a year, so the result is
kept as data.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from babel import Locale, UnknownLocaleError, localedata

HEADER = (
    "# yaml-language-server: $schema=schemas/country-names.json\n"
    "# Made from CLDR by `python -m bot.workshop.country_names`; do not edit.\n"
)


def names_of(country: str) -> Iterator[str]:
    """Give the name of a country, by ISO 3166 code, in every language that CLDR has."""
    for identifier in sorted(localedata.locale_identifiers()):
        try:
            name = Locale.parse(identifier).territories.get(country)
        except (UnknownLocaleError, ValueError):
            continue
        if name and name != country:
            yield name.replace(",", " ").replace('"', "").replace("*", "")


def as_yaml(countries: Iterable[str]) -> str:
    """Write the names of countries as the file that `knowledge` loads."""
    lines = [
        f'{country}: "{", ".join(sorted(set(names_of(country))))}"\n' for country in countries
    ]
    return HEADER + "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(as_yaml(["BY", "KZ", "KG", "RU", "TJ", "AM"]))
