"""How runs over proof files read: a table per spec, then what needs attention, then the count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from tdxverify.proofs.results import CheckAnswer, ProofRun, Standing
from tdxverify.reports.layout import (
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
from tdxverify.results.run import Outcome

_MARGIN = "  "
_MARK = Column(4)
_FOUND = (Standing.NEW, Standing.REPAIRED, Standing.SURVIVING, Standing.UNCHANGED)


def run_lines(run: ProofRun, width: int) -> list[Line]:
    """All answers, and the closing line."""
    lines: list[Line] = []
    for file, answers in groupby(run.answers, key=lambda answer: answer.file):
        lines.extend((line(str(file), Style.STRONG), EMPTY, *_table(list(answers), width), EMPTY))
    return [*lines, *closing_lines(run, width)]


def closing_lines(run: ProofRun, width: int) -> list[Line]:
    """How many answers there are of each standing, and how long it took."""
    lines = wrap(_closing(run), width)
    for path in run.written:
        lines.extend(wrap((Piece("wrote ", Style.FAINT), Piece(str(path))), width))
    return lines


def answer_lines(answer: CheckAnswer, width: int) -> list[Line]:
    """One answer in four columns; why it does not hold below them."""
    room = width - len(_MARGIN) - _MARK.width - 6
    question, verdict = room * 7 // 20, room * 5 // 20
    columns = (_MARK, Column(question), Column(verdict), Column(room - question - verdict))
    asked = wrap(line(answer.key.property, Style.STRONG), columns[1].width)
    if answer.key.where:
        asked.extend(wrap(line(f"where {answer.key.where}"), columns[1].width, hanging=2))
    standing = wrap(line(answer.standing.value, _style(answer)), columns[3].width)
    told = ", ".join(part for part in (answer.evidence, answer.second) if part)
    if told:
        standing.extend(wrap(line(told, Style.FAINT), columns[3].width, hanging=2))
    cells = ([line(_mark(answer), _style(answer))], asked, _verdict(answer, columns[2].width), standing)
    lines = beside(cells, columns)
    remarks = [line(str(one), Style.DOUBT) for one in answer.partly_checked]
    if answer.reason is not None:
        remarks.insert(0, line(answer.reason, Style.FAINT))
    for remark in remarks:
        lines.extend(indent(wrap(remark, width - len(_MARGIN) - 8, hanging=2), " " * 8))
    return lines


def _table(answers: Sequence[CheckAnswer], width: int) -> list[Line]:
    return indent([one for answer in answers for one in answer_lines(answer, width)], _MARGIN)


def _mark(answer: CheckAnswer) -> str:
    if answer.as_expected and (answer.standing.is_good or answer.standing is Standing.UNDECIDED):
        return "ok"
    return "open" if answer.standing is Standing.UNDECIDED else "FAIL"


def _style(answer: CheckAnswer) -> Style:
    return {"ok": Style.GOOD, "open": Style.DOUBT, "FAIL": Style.BAD}[_mark(answer)]


def _verdict(answer: CheckAnswer, width: int) -> list[Line]:
    lines: list[Line] = []
    if answer.outcome is not None:
        lines.extend(wrap(line(_outcome(answer), _style(answer)), width, hanging=2))
    if answer.sizes:
        lines.extend(wrap(line(f"for {answer.sizes}"), width, hanging=2))
    if answer.outcome is not None and not answer.as_expected:
        lines.extend(wrap(line(f"expected: {answer.expected}", Style.BAD), width, hanging=2))
    return lines or [EMPTY]


def _outcome(answer: CheckAnswer) -> str:
    """`refuted in 5 steps`; for a reachable property `proved in 3 steps`, or `refuted: never reached`."""
    assert answer.outcome is not None
    if answer.length is not None:
        steps = "1 step" if answer.length == 1 else f"{answer.length} steps"
        return (
            f"{answer.outcome.value} at the start"
            if answer.length == 0
            else f"{answer.outcome.value} in {steps}"
        )
    if answer.outcome is Outcome.REFUTED and answer.is_reachability:
        return "refuted: never reached"
    return answer.outcome.value


def _counted(count: int, standing: Standing) -> str:
    return f"{count} hold" if standing is Standing.HOLDS and count > 1 else f"{count} {standing.value}"


def _closing(run: ProofRun) -> Line:
    total = len(run.answers)
    pieces = [Piece("1 check: " if total == 1 else f"{total} checks: ", Style.STRONG)]
    counts = Counter(answer.standing for answer in run.answers)
    styles = {**dict.fromkeys((*_FOUND, Standing.HOLDS), Style.GOOD), Standing.UNDECIDED: Style.DOUBT}
    told = [Piece(_counted(counts[s], s), styles.get(s, Style.BAD)) for s in Standing if counts[s]]
    for number, piece in enumerate(told or [Piece("nothing to do")]):
        pieces.extend((Piece(", "), piece) if number else (piece,))
    wrong = sum(answer.outcome is not None and not answer.as_expected for answer in run.answers)
    if wrong:
        pieces.extend((Piece("; "), Piece(f"{wrong} not as expected", Style.BAD)))
    heard = Counter(answer.second for answer in run.answers if answer.second is not None)
    if heard:
        told_of = ", ".join(f"{count} by {name}" for name, count in sorted(heard.items()))
        pieces.append(Piece(f"; also accepted: {told_of}", Style.GOOD))
    if run.interrupted:
        pieces.extend((Piece("; "), Piece("interrupted", Style.DOUBT)))
    return (*pieces, Piece(f"; {run.seconds:.2f} s", Style.FAINT))
