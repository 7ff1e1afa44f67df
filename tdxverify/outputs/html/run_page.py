"""A run as one self-contained HTML page: nothing is loaded, and nothing but its own style and script may run.

The page reads without the script, which only turns the traces' lists of steps into steppers.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from tdxverify import __version__
from tdxverify.answers.answer import Answer, Judgement, Outcome
from tdxverify.answers.run import Run
from tdxverify.answers.stored.overview import StoredProofs, place_of, stored_proofs
from tdxverify.diagnostics import Diagnostic
from tdxverify.logic.counting import counted
from tdxverify.outputs.html.cases import cases_markup
from tdxverify.outputs.html.compact import compact
from tdxverify.outputs.html.comparison import comparison_markup, configurations_markup
from tdxverify.outputs.html.facts import assumed, facts_markup
from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.html.matrix import matrix_markup, verdict_class
from tdxverify.outputs.html.proof import Acceptances, brief_markup, common_markup, proof_markup
from tdxverify.outputs.html.story import Detail, controls_template, story_markup
from tdxverify.outputs.html.unexpected import unexpected_markup
from tdxverify.outputs.text.problems import in_order
from tdxverify.outputs.text.run_text import outcome_text

_ASSETS = Path(__file__).parent / "assets"
_FEW = 3  # traces that are shown unfolded
_MANY = 150  # traces, above which not everything is told about each
_LESS = (
    f"This page tells more than {_MANY} runs. To stay small it leaves out what was possible instead of their "
    "steps, rows of tables that did not decide, the memory between start and end of a run, and of expected "
    "witnesses all but steps and changes. 'tdxverify check FILE --report FILE.html' about a single file "
    "tells everything."
)


def page_text(run: Run) -> str:
    """The whole document, with what lies in proof files about the answers of `run`."""
    return html_text(run, stored_proofs(run))


def html_text(run: Run, stored: StoredProofs | None = None) -> str:
    """The whole document. `stored`: what proof files hold."""
    style, script = (_asset(name) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"tdxverify {__version__}"),
        element("title", f"tdxverify: {_title(run)}"),
        element("style", Markup(style)),
    )
    shown = joined([_body(run, stored or {}), controls_template()])
    body = element("body", compact(shown) if _is_large(run) else shown, element("script", Markup(script)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en').text}\n"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _title(run: Run) -> str:
    files = list(dict.fromkeys(check.asked.file for check in run.answers))
    return files[0] if len(files) == 1 else counted(len(files), "spec")


def _body(run: Run, stored: StoredProofs) -> Content:
    return [
        element("a", "Skip to the checks", href="#checks", class_="skip"),
        element(
            "header",
            element("h1", "tdxverify ", element("span", _title(run))),
            _summary(run),
        ),
        element(
            "main",
            _diagnostics(run.diagnostics),
            element("p", _LESS, class_="faint") if _is_large(run) else None,
            _overview(run),
            comparison_markup(run.answers),
            cases_markup(run.answers),
            _files(run, stored),
            id="checks",
        ),
        element(
            "footer",
            f"tdxverify {__version__}. Traces were replayed, proofs certified before this was written.",
        ),
    ]


# --- what the run found as a whole -----------------------------------------------


def _summary(run: Run) -> Markup:
    total = len(run.answers)
    facts = [
        _count(total, "check" if total == 1 else "checks", None),
        _count(run.count(Judgement.AS_EXPECTED), "as expected", "good"),
        _count(run.count(Judgement.NOT_EXPECTED), "not as expected", "bad"),
        _count(run.count(Judgement.UNDECIDED), "undecided", "doubt"),
        _count(len(run.diagnostics), "error" if len(run.diagnostics) == 1 else "errors", "bad"),
    ]
    shown = [fact for fact in facts if fact is not None]
    end = f"exit status {run.exit_status.value}" + ("; interrupted" if run.interrupted else "")
    return element("ul", shown, element("li", end, class_="faint"), class_="counts", aria_label="Summary")


def _count(number: int, what: str, kind: str | None) -> Markup | None:
    return (
        element("li", element("b", number), f" {what}", class_=kind)
        if number or kind in (None, "good")
        else None
    )


def _diagnostics(diagnostics: Sequence[Diagnostic]) -> Markup | None:
    if not diagnostics:
        return None
    return element(
        "section",
        element("h2", "Mistakes in the specifications"),
        element("ul", [_diagnostic(one) for one in in_order(diagnostics)], class_="mistakes"),
    )


def _diagnostic(found: Diagnostic) -> Markup:
    span = found.span
    place: Content = (
        None if span is None else [element("code", f"{span.source.path}:{span.line}:{span.column}"), " "]
    )
    source = None if span is None else element("pre", span.source.line_text(span.line))
    notes = [element("p", "note: ", note.message) for note in found.notes]
    hint = None if found.hint is None else element("p", "help: ", found.hint)
    return element(
        "li",
        element("p", place, element("strong", found.code.name), f": {found.message}"),
        source,
        notes,
        hint,
    )


def _overview(run: Run) -> Markup | None:
    """Files against verdicts; only where there is more than one file."""
    files = [
        (file, list(checks)) for file, checks in groupby(run.answers, key=lambda check: check.asked.file)
    ]
    if len(files) < 2:
        return None
    head = ("specification", "proved", "refuted", "undecided", "vacuous", "as expected")
    rows = [_overview_row(number, file, checks) for number, (file, checks) in enumerate(files, 1)]
    return element(
        "section",
        element("h2", "Specifications"),
        element(
            "table",
            element("caption", "How the checks of each file came out"),
            element("thead", element("tr", [element("th", text, scope="col") for text in head])),
            element("tbody", rows),
            class_="overview",
        ),
    )


def _overview_row(number: int, file: str, checks: Sequence[Answer]) -> Markup:
    order = (Outcome.PROVED, Outcome.REFUTED, Outcome.UNKNOWN, Outcome.VACUOUS)
    counts = [sum(check.outcome is outcome for check in checks) for outcome in order]
    wrong = sum(not check.as_expected for check in checks)
    return element(
        "tr",
        element("th", element("a", file, href=f"#file-{number}"), scope="row"),
        [element("td", count if count else "–", class_=None if count else "faint") for count in counts],
        element("td", "✓ all" if not wrong else f"✗ all but {wrong}", class_="good" if not wrong else "bad"),
    )


# --- the matrix of one file ---------------------------------------------------------


def _told(run: Run) -> int:
    """How many runs the page tells."""
    return sum(check.told.story is not None for check in run.answers)


def _is_large(run: Run) -> bool:
    return _told(run) > _MANY


def _files(run: Run, stored: StoredProofs) -> list[Markup]:
    told = _told(run)
    numbered = enumerate(run.answers, 1)
    return [
        _file(number, file, list(checks), stored, many=_is_large(run), unfold=told <= _FEW)
        for number, (file, checks) in enumerate(groupby(numbered, key=lambda pair: pair[1].asked.file), 1)
    ]


def _file(
    number: int,
    file: str,
    checks: Sequence[tuple[int, Answer]],
    stored: StoredProofs,
    *,
    many: bool,
    unfold: bool,
) -> Markup:
    twins, common = _twins(checks), f"common-{number}"
    asked = [check for _, check in checks]
    acceptances = Acceptances(asked, stored, common) if many else None
    return element(
        "section",
        element("h2", file, id=f"file-{number}"),
        configurations_markup(checks),
        matrix_markup(file, checks, once=many),
        common_markup(asked, common, unfold=unfold, acceptances=acceptances),
        [
            _trace(identity, check, twins.get(identity), many=many, unfold=unfold or not check.as_expected)
            for identity, check in checks
        ],
        [
            _proof(identity, check, _proof_told(check, stored.get(place_of(check)), common, acceptances))
            for identity, check in checks
        ],
        class_="file",
    )


# --- evidence -------------------------------------------------------------------------


def _twins(checks: Sequence[tuple[int, Answer]]) -> dict[int, int]:
    """Checks whose run was told before, with the check where."""
    first: dict[tuple[object, ...], int] = {}
    twins: dict[int, int] = {}
    for identity, check in checks:
        if check.told.story is not None:
            told = (
                check.told.story.initial,
                check.told.story.steps,
                check.told.story.violation,
                check.told.story.cuts,
            )
            if first.setdefault(told, identity) != identity:
                twins[identity] = first[told]
    return twins


def _trace(identity: int, check: Answer, twin: int | None, *, many: bool, unfold: bool) -> Markup | None:
    """The run; where another check of the file has the same one, only where."""
    story = check.told.story
    if story is None:
        return None
    if twin is None:
        expected = story.violation is None and check.as_expected
        detail = Detail.FULL if not many else Detail.SHORT if expected else Detail.SOME
        told = story_markup(story, f"step-{identity}", detail)
    else:
        link = element("a", "told above", href=f"#check-{twin}")
        told = element("p", "It is the same run, step by step, as the one ", link, ".")
    body = (facts_markup(check, brief=many), told)
    witness = story.violation is None
    return _evidence(identity, check, "", body, unfold=unfold and not (witness and check.as_expected))


def _evidence(identity: int, check: Answer, more: str, body: Content, *, unfold: bool) -> Markup:
    """What can be folded away. The link target is inside, so that browsers unfold it by themselves."""
    config = "" if check.asked.config is None else f"in {check.asked.config.name}"
    asked = ", ".join(part for part in (check.asked.where, check.asked.assuming) if part)
    about = ", ".join(part for part in (config, check.asked.about or asked) if part)
    told = check.asked.told_refined()
    refined = None if told is None else element("p", told, class_="faint")
    head = element(
        "h3",
        element("code", check.asked.property),
        " ",
        element("span", outcome_text(check), class_=verdict_class(check)),
        more,
        element("span", f" – {about}", class_="config") if about else None,
    )
    return element(
        "details",
        element("summary", head),
        element("div", [body, refined], id=f"check-{identity}", class_="trace"),
        open=unfold,
        class_="evidence",
    )


def _proof_told(check: Answer, stored: str | None, common: str, acceptances: Acceptances | None) -> Content:
    """What a proof rests on; None where there is a run instead."""
    if check.told.proof is None or check.told.story is not None:
        return None
    if acceptances is None:
        return proof_markup(check, check.told.proof, stored, common)
    return brief_markup(check, check.told.proof, acceptances.place(check, check.told.proof), common)


def _proof(identity: int, check: Answer, told: Content) -> Markup | None:
    """What a proof rests on; of one that was not told, the invariant. First, why nobody expected it."""
    surprise = unexpected_markup(check)
    if told is not None or (surprise is not None and not check.told.invariant):
        return _evidence(identity, check, "", [surprise, told], unfold=surprise is not None)
    if not check.told.invariant:
        return None
    count = counted(len(check.told.invariant), "formula")
    end = " for any size." if check.asked.any_size else "."
    body = (
        surprise,
        element("p", "These hold at the start, every step keeps them, and they exclude every bad state", end),
        element("ol", [element("li", element("code", formula)) for formula in check.told.invariant]),
        element("p", "asked for ", element("code", check.asked.where), class_="faint")
        if check.asked.where
        else None,
        element("p", "assumed ", assumed(check), class_="faint") if check.asked.assuming else None,
    )
    return _evidence(identity, check, f" by an invariant of {count}", body, unfold=surprise is not None)
