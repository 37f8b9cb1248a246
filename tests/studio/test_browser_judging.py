"""The human test in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.studio.conftest import new_page, open_tab, opened
from tfgan_models.judge.answers import Answer, AnswerFile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("judging")


@pytest.fixture(scope="module")
def studio(editable, folder) -> Iterator[str]:
    with opened("--model", str(editable), "--answers", "people.sqlite", folder=folder) as address:
        yield address


@pytest.fixture
def page(browser, studio) -> Iterator[Page]:
    with new_page(browser, studio) as page:
        open_tab(page, "Real or fake?")
        yield page


def start(page: Page, person: str, feedback: bool = True, **numbers: int) -> None:
    """Enter the settings and press the button."""
    page.locator("#judge_person").locator("input, textarea").fill(person)
    page.get_by_label("Show the score").set_checked(feedback)
    if "singles" in numbers:
        page.get_by_label("One by one").check()
    for name, number in numbers.items():
        page.locator(f"#judge_{name} input").fill(str(number))
    page.click("#judge_start")
    shown(page, 0)


def shown(page: Page, number: int) -> None:
    page.wait_for_selector(f"#judge .trial[data-number='{number}']:not(.waiting)")


def rows(folder: Path, person: str) -> list[Answer]:
    return [row for row in AnswerFile(folder / "people.sqlite").read() if row.person == person]


def test_a_sheet_is_judged_and_scored(page, folder):
    start(page, "ann", sheets=2, control=0)
    assert "is_fake" not in page.content()
    page.locator(".tick").nth(2).click()
    page.keyboard.press("5")
    page.keyboard.press("9")
    page.keyboard.press("9")
    expect(page.locator("#judge .send")).to_have_text("2 are fakes")
    page.keyboard.press("Enter")
    page.wait_for_selector("#judge .truth")
    saved = rows(folder, "ann")
    assert [row.position for row in saved if row.answered_fake] == [2, 4] and len(saved) == 9
    right = [row.is_fake == row.answered_fake for row in saved]
    expect(page.locator("#judge h2")).to_have_text(f"{sum(right)} of 9")
    texts = page.locator("#judge .truth span").all_inner_texts()
    assert texts == [
        f"{'fake' if row.is_fake else 'real'} · {'right' if is_right else 'wrong'}"
        for row, is_right in zip(saved, right, strict=True)
    ]
    assert 2 <= sum(row.is_fake for row in saved) <= 7 and saved[0].response_ms > 0
    page.keyboard.press("Enter")
    shown(page, 1)
    page.click("#judge .send")
    page.click("#judge .proceed")
    saved = rows(folder, "ann")
    total = sum(row.is_fake == row.answered_fake for row in saved)
    expect(page.locator("#judge h2")).to_contain_text(f"{total} of 18 right")
    page.get_by_text("Report on all answers").click()
    page.click("#judge_report_button")
    expect(page.locator("#judge_report pre")).to_contain_text("HYPE∞")


def test_enter_on_a_picture_that_the_tab_key_has_reached_ticks_it(page, folder):
    start(page, "eve", feedback=False, sheets=2, control=0)
    page.keyboard.press("Tab")
    tick = page.locator(".tick").first
    expect(tick).to_be_focused()
    page.keyboard.press("Enter")
    expect(tick).to_have_attribute("aria-pressed", "true")
    assert rows(folder, "eve") == []
    page.locator("#judge .send").focus()
    page.keyboard.press("Enter")
    shown(page, 1)
    assert [row.position for row in rows(folder, "eve") if row.answered_fake] == [0]


def test_without_feedback_nothing_is_told_before_the_end(page, folder):
    start(page, "ben", feedback=False, sheets=1, control=1)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    shown(page, 1)
    expect(page.locator("#judge .head")).to_contain_text("The last answer is saved")
    text = page.locator("#judge").inner_text()
    assert "right" not in text and "of 9" not in text
    assert [row.kind for row in rows(folder, "ben")] in (["sheet"] * 9, ["control"] * 9)


def test_single_pictures_are_judged_by_keys(page, folder):
    start(page, "cid", singles=4)
    for number, key in enumerate("rffr"):
        shown(page, number)
        page.keyboard.press(key)
    expect(page.locator("#judge h2")).to_contain_text("of 4 right")
    saved = rows(folder, "cid")
    assert [row.answered_fake for row in saved] == [False, True, True, False]
    assert sum(row.is_fake for row in saved) == 2 and all(row.shown_ms is None for row in saved)


def test_a_picture_is_masked_after_its_time(page, folder):
    page.evaluate("""() => {
      window.times = [];
      new MutationObserver(() => {
        const trial = document.querySelector("#judge .trial[data-number]");
        if (!trial) return;
        const state = trial.matches(".waiting") ? "waiting" : trial.matches(".masked") ? "masked" : "shown";
        if (window.times.at(-1)?.state !== state) window.times.push({state, at: performance.now()});
      }).observe(document.getElementById("judge"), {subtree: true, childList: true, attributeFilter: ["class"]});
    }""")
    start(page, "dan", singles=2, limit=600)
    page.wait_for_selector("#judge .masked")
    assert page.locator("#judge .exposure img").count() == 0 and page.locator("#judge canvas").is_visible()
    times = page.evaluate("window.times")
    assert [entry["state"] for entry in times] == ["waiting", "shown", "masked"]
    assert 560 < times[2]["at"] - times[1]["at"] < 900  # a busy machine may draw the frame of the mask late
    page.keyboard.press("f")
    expect(page.locator("#judge h2")).to_have_text("Picture 2 of 2")
    page.keyboard.press("f")  # the cross is shown, so this is no answer
    shown(page, 1)
    time.sleep(0.2)
    (row,) = rows(folder, "dan")
    assert row.shown_ms == 600 and row.answered_fake and row.response_ms >= 560


def test_a_name_is_needed(page):
    page.click("#judge_start")
    expect(page.locator("#judge .problem")).to_contain_text("Name: give a name or a number")
    assert "Traceback" not in page.content()
