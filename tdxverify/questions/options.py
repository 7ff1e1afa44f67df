"""What the user may ask of a run."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.budget import wrong_seconds
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.model.model import SizeRange


@dataclass(frozen=True, slots=True)
class Options:
    """`properties`: only checks of these; all for none; likewise `configs`, the configurations that checks
    name. `engine`: a name of the engine table. `bound`: the
    largest depth that is searched. `timeout` (seconds) is per check, `total_timeout` for the run.
    `sizes` replaces what a check says about a sort. `parameters`: names and values as written,
    which every check must satisfy in addition to its own `where`. `stories`: answers that were kept come
    with the story of their trace or proof, too (others always do). `surroundings`: stories also tell what is
    around their trace.
    """

    properties: tuple[str, ...] = ()
    engine: str = "auto"
    bound: int = 100
    timeout: float | None = None
    total_timeout: float | None = None
    sizes: tuple[SizeRange, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    stories: bool = False
    surroundings: bool = False
    configs: tuple[str, ...] = ()


def wrong_times(options: Options) -> list[Diagnostic]:
    """Times that nobody can be allowed (E708)."""
    given = (("timeout", options.timeout), ("total_timeout", options.total_timeout))
    found = ((name, None if seconds is None else wrong_seconds(seconds)) for name, seconds in given)
    return [Diagnostic(Code.E708, f"{name}: {wrong}") for name, wrong in found if wrong is not None]
