"""Several files at once: whose tools are whose, and what becomes of names that two of them have."""

import json
from pathlib import Path

import atonce
import pytest
from atonce._host.load import Loaded, load_all
from caller import call, names, unchanged_imports, write

RATES = """
    import atonce
    @atonce.tool
    def find(code: str) -> str: return "rate of " + code
    @atonce.tool
    def convert(amount: float) -> float: return 2 * amount
    """
TALKS = """
    import atonce
    @atonce.tool(name="find", serial=True)
    def look_up(title: str) -> str: return "talk " + title
    @atonce.tool
    def count() -> int: return 3
    """


def load_files(folder: Path, *specs: str, for_mcp: bool = False) -> Loaded:
    with unchanged_imports():
        return load_all([str(folder / spec) for spec in specs], for_mcp=for_mcp)


def test_names_that_two_files_have_get_the_files_names_before_them(tmp_path: Path) -> None:
    write(tmp_path, {"rates.py": RATES, "my-talks.py": TALKS})
    loaded = load_files(tmp_path, "rates.py", "my-talks.py")

    assert names(loaded) == ["rates_find", "convert", "my_talks_find", "count"]
    assert loaded.sources == (0, 0, 1, 1)
    assert [tool.own_name for tool in loaded.tools] == ["find", "convert", "find", "count"]
    assert json.loads(loaded.tools[2].declarations[0])["name"] == "my_talks_find"
    assert call(loaded.tools[0], {"code": "SEK"}) == "rate of SEK"
    assert call(loaded.tools[2], {"title": "GIL"}) == "talk GIL"
    assert loaded.warnings == [
        "`find` is in more than one of the files: it is offered as `rates_find` and `my_talks_find`"
    ]


def test_no_file_keeps_the_name_whatever_their_order(tmp_path: Path) -> None:
    write(tmp_path, {"rates.py": RATES, "talks.py": TALKS})

    assert names(load_files(tmp_path, "talks.py", "rates.py")) == [
        "talks_find",
        "count",
        "rates_find",
        "convert",
    ]


def test_names_that_one_file_has_stay_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def one(): ...", "b.py": "def two(): ..."})
    loaded = load_files(tmp_path, "a.py", "b.py")

    assert names(loaded) == ["one", "two"]
    assert loaded.warnings == []


def test_an_object_gives_its_own_name(tmp_path: Path) -> None:
    source = """
        class Shelf:
            def take(self) -> int: return self.size
            def __init__(self, size: int) -> None: self.size = size
        upper, lower = Shelf(1), Shelf(2)
        """
    write(tmp_path, {"shelves.py": source})
    loaded = load_files(tmp_path, "shelves.py:upper", "shelves.py:lower")

    assert names(loaded) == ["upper_take", "lower_take"]
    assert [call(tool) for tool in loaded.tools] == [1, 2]


def test_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        write(tmp_path / folder, {"shop.py": f"def {folder}() -> str: return {folder!r}"})
    loaded = load_files(tmp_path, "a/shop.py", "b/shop.py", "c/shop.py")

    assert [call(tool) for tool in loaded.tools] == ["a", "b", "c"]


def test_names_that_are_still_alike_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(tmp_path / folder, {"shop.py": "def buy(): ..."})

    with pytest.raises(atonce.ToolsError, match="two tools are called `shop_buy`") as caught:
        load_files(tmp_path, "a/shop.py", "b/shop.py")
    assert "rename one" in caught.value.hint


def test_a_file_is_named_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def one(): ..."})

    with pytest.raises(atonce.ToolsError, match="named twice"):
        load_files(tmp_path, "a.py", "a.py")


def test_a_file_without_tools_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def one(): ...", "b.py": "x = 1"})

    with pytest.raises(atonce.ToolsError, match=r"b\.py` has no tools"):
        load_files(tmp_path, "a.py", "b.py")


def test_prompts_get_prefixes_too_and_their_completions_follow(tmp_path: Path) -> None:
    source = """
        import atonce
        @atonce.prompt
        def greet(name: str) -> str: return "Say hello to " + name
        @atonce.complete(greet, "name")
        def names(value: str) -> list[str]: return [value + "{letter}"]
        """
    write(tmp_path, {"a.py": source.format(letter="a"), "b.py": source.format(letter="b")})
    loaded = load_files(tmp_path, "a.py", "b.py", for_mcp=True)

    prompts = [offer for offer in loaded.offers if offer.role == "prompt"]
    completions = [offer for offer in loaded.offers if offer.role == "completion"]
    assert [offer.subject for offer in prompts] == ["a_greet", "b_greet"]
    assert [json.loads(offer.declarations[3])["ref"]["name"] for offer in completions] == [
        "a_greet",
        "b_greet",
    ]
    assert call(completions[1], {"value": "x"}) == ["xb"]


def test_resources_of_one_address_are_refused(tmp_path: Path) -> None:
    source = """
        import atonce
        @atonce.resource("test://a")
        def a() -> str: return "a"
        """
    write(tmp_path, {"a.py": source, "b.py": source})

    with pytest.raises(atonce.ToolsError, match="two of `resource test://a`"):
        load_files(tmp_path, "a.py", "b.py", for_mcp=True)
