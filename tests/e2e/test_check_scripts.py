"""atonce check --script and --pytest: a program runs as Python would run it, with its own words."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import Finished, Program

PATIENCE = 90  # seconds; a bound on a hang, never a measure

# Shows what a program is told, and has two threads, so that a check of it is clean.
SHOW = """
    import json, sys, threading

    shown = {"argv": sys.argv, "file": __file__, "path": sys.path[0], "name": __name__}
    thread = threading.Thread(target=print, args=(json.dumps(shown),))
    thread.start()
    thread.join()
    """
RACY = """
    import threading

    total = 0

    def work():
        global total
        for _ in range(100):
            total += 1

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    """


def write(path: Path, source: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source).lstrip(), encoding="utf-8")
    return path


def check(atonce: Program, folder: Path, *words: object, stdin: str = "") -> Finished:
    """Runs a program at least once, and again for no longer than a second."""
    command = ("check", "--budget", 1, "--timeout", PATIENCE, *words)
    return atonce.run(*command, cwd=folder, stdin=stdin, timeout=2 * PATIENCE)


def check_for(seconds: int, atonce: Program, folder: Path, *words: object) -> Finished:
    return atonce.run("check", "--budget", seconds, *words, cwd=folder, timeout=PATIENCE)


def plain(folder: Path, *words: object) -> str:
    """What Python itself makes of it."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True, text=True, timeout=PATIENCE, cwd=folder, check=False,
    )  # fmt: skip
    return done.stdout


def verdict_line(done: Finished) -> str:
    return done.out.splitlines()[-1]


class TestWords:
    """Which words of the command line are the program's."""

    @pytest.mark.parametrize(
        ("words", "argv"),
        [
            (["a", "b c", ""], ["a", "b c", ""]),
            (["-v", "--level", "3", "--level=4"], ["-v", "--level", "3", "--level=4"]),
            (["-m", "-h", "-"], ["-m", "-h", "-"]),
            (["--json"], []),
            (["x", "--max-threads", "2", "y"], ["x", "y"]),
            (["--", "--json", "--budget", "2"], ["--json", "--budget", "2"]),
            (["x", "--", "--help", "--", "y"], ["x", "--help", "--", "y"]),
        ],
    )
    def test_of_a_script(
        self, atonce: Program, tmp_path: Path, words: list[str], argv: list[str]
    ) -> None:
        write(tmp_path / "show.py", SHOW)

        done = check(atonce, tmp_path, "--script", "show.py", *words)

        assert done.code == 0, done.out + done.err
        assert json.loads(done.err.splitlines()[0])["argv"] == ["show.py", *argv]
        assert ("--json" in words and "--" not in words) == done.out.startswith("{")

    def test_the_file_may_be_joined_to_its_option(self, atonce: Program, tmp_path: Path) -> None:
        write(tmp_path / "show.py", SHOW)

        done = check(atonce, tmp_path, "--script=show.py", "-x")

        assert json.loads(done.err.splitlines()[0])["argv"] == ["show.py", "-x"]

    def test_of_pytest(self, atonce: Program, tmp_path: Path) -> None:
        atonce.environment["VIRTUAL_ENV"] = sys.prefix
        write(
            tmp_path / "test_words.py",
            """
            import sys, threading

            def test_words(request):
                thread = threading.Thread(target=int)
                thread.start()
                thread.join()
                print(request.config.invocation_params.args)
            """,
        )

        done = check(
            atonce,
            tmp_path,
            "--pytest",
            "-q",
            "-s",
            "--tb=short",
            "-k",
            "words",
            "--max-threads",
            "2",
        )

        assert done.code == 0, done.out + done.err
        assert "('-q', '-s', '--tb=short', '-k', 'words')" in done.err


class TestAsPythonRunsIt:
    @pytest.mark.parametrize("name", ["show.py", "./show.py", "sub/show.py", "folder"])
    def test_it_is_told_the_same(self, atonce: Program, tmp_path: Path, name: str) -> None:
        for each in ("show.py", "sub/show.py", "folder/__main__.py"):
            write(tmp_path / each, SHOW)

        done = check(atonce, tmp_path, "--script", name, "word")

        assert done.code == 0, done.out + done.err
        shown = json.loads(done.err.splitlines()[0])
        expected = json.loads(plain(tmp_path, name, "word"))
        shown["file"] = str(Path(shown["file"]))
        expected["file"] = str(Path(expected["file"]))
        assert shown == expected

    def test_modules_beside_it_are_found(self, atonce: Program, tmp_path: Path) -> None:
        write(tmp_path / "app" / "__main__.py", "import part\n")
        write(tmp_path / "app" / "part.py", RACY)

        done = check(atonce, tmp_path, "--json", "--script", "app")

        assert done.code == 1, done.out + done.err
        files = {each["file"] for each in done.json["findings"][0]["accesses"]}
        assert files == {str(tmp_path / "app" / "part.py")}

    def test_it_reads_and_prints_and_ends_with_its_code(
        self, atonce: Program, tmp_path: Path
    ) -> None:
        source = """
            import atexit, sys, threading

            def forever():
                threading.Event().wait()

            threading.Thread(target=forever, daemon=True).start()
            atexit.register(print, "at exit")
            print("read", repr(sys.stdin.read()))
            print("complaint", file=sys.stderr)
            sys.exit(7)
            """
        write(tmp_path / "ends.py", source)

        done = check(atonce, tmp_path, "--script", "ends.py", stdin="two\nlines\n")

        assert done.code == 0, done.out + done.err
        assert sorted(done.err.splitlines()) == ["at exit", "complaint", r"read 'two\nlines\n'"]
        assert "run 1 ended with exit code 7" in done.out
        assert "at exit" not in done.out

    def test_each_run_reads_what_a_file_has(self, atonce: Program, tmp_path: Path) -> None:
        source = """
            import sys, threading

            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
            assert sys.stdin.read() == "words", "nothing to read"
            """
        write(tmp_path / "reads.py", source)
        words = write(tmp_path / "words", "words")

        with words.open() as file:
            done = subprocess.run(
                [atonce.path, "check", "--budget", "20", "--json", "--script", "reads.py"],
                stdin=file, capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path,
                env=atonce.environment, check=False,
            )  # fmt: skip

        report = json.loads(done.stdout)
        assert report["runs"] > 1
        assert report["notes"] == []  # of an exit code

    def test_an_exception_is_shown_as_python_shows_it(
        self, atonce: Program, tmp_path: Path
    ) -> None:
        path = write(tmp_path / "fails.py", "def fail():\n    return 1 / 0\n\nfail()\n")

        done = check(atonce, tmp_path, "--script", "fails.py")

        assert done.code == 2
        assert done.err.startswith(
            f'Traceback (most recent call last):\n  File "{path}", line 4, in <module>\n'
        )
        assert "run 1 ended with exit code 1" in done.out

    def test_a_syntax_error_is_shown_with_its_line(self, atonce: Program, tmp_path: Path) -> None:
        write(tmp_path / "broken.py", "x = 1\ny = = 2\n")

        done = check(atonce, tmp_path, "--script", "broken.py")

        assert done.code == 2
        assert 'broken.py", line 2' in done.err and "SyntaxError" in done.err

    def test_processes_pools_and_loops_work(self, atonce: Program, tmp_path: Path) -> None:
        source = """
            import asyncio, multiprocessing, subprocess, sys
            from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

            def square(number):
                return number * number

            async def by_threads():
                return await asyncio.gather(*(asyncio.to_thread(square, n) for n in range(3)))

            if __name__ == "__main__":
                for how in ("fork", "spawn"):
                    with multiprocessing.get_context(how).Pool(2) as pool:
                        print(how, pool.map(square, range(3)), flush=True)
                with ProcessPoolExecutor(2) as pool:
                    print("processes", list(pool.map(square, range(3))), flush=True)
                with ThreadPoolExecutor(2) as pool:
                    print("threads", list(pool.map(square, range(3))), flush=True)
                print("loop", asyncio.run(by_threads()), flush=True)
                subprocess.run([sys.executable, "-c", "print('subprocess', 6)"], check=True)
            """
        write(tmp_path / "all.py", source)

        done = check(atonce, tmp_path, "--script", "all.py")

        assert done.code == 0, done.out + done.err
        assert done.err.splitlines() == [
            *("fork [0, 1, 4]", "spawn [0, 1, 4]", "processes [0, 1, 4]"),
            *("threads [0, 1, 4]", "loop [0, 1, 4]", "subprocess 6"),
        ]

    def test_a_copy_of_itself_may_end_as_it_likes(self, atonce: Program, tmp_path: Path) -> None:
        source = """
            import os, sys, threading

            child = os.fork()
            if child == 0:
                sys.exit(5)
            print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
            """
        write(tmp_path / "forks.py", source)

        done = check(atonce, tmp_path, "--script", "forks.py")

        assert done.code == 0, done.out + done.err
        assert done.err == "child 5\n"


class TestVerdicts:
    def test_a_racy_one(self, atonce: Program, tmp_path: Path) -> None:
        write(tmp_path / "racy.py", RACY)

        done = check(atonce, tmp_path, "--json", "--script", "racy.py")

        assert done.code == 1, done.out
        (finding,) = done.json["findings"]
        assert (finding["kind"], finding["level"]) == ("lost_update", "error")
        assert finding["variable"] == "racy.total"
        assert finding["functions"] == [] and done.json["unsafe_pairs"] == []
        assert {each["line"] for each in finding["accesses"]} == {8}

    def test_one_with_a_single_thread_says_too_little(
        self, atonce: Program, tmp_path: Path
    ) -> None:
        write(tmp_path / "alone.py", "print('alone')\n")

        done = check(atonce, tmp_path, "--script", "alone.py")

        assert done.code == 2
        assert "it never ran two threads at the same time" in done.out
        assert verdict_line(done).startswith("inconclusive: ")

    def test_one_that_never_ends_says_too_little(self, atonce: Program, tmp_path: Path) -> None:
        source = """
            import threading

            threading.Thread(target=threading.Event().wait).start()
            """
        write(tmp_path / "waits.py", source)

        done = check_for(1, atonce, tmp_path, "--script", "waits.py")

        assert done.code == 2
        assert "run 1: did not end within 1 s" in done.out

    def test_what_one_that_never_ends_did_wrong_is_told(
        self, atonce: Program, tmp_path: Path
    ) -> None:
        write(tmp_path / "racy.py", RACY + "    threading.Event().wait()\n")

        done = check_for(3, atonce, tmp_path, "--script", "racy.py")

        assert done.code == 1, done.out
        assert "lost update: racy.total" in done.out
        assert "did not end within 3 s" in done.out

    @pytest.mark.parametrize(
        ("end", "said"),
        [("os._exit(9)", "exit code 9"), ("ctypes.string_at(0)", "SIGSEGV")],
    )
    def test_what_one_that_ends_early_did_wrong_is_told(
        self, atonce: Program, tmp_path: Path, end: str, said: str
    ) -> None:
        write(tmp_path / "racy.py", RACY + f"    import ctypes, os\n    {end}\n")

        done = check(atonce, tmp_path, "--script", "racy.py")

        assert done.code == 1, done.out
        assert "lost update: racy.total" in done.out
        assert said in done.out

    @pytest.mark.parametrize(
        "words",
        [
            ["--script", "no_such.py"],
            ["--script", "."],  # without a __main__.py
            ["--script"],
            ["--script", "racy.py", "--write-policy"],
            ["racy.py", "--script", "racy.py"],
            ["--script", "racy.py", "--pytest"],
            ["--pytest", "--calls", "calls.json"],
            ["--venv", "no_such_venv", "--script", "racy.py"],
        ],
    )
    def test_what_cannot_be_run(self, atonce: Program, tmp_path: Path, words: list[str]) -> None:
        write(tmp_path / "racy.py", RACY)

        done = check(atonce, tmp_path, *words)

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ")


class TestPytest:
    @pytest.fixture(autouse=True)
    def environment(self, atonce: Program) -> None:
        atonce.environment["VIRTUAL_ENV"] = sys.prefix  # has a pytest

    def test_it_may_be_in_the_venv_of_the_folder(self, atonce: Program, tmp_path: Path) -> None:
        del atonce.environment["VIRTUAL_ENV"]
        (tmp_path / ".venv").symlink_to(sys.prefix)

        done = check(atonce, tmp_path, "--pytest", "--version")

        assert "pytest " in done.out + done.err

    def test_a_racy_fixture_is_found(self, atonce: Program, tmp_path: Path) -> None:
        write(
            tmp_path / "test_till.py",
            """
            from concurrent.futures import ThreadPoolExecutor

            import pytest

            class Till:
                def __init__(self):
                    self.money = 0

                def put(self, money):
                    self.money += money

            @pytest.fixture
            def till():
                return Till()

            def test_it_is_filled(till):
                with ThreadPoolExecutor(4) as pool:
                    list(pool.map(till.put, range(50)))
            """,
        )

        done = check(atonce, tmp_path, "--json", "--pytest", "-q")

        assert done.code == 1, done.out + done.err
        assert "1 passed" in done.err
        assert ("lost_update", "Till.money") in {
            (each["kind"], each["variable"]) for each in done.json["findings"]
        }

    def test_tests_that_fail_have_run(self, atonce: Program, tmp_path: Path) -> None:
        write(
            tmp_path / "test_fails.py",
            """
            import threading

            def test_fails():
                thread = threading.Thread(target=int)
                thread.start()
                thread.join()
                assert 1 + 1 == 3
            """,
        )

        done = check(atonce, tmp_path, "--pytest", "-q")

        assert done.code == 0, done.out + done.err
        assert "1 failed" in done.err and "assert (1 + 1) == 3" in done.err
        assert "run 1 ended with exit code 1: tests failed" in done.out

    @pytest.mark.parametrize("words", [["-q"], ["-q", "no_such_test.py"], ["--no-such-option"]])
    def test_no_tests_say_too_little(
        self, atonce: Program, tmp_path: Path, words: list[str]
    ) -> None:
        done = check(atonce, tmp_path, "--pytest", *words)

        assert done.code == 2
        assert "pytest did not run the tests" in done.out

    def test_nothing_is_left_in_the_folder(self, atonce: Program, tmp_path: Path) -> None:
        folder = tmp_path / "tests"
        write(folder / "test_one.py", "import helper\n\ndef test_one():\n    helper.help()\n")
        write(folder / "helper.py", "def help():\n    pass\n")

        check(atonce, folder, "--pytest", "-q", "-p", "no:cacheprovider")

        assert sorted(each.name for each in folder.rglob("*")) == ["helper.py", "test_one.py"]


def test_without_pytest_it_says_how_to_have_one(atonce: Program, tmp_path: Path) -> None:
    done = check(atonce, tmp_path, "--pytest")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is no pytest")
    assert "pip install pytest" in done.err
    assert "Traceback" not in done.err
