"""The HTML page: what it says, that nothing in a spec can become markup, and that it works in a browser."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.reports.as_html import html_text
from tdxverify.reports.markup import element, visible
from tdxverify.results.run import CheckRun, ExitStatus, Run
from tdxverify.results.story import Change, DecidedRow, Dependence, FaultTaken, Story, StoryStep, Violation
from tdxverify.source import SourceFile, Span
from tests.reports.chromium import Page, browsing, executable

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></style></svg>&lt;\u202ekcab\x00"
ASSETS = Path(html_text.__code__.co_filename).parent / "assets"


class Outline(HTMLParser):
    """Tags with attributes, and the text outside style and script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def text_of(html: str) -> str:
    return "".join(outline(html).text)


# --- what it says --------------------------------------------------------------------


def test_every_check_is_in_the_matrix_with_its_verdict(
    proved: CheckRun, wrong: CheckRun, unknown: CheckRun
) -> None:
    html = html_text(Run((proved, wrong, unknown)))
    told = text_of(html)
    assert html.count('<tr><td class="mark">') == 3
    assert "expected: proved" in told
    assert "refuted in 5 steps" in told
    assert "no violation in the first 12 steps; not a proof" in told
    assert "1 not as expected" in told and "1 undecided" in told


def test_the_trace_tells_every_step_row_and_change(refuted: CheckRun) -> None:
    told = text_of(html_text(Run((refuted,))))
    assert refuted.story is not None
    for step in refuted.story.steps:
        assert step.action in told
        assert step.description is None or step.description in told
        for row in step.rows:
            assert all(part in told for part in (row.access, row.guard, row.outcome, *row.citations))
        for change in step.changes:
            assert change.cell in told
    assert "next_kernel takes #MC, and the rest of the step is not done" in told
    assert "Broken: never next_kernel takes #MC" in told


def test_changed_cells_are_marked_in_the_memory_of_their_step(refuted: CheckRun) -> None:
    html = html_text(Run((refuted,)))
    step = html.split('data-step="2"')[-1].split('data-step="3"')[0]
    assert step.count('class="changed"') == 1
    assert re.search(r'<th scope="row">poison</th><td class="changed"><del>false</del> <ins>true</ins>', step)


def test_the_sequence_diagram_has_a_lifeline_for_each_actor_and_marks_the_fault(refuted: CheckRun) -> None:
    svg = re.search(r"<svg.*?</svg>", html_text(Run((refuted,))), re.DOTALL)
    assert svg is not None
    heads = re.findall(r'class="lifeline">.*?>([^<>]+)</text>', svg.group())
    assert heads == ["tdx_module", "host_kernel", "next_kernel", "memory"]
    assert svg.group().count('class="message fault"') == 1


def test_steps_link_to_what_they_depend_on(refuted: CheckRun) -> None:
    assert refuted.story is not None
    needs = (
        Dependence(6, "next_kernel took #MC", "true", 5),
        Dependence(5, "poison[Line0]", "true", 2),
        Dependence(5, "phase", "next_kernel", 4),
        Dependence(2, "td_owned[Line0]", "true", 1),
        Dependence(2, "erratum", "true", None),
        Dependence(1, "phase", "running", 0),
    )
    check = dataclasses.replace(refuted, story=dataclasses.replace(refuted.story, dependences=needs))
    html = html_text(Run((check,)))
    assert (
        '<code>poison[Line0] = true</code> <span class="faint">(<a href="#step-1-2">made by step 2</a>)'
        in html
    )
    assert "erratum = true (a parameter)" in text_of(html) and "phase = running (from the start)" in text_of(
        html
    )
    assert html.count("Nothing that follows depends on this step.") == 1  # kexec.start, by these dependences


def test_an_invariant_is_listed(proved: CheckRun) -> None:
    check = dataclasses.replace(proved, invariant=("forall l : Line: not poison[l]",), any_size=True)
    told = text_of(html_text(Run((check,))))
    assert "forall l : Line: not poison[l]" in told
    assert "for any size" in told


def test_mistakes_are_told_with_their_place() -> None:
    span = Span(SourceFile("a.tdx", "index <Line>\n"), 6, 12)
    run = Run((), (Diagnostic(Code.E201, "no <such> thing", span, hint="say & what"),))
    told = text_of(html_text(run))
    assert "a.tdx:1:7 E201: no <such> thing" in told
    assert "index <Line>" in told and "help: say & what" in told
    assert "exit status 3" in told
    assert "exit status 4" in text_of(html_text(run, ExitStatus.INTERNAL))


def test_a_run_without_checks_is_a_page() -> None:
    assert "0 checks" in text_of(html_text(Run(())))


# --- what it must not do ---------------------------------------------------------------


def hostile_check(check: CheckRun) -> CheckRun:
    evil = HOSTILE
    step = StoryStep(
        1,
        evil,
        ((evil, evil),),
        evil,
        evil,
        (evil,),
        (DecidedRow(evil, 1, evil, evil, (evil,), evil),),
        (FaultTaken(evil, evil, False),),
        (Change(f"{evil}[{evil}]", evil, evil), Change(evil, evil, evil)),
    )
    story = Story(
        sizes=((evil, 1),),
        parameters=((evil, evil),),
        initial=((f"{evil}[{evil}]", evil), (evil, evil), ("still" + evil, evil)),
        steps=(step,),
        violation=Violation(evil, evil, evil, evil, ((evil, evil),)),
    )
    texts = dict.fromkeys(("file", "property", "description", "where", "engine", "reason", "about"), evil)
    return dataclasses.replace(check, **texts, story=story, invariant=(evil,), expected=evil)


def test_hostile_names_stay_text(wrong: CheckRun) -> None:
    html = html_text(Run((hostile_check(wrong),)))
    page = outline(html)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("script") == 1 and "img" not in tags
    assert not any(
        name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes
    )
    assert not any(
        (attributes.get("href") or "#").startswith(("javascript", "http")) for _, attributes in page.tags
    )
    assert "\u202e" not in html and "\x00" not in html
    assert visible(HOSTILE) in unescape(html)


def test_only_the_own_style_and_script_may_run(refuted: CheckRun) -> None:
    page = outline(html_text(Run((refuted,))))
    policies = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    hashes = {
        name: base64.b64encode(sha256((ASSETS / f"page.{name}").read_bytes()).digest()).decode()
        for name in ("css", "js")
    }
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{hashes['css']}'; script-src 'sha256-{hashes['js']}'; "
        "base-uri 'none'; form-action 'none'"
    ]


def test_nothing_is_loaded_from_anywhere(refuted: CheckRun) -> None:
    html = html_text(Run((refuted,)))
    assert not re.search(r"https?://|url\(|@import|\ssrc=", html)


def test_identities_are_unique_and_links_lead_somewhere(
    refuted: CheckRun, wrong: CheckRun, witness: CheckRun
) -> None:
    page = outline(html_text(Run((refuted, wrong, witness))))
    identities = [a["id"] for _, a in page.tags if "id" in a]
    assert len(identities) == len(set(identities))
    links = {(a["href"] or "").removeprefix("#") for tag, a in page.tags if tag == "a"}
    assert links <= set(identities)


def test_the_script_is_small() -> None:
    assert (ASSETS / "page.js").stat().st_size < 5000


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\u202eb", "a\\u202eb"), ("tab\tand\nline", "tab\tand\nline"), ("\x7f", "\\u007f"), ("ä→", "ä→")],
)
def test_invisible_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_attributes_are_escaped() -> None:
    assert (
        element("p", "<", title='"&', hidden=True, lang=None).text == '<p title="&quot;&amp;" hidden>&lt;</p>'
    )


# --- in a browser ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if executable() is None:
        print("skipped: no Chromium is installed")
        pytest.skip("no Chromium is installed")
    with browsing(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def write(path: Path, *checks: CheckRun) -> Path:
    path.write_text(html_text(Run(checks)), encoding="utf-8")
    return path


def test_the_stepper_steps(page: Page, tmp_path: Path, refuted: CheckRun) -> None:
    page.problems.clear()
    page.open(write(tmp_path / "page.html", refuted), 1600)
    shown = (
        "[...document.querySelectorAll('.step')].filter(s => s.offsetHeight).map(s => s.dataset.step).join()"
    )
    assert page.value(shown) == "0,1,2,3,4,5"
    page.value("document.querySelector('[data-go=next]').click()")
    assert page.value(shown) == "1"
    page.value("document.querySelector('.stepper').focus()")
    page.press("ArrowRight")
    assert page.value(shown) == "2"
    assert page.value("document.querySelector('.beat.current').dataset.step") == "2"
    page.press("ArrowLeft")
    page.press("ArrowLeft")
    page.press("ArrowLeft")
    assert page.value(shown) == "0"
    page.press("End")
    assert page.value(shown) == "5"
    assert page.value("document.querySelector('.position').textContent") == "Step 5 of 5"
    page.press("Escape")
    assert page.value(shown) == "0,1,2,3,4,5"
    assert page.problems == []


def test_a_link_of_the_matrix_unfolds_the_trace(page: Page, tmp_path: Path, witness: CheckRun) -> None:
    page.open(write(tmp_path / "page.html", witness), 1600)
    assert page.value("document.querySelector('details.evidence').open") is False
    page.value("document.querySelector('.matrix a').click()")
    assert page.value("new Promise(done => setTimeout(done, 100)) && 1") == 1
    while page.value("document.querySelector('details.evidence').open") is not True:
        pass


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_nothing_overflows(
    page: Page, tmp_path: Path, width: int, refuted: CheckRun, wrong: CheckRun, unknown: CheckRun
) -> None:
    long = dataclasses.replace(
        unknown, property="a_name_that_goes_on_" * 6, where="x" * 150, description="word " * 50
    )
    checks = (refuted, hostile_check(wrong), long, dataclasses.replace(refuted, file="other.tdx"))
    page.problems.clear()
    page.open(write(tmp_path / "page.html", *checks), width)
    for prepare in ("0", "document.querySelectorAll('[data-go=next]').forEach(b => b.click())"):
        page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.value(prepare)
        assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value("typeof window.alert") == "function"
    assert page.problems == []
