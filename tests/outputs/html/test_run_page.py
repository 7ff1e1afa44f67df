"""The HTML page: what it says, that nothing in a spec can become markup, and that it works in a browser."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer
from tdxverify.answers.run import Run
from tdxverify.answers.stored.overview import place_of
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.outputs.html.compact import compact
from tdxverify.outputs.html.markup import Markup, element, visible
from tdxverify.outputs.html.memory_grid import Field, snapshots
from tdxverify.outputs.html.memory_roles import palette
from tdxverify.outputs.html.run_page import html_text
from tdxverify.source import SourceFile, Span
from tdxverify.telling.proof_story import ProofStory, Said
from tdxverify.telling.story import (
    Aside,
    Change,
    Cut,
    DecidedRow,
    Dependence,
    Explained,
    FaultTaken,
    Story,
    StoryStep,
    ToldRow,
    Violation,
)
from tests.cells import cell
from tests.changed_answers import changed
from tests.outputs.html.chromium import Page, browsing, executable

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
    proved: Answer, wrong: Answer, unknown: Answer
) -> None:
    html = html_text(Run((proved, wrong, unknown)))
    told = text_of(html)
    assert html.count('<tr><td class="mark">') == 3
    assert "expected: proved" in told
    assert "refuted in 5 steps" in told
    assert "no violation in the first 12 steps; not a proof" in told
    assert "1 not as expected" in told and "1 undecided" in told


def test_the_trace_tells_every_step_row_and_change(refuted: Answer) -> None:
    told = text_of(html_text(Run((refuted,))))
    assert refuted.told.story is not None
    for step in refuted.told.story.steps:
        assert step.action in told
        assert step.description is None or step.description in told
        for row in step.rows:
            assert all(part in told for part in (row.access, row.guard, row.outcome, *row.citations))
        for change in step.changes:
            assert change.cell.text in told
    assert "next_kernel takes #MC, and the rest of the step is not done" in told
    assert "Broken: never next_kernel takes #MC" in told


def test_changed_cells_are_marked_in_the_memory_of_their_step(refuted: Answer) -> None:
    html = html_text(Run((refuted,)))
    step = html.split('data-step="2"')[-1].split('data-step="3"')[0]
    assert len(re.findall(r'class="[^"]*\bchanged"', step)) == 1
    assert re.search(
        r'<th scope="row">poison</th><td class="[^"]*changed"><del>false</del> → <ins>☠ true', step
    )


def test_the_sequence_diagram_has_a_lifeline_for_each_actor_and_marks_the_fault(refuted: Answer) -> None:
    svg = re.search(r"<svg.*?</svg>", html_text(Run((refuted,))), re.DOTALL)
    assert svg is not None
    heads = re.findall(r'class="lifeline">.*?>([^<>]+)</text>', svg.group())
    assert heads == ["tdx_module", "host_kernel", "next_kernel", "memory"]
    assert svg.group().count('<g class="fault">') == 1


def test_steps_link_to_what_they_depend_on(refuted: Answer) -> None:
    assert refuted.told.story is not None
    needs = (
        Dependence(6, cell("next_kernel took #MC"), "true", 5),
        Dependence(5, cell("poison[Line0]"), "true", 2),
        Dependence(5, cell("phase"), "next_kernel", 4),
        Dependence(2, cell("td_owned[Line0]"), "true", 1),
        Dependence(2, cell("erratum"), "true", None),
        Dependence(1, cell("phase"), "running", 0),
    )
    check = changed(refuted, story=dataclasses.replace(refuted.told.story, dependences=needs))
    html = html_text(Run((check,)))
    assert (
        '<code>poison[Line0] = true</code> <span class="faint">(<a href="#step-1-2">made by step 2</a>)'
        in html
    )
    assert "erratum = true (a parameter)" in text_of(html) and "phase = running (from the start)" in text_of(
        html
    )
    assert html.count("Nothing that follows depends on this step.") == 1  # kexec.start, by these dependences


def test_an_invariant_is_listed(proved: Answer) -> None:
    check = changed(proved, invariant=("forall l : Line: not poison[l]",), any_size=True)
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
    assert "exit status 4" in text_of(html_text(dataclasses.replace(run, is_broken=True)))


def test_a_run_without_checks_is_a_page() -> None:
    assert "0 checks" in text_of(html_text(Run(())))


def told_more(check: Answer) -> Answer:
    """The same with everything that a page can tell about a trace."""
    assert check.told.story is not None
    rows = (
        ToldRow("td_owned[l] and erratum", "ok", "poison[l] := true", ("F-TDX-31",), "it is marked"),
        ToldRow("otherwise", "ok", "", ()),
    )
    steps = list(check.told.story.steps)
    steps[1] = dataclasses.replace(steps[1], rows=(dataclasses.replace(steps[1].rows[0], table=rows),))
    asides = (
        Aside(0, "panic", "host_kernel", (Change(cell("phase"), "running", "crashed"),), False, None),
        Aside(1, "give_back(l = Line0)", "tdx_module", (), False, 0),
        *(Aside(2, f"other_{k}", None, (), k == 0, None) for k in range(6)),
    )
    story = dataclasses.replace(
        check.told.story,
        steps=tuple(steps),
        asides=asides,
        cuts=(Cut(2, "erratum", "false", True), Cut(4, "reset_on_kexec", "true", False)),
        explained=(Explained("poison", "sticky until a full-line write", ("F-TDX-13",)),),
    )
    return changed(check, story=story)


def test_the_whole_access_table_is_shown_with_the_row_that_decided(refuted: Answer) -> None:
    html = html_text(Run((told_more(refuted),)))
    step = html.split('class="step" id="step-1-2"')[1].split("</li><li")[0]
    rows = re.findall(r"<tr( class=\"decided\")?><th scope=\"row\">(.*?)</tr>", step)
    marked = [bool(decided) for decided, text in rows if "<code>" in text]
    assert marked == [True, False]
    assert "poison[l] := true" in rows[0][1] and "F-TDX-31" in rows[0][1] and "it is marked" in rows[0][1]
    assert 'aria-label="decided here:"' in rows[0][1]


def test_the_state_graph_has_every_state_and_what_was_possible_instead(refuted: Answer) -> None:
    html = html_text(Run((told_more(refuted),)))
    svg = html.split('class="sequence graph"')[1].split("</svg>")[0]
    assert re.findall(r'class="beat state (\w+)" data-step="(\d)"', svg) == [
        *(("good", str(k)) for k in range(5)),
        ("bad", "5"),
    ]
    told = text_of(f"<p>{svg[svg.index('>') + 1 :]}</p>")
    assert "panic" in told and "phase = crashed" in told
    assert "leads to state 0 as well" in told
    assert "and 2 other steps" in told and "also broken" in told
    assert "✂ with erratum = false: the property holds" in told
    assert "✂ with reset_on_kexec = true: this run is not possible" in told


def test_the_same_run_is_told_once(refuted: Answer) -> None:
    again = changed(refuted, line=99, where="something else")
    html = html_text(Run((refuted, again)))
    assert html.count('class="stepper"') == 1
    second = html.split('id="check-2"')[1]
    assert 'It is the same run, step by step, as the one <a href="#check-1">told above</a>' in second
    assert "something else" in second
    elsewhere = changed(again, file="other.tdx")
    assert html_text(Run((refuted, elsewhere))).count('class="stepper"') == 2


def test_nothing_in_the_state_graph_overlaps(refuted: Answer) -> None:
    html = html_text(Run((told_more(refuted),)))
    svg = html.split('class="sequence graph"')[1].split("</svg>")[0]
    boxes = [
        (int(y), int(y) + int(height))
        for y, height in re.findall(r'y="(\d+)" width="\d+" height="(\d+)" class="box"', svg)
    ]
    assert len(boxes) == 6 and all(a[1] < b[0] for a, b in pairwise(boxes))
    size = re.search(r'width="(\d+)" height="(\d+)"', svg)
    assert size is not None and boxes[-1][1] < int(size[2])


def test_the_memory_has_colours_marks_and_a_legend(refuted: Answer) -> None:
    html = html_text(Run((told_more(refuted),)))
    legend = html.split('<ul class="legend"')[1].split("</ul>")[0]
    assert (
        "td_owned" in text_of(f"<p>{legend[legend.index('>') + 1 :]}</p>") and "poisoned (poison)" in legend
    )
    last = html.split('id="step-1-5"')[1]
    assert re.search(r'<th scope="col" class="hue0">Line0<span class="poison" title="poisoned"> ☠', last)
    assert '<td class="true poison">☠ true</td>' in last
    names = html.split('id="common-1"')[1].split("</details>")[0]
    assert "sticky until a full-line write" in names and "F-TDX-13" in names


def test_owners_by_enum_get_a_hue_each() -> None:
    initial = {"owner[Page0]": "host", "owner[Page1]": "guest", "count[Page0]": "1", "count[Page1]": "2"}
    cells = tuple((cell(text), value) for text, value in initial.items())
    violation = Violation("p", None, "always x", "y", (), cells=tuple(one for one, _ in cells))
    story = Story((), (), cells, (), violation)
    colours = palette(snapshots(story))
    assert colours.hue(Field("owner"), "host") == 0 and colours.hue(Field("owner"), "guest") == 1
    assert colours.hue(Field("count"), "1") is None


def test_a_proof_is_told_in_words_and_symbols(proved: Answer) -> None:
    proof = ProofStory(
        "an inductive invariant of 1 formula",
        (Said("not exists l : Line: poison[l]", "There is no Line l such that poison holds for l."),),
        Said("not erratum", "erratum does not hold."),
        (Said("small < 3", "small is less than 3."),),
        (Explained("poison", "sticky", ("F-TDX-13",)), Explained("small", "a number", ())),
        ("A fresh Z3 showed it again.",),
    )
    check = changed(proved, proof=proof, invariant=("not exists l : Line: poison[l]",))
    stored = "examples/02-erratum.proof.json"
    html = html_text(Run((check,)), stored={place_of(check): stored})
    told = text_of(html)
    for text in (
        "There is no Line l such that poison holds for l.not exists l : Line: poison[l]",
        "erratum does not hold.",
        "Line = 2, Cpu = 1..3",
        "sticky",
        "A fresh Z3 showed it again.",
        "The same answer is stored in examples/02-erratum.proof.json; tdxverify recheck checks",
    ):
        assert text in told
    assert 'href="#check-1"' in html and 'id="check-1"' in html
    own = html.split('id="check-1"')[1].split("</details>")[0]
    assert "a number" not in own and "small" not in own and 'href="#common-1"' in own
    common = html.split('id="common-1"')[1].split("</details>")[0]
    assert "small is less than 3." in common and "a number" in common
    assert "proof.json" not in text_of(html_text(Run((check,))))


# --- what it must not do ---------------------------------------------------------------


def hostile_check(check: Answer) -> Answer:
    evil = HOSTILE
    step = StoryStep(
        1,
        evil,
        ((evil, evil),),
        evil,
        evil,
        (evil,),
        (DecidedRow(evil, 1, evil, evil, (evil,), evil, table=(ToldRow(evil, evil, evil, (evil,), evil),)),),
        (FaultTaken(evil, evil, False),),
        (Change(cell(f"{evil}[{evil}]"), evil, evil), Change(cell(evil), evil, evil)),
    )
    story = Story(
        sizes=((evil, 1),),
        parameters=((evil, evil),),
        initial=tuple((cell(text), evil) for text in (f"{evil}[{evil}]", evil, f"still{evil}")),
        steps=(step,),
        violation=Violation(evil, evil, evil, evil, ((evil, evil),)),
        explained=(Explained(evil, evil, (evil,)),),
        asides=(Aside(0, evil, evil, (Change(cell(evil), evil, evil),), True, None),),
        cuts=(Cut(1, evil, evil, False),),
    )
    texts = dict.fromkeys(("file", "property", "description", "where", "engine", "reason", "about"), evil)
    return changed(check, **texts, story=story, invariant=(evil,), expected=evil)


def hostile_proof(check: Answer) -> Answer:
    evil = HOSTILE
    said = (Said(evil, evil),)
    proof = ProofStory(evil, said, said[0], said, (Explained(evil, evil, (evil,)),), (evil,))
    texts = dict.fromkeys(("property", "description", "where", "engine", "about"), evil)
    return changed(check, **texts, proof=proof)


def hostile_run(check: Answer, proved: Answer) -> Run:
    """Also in a comparison, which takes two properties in three files."""
    checks = []
    for number in range(3):
        for found in (hostile_check(check), hostile_proof(proved)):
            checks.append(changed(found, file=f"{HOSTILE}{number}"))
            checks.append(changed(found, file=f"{HOSTILE}{number}", property=f"{HOSTILE}2"))
    return Run(tuple(checks))


def test_hostile_names_stay_text(wrong: Answer, proved: Answer) -> None:
    run = hostile_run(wrong, proved)
    stored = {place_of(check): HOSTILE for check in run.answers}
    html = html_text(run, stored=stored)
    assert 'class="comparison"' in html
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


def test_only_the_own_style_and_script_may_run(refuted: Answer) -> None:
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


def test_nothing_is_loaded_from_anywhere(refuted: Answer) -> None:
    html = html_text(Run((refuted,)))
    assert not re.search(r"https?://|url\(|@import|\ssrc=", html)


def test_identities_are_unique_and_links_lead_somewhere(
    refuted: Answer, wrong: Answer, witness: Answer
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
    [("a\u202eb", "a\\u202eb"), ("tab\tand\nline", "tab\tand\nline"), ("\x7f", "\\x7f"), ("ä→", "ä→")],
)
def test_invisible_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_attributes_are_escaped() -> None:
    assert (
        element("p", "<", title='"&', hidden=True, lang=None).text == '<p title="&quot;&amp;" hidden>&lt;</p>'
    )


# The least contrast (WCAG 2) between the colour of any text of a grid or table and what it stands on.
CONTRAST = """
(() => {
  const parts = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parts(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
  };
  const written = ".grid td, .grid th, .row td, .row code, .diff *, .rule, .rule *, .legend li, .swatch";
  const found = [...document.querySelectorAll(written)]
    .map((e) => [light(parts(getComputedStyle(e).color)), light(ground(e))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  return Math.min(...found);
})()
"""


# --- in a browser ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if executable() is None:
        print("skipped: no Chromium is installed")
        pytest.skip("no Chromium is installed")
    with browsing(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def write(path: Path, *checks: Answer) -> Path:
    path.write_text(html_text(Run(checks)), encoding="utf-8")
    return path


def test_the_stepper_steps(page: Page, tmp_path: Path, refuted: Answer) -> None:
    page.problems.clear()
    page.open(write(tmp_path / "page.html", told_more(refuted)), 1600)
    shown = (
        "[...document.querySelectorAll('.step')].filter(s => s.offsetHeight).map(s => s.dataset.step).join()"
    )
    assert page.value(shown) == "0,1,2,3,4,5"
    page.value("document.querySelector('[data-go=next]').click()")
    assert page.value(shown) == "1"
    page.value("document.querySelector('.stepper').focus()")
    page.press("ArrowRight")
    assert page.value(shown) == "2"
    lit = "[...document.querySelectorAll('.beat.current')].map(beat => beat.closest('svg').classList[1])"
    assert page.value(f"{lit}.join()") == ",graph"
    assert page.value("document.querySelector('.graph .beat.current').dataset.step") == "2"
    assert page.value("document.querySelector('[aria-current=step]').dataset.step") == "2"
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


def test_a_link_of_the_matrix_unfolds_the_trace(page: Page, tmp_path: Path, witness: Answer) -> None:
    page.open(write(tmp_path / "page.html", witness), 1600)
    assert page.value("document.querySelector('details.evidence').open") is False
    page.value("document.querySelector('.matrix a').click()")
    assert page.value("new Promise(done => setTimeout(done, 100)) && 1") == 1
    while page.value("document.querySelector('details.evidence').open") is not True:
        pass


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_nothing_overflows(
    page: Page, tmp_path: Path, width: int, refuted: Answer, wrong: Answer, unknown: Answer
) -> None:
    long = changed(unknown, property="a_name_that_goes_on_" * 6, where="x" * 150, description="word " * 50)
    checks = (refuted, hostile_check(wrong), long, changed(refuted, file="other.tdx"))
    page.problems.clear()
    page.open(write(tmp_path / "page.html", *checks), width)
    for prepare in ("0", "document.querySelectorAll('[data-go=next]').forEach(b => b.click())"):
        page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.value(prepare)
        assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value("typeof window.alert") == "function"
    assert page.problems == []


def test_a_browser_builds_the_same_document_of_fewer_bytes(
    page: Page, tmp_path: Path, wrong: Answer, proved: Answer, refuted: Answer, witness: Answer
) -> None:
    checks = (told_more(refuted), witness, proved, *hostile_run(wrong, proved).answers)
    html = html_text(Run(checks))
    body = html.split("<body>")[1].split("<script>")[0]
    short = compact(Markup(body)).text
    assert len(short) < 0.95 * len(body)
    page.open(write(tmp_path / "page.html", refuted), 1600)
    parsed = "new DOMParser().parseFromString({}, 'text/html').body.innerHTML"
    long, less = (page.value(parsed.format(json.dumps(f"<!DOCTYPE html>{b}"))) for b in (body, short))
    assert len(long) > 1000 and long == less


def test_a_click_on_a_state_shows_its_step(page: Page, tmp_path: Path, refuted: Answer) -> None:
    page.open(write(tmp_path / "page.html", told_more(refuted)), 1600)
    click = "dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    page.value(f"document.querySelector('.graph [data-step=\"4\"] .box').{click}")
    assert page.value("document.querySelector('.step.current').dataset.step") == "4"


def test_cells_of_the_comparison_lead_to_evidence_that_unfolds(
    page: Page, tmp_path: Path, wrong: Answer, proved: Answer
) -> None:
    path = tmp_path / "page.html"
    path.write_text(html_text(hostile_run(wrong, proved)), encoding="utf-8")
    page.problems.clear()
    page.open(path, 1600)
    links = page.value("document.querySelectorAll('.comparison a').length")
    assert links == 12
    for number in range(links):
        page.value(f"document.querySelectorAll('.comparison a')[{number}].click()")
        while not page.value("(document.querySelector(':target') || {offsetHeight: 0}).offsetHeight"):
            pass
        link = page.value(f"document.querySelectorAll('.comparison a')[{number}].hash")
        while page.value("'#' + document.querySelector(':target').id") != link:
            pass
        assert page.value("document.querySelector(':target').closest('details').open") is True
    for width in (360, 1600):
        page.open(path, width)
        page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert page.value("document.documentElement.scrollWidth") <= width
    assert page.problems == []


def test_paper_shows_every_step(page: Page, tmp_path: Path, refuted: Answer, witness: Answer) -> None:
    """Also of a stepper that shows one step, and of traces that are folded."""
    page.open(write(tmp_path / "page.html", told_more(refuted), witness), 1600)
    page.value("document.querySelector('[data-go=next]').click()")
    seen = "[...document.querySelectorAll('.step')].map(step => step.checkVisibility())"
    assert page.value(f"{seen}.filter(Boolean).length") == 1
    page.call("Emulation.setEmulatedMedia", media="print")
    page.value("dispatchEvent(new Event('beforeprint'))")
    try:
        assert page.value(f"{seen}.length") == page.value(f"{seen}.filter(Boolean).length") == 9
        assert page.value("getComputedStyle(document.querySelector('.ending')).display") != "none"
        assert page.value("getComputedStyle(document.querySelector('.controls')).display") == "none"
    finally:
        page.call("Emulation.setEmulatedMedia", media="")


def test_the_pdf_has_every_step(tmp_path: Path, refuted: Answer) -> None:
    program, reader = executable(), shutil.which("pdftotext")
    if program is None or reader is None:
        print("skipped: no Chromium, or no pdftotext, is installed")
        pytest.skip("no Chromium, or no pdftotext, is installed")
    path = write(tmp_path / "page.html", told_more(refuted))
    pdf = tmp_path / "page.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    subprocess.run(
        [program, *options, f"--print-to-pdf={pdf}", path.as_uri()], check=True, capture_output=True
    )
    told = subprocess.run([reader, "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert refuted.told.story is not None
    for step in refuted.told.story.steps:
        assert step.action in told
        assert step.description is None or step.description.split()[-1] in told
    assert "Broken:" in told


def test_dark_and_light_differ_and_can_both_be_read(page: Page, tmp_path: Path, refuted: Answer) -> None:
    path = write(tmp_path / "page.html", told_more(refuted))
    seen = set()
    for scheme in ("light", "dark"):
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.open(path, 1600)
        seen.add(page.value("getComputedStyle(document.body).backgroundColor"))
        assert page.value(CONTRAST) >= 4.5
    page.call("Emulation.setEmulatedMedia", features=[])
    assert len(seen) == 2
