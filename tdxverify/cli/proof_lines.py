"""How runs over proof files read: a table per spec, then what needs attention, then the count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from tdxverify.answers.answer import Answer, Kept, Outcome, Standing
from tdxverify.answers.run import Run
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import (
    EMPTY,
    Column,
    Line,
    Piece,
    Style,
    beside,
    indent,
    line,
    wrap,
)
from tdxverify.outputs.text.run_text import (
    MARKS,
    error_count,
    outcome_text,
    reason_text,
    sizes_text,
    unexpected_section,
)

_MARGIN = "  "
_MARK = Column(4)
_FOUND = (Standing.NEW, Standing.REPAIRED, Standing.SURVIVING, Standing.UNCHANGED)


def run_lines(run: Run, width: int) -> list[Line]:
    """All answers, and the closing line."""
    lines: list[Line] = []
    for file, answers in groupby(run.answers, key=lambda answer: answer.asked.file):
        lines.extend((line(file, Style.STRONG), EMPTY, *_table(list(answers), width), EMPTY))
    return [*lines, *_unexpected(run.answers, width), *closing_lines(run, width)]


def lost_lines(run: Run, width: int) -> list[Line]:
    """Only answers that do not hold, and the closing line."""
    lost = [one for one in run.answers if not one.as_expected or one.outcome is Outcome.UNKNOWN]
    told = [text for one in lost for text in answer_lines(one, width)]
    unexpected = _unexpected(run.answers, width)
    return [*told, *([EMPTY, *unexpected] if unexpected else ()), *closing_lines(run, width)]


def _unexpected(answers: Sequence[Answer], width: int) -> list[Line]:
    """Why those that hold and that nobody expected are as they are."""
    sections = (unexpected_section(one, width) for one in answers if one.told.unexpected is not None)
    return [told for section in sections for told in (*section, EMPTY)]


def closing_lines(run: Run, width: int) -> list[Line]:
    """How many answers there are of each standing, and how long it took."""
    lines = wrap(_closing(run), width)
    for path in run.written or ():
        lines.extend(wrap((Piece("wrote ", Style.FAINT), Piece(str(path))), width))
    return lines


def answer_lines(answer: Answer, width: int) -> list[Line]:
    """One answer in four columns; why it does not hold below them."""
    room = width - len(_MARGIN) - _MARK.width - 6
    question, verdict = room * 7 // 20, room * 5 // 20
    columns = (_MARK, Column(question), Column(verdict), Column(room - question - verdict))
    word, style = MARKS[answer.judgement]
    asked = wrap(line(answer.asked.property, Style.STRONG), columns[1].width)
    situation = answer.asked.situation()
    if situation:
        asked.extend(wrap(line(situation), columns[1].width, hanging=2))
    kept = _kept(answer)
    standing = wrap(line(kept.standing.value, style), columns[3].width)
    told = ", ".join(part for part in (kept.evidence, kept.second) if part)
    if told:
        standing.extend(wrap(line(told, Style.FAINT), columns[3].width, hanging=2))
    cells = ([line(word, style)], asked, _verdict(answer, columns[2].width, style), standing)
    lines = beside(cells, columns)
    remarks = [line(str(one), Style.DOUBT) for one in answer.told.partly_checked]
    reason = reason_text(answer)
    if reason is not None:
        remarks.insert(0, line(reason, Style.FAINT))
    for remark in remarks:
        lines.extend(indent(wrap(remark, width - len(_MARGIN) - 8, hanging=2), " " * 8))
    return lines


def _kept(answer: Answer) -> Kept:
    assert answer.kept is not None  # proving and rechecking give no other answers
    return answer.kept


def _table(answers: Sequence[Answer], width: int) -> list[Line]:
    return indent([one for answer in answers for one in answer_lines(answer, width)], _MARGIN)


def _verdict(answer: Answer, width: int, style: Style) -> list[Line]:
    lines: list[Line] = []
    decided = answer.outcome is not Outcome.UNKNOWN and not answer.is_lost
    if decided:
        lines.extend(wrap(line(outcome_text(answer), style), width, hanging=2))
    sizes = sizes_text(answer)  # of a trace, its own
    if sizes:
        lines.extend(wrap(line(f"for {sizes}"), width, hanging=2))
    if decided and not answer.as_expected:
        lines.extend(wrap(line(f"expected: {answer.asked.expectation()}", Style.BAD), width, hanging=2))
    return lines or [EMPTY]


def _counted(count: int, standing: Standing) -> str:
    return f"{count} hold" if standing is Standing.HOLDS and count > 1 else f"{count} {standing.value}"


def _closing(run: Run) -> Line:
    total = len(run.answers)
    pieces = [Piece(counted(total, "check") + (": " if total else ""), Style.STRONG)]
    counts = Counter(_kept(answer).standing for answer in run.answers)
    styles = {**dict.fromkeys((*_FOUND, Standing.HOLDS), Style.GOOD), Standing.UNDECIDED: Style.DOUBT}
    told = [Piece(_counted(counts[s], s), styles.get(s, Style.BAD)) for s in Standing if counts[s]]
    for number, piece in enumerate(told):
        pieces.extend((Piece(", "), piece) if number else (piece,))
    held = (answer for answer in run.answers if answer.outcome is not Outcome.UNKNOWN and not answer.is_lost)
    wrong = sum(not answer.as_expected for answer in held)
    if wrong:
        pieces.extend((Piece("; "), Piece(f"{wrong} not as expected", Style.BAD)))
    pieces.extend(error_count(run))
    seconds = (_kept(answer).second for answer in run.answers)
    heard = Counter(name for name in seconds if name is not None)
    if heard:
        told_of = ", ".join(f"{count} by {name}" for name, count in sorted(heard.items()))
        pieces.append(Piece(f"; also accepted: {told_of}", Style.GOOD))
    if run.interrupted:
        pieces.extend((Piece("; "), Piece("interrupted", Style.DOUBT)))
    return (*pieces, Piece(f"; {run.seconds:.2f} s", Style.FAINT))
