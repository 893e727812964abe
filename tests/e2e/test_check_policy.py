"""The policy that a check writes, and what it does to the calls of `call`, `ask` and `chat`."""

import hashlib
import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fake_gemini as fake
import pytest
from conftest import Finished, Program, WriteTools
from fake_gemini import FakeGemini

# `take` is racy. Each call notes in a file when it comes and goes, which orders nothing, and stays
# until somebody else came, or for as long as it was told to.
TOOLS = """
    import os
    import time
    from pathlib import Path

    stock = 100
    _log = os.open(Path(__file__).with_name("log"), os.O_RDWR | os.O_CREAT | os.O_APPEND)


    def _stay(wait: float) -> None:
        os.write(_log, b"+")
        until = time.monotonic() + wait
        while _is_alone() and time.monotonic() < until:
            time.sleep(0.001)
        os.write(_log, b"-")


    def _is_alone() -> bool:
        return os.pread(_log, 1 << 20, 0).count(b"+") < 2


    def take(wait: float) -> str:
        '''Take one.

        >>> take(0.0)
        '''
        global stock
        stock -= 1
        _stay(wait)
        return "taken"


    def price(wait: float) -> int:
        '''What it costs.

        >>> price(0.0)
        '''
        _stay(wait)
        return 5
    """
SAFE = """
    def double(number: int) -> int:
        return 2 * number
    """
PATIENCE = 20  # seconds, for calls that are to meet
A_WHILE = 0.2  # seconds, for calls that must not


@dataclass
class Shop:
    """A tools file whose calls say whether they met."""

    file: Path

    @property
    def policy(self) -> Path:
        return self.file.with_name("shop.atonce.json")

    @property
    def most_at_once(self) -> int:
        inside = most = 0
        for sign in self.file.with_name("log").read_text():
            inside += 1 if sign == "+" else -1
            most = max(most, inside)
        return most

    def forget(self) -> None:
        self.file.with_name("log").unlink(missing_ok=True)

    def change(self) -> None:
        self.file.write_text(self.file.read_text() + "\n# another line\n")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with the policy of a real check beside it."""
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop(folder / "shop.py")
    shop.file.write_text(textwrap.dedent(TOOLS))
    atonce = Program(tmp_path_factory.mktemp("home"))
    done = atonce.run("check", shop.file, "--write-policy", "--budget", 8)
    assert done.code == 1, done.out + done.err
    assert f"wrote {shop.policy}" in done.err
    return shop


@pytest.fixture
def shop(checked: Shop, tmp_path: Path) -> Shop:
    """The same for one test alone."""
    mine = Shop(tmp_path / "shop.py")
    mine.file.write_bytes(checked.file.read_bytes())
    mine.policy.write_bytes(checked.policy.read_bytes())
    return mine


def take_twice(
    atonce: Program, shop: Shop, wait: float, *options: object, file: Path | None = None
) -> Finished:
    shop.forget()
    calls = [{"id": str(at), "name": "take", "args": {"wait": wait}} for at in range(2)]
    target = file or shop.file
    return atonce.run("call", target, "--turn", "-", *options, stdin=json.dumps(calls))


def outcomes(done: Finished) -> list[str]:
    return [each["outcome"] for each in done.json]


def write_policy(file: Path, sha256: str, verdict: str, *serial: list[str]) -> None:
    policy = {"file_sha256": sha256, "verdict": verdict, "serial": list(serial)}
    file.write_text(json.dumps(policy))


def hash_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_it_holds_the_hash_the_verdict_and_groups_of_unsafe_tools(checked: Shop) -> None:
    policy = json.loads(checked.policy.read_text())

    assert policy["checked_with"]
    del policy["checked_with"]
    assert policy == {
        "file_sha256": hash_of(checked.file),
        "verdict": "findings",
        "serial": [["take"]],
    }


def test_calls_meet_without_a_policy(atonce: Program, shop: Shop) -> None:
    shop.policy.unlink()

    done = take_twice(atonce, shop, PATIENCE)

    assert outcomes(done) == ["returned", "returned"]
    assert shop.most_at_once == 2


def test_unsafe_calls_of_a_turn_never_meet(atonce: Program, shop: Shop) -> None:
    done = take_twice(atonce, shop, A_WHILE)

    assert outcomes(done) == ["returned", "returned"]
    assert done.err == ""
    assert shop.most_at_once == 1


def test_safe_calls_still_meet_unsafe_ones(atonce: Program, shop: Shop) -> None:
    shop.forget()

    atonce.turn(shop.file, [("take", {"wait": PATIENCE}), ("price", {"wait": PATIENCE})])

    assert shop.most_at_once == 2


def test_unsafe_calls_that_a_model_makes_never_meet(atonce: Program, shop: Shop) -> None:
    shop.forget()
    take = json.dumps({"functionCall": {"name": "take", "args": {"wait": A_WHILE}}})
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    with FakeGemini(fake.parts(take, take), fake.says("Both.")) as server:
        atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
        done = atonce.run("ask", shop.file, "go", "--model", "gemini/fake")

    assert server.problems == []
    assert (done.code, done.out) == (0, "Both.\n")
    assert shop.most_at_once == 1


def test_unsafe_calls_of_a_conversation_never_meet(atonce: Program, shop: Shop) -> None:
    shop.forget()
    take = json.dumps({"functionCall": {"name": "take", "args": {"wait": A_WHILE}}})
    atonce.environment["GEMINI_API_KEY"] = fake.KEY
    with FakeGemini(fake.parts(take, take), fake.says("Both.")) as server:
        atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
        options = ("--model", "gemini/fake", "--no-stream")
        done = atonce.run("chat", shop.file, *options, stdin="go\n")

    assert (done.code, done.out) == (0, "Both.\n")
    assert shop.most_at_once == 1


def test_a_changed_file_is_told_and_its_groups_still_hold(atonce: Program, shop: Shop) -> None:
    shop.change()

    done = take_twice(atonce, shop, A_WHILE)

    assert outcomes(done) == ["returned", "returned"]
    assert "has changed since it was checked" in done.err
    assert shop.most_at_once == 1


def test_another_file_can_be_named(atonce: Program, shop: Shop) -> None:
    elsewhere = shop.policy.rename(shop.policy.with_name("elsewhere.json"))

    assert outcomes(take_twice(atonce, shop, A_WHILE, "--policy", elsewhere)) == ["returned"] * 2
    assert shop.most_at_once == 1
    assert outcomes(take_twice(atonce, shop, PATIENCE)) == ["returned"] * 2
    assert shop.most_at_once == 2


def test_a_named_file_that_is_not_there_is_an_error(atonce: Program, shop: Shop) -> None:
    done = take_twice(atonce, shop, 0, "--policy", "nowhere.json")

    assert (done.code, done.out) == (2, "")
    assert "nowhere.json" in done.err and "--write-policy" in done.err
    assert not shop.file.with_name("log").exists()


def test_groups_of_the_file_and_of_the_policy_are_joined(atonce: Program, tmp_path: Path) -> None:
    source = """
    import atonce
    """
    source += TOOLS.replace("def take", "@atonce.tool(serial='till')\n    def take")
    source = source.replace("def price", "@atonce.tool\n    def price")
    source += """
    @atonce.tool(serial="till")
    def refund(wait: float) -> None:
        _stay(wait)
    """
    shop = Shop(tmp_path / "shop.py")
    shop.file.write_text(textwrap.dedent(source))
    calls = [("price", {"wait": A_WHILE}), ("refund", {"wait": A_WHILE})]
    # `price` and `refund` are in no group together but by `take`.
    write_policy(shop.policy, hash_of(shop.file), "findings", ["take", "price"])

    atonce.turn(shop.file, calls)

    assert shop.most_at_once == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no JSON", "this is no policy"),
        ("[]", "`file_sha256` is missing"),
        ('{"file_sha256": "0"}', "`verdict` is missing"),
        ('{"file_sha256": "0", "verdict": "clean"}', "`serial`"),
        ('{"file_sha256": "0", "verdict": "clean", "serial": [[1]]}', "`serial`"),
        ('{"file_sha256": "0", "verdict": "clean", "serial": ["take"]}', "`serial`"),
    ],
)
def test_a_policy_that_is_none_is_refused(
    atonce: Program, shop: Shop, text: str, said: str
) -> None:
    shop.policy.write_text(text)

    done = take_twice(atonce, shop, 0)

    assert (done.code, done.out) == (2, "")
    assert str(shop.policy) in done.err and said in done.err
    assert not shop.file.with_name("log").exists()


class TestCheckPolicy:
    """With --check-policy, only what has passed is run."""

    def refusal(self, atonce: Program, file: Path, *options: object) -> str:
        done = atonce.run("call", file, "take", '{"wait": 0}', "--check-policy", *options)
        assert (done.code, done.out) == (2, "")
        assert not file.with_name("log").exists()  # it was not even imported
        assert "--write-policy" in done.err
        return done.err

    def test_without_one_tools_are_refused(self, atonce: Program, shop: Shop) -> None:
        shop.policy.unlink()

        assert "has no passing check" in self.refusal(atonce, shop.file)

    def test_with_findings_they_are_refused(self, atonce: Program, shop: Shop) -> None:
        assert "`findings`" in self.refusal(atonce, shop.file)

    def test_changed_they_are_refused(self, atonce: Program, shop: Shop) -> None:
        write_policy(shop.policy, hash_of(shop.file), "clean")
        shop.change()

        assert "has changed since" in self.refusal(atonce, shop.file)

    @pytest.mark.parametrize("command", ["ask", "chat"])
    def test_a_model_is_not_even_asked(self, atonce: Program, shop: Shop, command: str) -> None:
        atonce.environment["GEMINI_API_KEY"] = fake.KEY
        question = ["go"] if command == "ask" else []
        with FakeGemini() as server:
            atonce.environment["GOOGLE_GEMINI_BASE_URL"] = server.url
            done = atonce.run(
                command, shop.file, *question, "--model", "gemini/fake", "--check-policy"
            )

        assert (done.code, done.out) == (2, "")
        assert "`findings`" in done.err
        assert server.asked == []

    def test_what_has_passed_runs(self, atonce: Program, tools: WriteTools) -> None:
        file = tools(SAFE)

        done = atonce.run("check", file, "--write-policy", "--budget", 5)

        assert done.code == 0, done.out + done.err
        assert json.loads(file.with_name("my_tools.atonce.json").read_text())["serial"] == []
        done = atonce.run("call", file, "double", '{"number": 4}', "--check-policy")
        assert done.code == 0, done.err
        assert done.json["result"] == 8


class TestFolderAndModule:
    def write(self, folder: Path) -> dict[str, Any]:
        folder.mkdir()
        (folder / "one.py").write_text(textwrap.dedent(SAFE))
        (folder / "two.py").write_text(textwrap.dedent(SAFE).replace("double", "twice"))
        return {"number": 4}

    def test_a_folder_has_one_for_all_its_files(self, atonce: Program, tmp_path: Path) -> None:
        folder = tmp_path / "many"
        arguments = json.dumps(self.write(folder))
        call = ("call", folder, "double", arguments, "--check-policy")

        done = atonce.run("check", folder, "--write-policy", "--budget", 5)

        assert done.code == 0, done.out + done.err
        names = ["one.py", "two.py"]
        texts = [(name, (folder / name).read_bytes()) for name in names]
        whole = b"".join(b"%s\0%d\0%s" % (name.encode(), len(text), text) for name, text in texts)
        policy = json.loads((folder / "atonce.json").read_text())
        assert policy["file_sha256"] == hashlib.sha256(whole).hexdigest()
        assert atonce.run(*call).code == 0
        (folder / "two.py").rename(folder / "three.py")
        assert atonce.run(*call).code == 2

    def test_a_module_has_it_beside_its_file(self, atonce: Program, tmp_path: Path) -> None:
        folder = tmp_path / "many"
        arguments = json.dumps(self.write(folder))
        (folder / "__init__.py").touch()

        done = atonce.run("check", "-m", "many.one", "--write-policy", "--budget", 5, cwd=tmp_path)

        assert done.code == 0, done.out + done.err
        assert (folder / "one.atonce.json").exists()
        call = ("call", "--check-policy", "-m", "many.one", "double", arguments)
        assert atonce.run(*call, cwd=tmp_path).code == 0
        (folder / "one.py").write_text((folder / "one.py").read_text() + "\n")
        assert atonce.run(*call, cwd=tmp_path).code == 2

    def test_an_object_of_a_file_has_that_of_the_file(
        self, atonce: Program, tools: WriteTools
    ) -> None:
        file = tools(SAFE + "\n    only = [double]\n")

        done = atonce.run("check", f"{file}:only", "--write-policy", "--budget", 5)

        assert done.code == 0, done.out + done.err
        policy = json.loads(file.with_name("my_tools.atonce.json").read_text())
        assert policy["file_sha256"] == hash_of(file)


def test_what_could_not_run_writes_none(atonce: Program, tools: WriteTools) -> None:
    file = tools("raise ValueError('not today')\n")

    done = atonce.run("check", file, "--write-policy")

    assert done.code == 2
    assert "not today" in done.err
    assert list(file.parent.glob("*.json")) == []


def test_one_that_cannot_be_written_is_told(atonce: Program, tools: WriteTools) -> None:
    done = atonce.run(
        "check", tools(SAFE), "--write-policy", "--policy", "no/such/folder/x.json", "--budget", 3
    )

    assert done.code == 2
    assert "no/such/folder/x.json" in done.err
