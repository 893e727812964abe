"""Scripts and test runs, in a process of their own with transparent sites."""

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

RUN = """
import json, os, sys
sys.path[:0] = {path}
from atonce._host.check import importer, script
from transparent import Transparent
native = Transparent()
importer.install(native, importer.own_code())
sys.path[:] = [""] + [one for one in sys.path if one not in {ours}]
code = script.{what}
with open({answer!r}, "w") as file:
    json.dump([code, [(one.function, one.text) for one in native.sites], len(native.calls)], file)
sys.stdout.flush()
os._exit(code)
"""


@dataclass
class Done:
    code: int
    out: str
    err: str
    sites: list[Any]
    calls: int


def run(folder: Path, what: str) -> Done:
    answer = folder / "answer.json"
    ours = [str(HERE)]
    program = RUN.format(path=sys.path, ours=ours, what=what, answer=str(answer))
    done = subprocess.run(
        [sys.executable, "-c", program.replace("sys.path[:0] = ", f"sys.path[:0] = {ours} + ")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.exists(), done.stderr
    code, sites, calls = json.loads(answer.read_text())
    assert code == done.returncode
    return Done(code, done.stdout, done.stderr, sites, calls)


def run_script(folder: Path, source: str, *args: str) -> Done:
    path = folder / "job.py"
    path.write_text(textwrap.dedent(source).lstrip())
    return run(folder, f"run_script('job.py', {list(args)!r}, native)")


def plain(folder: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "job.py", *args]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_script_runs_as_the_main_program(tmp_path: Path) -> None:
    source = """
        import helper, sys
        if __name__ == "__main__":
            main = sys.modules["__main__"]
            print(sys.argv, main.__dict__ is globals(), __file__, __spec__, __doc__)
            print(sys.path[0] == helper.FOLDER)
    """
    (tmp_path / "helper.py").write_text(
        "from pathlib import Path\nFOLDER = str(Path(__file__).parent)\n"
    )

    done = run_script(tmp_path, source, "-a", "b")

    assert done.err == ""
    file = tmp_path / "job.py"
    assert (done.code, done.out) == (0, f"['job.py', '-a', 'b'] True {file} None None\nTrue\n")


def test_its_code_and_that_of_modules_beside_it_is_rewritten(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def go(o):\n    return o.a\n")

    done = run_script(
        tmp_path, "import helper\nclass O: pass\no = O()\no.a = 3\nprint(helper.go(o))\n"
    )

    assert (done.code, done.out) == (0, "3\n")
    assert sorted(done.sites) == [["<module>", "o.a"], ["go", "o.a"]]
    assert done.calls == 2


def test_threads_and_functions_at_exit_come_to_their_end(tmp_path: Path) -> None:
    done = run_script(
        tmp_path,
        """
        import atexit, threading
        atexit.register(print, "at exit")
        gate = threading.Event()
        def work():
            gate.wait()
            print("thread")
        threading.Thread(target=work).start()
        print("main")
        threading.Timer(0, gate.set).start()
        """,
    )

    assert (done.code, done.out) == (0, "main\nthread\nat exit\n")


def test_exit_codes_are_those_of_python(tmp_path: Path) -> None:
    for end, code in [("3", 3), ("", 0), ("None", 0), ("True", 1), ("'too bad'", 1), ("-1", 255)]:
        done = run_script(tmp_path, f"import sys\nsys.exit({end})\n")

        assert done.code == code == plain(tmp_path).returncode
        assert done.err == ("too bad\n" if "bad" in end else "")


def test_an_exception_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    done = run_script(
        tmp_path,
        """
        class Shop:
            def sell(self):
                return (1
                        / 0)

        def go(shop):
            try:
                shop.sell()
            except ZeroDivisionError as error:
                raise ValueError("no goods") from error

        go(Shop())
        """,
    )

    expected = plain(tmp_path)
    assert (done.code, expected.returncode) == (1, 1)
    assert done.err == expected.stderr


def test_a_script_that_is_no_python_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    done = run_script(tmp_path, "x = 1\ny = = 2\n")

    expected = plain(tmp_path)
    assert done.code == expected.returncode == 1
    assert done.err == expected.stderr


def test_a_folder_runs_by_its_main_file(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "__main__.py").write_text("import part, sys\nprint(part.x, sys.path[0])\n")
    (folder / "part.py").write_text("x = 'part'\n")

    done = run(tmp_path, "run_script('app', [], native)")

    assert (done.code, done.out, done.err) == (0, f"part {folder}\n", "")


TESTS = """
class Till:
    def __init__(self):
        self.money = 1

def test_good():
    assert Till().money == 1

def test_bad():
    till = Till()
    assert till.money == 2
"""


def test_a_test_run_keeps_what_pytest_says_of_assertions(tmp_path: Path) -> None:
    (tmp_path / "test_till.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    done = run(tmp_path, "run_pytest(['-q', '-p', 'no:cacheprovider'], native)")

    assert done.code == 1
    assert "1 failed, 1 passed" in done.out
    assert "assert 1 == 2" in done.out
    assert "where 1 = <test_till.Till object" in done.out
    assert ["test_bad", "till.money"] in done.sites
    assert done.calls >= 3
    assert not list(tmp_path.rglob("*.pyc"))


def test_a_test_run_does_not_use_code_that_pytest_kept(tmp_path: Path) -> None:
    (tmp_path / "test_till.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        env={"PYTHONPATH": ":".join(sys.path)},
        timeout=120,
        check=False,
    )

    done = run(tmp_path, "run_pytest(['-q', '-p', 'no:cacheprovider'], native)")

    assert ["test_bad", "till.money"] in done.sites
