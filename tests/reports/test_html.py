"""The page: self-contained, escaped, the same bytes every time."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from ser_audit.benchmark import plugins
from ser_audit.benchmark.finding import Findings
from ser_audit.benchmark.steps import render
from ser_audit.reports import html


class Page(HTMLParser):
    """Collects elements and their text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.stack = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.stack.append(tag)

    def handle_endtag(self, tag):
        if tag in self.stack:
            while self.stack.pop() != tag:
                pass

    def handle_data(self, data):
        self.texts.append((self.stack[-1] if self.stack else "", data))


@pytest.fixture(scope="module")
def parsed(page):
    return Page(page)


def test_the_same_run_gives_the_same_bytes_twice_in_one_process(sample, page):
    assert html.render(sample).encode() == page.encode()


def test_it_is_the_registered_renderer_and_is_written_into_the_run(sample, page):
    assert plugins.load("renderers", "html") is html
    path = render(sample)
    assert path == sample.path / "report.html"
    assert path.read_text(encoding="utf-8") == page


def test_hostile_names_make_no_element_and_no_attribute(parsed):
    tags = [tag for tag, _ in parsed.elements]
    assert tags.count("script") == tags.count("style") == 1
    assert "img" not in tags
    names = {name for _, attributes in parsed.elements for name in attributes}
    assert not {n for n in names if n.startswith("on") or n == "style"}


def test_hostile_names_are_shown_as_text(parsed):
    text = "".join(data for _, data in parsed.texts)
    assert "dims <script>alert(1)</script> \"double\" & 'single'" in text
    assert r"pod\u202ecast\nline two" in text
    assert "\u202e" not in text
    assert r"$\frac{1}{0}$ \u200f" in text


def test_a_long_name_is_shortened_with_the_whole_behind_it(parsed, page):
    assert any(attributes.get("title") == "x" * 300 for _, attributes in parsed.elements)
    assert "x" * 300 not in "".join(data for tag, data in parsed.texts if tag != "title")


def test_nothing_is_loaded_from_anywhere(parsed, page):
    assert not re.search(r"https?://|url\((?!#)|@import", page)
    assert not {"link", "iframe", "object", "embed", "base", "img"} & {tag for tag, _ in parsed.elements}
    references = [a[k] for _, a in parsed.elements for k in ("href", "src", "srcset", "action") if k in a]
    assert references
    assert all(r.startswith("#") for r in references)


def test_every_reference_within_the_page_is_met_and_ids_are_unique(parsed):
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for _, a in parsed.elements if a.get("href")}
    wanted |= {i for _, a in parsed.elements for i in a.get("aria-labelledby", "").split()}
    assert wanted <= set(ids)


def test_no_path_of_this_machine_is_in_it(sample, page):
    assert str(sample.path) not in page
    assert not re.search(r"/(tmp|home|root|work|usr|opt|var)/", page)


def test_the_security_policy_allows_only_the_pages_own_style_and_script(parsed, page):
    policy = next(
        a["content"] for _, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed[f"{tag}-src"] == f"'sha256-{digest}'"


def test_it_stays_below_a_megabyte(page, ladder):
    assert len(page.encode()) < 1_000_000
    assert len(html.render(ladder).encode()) < 1_700_000  # 170 conditions of three dimensions


def test_every_code_and_every_message_without_a_number_is_in_it(sample, parsed):
    text = "".join(data for _, data in parsed.texts)
    held = {v for _, a in parsed.elements for v in a.values() if v}
    for finding in sample.findings.findings:
        assert finding.code in text or any(finding.code in v for v in held)
        if finding.estimate is None or finding.estimate.value is None:
            assert finding.message in text


def test_unknown_codes_and_audits_appear(parsed):
    text = "".join(data for _, data in parsed.texts)
    assert "SER399" in text
    assert "SER701" in text
    assert "probe CCC" in text


def test_tables_have_captions_and_headers_have_a_scope(page):
    assert page.count("<table>") == page.count("<caption>") > 10
    heads = re.findall(r"<th\b[^>]*>", page)
    assert heads
    assert all("scope=" in head for head in heads)


def test_verdicts_are_words_beside_their_colours(page):
    for verdict, word in (("fail", "fail"), ("not_applicable", "not applicable")):
        marks = re.findall(rf'<span class="v v-{verdict}">(.*?</span>.*?)</span>', page)
        assert marks
        assert all(word in re.sub("<.*?>", "", mark) or 'class="sr"' in mark for mark in marks)


def test_no_verdict_is_spoken_on_a_whole_checkpoint(page):
    assert not re.search(r"\b(unbiased|debiased|fair model|compliant|is fair)\b", page, re.IGNORECASE)


def test_a_run_with_no_findings_says_so(changed, sample):
    text = html.render(changed(coverage=()))
    assert "No finding failed." in text
    assert text.count("This audit has no findings.") == len(sample.manifest.audits)


def test_only_manifest_and_findings_are_read(sample, page):
    class Bare:
        manifest, findings = sample.manifest, Findings.model_validate_json(sample.findings.model_dump_json())

    assert html.render(Bare()) == page
