"""The example that every document uses, under plain Python."""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "meetup.py"


@pytest.fixture(scope="module")
def meetup() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("meetup", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["meetup"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["meetup"]


def test_the_codelabs_day_gives_the_banks_rate(meetup: ModuleType) -> None:
    rate = meetup.get_exchange_rate("AUD", "SEK", "2024-01-16", 500)

    assert rate.rate == 6.8682
    assert rate.converted_amount == 3434.1
    assert rate.rate_date == date(2024, 1, 16)
    assert "bundled" in rate.source


@pytest.mark.parametrize("name", ["SEK", "sek", "Swedish krona", "swedish kronas"])
def test_a_currency_may_be_named_as_people_do(meetup: ModuleType, name: str) -> None:
    assert meetup.get_exchange_rate("EUR", name).currency_to == "SEK"


def test_a_day_without_a_rate_takes_the_one_before(meetup: ModuleType) -> None:
    assert meetup.get_exchange_rate("EUR", "USD", "2024-01-18").rate_date == date(2024, 1, 16)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("XXX", "SEK"), "XXX"),
        (("AUD", "SEK", "yesterday"), "YYYY-MM-DD"),
        (("AUD", "SEK", "1990-01-01"), "1990|starts"),
        (("AUD", "SEK", "latest", -1), "amount"),
        (("AUD", "SEK", "latest", float("nan")), "amount"),
        (("AUD", "BGN", "2026-10-30"), "BGN"),
    ],
)
def test_what_cannot_be_answered_says_why(
    meetup: ModuleType, arguments: tuple[object, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        meetup.get_exchange_rate(*arguments)


def test_names_are_found_by_a_part(meetup: ModuleType) -> None:
    assert meetup.get_speaker("quillfeather").name == "Ada Quillfeather"
    assert meetup.get_attendance("March").attended == 137


def test_similar_talks_are_other_talks_and_as_many_as_asked(meetup: ModuleType) -> None:
    similar = meetup.find_similar_talks("Function calling with Gemini", 4)

    assert len(similar) == 4
    assert "Function calling with Gemini" not in [talk.title for talk in similar]


class Frankfurter(BaseHTTPRequestHandler):
    """Answers as the live service does."""

    def do_GET(self) -> None:
        body = b'{"amount":1.0,"base":"AUD","date":"2024-01-16","rates":{"SEK":6.8682}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.path == "/latest?from=AUD&to=SEK" else b"{}".ljust(len(body)))

    def log_message(self, *_: object) -> None: ...


def test_live_rates_say_that_they_are_live(
    meetup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = HTTPServer(("127.0.0.1", 0), Frankfurter)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("EXCHANGE_RATES", "live")
    monkeypatch.setenv("EXCHANGE_RATES_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        rate = meetup.get_exchange_rate("AUD", "SEK", amount=500)
        with pytest.raises(ConnectionError, match="no exchange rate"):
            meetup.get_exchange_rate("AUD", "USD")
    finally:
        server.shutdown()
        server.server_close()

    assert (rate.rate, rate.converted_amount, rate.source) == (6.8682, 3434.1, "Frankfurter, live")
