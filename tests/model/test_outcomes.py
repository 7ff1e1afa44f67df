"""What a read returned: handlers for outcomes that are no faults, and properties that speak of them."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import SpecError
from tests.model.test_semantics import steps
from tests.texts import model_of

MEMORY = """
    index Line
    actor guest, host
    fault #PF
    memory Line { private : bool = true  zeroed : bool = false }
    state confused : bool = false
    state gone : bool = false
    access read(l : Line) {
      private[l] and zeroed[l] -> ok(zeros) { gone := false }
      private[l] and not zeroed[l] -> ok
      otherwise                -> dropped
    }
    action clear(l : Line) by host { zeroed[l] := true }
    action take(l : Line) by host { private[l] := false }
    """


def ways(property_: str, handlers: str = "", by: str = "by guest") -> list[str] | None:
    look = f"action look(l : Line) {by} {{ read(l) {handlers} }}"
    return steps(f"{MEMORY} {look} property p never {property_} check p", 0, Line=1)


@pytest.mark.parametrize(
    ("property_", "way"),
    [
        ("guest took ok(zeros)", "clear look"),
        ("guest took ok", "look"),
        ("anyone took dropped", "take look"),
        ("host took ok", None),
        ("guest took ok and guest took ok(zeros) and guest took dropped", "look clear look take look"),
        ("not guest took ok and guest took dropped", "take look"),
    ],
)
def test_who_has_had_which_outcome(property_: str, way: str | None) -> None:
    assert ways(property_) == (None if way is None else way.split())


@pytest.mark.parametrize(
    ("handlers", "property_", "way"),
    [
        ("on ok(zeros) { confused := true }", "confused", "clear look"),
        ("on ok { confused := true }", "confused", "look"),
        ("on dropped { confused := true } on ok { }", "confused", "take look"),
        ("on ok { when zeroed[l] confused := true }", "confused", None),
        # The row comes first, and the step goes on behind the handler.
        ("on ok(zeros) { gone := true confused := gone }", "confused and gone", "clear look"),
        ("on dropped { gone := true } confused := gone", "confused", "take look"),
        ("on ok(zeros) { confused := guest took ok(zeros) }", "confused", "clear look"),
    ],
)
def test_what_a_handler_does(handlers: str, property_: str, way: str | None) -> None:
    assert ways(property_, handlers) == (None if way is None else way.split())


def test_an_outcome_that_nobody_asks_for_is_not_in_the_state() -> None:
    text = f"{MEMORY} action look(l : Line) {{ read(l) on ok(zeros) {{ confused := true }} }}"
    model = model_of(f"{text} property p never confused check p")
    assert [info.symbol.name for info in model.symbols if " " in info.symbol.name] == []


@pytest.mark.parametrize(
    ("step", "property_", "found"),
    [
        ("by guest { read(l) on ok(zeroes) { } }", "confused", [("E408", "ok(zeroes)")]),
        ("by guest { read(l) on #PF { } }", "confused", [("E408", "#PF")]),
        ("by guest { read(l) on ok { } on ok { } }", "confused", [("E408", "ok")]),
        ("{ read(l) }", "anyone took ok", [("E406", "read")]),
        ("by guest { read(l) }", "guest took ok(data)", [("E205", "ok(data)")]),
        ("by guest { read(l) }", "anyone took #MC", [("E205", "#MC")]),
        ("by guest { read(l) }", "nobody took ok", [("E204", "nobody")]),
    ],
)
def test_mistakes(step: str, property_: str, found: list[tuple[str, str]]) -> None:
    with pytest.raises(SpecError) as caught:
        model_of(f"{MEMORY} action look(l : Line) {step} property p never {property_} check p")
    assert [(d.code.name, d.span.text if d.span else "") for d in caught.value.diagnostics] == found
