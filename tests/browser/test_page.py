"""The published page in a real browser: sorting, filters, charts, phone, dark mode and paper."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ..report.page_documents import HOSTILE, NET
from .browser import Browser

FIRST = "#t-overview tbody tr:not([hidden])"
PHONE = 360
MARKS = "figure[data-chart=flash] .role-mark.mark-symbol path"
CHARTS = ("flash", "instructions", "file", "compare", "profile", "layers", "training", "history")


def column(page: Browser, name: str) -> list[str]:
    """The cells of the overview under a heading, of the rows that are shown."""
    headings = [text.split(" ")[0] for text in page.texts("#t-overview thead th")]
    at = headings.index(name) + 1
    return page.texts(f"{FIRST} > :nth-child({at})")


def press(page: Browser, heading: str) -> None:
    """Go to a heading and press Enter."""
    from selenium.webdriver.common.keys import Keys

    buttons = page.driver.find_elements("css selector", "#t-overview thead button")
    next(one for one in buttons if one.text.startswith(heading)).send_keys(Keys.ENTER)


def choose(page: Browser, control: str, value: str) -> None:
    from selenium.webdriver.support.select import Select

    select = Select(page.find(f"select[name={control}]"))
    if select.first_selected_option.text != value:
        page.script("document.body.dataset.charts = 'waiting'")
        select.select_by_visible_text(value)


def is_grey(colour: tuple[int, ...], low: int, high: int) -> bool:
    return all(low <= part <= high for part in colour)


def test_every_chart_is_drawn(page: Browser) -> None:
    choose(page, "task", "sine-16x16")
    page.wait_for_charts()

    marks = ".mark-symbol.role-mark path, .mark-rect.role-mark path, .mark-line.role-mark path"
    for name in CHARTS:
        chart = page.find(f"figure[data-chart={name}]")
        assert chart.find_elements("css selector", marks), name


def test_headings_sort_by_keyboard_and_say_so(page: Browser) -> None:
    press(page, "flash_bytes")

    numbers = [int(text) for text in column(page, "flash_bytes") if text != "–"]
    assert numbers == sorted(numbers)
    assert len(numbers) == 4
    assert column(page, "flash_bytes")[-1] == "–"
    assert page.texts("#t-overview th[aria-sort=ascending]") == ["flash_bytes (B) ↓"]

    press(page, "flash_bytes")

    assert [int(text) for text in column(page, "flash_bytes") if text != "–"] == numbers[::-1]
    assert column(page, "flash_bytes")[-1] == "–"
    assert page.texts("#t-overview th[aria-sort=descending]") == ["flash_bytes (B) ↓"]


def test_numbers_sort_by_their_full_value(page: Browser) -> None:
    """6.6e-06 is less than 0.01, and 630.3 more than both."""
    press(page, "mse")

    values = [float(text) for text in column(page, "mse")]
    assert values == sorted(values)
    assert values[0] < 1e-5
    assert values[-1] > 600


def test_words_filter_rows_and_the_rest_is_counted(page: Browser) -> None:
    field = page.find("[data-filters=t-overview]")
    count = "[data-counts=t-overview]"
    total = len(page.texts(FIRST))

    field.send_keys("SINE int8")

    assert {*column(page, "variant")} == {"int8", "qat-int8"}
    assert page.texts(count) == [f"2 of {total} rows"]
    field.clear()
    field.send_keys(" ")
    assert page.texts(count) == [f"{total} rows"]


def test_a_mark_tells_its_numbers_when_it_is_pointed_at(page: Browser) -> None:
    from selenium.webdriver import ActionChains

    choose(page, "task", "sine-16x16")
    page.wait_for_charts()
    marks = page.driver.find_elements("css selector", MARKS)
    assert len(marks) == 4

    ActionChains(page.driver).move_to_element(marks[2]).perform()
    page.wait("return document.querySelector('#vg-tooltip-element.visible') !== null")

    text = page.find("#vg-tooltip-element").text
    for part in ("int8", "closed", "0.0109", "1704", "1361", "flash_bytes (B) ↓", "cortex-m4"):
        assert part in text


def test_variants_can_be_left_out_of_charts(page: Browser) -> None:
    choose(page, "task", "sine-16x16")
    page.wait_for_charts()
    page.script("document.body.dataset.charts = 'waiting'")

    page.find("input[value=float32]").click()
    page.wait_for_charts()

    marks = page.driver.find_elements("css selector", MARKS)
    assert len(marks) == 3


def test_a_metric_of_the_history_can_be_chosen(page: Browser) -> None:
    choose(page, "task", "linear")
    page.wait_for_charts()
    choose(page, "metric", "tflite_bytes (B) ↓")

    page.wait(
        "return document.querySelector('figure[data-chart=history]').textContent.includes('2,000')"
    )
    labels = page.find("figure[data-chart=history]").text
    assert "0123456789" in labels
    assert "this page" in labels


def test_what_a_task_lacks_is_said(page: Browser) -> None:
    choose(page, "task", "linear")
    page.wait_for_charts()

    for name in ("flash", "profile", "layers", "training"):
        assert "Nothing was measured" in page.find(f"figure[data-chart={name}]").text


def test_links_lead_to_their_sections(page: Browser) -> None:
    page.find("nav a[href='#reproduce']").click()

    assert page.driver.current_url.endswith("#reproduce")
    page.wait(
        "const box = document.getElementById('reproduce').getBoundingClientRect();"
        "return box.top < innerHeight && box.bottom > 0"
    )


def test_a_phone_scrolls_tables_and_not_the_page(page: Browser) -> None:
    page.narrow(PHONE)

    assert page.script("return document.documentElement.scrollWidth") <= PHONE
    widths = page.script(
        "return [...document.querySelectorAll('.plot svg')].map((one) => one.clientWidth)"
    )
    assert widths
    assert max(widths) <= PHONE
    wide = page.script("const one = document.querySelector('#overview .scroll');"
                       "return [one.scrollWidth, one.clientWidth, one.tabIndex]")  # fmt: skip
    assert wide[0] > wide[1]
    assert wide[2] == 0


def test_dark_mode_reaches_charts_without_drawing_them_again(page: Browser) -> None:
    label = "figure[data-chart=file] .role-axis-title text"
    background = ("body", "background-color")
    assert is_grey(page.colour(*background), 240, 255)
    assert is_grey(page.colour(label, "fill"), 0, 80)

    page.emulate(scheme="dark")

    assert is_grey(page.colour(*background), 0, 40)
    assert is_grey(page.colour(label, "fill"), 200, 255)


def test_paper_is_white_has_whole_tables_and_no_controls(page: Browser) -> None:
    page.emulate(media="print", scheme="dark")

    assert is_grey(page.colour("body", "background-color"), 240, 255)
    assert page.texts("nav a") == page.texts("[data-filters]") == []
    heights = page.script(
        "const one = document.querySelector('#overview .scroll');"
        "return [one.scrollHeight, one.clientHeight]"
    )
    assert heights[0] == heights[1]
    pdf = base64.b64decode(page.command("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF-")


def test_a_classifier_is_drawn_by_its_accuracy(chromium: Browser, pages: dict[str, Path]) -> None:
    """The best at the top left; of a task's panels those that it has no such quality for go."""
    chromium.open(pages["classes"])
    choose(chromium, "task", NET)
    chromium.wait_for_charts()

    assert chromium.texts("figure[data-chart=flash] .role-axis-title text")[1:] == ["accuracy ↑"]
    marks = chromium.driver.find_elements("css selector", MARKS)
    assert marks[0].rect["y"] < marks[1].rect["y"]
    compared = chromium.find("figure[data-metric=accuracy]")
    assert "-1 points" in compared.text.replace("−", "-")
    assert not chromium.find("figure[data-metric=mse]").is_displayed()

    choose(chromium, "task", "sine-16x16")
    chromium.wait_for_charts()

    assert chromium.texts("figure[data-chart=flash] .role-axis-title text")[1:] == ["mse ↓"]
    assert not chromium.find("figure[data-metric=accuracy]").is_displayed()
    assert chromium.find("figure[data-metric=mse]").is_displayed()
    assert chromium.complaints() == []


def test_names_that_are_scripts_are_shown_and_not_run(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    from selenium.webdriver import ActionChains

    chromium.open(pages["hostile"])
    mark = chromium.find(MARKS)

    ActionChains(chromium.driver).move_to_element(mark).perform()
    chromium.wait("return document.querySelector('#vg-tooltip-element.visible') !== null")

    assert HOSTILE[:20] in chromium.find("#vg-tooltip-element").text
    assert HOSTILE in chromium.texts("#t-overview tbody th")
    assert chromium.script("return window.hacked") is None
    assert chromium.complaints() == []
    assert chromium.requested() == [pages["hostile"].as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(page: Browser, scheme: str) -> None:
    """At least 4.5 to 1, as WCAG 2 asks of text at level AA."""
    page.emulate(scheme=scheme)
    paper = page.colour("body", "background-color")

    for selector in ("body", "a[href='#overview']", ".note", ".count", "figcaption"):
        assert contrast(page.colour(selector), paper) >= 4.5, selector


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """WCAG 2's contrast ratio of two sRGB colours."""
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: tuple[int, ...]) -> float:
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
