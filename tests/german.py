"""Steven German's cache coherence protocol as a `Problem`: a hard model, for benchmarks too.

A directory grants one cache line to clients, shared or exclusively, over three channels per client.
Property: while one client holds the line exclusively no other client holds it at all. With `broken`
the directory forgets to ask whether the line is granted exclusively before it grants it shared.
"""

from __future__ import annotations

from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Expr,
    Symbol,
    conjunction,
    disjunction,
    equal,
    negation,
    quantified,
)
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tests.building import action, every, member, problem, read, start, state, write

CLIENT = IndexSort("Client")
CACHE = EnumSort("Cache", ("invalid", "shared", "exclusive"))
REQUEST = EnumSort("Request", ("none", "for_shared", "for_exclusive"))
ORDER = EnumSort("Order", ("none", "invalidate", "grant_shared", "grant_exclusive"))
i, j = Bound("i", CLIENT), Bound("j", CLIENT)

cache = state("cache", CACHE, CLIENT)
request = state("request", REQUEST, CLIENT)
order = state("order", ORDER, CLIENT)
acknowledged = state("acknowledged", BOOL, CLIENT)
to_invalidate = state("to_invalidate", BOOL, CLIENT)
sharers = state("sharers", BOOL, CLIENT)
granted = state("granted")
command = state("command", REQUEST)
requester = state("requester", CLIENT)


def _is(symbol: Symbol, name: str, *indices: Expr) -> Expr:
    assert isinstance(symbol.sort, EnumSort)
    return equal(read(symbol, *indices), member(symbol.sort, name))


def _requesting() -> tuple[Action, ...]:
    silent = _is(request, "none", i)
    not_exclusive = disjunction(_is(cache, "invalid", i), _is(cache, "shared", i))
    return (
        action(
            "request_shared",
            conjunction(silent, _is(cache, "invalid", i)),
            write(request, member(REQUEST, "for_shared"), i),
            parameters=(i,),
        ),
        action(
            "request_exclusive",
            conjunction(silent, not_exclusive),
            write(request, member(REQUEST, "for_exclusive"), i),
            parameters=(i,),
        ),
        action(
            "receive_request",
            conjunction(_is(command, "none"), negation(silent)),
            write(command, read(request, i)),
            write(requester, i),
            write(request, member(REQUEST, "none"), i),
            write(to_invalidate, read(sharers, j), j, binders=(j,)),
            parameters=(i,),
        ),
    )


def _invalidating() -> tuple[Action, ...]:
    needed = disjunction(
        _is(command, "for_exclusive"), conjunction(_is(command, "for_shared"), read(granted))
    )
    return (
        action(
            "send_invalidate",
            conjunction(_is(order, "none", i), read(to_invalidate, i), needed),
            write(order, member(ORDER, "invalidate"), i),
            write(to_invalidate, FALSE, i),
            parameters=(i,),
        ),
        action(
            "acknowledge",
            conjunction(_is(order, "invalidate", i), negation(read(acknowledged, i))),
            write(order, member(ORDER, "none"), i),
            write(acknowledged, TRUE, i),
            write(cache, member(CACHE, "invalid"), i),
            parameters=(i,),
        ),
        action(
            "receive_acknowledge",
            conjunction(read(acknowledged, i), negation(_is(command, "none"))),
            write(acknowledged, FALSE, i),
            write(sharers, FALSE, i),
            write(granted, FALSE),
            parameters=(i,),
        ),
    )


def _granting(*, broken: bool) -> tuple[Action, ...]:
    who = read(requester)
    free = TRUE if broken else negation(read(granted))
    nobody = every(j, negation(read(sharers, j)))
    return (
        action(
            "grant_shared",
            conjunction(_is(command, "for_shared"), _is(order, "none", who), free),
            write(order, member(ORDER, "grant_shared"), who),
            write(sharers, TRUE, who),
            write(command, member(REQUEST, "none")),
        ),
        action(
            "grant_exclusive",
            conjunction(
                _is(command, "for_exclusive"), _is(order, "none", who), negation(read(granted)), nobody
            ),
            write(order, member(ORDER, "grant_exclusive"), who),
            write(sharers, TRUE, who),
            write(granted, TRUE),
            write(command, member(REQUEST, "none")),
        ),
        *(
            action(
                f"receive_{kind}",
                _is(order, f"grant_{kind}", i),
                write(cache, member(CACHE, kind), i),
                write(order, member(ORDER, "none"), i),
                parameters=(i,),
            )
            for kind in ("shared", "exclusive")
        ),
    )


def german(clients: int, *, broken: bool) -> Problem:
    """The protocol for a number of clients; proved, or refuted in 8 steps if `broken`."""
    both = conjunction(negation(equal(i, j)), _is(cache, "exclusive", i), negation(_is(cache, "invalid", j)))
    return problem(
        f"german_{clients}{'_broken' if broken else ''}",
        (
            start(cache, member(CACHE, "invalid")),
            start(request, member(REQUEST, "none")),
            start(order, member(ORDER, "none")),
            *(start(symbol, FALSE) for symbol in (acknowledged, to_invalidate, sharers, granted)),
            start(command, member(REQUEST, "none")),
            start(requester),
        ),
        (*_requesting(), *_invalidating(), *_granting(broken=broken)),
        quantified((i, j), both, universal=False),
        sizes=((CLIENT, clients),),
    )
