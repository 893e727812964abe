"""atonce check with a tools file: its verdicts, where arguments come from, and all its reports."""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from conftest import Finished, Program, WriteTools
from terminal import Terminal

PATIENCE = 90  # seconds; a bound on a hang, never a measure

RACY = """
    import threading

    total = 0
    other = 0


    def add(number: int) -> int:
        global total
        total += number
        return total


    def allowed() -> None:
        global other
        other += 1  # atonce: allow(lost_update) only shown to people


    def twice(number: int) -> int:
        return 2 * number
    """
CLEAN = """
    def double(number: int) -> int:
        return 2 * number

    def name_of(talk: str) -> str:
        return talk.title()
    """


def check(
    atonce: Program, file: object, *options: object, budget: float = 4, cwd: Path | None = None
) -> Finished:
    return atonce.run("check", file, "--budget", budget, *options, cwd=cwd, timeout=PATIENCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("racy tools")  # a space, which a URI does not hold
    (folder / "racy.py").write_text(textwrap.dedent(RACY).lstrip(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def racy(folder: Path) -> Finished:
    """One check of RACY, in the file's folder, with all its reports."""
    done = check(
        Program(folder), "racy.py", "--json", "--sarif", "racy.sarif", budget=5, cwd=folder
    )
    assert done.code == 1, done.out + done.err
    return done


@pytest.fixture(scope="module")
def shown(folder: Path) -> Finished:
    """The same for people."""
    done = check(Program(folder), "racy.py", budget=5, cwd=folder)
    assert done.code == 1, done.out + done.err
    return done


class TestVerdicts:
    def test_clean_is_0(self, atonce: Program, tools: WriteTools) -> None:
        done = check(atonce, tools(CLEAN), "--json")

        assert (done.code, done.err) == (0, "")
        assert done.json["verdict"] == "clean"
        assert done.json["pairs"] == 3 and done.json["runs"] >= 3
        for empty in ("findings", "unsafe_pairs", "not_overlapped", "not_tested", "failures"):
            assert done.json[empty] == []

    def test_a_method_of_an_object(self, atonce: Program, tools: WriteTools) -> None:
        source = """
            class Till:
                def __init__(self) -> None:
                    self.money = 0

                def put(self, money: int) -> int:
                    self.money += money
                    return self.money

            till = Till()
            """
        done = check(atonce, f"{tools(source)}:till", "--json")

        assert done.code == 1, done.err
        assert {each["variable"] for each in done.json["findings"]} == {"Till.money"}
        assert done.json["unsafe_pairs"] == [["put", "put"]]

    def test_warnings_and_notes_do_not_fail(self, atonce: Program, tools: WriteTools) -> None:
        source = """
            _rates: dict[str, float] = {}
            is_stopped = False

            def stop() -> None:
                global is_stopped
                is_stopped = True

            def go() -> bool:
                return is_stopped
            """
        done = check(atonce, tools(source), "--json")

        assert done.code == 0, done.out
        assert done.json["verdict"] == "clean"
        assert {each["level"] for each in done.json["findings"]} <= {"note", "warning"}

    def test_what_nobody_wants_tested_is_told_and_no_failure(
        self, atonce: Program, tools: WriteTools
    ) -> None:
        source = """
            from pathlib import Path

            import atonce

            @atonce.tool(destructive=True)
            def wipe() -> None:
                Path(__file__).with_name("wiped").touch()

            @atonce.tool(isolation="process")
            def apart() -> int:
                return 1

            @atonce.tool(serial=True)
            def alone() -> int:
                return 1

            @atonce.tool(max_concurrency=1)
            def one_at_a_time() -> int:
                return 1
            """
        file = tools(source)

        done = check(atonce, file, "--json")

        assert done.code == 0, done.out
        why = {"+".join(each["functions"]): each["why"] for each in done.json["not_tested"]}
        assert why.keys() == {"wipe", "apart", "alone", "one_at_a_time"}
        assert "--include-destructive" in why["wipe"]
        assert not file.with_name("wiped").exists()

        done = check(atonce, file, "--json", "--include-destructive")

        assert done.code == 0, done.out
        assert "wipe" not in {
            name for each in done.json["not_tested"] for name in each["functions"]
        }
        assert file.with_name("wiped").exists()

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ([], "say what to check"),
            (["no_such.py"], "no_such.py"),
            (["my_tools.py", "--budget", "0"], "0 is not between"),
            (["my_tools.py", "--budget", "-1"], "-1 is not between"),
            (["my_tools.py", "--budget", "nan"], "nan is not between"),
            (["my_tools.py", "--budget", "inf"], "inf is not between"),
            (["my_tools.py", "--budget", "soon"], "soon is not between"),
            (["my_tools.py", "--no-such-option"], "--no-such-option"),
            (["my_tools.py", "more.py"], "more.py"),
            (["my_tools.py", "--sarif", "no/such/folder/x.sarif"], "no/such/folder/x.sarif"),
            (["my_tools.py", "--calls", "no_such.json"], "no_such.json"),
            (["my_tools.py", "--venv", "no_such_venv"], "no_such_venv"),
            (["my_tools.py:nothing"], "nothing"),
        ],
    )
    def test_bad_use_is_2(
        self, atonce: Program, tools: WriteTools, words: list[str], said: str
    ) -> None:
        folder = tools(CLEAN).parent

        done = atonce.run("check", *words, cwd=folder, timeout=PATIENCE)

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ") and said in done.err


# Notes the arguments that it is called with, and is clean.
NOTING = """
    import json, os
    from pathlib import Path
    from typing import Literal

    _calls = os.open(Path(__file__).with_name("calls"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def plan(session: Literal["talk", "workshop"], seats: int = 1) -> None:
        '''Plan it.
        {doc}
        '''
        os.write(_calls, json.dumps([session, seats]).encode() + b"\\n")
    """


class TestArguments:
    def called(self, file: Path) -> set[tuple[Any, ...]]:
        lines = file.with_name("calls").read_text().splitlines()
        return {tuple(json.loads(line)) for line in lines}

    def test_from_examples_of_the_docstring_first(self, atonce: Program, tools: WriteTools) -> None:
        file = tools(NOTING.format(doc=">>> plan('workshop', seats=77)"))

        assert check(atonce, file).code == 0
        assert ("workshop", 77) in self.called(file)

    def test_from_a_file_of_calls_alone(self, atonce: Program, tools: WriteTools) -> None:
        file = tools(NOTING.format(doc=">>> plan('workshop', seats=77)"))
        calls = file.with_name("calls.json")
        wanted = [("talk", 41), ("talk", 42)]
        calls.write_text(
            json.dumps([{"name": "plan", "args": {"session": a, "seats": b}} for a, b in wanted])
        )

        done = check(atonce, file, "--calls", calls)

        assert done.code == 0, done.out + done.err
        assert self.called(file) == set(wanted)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("no JSON", "JSON"),
            ('{"name": 5}', "name"),
            ('[{"name": "paln", "args": {}}]', "paln"),
            ('[{"name": "plan", "args": {"session": "dinner"}}]', "dinner"),
            # One that does not fit is not passed over because another one does.
            (
                '[{"name": "plan", "args": {"session": "talk"}}, {"name": "plan", "args": {}}]',
                "session",
            ),
        ],
    )
    def test_calls_that_are_none_are_told_before_anything_runs(
        self, atonce: Program, tools: WriteTools, text: str, said: str
    ) -> None:
        file = tools(NOTING.format(doc=""))
        calls = file.with_name("calls.json")
        calls.write_text(text)

        done = check(atonce, file, "--calls", calls)

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ") and said in done.err
        assert not file.with_name("calls").exists() or self.called(file) == set()

    def test_made_from_every_type_and_for_every_kind(
        self, atonce: Program, tools: WriteTools
    ) -> None:
        source = """
            import asyncio
            from dataclasses import dataclass
            from datetime import date, datetime, timedelta
            from enum import Enum
            from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict

            import atonce
            from pydantic import BaseModel, Field

            @dataclass
            class Order:
                name: str
                pieces: int = 1

            class Talk(TypedDict):
                title: str
                minutes: int

            class Colour(Enum):
                red = "red"

            class Pair(NamedTuple):
                left: int
                right: str

            class Node(BaseModel):
                name: str
                children: list["Node"] = []

            def structures(
                order: Order, talk: Talk, pair: Pair, node: Node, one: Colour,
                two: Literal["a", "b"], three: Optional[int] = None,
            ) -> int:
                assert one is Colour.red and two in "ab"
                return order.pieces + talk["minutes"] + pair.left + len(node.children)

            def values(
                some: list[int], table: dict[str, list[float]], raw: bytes,
                when: datetime, day: date, length: timedelta,
                low: Annotated[int, Field(ge=10, le=20)],
                code: Annotated[str, Field(pattern="^[A-Z]{3}$")],
            ) -> str:
                assert 10 <= low <= 20 and len(code) == 3 and raw is not None
                return f"{when + length} {day} {sum(some)} {list(table)}"

            def untyped(one, two=3, *rest: int, **more: str):
                return str(one)

            def with_context(one: int, context: atonce.Context) -> bool:
                context.progress(1, 2)
                return context.cancelled or context.deadline is None

            async def asynchronous(one: int) -> int:
                await asyncio.sleep(0)
                return one

            def generator(one: int):
                yield one
                return one

            async def asynchronous_generator(one: int):
                yield one
            """
        done = check(atonce, tools(source), "--json", budget=12)

        assert done.code == 0, done.out + done.err
        assert done.json["pairs"] == 28
        assert [note for note in done.json["notes"] if "raised" in note] == []

    def test_what_none_can_be_made_for_is_not_tested(
        self, atonce: Program, tools: WriteTools
    ) -> None:
        source = """
            from typing import Annotated

            from pydantic import AfterValidator

            def refuse(word: str) -> str:
                raise ValueError("never the right one")

            def choosy(word: Annotated[str, AfterValidator(refuse)]) -> str:
                return word

            __all__ = ["choosy"]
            """
        done = check(atonce, tools(source), "--json")

        assert done.code == 2, done.out
        assert done.json["verdict"] == "inconclusive"
        (not_tested,) = done.json["not_tested"]
        assert not_tested["functions"] == ["choosy"]
        assert "no arguments could be made for it" in not_tested["why"]


class TestJson:
    def test_a_report_has_the_members_that_are_promised(self, racy: Finished) -> None:
        report = racy.json  # which means that there is nothing else on standard output

        assert report["verdict"] == "findings"
        assert isinstance(report["runs"], int) and report["runs"] > 0
        assert isinstance(report["seconds"], float) and report["seconds"] > 0
        assert report["not_overlapped"] == []
        assert report["unsafe_pairs"] == [["add", "add"]]
        for finding in report["findings"]:
            assert finding["kind"] in ("lost_update", "data_race")
            assert finding["level"] in ("error", "warning", "note")
            assert finding["variable"] == "racy.total"
            assert isinstance(finding["advice"], str)
            assert finding["functions"] == ["add"]
            assert len(finding["accesses"]) >= 2

    def test_an_access_says_what_where_who_and_under_which_locks(self, racy: Finished) -> None:
        lost = [each for each in racy.json["findings"] if each["kind"] == "lost_update"]

        access = lost[0]["accesses"][0]
        assert access["op"] in ("read", "write", "read_write")
        assert access["file"].endswith("/racy.py") and access["line"] == 9
        assert access["function"] == "add"
        assert re.fullmatch(r"call-[12] add", access["thread"])
        assert access["locks"] == []

    def test_what_a_comment_allows_is_listed_apart(self, racy: Finished) -> None:
        (suppressed,) = racy.json["suppressed"]

        assert suppressed["kind"] == "lost_update" and suppressed["variable"] == "racy.other"
        assert suppressed["reason"] == "only shown to people"
        assert suppressed["line"] == 15
        assert ["allowed", "allowed"] not in racy.json["unsafe_pairs"]


class TestSarif:
    @pytest.fixture
    def log(self, racy: Finished, folder: Path) -> Any:
        return json.loads((folder / "racy.sarif").read_text())

    def test_it_is_a_log_of_one_run_by_this_tool(self, log: Any) -> None:
        assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
        (run,) = log["runs"]
        assert run["tool"]["driver"]["name"] == "atonce check"
        assert run["tool"]["driver"]["version"]
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"] is True

    def test_each_result_has_a_rule_a_message_and_a_place(self, log: Any, racy: Finished) -> None:
        (run,) = log["runs"]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

        assert len(rules) == len(set(rules)) == 6
        told = racy.json["findings"] + racy.json["suppressed"]
        assert [each["ruleId"] for each in run["results"]] == [each["kind"] for each in told]
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
            assert result["level"] in ("error", "warning", "note")
            assert result["message"]["text"]
            for place in self.places_of(result):
                physical = place["physicalLocation"]
                assert physical["artifactLocation"] == {"uri": "racy.py", "uriBaseId": "SRCROOT"}
                assert physical["region"]["startLine"] >= 1

    def places_of(self, result: Any) -> list[Any]:
        flows = [flow for each in result["codeFlows"] for flow in each["threadFlows"]]
        assert len(flows) == 2
        return [
            *result["locations"],
            *(at["location"] for flow in flows for at in flow["locations"]),
        ]

    def test_the_root_is_a_uri(self, log: Any, folder: Path) -> None:
        base = log["runs"][0]["originalUriBaseIds"]["SRCROOT"]["uri"]

        assert base == folder.as_uri() + "/"
        assert "%20" in base

    def test_what_a_comment_allows_is_suppressed(self, log: Any) -> None:
        suppressed = [each for each in log["runs"][0]["results"] if each.get("suppressions")]

        (result,) = suppressed
        assert result["suppressions"] == [
            {"kind": "inSource", "justification": "only shown to people"}
        ]

    def test_fingerprints_stay_when_lines_move(
        self, log: Any, atonce: Program, tools: WriteTools, tmp_path: Path
    ) -> None:
        moved = "# one more line\n" + textwrap.dedent(RACY)
        file = tools(moved).rename(tmp_path / "racy.py")
        sarif = file.with_name("x.sarif")

        check(atonce, file, "--sarif", sarif, budget=5)

        def fingerprints(log: Any) -> set[str]:
            results = [
                each for each in log["runs"][0]["results"] if each["ruleId"] == "lost_update"
            ]
            return {each["partialFingerprints"]["atonce/v1"] for each in results}

        assert fingerprints(json.loads(sarif.read_text())) == fingerprints(log)

    def test_a_clean_check_writes_an_empty_list(self, atonce: Program, tools: WriteTools) -> None:
        file = tools(CLEAN)
        sarif = file.with_name("x.sarif")

        assert check(atonce, file, "--sarif", sarif).code == 0
        assert json.loads(sarif.read_text())["runs"][0]["results"] == []

    def test_what_could_not_run_leaves_none_behind(
        self, atonce: Program, tools: WriteTools
    ) -> None:
        file = tools("raise ValueError('not today')\n")
        sarif = file.with_name("x.sarif")

        assert check(atonce, file, "--sarif", sarif).code == 2
        assert not sarif.exists()


class TestAllowances:
    @pytest.mark.parametrize(
        ("comment", "code", "said"),
        [
            ("# atonce: allow(lost_update) a rough figure will do", 0, "a rough figure will do"),
            ("# atonce: allow(data_race, lost_update): rough", 0, "rough"),
            ("# atonce: allow(lost_update)", 1, "without a reason, which does not count"),
            ("# atonce: allow(data_race) another kind", 1, ""),
            ("# nothing of the kind", 1, ""),
        ],
    )
    def test_a_comment_with_the_kind_and_a_reason_allows_it(
        self, atonce: Program, tools: WriteTools, comment: str, code: int, said: str
    ) -> None:
        source = f"""
            total = 0

            def add(number: int) -> None:
                global total
                total += number  {comment}
            """
        file = tools(source)

        done = check(atonce, file.name, budget=3, cwd=file.parent)

        assert done.code == code, done.out
        assert said in " ".join(done.out.split())
        assert ("1 allowed by comments" in done.out) == (code == 0)
        assert ("unsafe: `add` with itself" in done.out) == (code == 1)


class TestText:
    def test_a_block_says_what_where_who_and_what_to_do(self, shown: Finished) -> None:
        lines = shown.out.splitlines()

        assert lines[0] == "error: lost update: racy.total"
        assert lines[1:3] == ["  racy.py:9 in add", "      total += number"]
        assert re.fullmatch(
            r"    call-[12] add reads and writes `total`, holding no lock", lines[3]
        )
        words = " ".join(shown.out.split())
        assert "calls: `add`, more than one at a time" in words
        assert "order: the write at racy.py:9 in the other thread may come between" in words
        assert "advice: hold one lock (`threading.Lock()`)" in words
        assert "unsafe: `add` with itself" in lines
        assert "allowed: lost update of `racy.other` at racy.py:15: only shown to people" in words
        assert re.fullmatch(
            r"findings: \d errors?(, \d \w+)?, 1 allowed by comments in \d+ runs of 6 pairs,"
            r" \d+\.\d s",
            lines[-1],
        )

    def test_it_names_no_place_of_this_machine(self, shown: Finished, folder: Path) -> None:
        assert str(folder) not in shown.out
        assert "site-packages" not in shown.out and "/python/" not in shown.out
        assert "_atonce" not in shown.out and "atonce._host" not in shown.out

    def test_piped_it_has_no_colour_and_100_columns(self, shown: Finished) -> None:
        assert "\x1b" not in shown.out
        assert max(map(len, shown.out.splitlines())) <= 100

    def test_on_a_terminal_it_keeps_to_its_width(self, atonce: Program, folder: Path) -> None:
        atonce.environment["COLUMNS"] = "60"
        file = folder / "racy.py"
        with Terminal(atonce, "check", file, "--budget", "5") as terminal:
            terminal.expect("error: lost update: racy.total")
            terminal.expect("findings: ")
            terminal.expect(" s\r\n")
            assert terminal.end() == 1
