"""The page of `atonce compare --html` in a real browser: drawn as its JSON says, and legible."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PHONE: ViewportSize = {"width": 360, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}

# In the arguments, the command and the JSON: what must never become markup.
HOSTILE = "</script><img src=x onerror=alert(1)> & \"quotes\" 'n' <!-- `code` "

# It sleeps, so that a busy machine does not make its figures too noisy to be told.
TOOLS = """
import time

def weigh(text: str, seconds: float) -> int:
    time.sleep(seconds)
    return len(text)
"""


@dataclass
class Written:
    """A page, and the report that `--json` printed in the same run."""

    path: Path
    report: dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """One comparison for all tests here: it takes its seconds."""
    home = tmp_path_factory.mktemp("page")
    tools = home / "my_tools.py"
    tools.write_text(TOOLS, encoding="utf-8")
    path = home / "compare.html"
    arguments = json.dumps({"text": HOSTILE, "seconds": 0.005})
    done = Program(home).run(
        "compare", f"{tools}::weigh", "--args", arguments, "--budget", "8", "--json",
        "--html", path,
    )  # fmt: skip
    assert done.code == 0, done.err
    return Written(path, done.json)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: run `tools/packages.sh test`"
    with sync_playwright() as playwright:
        # As root, as containers are, Chromium has no sandbox to offer.
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Opened:
    page: Page
    requests: list[str]
    troubles: list[str]  # what the console and scripts said


def open_page(context: BrowserContext, path: Path) -> Opened:
    page = context.new_page()
    opened = Opened(page, [], [])
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("console", lambda message: opened.troubles.append(message.text))
    page.on("pageerror", lambda error: opened.troubles.append(str(error)))
    page.on("dialog", lambda dialog: opened.troubles.append(dialog.message))
    page.goto(path.as_uri())
    return opened


@pytest.fixture
def opened(browser: Browser, written: Written) -> Iterator[Opened]:
    with browser.new_context(offline=True, viewport=DESKTOP) as context:
        yield open_page(context, written.path)


def marks(page: Page, plot: str) -> list[dict[str, str]]:
    """The data-* attributes of everything that a plot shows as a figure, and is to be seen."""
    found: list[dict[str, str]] = page.evaluate(
        """plot => [...document.querySelectorAll(`#${plot} .mark`)]
            .filter(mark => Object.keys(mark.dataset).length)
            .map(mark => {
                const box = mark.getBoundingClientRect();
                const all = document.getElementById(plot).getBoundingClientRect();
                const isSeen = box.width > 0 && box.height > 0 && box.left >= all.left - 1 &&
                    box.right <= all.right + 1 && box.top >= all.top - 1 &&
                    box.bottom <= all.bottom + 1;
                return {...mark.dataset, seen: String(isSeen)};
            })""",
        plot,
    )
    assert all(mark.pop("seen") == "true" for mark in found), f"{plot} draws outside of itself"
    return found


def by_arm(found: list[dict[str, str]]) -> dict[tuple[str, int], dict[str, str]]:
    arms = {(mark["kind"], int(mark["workers"])): mark for mark in found}
    assert len(arms) == len(found), "an arm is drawn twice"
    return arms


def arms_with(report: dict[str, Any], figure: str) -> dict[tuple[str, int], Any]:
    return {
        (arm["name"], arm["workers"]): arm[figure]
        for arm in report["arms"]
        if arm[figure] is not None
    }


def check_intervals(drawn: dict[str, str], measured: Any) -> None:
    whole = (
        measured
        if isinstance(measured, dict)
        else dict.fromkeys(("median", "low", "high"), measured)
    )
    for part in ("median", "low", "high"):
        assert float(drawn[part]) == pytest.approx(whole[part], rel=1e-4)


def test_opens_without_a_network_and_without_a_word(opened: Opened, written: Written) -> None:
    assert opened.requests == [written.path.as_uri()]
    assert opened.troubles == []
    assert opened.page.locator("#verdict").inner_text().strip("` ") != ""


def test_carries_the_json_that_was_printed(opened: Opened, written: Written) -> None:
    carried = json.loads(opened.page.locator("#report").evaluate("it => it.textContent"))

    assert carried == written.report


def test_shows_hostile_text_as_text(opened: Opened) -> None:
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("script").count() == 1
    shown = opened.page.locator("details pre").first.evaluate("it => it.textContent")
    assert json.loads(shown)["text"] == HOSTILE


def test_draws_the_speed_ups_that_were_measured(opened: Opened, written: Written) -> None:
    drawn = by_arm(marks(opened.page, "speedup"))
    measured = {
        arm: value
        for arm, value in arms_with(written.report, "speedup").items()
        if arm[0] not in ("serial", "python_serial")
    }

    assert drawn.keys() == measured.keys() != set()
    for arm, value in measured.items():
        check_intervals(drawn[arm], value)


def test_draws_the_best_of_each_kind(opened: Opened, written: Written) -> None:
    drawn = by_arm(marks(opened.page, "gain"))
    measured = arms_with(written.report, "speedup_over_best")

    assert drawn
    assert drawn.keys() <= measured.keys()
    assert len({kind for kind, _ in drawn}) == len(drawn)
    for arm in drawn:
        check_intervals(drawn[arm], measured[arm])


@pytest.mark.parametrize(("plot", "figure"), [("memory", "pss_mb"), ("startup", "startup_seconds")])
def test_draws_what_an_arm_costs(opened: Opened, written: Written, plot: str, figure: str) -> None:
    drawn = by_arm(marks(opened.page, plot))
    measured = arms_with(written.report, figure)

    assert drawn.keys() == measured.keys() != set()
    for arm, value in measured.items():
        check_intervals(drawn[arm], value)


def test_draws_the_cost_of_copying(opened: Opened, written: Written) -> None:
    drawn = [
        [float(mark["bytes"]), float(mark["seconds"])] for mark in marks(opened.page, "copying")
    ]

    assert drawn
    assert drawn == [pytest.approx(each, rel=1e-4) for each in written.report["copying"]]


def test_draws_when_every_call_ran(opened: Opened, written: Written) -> None:
    timelines = arms_with(written.report, "timeline")
    ids: list[str] = opened.page.evaluate(
        "() => [...document.querySelectorAll('svg[id^=timeline-]')].map(it => it.id)"
    )

    assert {each.removeprefix("timeline-") for each in ids} == {
        kind for (kind, _), spans in timelines.items() if spans
    }
    for each in ids:
        blocks = marks(opened.page, each)
        spans = timelines[blocks[0]["kind"], int(blocks[0]["workers"])]
        assert sum(int(block["calls"]) for block in blocks) == len(spans)
        for block in blocks:
            inside = [
                (start, end)
                for start, end, lane in spans
                if lane == int(block["lane"])
                and float(block["started"]) * 0.9999 <= start
                and end <= float(block["ended"]) * 1.0001
            ]
            assert len(inside) == int(block["calls"])


def test_marks_stand_where_their_figures_say(opened: Opened) -> None:
    """The drawing is to scale, not only labelled: more memory is higher up."""
    places: list[list[float]] = opened.page.evaluate(
        """() => [...document.querySelectorAll('#memory .mark')]
            .filter(mark => mark.dataset.median)
            .map(mark => {
                const box = mark.querySelector('path').getBoundingClientRect();
                return [Number(mark.dataset.median), -(box.top + box.bottom) / 2];
            })"""
    )

    ordered = sorted(places)
    # Within the three pixels by which shapes differ in where their middle is.
    assert all(after[1] >= before[1] - 3 for before, after in pairwise(ordered))
    assert ordered[-1][1] > ordered[0][1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_never_scrolls_sideways(
    browser: Browser, written: Written, viewport: Any, scheme: Any
) -> None:
    with browser.new_context(offline=True, viewport=viewport, color_scheme=scheme) as context:
        page = open_page(context, written.path).page
        page.evaluate("() => document.querySelectorAll('details').forEach(it => it.open = true)")

        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
        beyond: list[str] = page.evaluate(
            """() => [...document.querySelectorAll('main *')]
                .filter(it => it.getBoundingClientRect().right > innerWidth + 1)
                .filter(it => !it.closest('.wide, thead'))
                .map(it => it.outerHTML.slice(0, 80))"""
        )
        assert beyond == []


def test_is_large_enough_to_read_on_a_phone(browser: Browser, written: Written) -> None:
    """Texts in plots shrink with them: nine pixels are the least."""
    with browser.new_context(offline=True, viewport=PHONE) as context:
        page = open_page(context, written.path).page
        least: float = page.evaluate(
            """() => Math.min(...[...document.querySelectorAll('svg text')].map(
                it => parseFloat(getComputedStyle(it).fontSize) * it.getScreenCTM().a))"""
        )

        assert least >= 9


# Every piece of text with the colour that it has and the nearest ground that is not see-through.
CONTRASTS = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const parts = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const brightness = ([red, green, blue]) => {
        const linear = [red, green, blue].map(each => {
            const share = each / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const ground = element => {
        for (let each = element; each; each = each.parentElement) {
            const colour = parts(getComputedStyle(each).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
        if (element.closest('script, title, desc')) continue;
        const style = getComputedStyle(element);
        const colour = parts(element.closest('svg') ? style.fill : style.color);
        const both = [brightness(colour), brightness(ground(element))];
        const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
        found.push([contrast, texts.currentNode.data.trim().slice(0, 40)]);
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_has_legible_texts(browser: Browser, written: Written, scheme: Any) -> None:
    with browser.new_context(offline=True, viewport=DESKTOP, color_scheme=scheme) as context:
        page = open_page(context, written.path).page
        page.evaluate("() => document.querySelectorAll('details').forEach(it => it.open = true)")
        contrasts: list[tuple[float, str]] = page.evaluate(CONTRASTS)

        assert len(contrasts) > 100
        assert [each for each in contrasts if each[0] < 4.5] == []


def test_is_dark_where_dark_is_preferred(browser: Browser, written: Written) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        with browser.new_context(offline=True, color_scheme=scheme) as context:
            page = open_page(context, written.path).page
            grounds.append(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))

    brightness = [sum(map(int, each[4:-1].split(","))) for each in grounds]
    assert brightness[0] > 700
    assert brightness[1] < 150


def test_says_every_plot_in_words(opened: Opened) -> None:
    """By the browser's own reckoning of names, which is what a screen reader is told."""
    session = opened.page.context.new_cdp_session(opened.page)
    tree = session.send("Accessibility.getFullAXTree")
    images = [
        node
        for node in tree["nodes"]
        if not node["ignored"] and node["role"]["value"] in ("image", "img")
    ]

    assert len(images) == opened.page.locator("svg").count() > 5
    names = [node["name"]["value"].strip() for node in images]
    assert all(names)
    assert len(set(names)) == len(names)
    # Where there is no description Chromium takes the title, which is the name already.
    for node, name in zip(images, names, strict=True):
        description = node.get("description", {}).get("value", "").strip()
        assert len(description) > len(name)
        assert description != name


def test_has_the_numbers_of_every_plot_as_a_table(opened: Opened) -> None:
    figures = opened.page.locator("figure")

    assert figures.count() == opened.page.locator("svg").count()
    for at in range(figures.count()):
        figure = figures.nth(at)
        figure.locator("summary").click()
        assert figure.locator("table").is_visible()
        assert figure.locator("tbody tr").count() >= 1


def test_tells_all_arms_in_the_table(opened: Opened, written: Written) -> None:
    table = opened.page.locator("#figures table").inner_text()

    for arm in written.report["arms"]:
        if arm["seconds"] is None and arm["note"]:
            assert arm["note"].split()[0].strip("`") in table
    measured = [arm for arm in written.report["arms"] if arm["seconds"]]
    assert opened.page.locator(
        "#figures tbody tr[data-arm] td[data-label='a round']"
    ).count() == len(measured)


def test_can_be_printed(opened: Opened) -> None:
    opened.page.emulate_media(media="print", color_scheme="dark")

    assert opened.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert opened.page.pdf()[:5] == b"%PDF-"
