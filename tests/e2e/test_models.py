"""`atonce models`: what each provider offers, for people and as JSON."""

import json
from pathlib import Path

import fake_gemini as fake
import fake_openai
import pytest
from conftest import Finished, Program
from fake_gemini import FakeGemini
from fake_openai import FakeOpenAi
from scripted_server import Answer, Asked


class ListingOpenAi(FakeOpenAi):
    """Answers a list in another order than that of the names."""

    def check(self, asked: Asked) -> None:
        if asked.method != "GET":
            super().check(asked)

    def own_answer(self, asked: Asked) -> Answer | None:
        if asked.path != "/v1/models":
            return fake_openai.error(404, "invalid_request_error", "Not found")
        models = [{"id": "zeta", "object": "model"}, {"id": "alpha", "context_window": 8192}]
        return Answer(json.dumps({"object": "list", "data": models}))


def models(atonce: Program, server: FakeGemini, *options: object) -> Finished:
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
    return atonce.run("models", *options)


def test_gemini_lists_what_makes_content_from_all_pages(atonce: Program) -> None:
    with FakeGemini() as server:
        done = models(atonce, server, "gemini", "--json")

    assert done.code == 0, done.err
    assert done.json == [
        {"spec": "gemini/another-fake"},
        {"spec": "gemini/fake", "display_name": "Fake", "input_token_limit": 1048576},
    ]
    assert len(server.asked) == 2


def test_with_a_key_gemini_is_the_provider_and_people_get_a_table(atonce: Program) -> None:
    with FakeGemini() as server:
        done = models(atonce, server)

    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "gemini/another-fake",
        "gemini/fake          1048576 tokens  Fake",
    ]
    assert done.err == ""


def test_what_is_listed_can_be_asked(atonce: Program, meetup: Path) -> None:
    with FakeGemini(fake.says("hello")) as server:
        spec = models(atonce, server, "--json").json[0]["spec"]
        done = atonce.run("ask", meetup, "go", "--model", spec)

    assert done.out == "hello\n", done.err


def test_a_wrong_key_is_one_clear_line(atonce: Program) -> None:
    with FakeGemini() as server:
        atonce.environment["GEMINI_API_KEY"] = "AIzaWrong"
        done = atonce.run("models", "gemini", "--base-url", server.url)

    assert done.code == 1
    assert done.out == ""
    assert "API key not valid" in done.err and "AIzaWrong" not in done.err


def test_vertex_lists_googles_gemini_models_with_a_token(atonce: Program) -> None:
    atonce.environment["CLOUDSDK_AUTH_ACCESS_TOKEN"] = fake.TOKEN
    atonce.environment["GOOGLE_CLOUD_PROJECT"] = fake.PROJECT
    with FakeGemini() as server:
        done = atonce.run("models", "vertex", "--json", "--base-url", server.url)

    assert done.code == 0, done.err
    assert done.json == [{"spec": "vertex/gemini-fake"}]
    assert server.asked[0].headers["x-goog-user-project"] == fake.PROJECT


def test_openai_lists_what_the_server_lists_in_order(atonce: Program) -> None:
    atonce.environment["OPENAI_API_KEY"] = fake_openai.KEY
    with ListingOpenAi() as server:
        done = atonce.run("models", "openai", "--json", "--base-url", server.base_url)

    assert done.code == 0, done.err
    assert done.json == [
        {"spec": "openai/alpha", "input_token_limit": 8192},
        {"spec": "openai/zeta"},
    ]


def test_local_lists_the_files_of_the_cache_the_default_first(
    atonce: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "cache" / "models"
    folder.mkdir(parents=True)
    (folder / "small.gguf").write_bytes(b"x" * 10)
    (folder / "large.gguf").write_bytes(b"x" * 20)
    (folder / "notes.txt").write_text("no model")
    atonce.environment["ATONCE_CACHE"] = str(tmp_path / "cache")

    done = atonce.run("models", "--json")  # without a key, local is the provider

    assert done.code == 0, done.err
    assert done.json == [
        {"spec": f"local:{folder}/large.gguf", "size_bytes": 20, "is_default": True},
        {"spec": f"local:{folder}/small.gguf", "size_bytes": 10},
    ]


def test_no_local_model_is_an_empty_list_and_says_how_to_get_one(
    atonce: Program, tmp_path: Path
) -> None:
    atonce.environment["ATONCE_CACHE"] = str(tmp_path)

    done = atonce.run("models", "local", "--json")
    told = atonce.run("models", "local")

    assert (done.code, done.out) == (0, "[]\n")
    assert (told.code, told.out) == (0, "")
    assert "make model" in told.err


@pytest.mark.parametrize(
    ("provider", "hint"),
    [
        ("nobody", "gemini, vertex, openai and local are"),
        ("vertex", "GOOGLE_OAUTH_ACCESS_TOKEN"),
        ("openai", "OPENAI_API_KEY"),
    ],
)
def test_what_is_missing_is_said(atonce: Program, provider: str, hint: str) -> None:
    done = atonce.run("models", provider)

    assert done.code != 0
    assert done.out == ""
    assert done.err.startswith("error: ") and hint in done.err
