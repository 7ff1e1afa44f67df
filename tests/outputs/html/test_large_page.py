"""The HTML page of very many runs: what it leaves out, what it never does, and how many bytes it takes."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from tdxverify.answers import checking
from tdxverify.answers.answer import Answer
from tdxverify.answers.run import Run
from tdxverify.outputs.html.compact import compact
from tdxverify.outputs.html.markup import element, joined
from tdxverify.outputs.html.run_page import html_text
from tdxverify.outputs.html.surroundings import cuts_markup
from tdxverify.questions.options import Options
from tdxverify.telling.proof_story import ProofStory, Said
from tdxverify.telling.story import Cut, Dependence
from tests.cells import cell
from tests.changed_answers import changed
from tests.outputs.html.test_run_page import hostile_check, hostile_run, told_more

SPEC = Path(__file__).parents[3] / "spec"
MANY = 151  # runs that make a page large
BYTES_PER_CHECK = 3700  # a library of 1,100 checks, of which each tells that much, takes 4.1 MB


def different_runs(check: Answer, count: int = MANY) -> list[Answer]:
    """Of one check, with starts that differ: none is the same as another."""
    assert check.told.story is not None
    starts = [((cell("n"), str(k)), *check.told.story.initial) for k in range(count)]
    stories = [dataclasses.replace(check.told.story, initial=start) for start in starts]
    return [changed(check, line=k, story=story) for k, story in enumerate(stories)]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_it_says_less_and_that_it_does(refuted: Answer, witness: Answer) -> None:
    runs = different_runs(told_more(refuted))
    few, many = html_text(Run(tuple(runs[:100]))), html_text(Run((*runs, witness)))
    assert "This page tells more than" not in few and "This page tells more than 150 runs" in many
    assert len(many) / len(runs) < 0.45 * len(few) / 100
    assert "panic" in few and "panic" not in many
    assert "otherwise" in few and "otherwise" not in many
    assert many.count("<svg") == len(runs)  # none of the witness


def test_it_has_every_step_rule_change_and_violation(refuted: Answer, witness: Answer) -> None:
    one = told_more(refuted)
    assert one.told.story is not None
    needs = (Dependence(5, cell("poison[Line0]"), "true", 2), Dependence(5, cell("phase"), "next_kernel", 4))
    one = changed(one, story=dataclasses.replace(one.told.story, dependences=needs))
    runs = [*different_runs(one), witness]
    html = html_text(Run(tuple(runs)))
    parts = re.split(r"<div id=check-\d+ class=trace>", html)[1:]
    for check, part in zip(runs, parts, strict=True):
        assert_tells(check, plain(part))
    first = plain(parts[0])
    assert "Broken: never next_kernel takes #MC" in first and "next_kernel takes #MC, and the rest" in first
    assert "needed poison[Line0] = true (step 2); phase = next_kernel (step 4)" in first
    assert "✂ with erratum = false: the property holds" in first
    assert parts[0].count("class=grid") == 4  # single variables and lines, at the start and at the end
    assert parts[-1].count("class=grid") == 0  # the witness
    identities = re.findall(r" id=([\w-]+)", html)
    assert set(re.findall(r"href=#([\w-]+)", html)) <= set(identities)
    assert len(identities) == len(set(identities))


def assert_tells(check: Answer, told: str) -> None:
    assert check.told.story is not None
    for step in check.told.story.steps:
        assert f"{step.number} {step.action}" in told and (step.description or "") in told
        for row in step.rows:
            assert f"{row.access} decided by row {row.row}: {row.guard} → {row.outcome}" in told
            assert all(name in told for name in row.citations)
        for change in step.other_changes():
            assert f"{change.cell}: {change.before} → {change.after}" in told


def test_parameter_values_that_cut_a_step_are_told_together() -> None:
    cuts = [Cut(1, "mode", value, True) for value in ("a", "b", "c")]
    told = joined(
        cuts_markup([*cuts, Cut(1, "mode", "d", False), Cut(1, "erratum", "true", True)], sought=False)
    ).text
    assert re.findall("✂ with (.*?)</p>", told) == [
        "mode = a, b or c: the property holds (the other values shown as here)",
        "mode = d: this run is not possible (the other values shown as here)",
        "erratum = true: the property holds (the other values shown as here)",
    ]


def test_of_which_machines_it_is_said() -> None:
    cuts = [
        Cut(1, "a", "true", True, also=(("b", "false"), ("n", "2"))),
        Cut(1, "a", "false", False, is_like=True),
        Cut(1, "mode", "c", True, is_excluded=True),
    ]
    told = joined(cuts_markup(cuts, sought=False)).text
    assert re.findall("✂ with (.*?)</p>", told) == [
        "a = true and b = false and n = 2: the property holds (the other values shown as here)",
        "a = false, all else as in this run, shown or not: this run is not possible",
        "mode = c, which the check excludes: the property holds (the other values shown as here)",
    ]


def test_proofs_share_who_checked_them(refuted: Answer, proved: Answer) -> None:
    formulas = (Said("not exists l : Line: poison[l]", "There is no poison."),)
    where = Said("not e", "e does not hold.")
    proof = ProofStory("an inductive invariant of 1 formula", formulas, where, (), (), ("A fresh Z3.",))
    other = dataclasses.replace(proof, accepted=("Another solver.",))
    proofs = [changed(proved, proof=each) for each in (proof, proof, other)]
    html = html_text(Run((*different_runs(refuted), *proofs)))
    assert html.count("A fresh Z3.") == 1 and html.count("Another solver.") == 1
    for number, place in enumerate(("common-1-0", "common-1-0", "common-1-1"), MANY + 1):
        own = html.split(f"<div id=check-{number} ")[1].split("</details>")[0]
        assert f"href=#{place}>who checked it" in own and html.count(f"id={place}>") == 1
        assert "There is no poison." in own and "not exists l : Line: poison[l]" in own
        assert "e does not hold." in own and "Line = 2, Cpu = 1..3" in own


def test_a_property_is_described_once_in_a_row(refuted: Answer) -> None:
    runs = different_runs(refuted)
    runs[100:] = [changed(run, property="another", description="said anew") for run in runs[100:]]
    matrix = html_text(Run(tuple(runs))).split("<table class=matrix>")[1].split("</table>")[0]
    assert matrix.count("the next kernel never takes") == 1 and matrix.count("said anew") == 1


def test_the_library_fits_on_a_page() -> None:
    """Extrapolated from files whose checks tell as much as those of the whole library do on average."""
    sample = checking.check([SPEC / "matrix"], Options(surroundings=True)).answers
    copies = 1 + MANY // sum(check.told.story is not None for check in sample)
    checks = [changed(c, file=f"{k}/{Path(c.asked.file).name}") for k in range(copies) for c in sample]
    size = len(html_text(Run(tuple(checks))).encode()) / len(checks)
    assert size < BYTES_PER_CHECK, f"{size:.0f} bytes for each check"


class Tags(HTMLParser):
    """Every tag with its attributes; unlike a browser it knows nothing of ends that are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_hostile_names_stay_text(wrong: Answer, proved: Answer) -> None:
    html = html_text(Run((*different_runs(hostile_check(wrong)), *hostile_run(wrong, proved).answers)))
    tags = Tags()
    tags.feed(html)
    names = [tag for tag, _ in tags.found]
    assert names.count("script") == names.count("style") == 1 and "img" not in names
    attributes = {name for _, found in tags.found for name in found}
    assert "style" not in attributes and not any(name.startswith("on") for name in attributes)
    assert "\u202e" not in html and "\x00" not in html


def test_only_quotes_and_ends_that_nobody_needs_are_left_out() -> None:
    cells = [element("td", 'say "hi"', title='a "b"', class_="x-1"), element("td", element("p", "end"))]
    drawn = element("svg", element("path", d="M1,2H3", class_="y"), element("rect", x=1, class_="a b"))
    row = element("table", element("tr", cells, id="r"))
    assert compact(joined([row, drawn, element("p", "x"), element("p", "y"), element("br")])).text == (
        '<table><tr id=r><td title="a &quot;b&quot;" class=x-1>say "hi"<td><p>end</p></table>'
        '<svg><path d=M1,2H3 class=y /><rect x=1 class="a b"/></svg><p>x<p>y</p><br>'
    )


def test_what_keeps_a_run_from_where_it_should_get_is_nothing_good() -> None:
    cuts = [Cut(1, "mode", "a", True), Cut(1, "mode", "b", False)]
    wanted = joined(cuts_markup(cuts, sought=True)).text
    assert "mode = a: it is never reached" in wanted and "mode = b: this run is not possible" in wanted
    assert "good" not in wanted
    assert joined(cuts_markup(cuts, sought=False)).text.count('class="cut good"') == 1
