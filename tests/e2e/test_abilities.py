"""What a model has no way to take is said by name, and nothing is asked."""

from pathlib import Path

import fake_openai
import pytest
from conftest import Program
from fake_openai import FakeOpenAi


@pytest.mark.parametrize("model", ["openai/fake", "openai-responses/fake"])
def test_a_provider_without_a_tool_names_those_that_have_it(
    atonce: Program, meetup: Path, model: str
) -> None:
    atonce.environment["OPENAI_API_KEY"] = fake_openai.KEY
    with FakeOpenAi() as server:
        address = ("--model", model, "--base-url", server.base_url)
        done = atonce.run("ask", meetup, "go", *address, "--provider-tool", "url-context")

    assert done.code == 2
    assert f"error: `{model}` has no provider's tool `url-context`" in done.err
    assert "gemini/NAME" in done.err
    assert server.asked == []


@pytest.mark.parametrize("model", ["openai/fake", "openai-responses/fake"])
def test_a_file_that_cannot_be_taken_is_named(
    atonce: Program, meetup: Path, tmp_path: Path, model: str
) -> None:
    film = tmp_path / "talk.mp4"
    film.write_bytes(b"film")
    atonce.environment["OPENAI_API_KEY"] = fake_openai.KEY
    with FakeOpenAi() as server:
        address = ("--model", model, "--base-url", server.base_url)
        done = atonce.run("ask", meetup, "go", *address, "--file", film)

    assert done.code != 0
    assert f"error: `{model}` has no way to take the file `talk.mp4`, video/mp4" in done.err
    assert server.asked == []
