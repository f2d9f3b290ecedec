"""The report in headless Chromium: wide and narrow, light and dark, with and without script."""

import pytest
from ser_audit.reports import html

SIZES = {"wide": (1280, 900), "phone": (400, 850)}


@pytest.fixture(scope="module")
def address(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def ladder_address(ladder, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "ladder.html"
    path.write_text(html.render(ladder), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser, address):
    """Open a report; afterwards nothing may have gone wrong, and nothing may have left the page."""
    troubles, requests, contexts, addresses = [], [], [], set()

    def open_(size="wide", scheme="light", script=True, address=address):
        addresses.add(address)
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(address)
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []
    assert set(requests) == addresses


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_summary_tables_and_charts_are_seen_and_the_page_does_not_scroll_sideways(opened, size, scheme):
    tab = opened(size, scheme)
    width = SIZES[size][0]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("document.body.scrollWidth") <= width
    for heading in ("What was audited", "Verdicts", "Worst findings", "What could not be judged"):
        assert tab.get_by_role("heading", name=heading).is_visible()
    assert tab.get_by_text("Training data unknown").first.bounding_box()["y"] < SIZES[size][1]
    charts = tab.locator("svg.chart").all()
    assert len(charts) > 10
    for chart in charts:
        box = chart.bounding_box()
        assert box["width"] > 300
        assert box["height"] > 40
        assert box["x"] + box["width"] <= width
    tables = [t.bounding_box() for t in tab.locator("table").all() if t.is_visible()]
    assert len(tables) > 10
    assert all(box["width"] > 100 and box["height"] > 20 for box in tables)


def test_light_and_dark_differ_in_page_and_in_every_colour_of_the_charts(opened):
    read = """() => {
      const seen = {body: getComputedStyle(document.body).backgroundColor};
      for (const e of document.querySelectorAll("svg.chart [class], svg.panel [class]"))
        for (const name of e.classList)
          seen[name] = getComputedStyle(e)[name.startsWith("f-") || name === "band" ? "fill" : "stroke"];
      return seen;
    }"""
    light, dark = (opened(scheme=scheme).evaluate(read) for scheme in ("light", "dark"))
    assert light["body"] == "rgb(252, 251, 248)"
    assert {"f-fail", "f-pass", "s-open", "s-bar", "f-ink", "band"} <= set(light)
    same = {name for name in light if light[name] == dark[name]}
    assert same <= {"f-off", "s-off"}


@pytest.mark.parametrize("size", list(SIZES))
def test_no_chart_text_is_cut_off(opened, size, ladder_address):
    cut = """[...document.querySelectorAll("svg.chart, svg.panel")].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter(t => {
            const own = t.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 1;
          }).map(t => t.textContent);
        })"""
    assert opened(size).evaluate(cut) == []
    assert opened(size, address=ladder_address).evaluate(cut) == []


@pytest.mark.parametrize(("size", "scheme", "beside"), [("wide", "light", 6), ("phone", "dark", 2)])
def test_the_curves_of_a_whole_ladder_are_seen_beside_each_other(
    opened, ladder_address, size, scheme, beside
):
    tab = opened(size, scheme, address=ladder_address)
    width = SIZES[size][0]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [panel.bounding_box() for panel in tab.locator(".curves").first.locator("svg.panel").all()]
    assert len(boxes) == 31
    assert all(150 < box["width"] < 200 and box["height"] > 90 for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    assert len({round(box["x"]) for box in boxes}) == beside
    overlaps = """[...document.querySelectorAll("svg.panel")].filter(svg => {
      const own = [...svg.querySelectorAll("text")].map(t => t.getBoundingClientRect());
      return own.some((a, i) => own.slice(i + 1).some(b =>
        a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom));
    }).map(svg => svg.textContent)"""
    assert tab.evaluate(overlaps) == []


def test_the_numbers_of_a_family_are_folded_behind_its_verdicts(opened, ladder_address):
    tab = opened(address=ladder_address)
    fold = tab.locator("details", has_text="White noise: 5 conditions").first
    assert not fold.locator("table").first.is_visible()
    fold.locator("summary").click()
    assert fold.get_by_text("White noise at 40 dB over active speech").is_visible()
    assert fold.locator("tbody tr").count() == 5


def test_it_is_whole_without_script(opened):
    tab = opened(script=False)
    assert tab.get_by_role("heading", name="Provenance").is_visible()
    details = tab.locator("details").first
    details.locator("summary").first.click()
    assert details.locator("table").first.is_visible()
    assert tab.locator("th button").count() == 0


def test_a_click_on_a_header_sorts_numbers_by_their_size(opened):
    tab = opened()
    table = tab.locator("table", has_text="Metrics on clean speech").nth(1)
    column = [h.inner_text().strip() for h in table.locator("thead th").all()].index("Value")
    button = table.locator("thead th").nth(column).locator("button")

    def column_values():
        cells = [row.locator("th, td").nth(column).inner_text() for row in table.locator("tbody tr").all()]
        return [float(c) if c != "–" else None for c in cells]

    before = column_values()
    numbers = sorted(v for v in before if v is not None)
    button.click()
    assert column_values() == [*numbers, None]
    assert table.locator("th[aria-sort=ascending]").count() == 1
    button.click()
    assert column_values() == [*reversed(numbers), None]
    assert before != [*numbers, None]


def test_it_prints_dark_on_white_even_from_a_dark_screen(opened, tmp_path):
    tab = opened(scheme="dark")
    tab.emulate_media(media="print")
    colours = tab.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert colours == ["rgb(28, 34, 39)", "rgb(255, 255, 255)"]
    path = tmp_path / "report.pdf"
    tab.pdf(path=path, format="A4", prefer_css_page_size=True)
    assert path.read_bytes().startswith(b"%PDF")
