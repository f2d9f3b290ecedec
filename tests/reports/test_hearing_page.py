"""The page of players: every sound of the set, escaped, nothing from the network; in headless Chromium."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile
from ser_audit.benchmark import plugins
from ser_audit.benchmark.hearing import hear_set
from ser_audit.perturbations.sets import read_set
from ser_audit.reports import hearing as page_of

HOSTILE = "<img src=x onerror=alert(1)>\u202e&\"' #?%41.wav"
SET = r"""
summary = "Odd & ends."
source = "<b>nobody</b>"
[[groups]]
name = "Gain"
conditions = ["gain@db=-6", "gain@db=30", "gain@db=-2/2"]
note = "<script>alert(2)</script>"
[[groups]]
name = "</style><script>alert(3)</script>"
reference = "room@rt60=0.2"
conditions = ["room@rt60=0.5"]
[[groups]]
name = "Line"
conditions = ["telephone"]
[[groups]]
name = "Tempo (probe)"
conditions = ["tempo@factor=0.5", "tempo@factor=2"]
"""


class Page(HTMLParser):
    """Collects elements and all text but that of the style."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.inside = [], "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data):
        self.text += "" if self.inside == "style" else data

    def values(self, tag, name):
        return [
            attributes[name] for found, attributes in self.elements if found == tag and name in attributes
        ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A set on a recording of 6 kHz, to which the telephone cannot be applied."""
    path = tmp_path_factory.mktemp("listening")
    rng = np.random.default_rng(0)
    wave = 0.2 * np.sin(2 * np.pi * 200 * np.arange(12000) / 6000) + rng.normal(0, 0.01, 12000)
    soundfile.write(path / HOSTILE, wave, 6000)
    (path / "mine.toml").write_text(SET, encoding="utf-8")
    hear_set(path / "mine.toml", path / HOSTILE, path / "out", sampling_rate=6000)
    return path / "out"


@pytest.fixture(scope="module")
def text(folder) -> str:
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parsed(text) -> Page:
    return Page(text)


def test_it_is_registered_as_a_page_and_no_report_format():
    assert plugins.load("pages", "hearing") is page_of
    assert "hearing" not in plugins.names("renderers")
    assert "pages" not in plugins.GROUPS


def test_there_is_a_player_for_every_sound_the_clean_one_first_then_from_weak_to_severe(parsed, folder):
    players = [unquote(source) for source in parsed.values("audio", "src")]
    chosen = read_set(folder.parent / "mine.toml").conditions
    assert players[0] == "clean.wav"
    order = [
        "gain@db=-6",
        "gain@db=30",
        "room@rt60=0.2",
        "room@rt60=0.5",
        "tempo@factor=0.5",
        "tempo@factor=2",
    ]
    assert [p for p in players[1:] if not p.startswith("gain@db=-2_2")] == [f"{c}.wav" for c in order]
    assert len(players) == len(chosen)  # clean for the telephone
    assert sorted(players) == sorted(p.name for p in folder.glob("*.wav"))
    assert set(parsed.values("audio", "preload")) == {"none"}
    for condition in chosen:
        assert condition in parsed.text


def test_it_says_what_was_done_to_the_length_and_the_level(parsed):
    for said in ("length kept", "2 s longer", "1 s shorter", "Gain at −6 dB", "peak −", "seed 0"):
        assert said in parsed.text
    assert parsed.text.count("above full scale") == 1  # gain@db=30 alone
    assert parsed.text.count("may change what a listener hears") == 1  # tempo alone
    assert "Compared with: Room at .2 s RT60" in re.sub(r"\s+", " ", parsed.text)


def test_what_could_not_be_applied_says_why_and_has_no_player(parsed, folder):
    assert "1 condition could not be applied to this recording" in parsed.text
    assert "Not applied: telephone takes waves of 8000 Hz or more, not of 6000 Hz" in parsed.text
    assert not (folder / "telephone.wav").exists()


def test_hostile_names_are_shown_as_text_and_make_nothing_else(parsed, text):
    tags = [tag for tag, _ in parsed.elements]
    assert not {"script", "img", "b", "iframe", "link", "base", "object"} & set(tags)
    assert tags.count("style") == 1
    names = {name for _, attributes in parsed.elements for name in attributes}
    assert not {n for n in names if n.startswith("on") or n == "style"}
    assert "<img src=x onerror=alert(1)>" in parsed.text
    assert "\u202e" not in text
    assert "</style><script>alert(3)</script>" in parsed.text


def test_files_are_named_beside_the_page_and_no_path_of_this_machine(parsed, text, folder):
    references = [r for tag, name in (("audio", "src"), ("a", "href")) for r in parsed.values(tag, name)]
    files = [r for r in references if not r.startswith("#")]
    assert files
    assert all((folder / unquote(r)).is_file() and "/" not in r for r in files)
    assert str(folder.parent) not in text
    assert not re.search(r"https?://|url\(|@import", text)


def test_every_reference_within_the_page_is_met(parsed):
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {r[1:] for r in parsed.values("a", "href") if r.startswith("#")}
    assert wanted | set(parsed.values("section", "aria-labelledby")) <= set(ids)


def test_the_security_policy_allows_its_own_style_and_files_only(parsed, text):
    policy = next(a["content"] for _, a in parsed.elements if "http-equiv" in a)
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert allowed == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "media-src": "'self' file:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_a_list_of_conditions_is_shown_in_a_row_per_family(folder, tmp_path):
    (tmp_path / "list.toml").write_text('conditions = ["clean", "gain@db=2", "mp3@kbps=16", "gain@db=-2"]')
    result = hear_set(tmp_path / "list.toml", folder.parent / HOSTILE, tmp_path / "out")
    assert [(row.name, len(row.sounds)) for row in result.rows] == [("Gain", 2), ("MP3", 1)]


def test_recordings_by_other_devices_are_named_and_not_heard(folder, tmp_path):
    (tmp_path / "takes.toml").write_text('[[groups]]\nname = "devices"\nconditions = ["recording.*"]\n')
    hear_set(tmp_path / "takes.toml", folder.parent / HOSTILE, tmp_path / "out")
    assert "Nothing to hear" in Page((tmp_path / "out" / "index.html").read_text(encoding="utf-8")).text
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["clean.wav", "index.html"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_in_a_browser_it_fits_loads_nothing_until_a_player_is_asked_and_then_only_its_file(
    browser, folder, width, scheme
):
    moved = folder.rename(folder.with_name(f"moved {width} {scheme}"))  # the folder may be moved
    address, troubles, requests = (moved / "index.html").as_uri(), [], []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        tab = context.new_page()
        tab.on("console", lambda message: troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(address)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [player.bounding_box() for player in tab.locator("audio").all()]
        assert len(boxes) == 8
        assert all(box["width"] >= 190 and box["x"] + box["width"] <= width for box in boxes)
        ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(252, 251, 248)", "dark": "rgb(21, 25, 29)"}[scheme]
        assert set(requests) == {address}
        seconds = tab.evaluate(
            """() => Promise.all([...document.querySelectorAll("audio")].map(player =>
              new Promise((resolve, reject) => {
                player.onloadedmetadata = () => resolve(player.duration);
                player.onerror = () => reject(player.error.message);
                player.preload = "metadata";
                player.load();
              })))"""
        )
        assert seconds == pytest.approx([2, 2, 2, 2, 2, 2, 4, 1], abs=0.01)
    finally:
        context.close()
        moved.rename(folder)
    assert troubles == []
    assert all(request.startswith(moved.as_uri()) for request in requests)
