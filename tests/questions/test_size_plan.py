"""Which sizes a check is about, in which order, and which are refused before anything is built."""

from __future__ import annotations

import pytest

from tdxverify.model.model import Model, SizeRange
from tdxverify.questions.size_plan import CELL_LIMIT, Sizing, sizing, too_large
from tests.texts import model_of

TWO_SORTS = "index Line\nindex Cpu\nstate dirty[Cpu, Line] : bool = false\nproperty p never false\n"


@pytest.fixture
def model() -> Model:
    checks = ("check p", "check p for Line = 3, Cpu <= 2", "check p for any size")
    return model_of(TWO_SORTS + "\n".join(checks))


def test_any_size_unless_some_are_stated(model: Model) -> None:
    assert sizing(model, model.checks[0], ()) == sizing(model, model.checks[2], ())


def test_a_sort_that_is_left_out_stays_open(model: Model) -> None:
    asked = sizing(model, model.checks[0], (SizeRange("Cpu", 3, 3),))
    assert not asked.any_size
    assert asked.open == {"Line"}
    assert asked.limits == (SizeRange("Cpu", 3, 3),)
    assert asked.combinations() == [(("Line", 1), ("Cpu", 3)), (("Line", 2), ("Cpu", 3))]
    assert asked.shown() == (("Line", "any"), ("Cpu", "3"))
    assert asked.told() == "for Cpu = 3, any number of Line"
    assert asked.includes({"Line": 7, "Cpu": 3})
    assert not asked.includes({"Line": 7, "Cpu": 2})


def test_nothing_is_open_where_all_is_stated(model: Model) -> None:
    asked = sizing(model, model.checks[1], ())
    assert not asked.open
    assert not asked.limits
    assert not asked.any_size


def test_ranges_give_every_combination_smallest_total_first(model: Model) -> None:
    asked = sizing(model, model.checks[1], ())
    assert asked.shown() == (("Line", "3"), ("Cpu", "1..2"))
    wide = Sizing((SizeRange("Line", 1, 2), SizeRange("Cpu", 1, 3)))
    assert [tuple(size for _, size in sizes) for sizes in wide.combinations()] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (1, 3),
        (2, 2),
        (2, 3),
    ]


def test_any_size_tries_one_and_two(model: Model) -> None:
    asked = sizing(model, model.checks[2], ())
    assert asked.any_size
    assert asked.shown() == (("Line", "any"), ("Cpu", "any"))
    assert asked.tried() == (("Line", "1..2"), ("Cpu", "1..2"))


def test_an_override_states_one_size(model: Model) -> None:
    asked = sizing(model, model.checks[2], (SizeRange("Line", 3, 3),))
    assert not asked.any_size
    assert asked.shown() == (("Line", "3"), ("Cpu", "any"))


@pytest.mark.parametrize(
    ("line", "cpu", "refused"),
    [(2, 2, False), (100, 100, False), (CELL_LIMIT, 1, False), (CELL_LIMIT, 2, True), (10**9, 10**9, True)],
)
def test_too_many_cells_are_refused_at_once(model: Model, line: int, cpu: int, refused: bool) -> None:
    asked = Sizing((SizeRange("Line", line, line), SizeRange("Cpu", cpu, cpu)))
    found = too_large(model, asked, None)
    assert (found is not None) == refused
    if found is not None:
        assert found.code.name == "E602"
        assert f"Line = {line}" in found.message


def test_too_many_combinations_are_refused(model: Model) -> None:
    asked = Sizing((SizeRange("Line", 1, 50), SizeRange("Cpu", 1, 50)))
    found = too_large(model, asked, None)
    assert found is not None
    assert "2,500 combinations" in found.message


def test_formulas_that_explode_are_refused() -> None:
    text = "index Line\nstate b[Line] : bool = false\n"
    text += "property p never exists l, m, n : Line: b[l] and b[m] and b[n]\ncheck p expect proved\n"
    nested = model_of(text)
    asked = Sizing((SizeRange("Line", 1000, 1000),))
    found = too_large(nested, asked, None)
    assert found is not None
    assert "terms once written out" in found.message
    assert too_large(nested, Sizing((SizeRange("Line", 10, 10),)), None) is None


def test_what_nobody_asks_for_is_not_written_out() -> None:
    text = "index Line\nstate b[Line] : bool = false\nproperty q never exists l : Line: b[l]\n"
    text += "property p never exists l, m, n : Line: b[l] and b[m] and b[n]\ncheck q\n"
    asked = Sizing((SizeRange("Line", 1000, 1000),))
    model = model_of(text)
    assert too_large(model, asked, None, "q") is None
    assert too_large(model, asked, None, "p") is not None
