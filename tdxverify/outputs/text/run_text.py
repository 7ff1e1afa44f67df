"""A run as text for people: a table of checks per file, then the traces worth reading, then the count."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tdxverify.answers.answer import Answer, Judgement, Outcome, Trivial
from tdxverify.answers.run import Run
from tdxverify.answers.stored.overview import StoredProofs
from tdxverify.logic.counting import counted
from tdxverify.logic.sizes_in_words import first_steps, told_sizes
from tdxverify.outputs.text.cases import cases_lines
from tdxverify.outputs.text.comparison import comparison_lines, configuration_lines
from tdxverify.outputs.text.layout import (
    EMPTY,
    NO_BREAK,
    Column,
    Line,
    Piece,
    Style,
    beside,
    indent,
    line,
    wrap,
)
from tdxverify.outputs.text.reliance_text import found_with
from tdxverify.outputs.text.trace_text import story_lines
from tdxverify.outputs.text.unexpected_text import unexpected_lines
from tdxverify.outputs.text.unknowns_text import dependences_text, unknown_text
from tdxverify.questions.kinds import KINDS
from tdxverify.telling.lassos import length_told, words_for_loops

MARK_WIDTH = 4
TIME_WIDTH = 7
MARGIN = "  "
MARKS = {
    Judgement.AS_EXPECTED: ("ok", Style.GOOD),
    Judgement.UNDECIDED: ("open", Style.DOUBT),
    Judgement.NOT_EXPECTED: ("FAIL", Style.BAD),
}

_ADVICE = (
    "Undecided: more may be found out with more time (--timeout), a deeper search (--bound), fewer elements "
    "(--size) or another engine (--engine; 'tdxverify engines' lists them)."
)


def text_lines(
    run: Run,
    *,
    width: int = 80,
    verbose: bool = False,
    invariants: bool = False,
    stored: StoredProofs | None = None,
) -> list[Line]:
    """The whole report. `verbose` adds the witnesses of reachable properties, all cells of a start, and where
    a model is refined.

    `stored`: what proof files hold, for the comparison.
    """
    lines: list[Line] = []
    for file, group in groupby(run.answers, key=lambda check: check.asked.file):
        checks = list(group)
        lines.extend((line(file, Style.STRONG), EMPTY, *_table(checks, width), EMPTY))
        compared = configuration_lines(checks, width - len(MARGIN))
        lines.extend((*indent(compared, MARGIN), EMPTY) if compared else ())
        lines.extend(_refined(checks, width) if verbose else ())
    for check in run.answers:
        if _tells_story(check, verbose=verbose):
            lines.extend((*_trace(check, width, verbose=verbose), EMPTY))
        if check.told.unexpected is not None:
            lines.extend((*unexpected_section(check, width), EMPTY))
        if invariants and check.told.invariant:
            lines.extend((*_invariant(check, width), EMPTY))
    lines.extend(_advice(run, width))
    tables = [*comparison_lines(run.answers, width, stored), *cases_lines(run.answers, width)]
    return [*lines, *tables, *closing_lines(run, width)]


def _refined(checks: Sequence[Answer], width: int) -> list[Line]:
    """That what the checks of one file are about is not what the files that it imports say."""
    told = checks[0].asked.told_refined()
    return [] if told is None else [*indent(wrap(line(told), width - len(MARGIN), hanging=2), MARGIN), EMPTY]


def _advice(run: Run, width: int) -> list[Line]:
    """What can be done about checks that were tried and not decided."""
    if not any(_was_tried(check) for check in run.answers):
        return []
    return [*wrap(line(_ADVICE, Style.FAINT), width, hanging=4), EMPTY]


def _was_tried(check: Answer) -> bool:
    undecided = check.judgement is Judgement.UNDECIDED and check.is_given
    return undecided and not check.told.partly_checked


def closing_lines(run: Run, width: int) -> list[Line]:
    """How many checks came out as expected, and what else happened."""
    return wrap(_closing(run), width)


# --- the table -----------------------------------------------------------------


def _table(checks: Sequence[Answer], width: int) -> list[Line]:
    """Mark, check, verdict, engine and time side by side; reasons below their check."""
    engine = max(len(check.engine or "") for check in checks)
    room = width - len(MARGIN) - MARK_WIDTH - engine - TIME_WIDTH - 8
    wanted = max(len(text) for check in checks for text in (check.asked.property, *_about(check)))
    first = max(16, min(wanted, room * 4 // 7))
    columns = (
        Column(MARK_WIDTH),
        Column(first),
        Column(room - first),
        Column(engine),
        Column(TIME_WIDTH, right=True),
    )
    lines: list[Line] = []
    for check in checks:
        cells = (
            [_mark(check)],
            _question(check, first),
            _verdict(check, room - first),
            [line(check.engine or "", Style.FAINT)],
            [line(_duration(check.seconds), Style.FAINT)],
        )
        lines.extend(beside(cells, columns))
        reason = reason_text(check)
        if reason is not None:
            body = wrap(line(reason, Style.FAINT), width - len(MARGIN) - MARK_WIDTH - 4, hanging=2)
            lines.extend(indent(body, " " * (MARK_WIDTH + 4)))
        unknown = dependences_text(check.told.unknowns)
        if unknown is not None:
            body = wrap(line(unknown, Style.DOUBT), width - len(MARGIN) - MARK_WIDTH - 4, hanging=2)
            lines.extend(indent(body, " " * (MARK_WIDTH + 4)))
        for one in check.told.partly_checked:
            body = wrap(line(str(one), Style.DOUBT), width - len(MARGIN) - MARK_WIDTH - 4, hanging=2)
            lines.extend(indent(body, " " * (MARK_WIDTH + 4)))
    return indent(lines, MARGIN)


def _mark(check: Answer) -> Line:
    return line(*MARKS[check.judgement])


def _question(check: Answer, width: int) -> list[Line]:
    """The property, then what the check is about."""
    lines = wrap(line(check.asked.property, Style.STRONG), width)
    for about in _about(check):
        lines.extend(wrap(line(about), width, hanging=2))
    return lines


def _about(check: Answer) -> list[str]:
    """The configuration by its name, then in the words of the check, else its `where`."""
    if not check.asked.about:
        return [situation] if (situation := check.asked.situation()) else []
    named = [] if check.asked.config is None else [f"in {check.asked.config.name}"]
    return [*named, check.asked.about]


def _verdict(check: Answer, width: int) -> list[Line]:
    """Outcome, the sizes it is about, and the expectation where it is another one."""
    lines = wrap(line(outcome_text(check), _outcome_style(check)), width, hanging=2)
    sizes = sizes_text(check)
    if sizes:
        lines.extend(wrap(line(f"for {sizes}"), width, hanging=2))
    if not check.as_expected:
        lines.extend(wrap(line(f"expected: {check.asked.expectation()}", Style.BAD), width, hanging=2))
    return lines


def _outcome_style(check: Answer) -> Style:
    if check.outcome is Outcome.UNKNOWN:
        return Style.DOUBT
    return Style.GOOD if check.as_expected else Style.BAD


def outcome_text(check: Answer) -> str:
    """`refuted in 5 steps`, `proved`, `proved, trivially`; for a reachable property `proved in 3 steps`; of a
    stored answer that is lost, what became of it."""
    if check.is_lost:
        return check.word
    if check.outcome in (Outcome.PROVED, Outcome.REFUTED) and check.length is not None:
        return f"{check.outcome.value} {_length(check, check.length)}"
    if check.trivial is Trivial.YES:
        return f"{check.outcome.value}, trivially"
    if check.is_unanswered:
        return "no answer"
    kind = None if check.asked.kind is None else KINDS[check.asked.kind]
    if check.outcome is Outcome.REFUTED and kind is not None and kind.is_sought:
        return f"{check.outcome.value}: {kind.without_trace}"
    return check.word


def _length(check: Answer, steps: int) -> str:
    """`in 5 steps`; of a run that goes on for ever `in 2 steps, then 3 steps for ever`; of one to where
    there is no way back `in 2 steps, into a trap`."""
    story = check.told.story
    if story is not None and story.no_way is not None:
        return f"{_steps(steps)}, into a trap"
    loop = None if story is None else story.loop
    return _steps(steps) if loop is None else length_told(loop.begin, steps - loop.begin)


def surprise_text(check: Answer) -> str:
    """What is wrong with it: `refuted in 5 steps, but expected: proved`; where there is no answer, why."""
    told = outcome_text(check)
    if check.is_unanswered:
        return f"{told}: {check.reason}" if check.reason else told
    expected = expectation_text(check)
    return told if expected is None else f"{told}, but {expected}"


def expectation_text(check: Answer) -> str | None:
    """`expected: proved`, where something else was found."""
    not_written = check.is_lost and check.outcome is not Outcome.UNKNOWN
    if check.as_expected or check.is_unanswered or not_written or not check.asked.expected:
        return None
    return f"expected: {check.asked.expectation()}"


def sizes_text(check: Answer) -> str:
    """`Line = 2, Cpu = 1..3`; what the verdict is about."""
    if check.is_general:
        return "any size"
    return told_sizes(check.sizes).replace(" ", NO_BREAK).replace(f",{NO_BREAK}", ", ")


def _steps(length: int) -> str:
    if length == 0:
        return "at the start"
    return f"in {counted(length, 'step')}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.2f} s"


def reason_text(check: Answer) -> str | None:
    """Why there is no verdict, and how far the search came; for vacuous: what makes it so; of a trace, where
    sizes that the check states were not all searched for a shorter one."""
    if check.trivial is Trivial.YES:
        return ". ".join(part for part in (check.reason, check.elsewhere, check.advice) if part)
    if check.outcome is not Outcome.UNKNOWN:
        return check.reason or (check.told_shortest if check.leaves_sizes_out else None)
    parts = [check.reason] if check.reason else []
    if check.clean_through is not None:
        what = "no violation" if check.asked.kind is None else KINDS[check.asked.kind].so_far
        parts.append(f"{what} {first_steps(check.clean_through)}; not a proof")
    return "; ".join(parts) or None


# --- traces --------------------------------------------------------------------


def _tells_story(check: Answer, *, verbose: bool) -> bool:
    """Refutations always, witnesses where nobody expected them or on request."""
    if check.told.story is None:
        return False
    return check.outcome is not Outcome.PROVED or not check.as_expected or verbose


def _trace(check: Answer, width: int, *, verbose: bool) -> list[Line]:
    assert check.told.story is not None
    title = f"---- {check.asked.property}: {surprise_text(check)} "
    lines = wrap(line(title.ljust(width, "-"), Style.STRONG), width, hanging=5)
    facts = [*_sayings(check), _place(check), *found_with(check.told.story)]
    facts += [check.told_shortest] if check.told_shortest else []
    facts += [unknown_text(use) for use in check.told.unknowns]
    facts += map(str, check.told.partly_checked)
    for fact in facts:
        lines.extend(indent(wrap(line(fact), width - 8, hanging=2), " " * 8))
    return [*lines, EMPTY, *story_lines(check.told.story, width, everything=verbose)]


def unexpected_section(check: Answer, width: int) -> list[Line]:
    """Why the answer is not the expected one. Requires that this is told."""
    title = (
        f"---- {check.asked.property}: {outcome_text(check)} {_for_sizes(check)}".rstrip()
        + f", but expected: {check.asked.expectation()} "
    )
    return [*_head(check, title, width), EMPTY, *unexpected_lines(check, width)]


def _invariant(check: Answer, width: int) -> list[Line]:
    """What holds in every reachable state, and is reason enough for the property."""
    title = f"---- {check.asked.property}: {outcome_text(check)} {_for_sizes(check)}"
    lines = [*_head(check, title, width), EMPTY, line(" In every reachable state:")]
    for formula in check.told.invariant:
        lines.extend(indent(wrap(line(formula), width - 8, hanging=4), " " * 8))
    meant = words_for_loops(check.told.invariant)
    return lines if meant is None else [*lines, EMPTY, *wrap(line(f" {meant}", Style.FAINT), width, 1)]


def _head(check: Answer, title: str, width: int) -> list[Line]:
    """The heading of what is told of a check without a trace."""
    lines = wrap(line(title.ljust(width, "-"), Style.STRONG), width, hanging=5)
    for fact in (
        *_sayings(check),
        _place(check),
        *filter(None, (check.asked.told_refined(),)),
        *map(unknown_text, check.told.unknowns),
        *map(str, check.told.partly_checked),
    ):
        lines.extend(indent(wrap(line(fact), width - 8, hanging=2), " " * 8))
    return lines


def _sayings(check: Answer) -> list[str]:
    """What the check, its configuration and its property say of themselves."""
    config = check.asked.config
    told = [] if check.asked.about is None else [f'"{check.asked.about}"']
    told += (
        [] if config is None or config.description is None else [f'in {config.name}: "{config.description}"']
    )
    return [*told, *([] if check.asked.description is None else [f'"{check.asked.description}"'])]


def _place(check: Answer) -> str:
    return ", ".join((check.asked.place(), *check.asked.narrowing()))


def _for_sizes(check: Answer) -> str:
    sizes = sizes_text(check)
    return f"for {sizes} " if sizes else ""


# --- the closing line ------------------------------------------------------------


def _closing(run: Run) -> Line:
    total = len(run.answers)
    expected, undecided = run.count(Judgement.AS_EXPECTED), run.count(Judgement.UNDECIDED)
    wrong = run.count(Judgement.NOT_EXPECTED)
    pieces = [Piece(f"{counted(total, 'check')}: ", Style.STRONG)]
    pieces.append(Piece(f"{expected} as expected", Style.GOOD if expected else Style.PLAIN))
    if wrong:
        pieces.extend((Piece(", "), Piece(f"{wrong} not as expected", Style.BAD)))
    if undecided:
        pieces.extend((Piece(", "), Piece(f"{undecided} undecided", Style.DOUBT)))
    pieces.extend(error_count(run))
    if run.interrupted:
        pieces.append(Piece("; interrupted", Style.DOUBT))
    return tuple(pieces)


def error_count(run: Run) -> Line:
    """`; 2 errors`, where there are any."""
    if not run.diagnostics:
        return ()
    return (Piece("; "), Piece(counted(len(run.diagnostics), "error"), Style.BAD))
