"""M(n), the model that every tool of the comparison is given: cache lines of a host that may kexec."""

from __future__ import annotations

from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr, conjunction, equal, implication, negation
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort
from tdxverify.model.model import Action, InitialValue
from tdxverify.questions.problems.problem import Problem
from tests.building import action, every, member, problem, read, rigid, start, state, write

LINE = IndexSort("Line")
line, other = Bound("l", LINE), Bound("m", LINE)
OWNER = EnumSort("Owner", ("host", "td", "module"))
PHASE = EnumSort("Phase", ("run", "prep", "next"))


def fixed(symbol: Expr, value: bool | None) -> tuple[Expr, ...]:
    if value is None:
        return ()
    return (symbol,) if value else (negation(symbol),)


def _common_actions() -> tuple[tuple[InitialValue, ...], tuple[Action, ...], Expr]:
    erratum, mitigation = read(rigid("erratum")), read(rigid("mitigation"))
    owner, poison = state("owner", OWNER, LINE), state("poison", BOOL, LINE)
    dirty, corrupt = state("dirty", BOOL, LINE), state("corrupt", BOOL, LINE)
    phase = state("phase", PHASE)
    host_mc, next_mc, reset_done = state("host_mc"), state("next_mc"), state("reset_done")
    host, td = member(OWNER, "host"), member(OWNER, "td")
    running = equal(read(phase), member(PHASE, "run"))
    preparing = equal(read(phase), member(PHASE, "prep"))
    is_host = equal(read(owner, line), host)
    clean = every(other, conjunction(negation(read(poison, other)), equal(read(owner, other), host)))
    next_read = conjunction(
        read(poison, line), equal(read(phase), member(PHASE, "next")), negation(read(host_mc))
    )
    actions = (
        action(
            "a",
            conjunction(running, is_host),
            write(owner, td, line),
            write(poison, FALSE, line),
            parameters=(line,),
        ),
        action(
            "b",
            running,
            write(dirty, TRUE, line),
            write(corrupt, TRUE, line, condition=equal(read(owner, line), td)),
            parameters=(line,),
        ),
        action(
            "c",
            running,
            write(poison, TRUE, line, condition=conjunction(negation(is_host), erratum)),
            parameters=(line,),
        ),
        action(
            "d",
            TRUE,
            write(host_mc, TRUE, condition=read(poison, line)),
            write(next_mc, TRUE, condition=next_read),
            parameters=(line,),
        ),
        action("e", running, write(phase, member(PHASE, "prep"))),
        action(
            "f",
            conjunction(preparing, mitigation),
            write(owner, host, line),
            write(poison, FALSE, line),
            write(reset_done, TRUE),
            parameters=(line,),
        ),
        action(
            "g",
            conjunction(preparing, implication(mitigation, clean)),
            write(phase, member(PHASE, "next")),
        ),
    )
    initial = (
        start(owner, host),
        *(start(symbol, FALSE) for symbol in (poison, dirty, corrupt)),
        start(phase, member(PHASE, "run")),
        *(start(symbol, FALSE) for symbol in (host_mc, next_mc, reset_done)),
    )
    return initial, actions, read(next_mc)


def common_model(size: int, erratum: bool | None, mitigation: bool | None) -> Problem:
    """M(size); None leaves a parameter open. Refuted in 5 (a c e g d) where erratum without mitigation."""
    initial, actions, bad = _common_actions()
    parameters = (rigid("erratum"), rigid("mitigation"))
    shown = "".join("?" if value is None else str(int(value)) for value in (erratum, mitigation))
    return problem(
        f"common_{size}_{shown}",
        initial,
        actions,
        bad,
        sizes=((LINE, size),),
        parameters=parameters,
        assumptions=(*fixed(read(parameters[0]), erratum), *fixed(read(parameters[1]), mitigation)),
    )
