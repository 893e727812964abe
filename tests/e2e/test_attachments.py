"""`--file`: what a question is asked about."""

import base64
from pathlib import Path

import fake_gemini as fake
import pytest
from conftest import Finished, Program
from fake_gemini import FakeGemini

# The smallest PNG there is: one transparent pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def ask(atonce: Program, meetup: Path, server: FakeGemini, *options: object) -> Finished:
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
    return atonce.run("ask", meetup, "What is this?", "--model", "gemini/fake", *options)


def test_an_image_goes_beside_the_words(atonce: Program, meetup: Path, tmp_path: Path) -> None:
    image = tmp_path / "dot.PNG"
    image.write_bytes(PNG)
    with FakeGemini(fake.says("A dot.")) as server:
        done = ask(atonce, meetup, server, "--file", image)

    assert done.out == "A dot.\n", done.err
    [content] = server.asked[0].body["contents"]
    [inline] = [part["inlineData"] for part in content["parts"] if "inlineData" in part]
    assert inline["mimeType"] == "image/png"
    assert base64.b64decode(inline["data"]) == PNG
    assert {"text": "What is this?"} in content["parts"]


def test_text_is_part_of_the_question(atonce: Program, meetup: Path, tmp_path: Path) -> None:
    for name, text in (("a.txt", "Grüße"), ("b.py", "x = 1\n")):
        (tmp_path / name).write_text(text)
    with FakeGemini(fake.says("Text.")) as server:
        ask(atonce, meetup, server, "--file", tmp_path / "a.txt", "--file", tmp_path / "b.py")

    [content] = server.asked[0].body["contents"]
    assert content["parts"] == [
        {"text": "What is this?\n\nFile `a.txt`:\nGrüße\n\nFile `b.py`:\nx = 1\n"}
    ]


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("missing.png", None, "there is no file"),
        ("data.bin", 3, "neither text nor of a kind that models take"),
        ("huge.png", 20_000_001, "larger than the 20 MB"),
    ],
)
def test_what_cannot_be_asked_about_is_said_before_anything_is_asked(
    atonce: Program, meetup: Path, tmp_path: Path, name: str, size: int | None, expected: str
) -> None:
    if size is not None:
        (tmp_path / name).write_bytes(b"\0" * size)
    with FakeGemini() as server:
        done = ask(atonce, meetup, server, "--file", tmp_path / name)

    assert done.code == 2
    assert expected in done.err and name in done.err
    assert server.asked == []
