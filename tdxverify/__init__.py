"""tdxverify: a formal model checker of host-safety properties for confidential-computing memory.

    run = tdxverify.check("examples/02-erratum.tdx", sizes={"Line": 3})
    for answer in run.answers:
        print(answer.asked.property, answer.outcome.value)
    graph = tdxverify.to_networkx(run.answers[0].told.story)  # the trace, for whatever networkx can do

Importing this package loads nothing else; every public name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from tdxverify.answers.answer import Answer, Outcome
    from tdxverify.answers.exit_status import ExitStatus
    from tdxverify.answers.run import Run
    from tdxverify.diagnostics import Diagnostic, InternalError, SpecError
    from tdxverify.outputs.graphs.build import to_networkx
    from tdxverify.questions.options import Options
    from tdxverify.semantics.trace import Trace
    from tdxverify.telling.story import Story

__version__ = "0.1.0"

_HOME = {
    "Answer": "tdxverify.answers.answer",
    "Diagnostic": "tdxverify.diagnostics",
    "ExitStatus": "tdxverify.answers.exit_status",
    "InternalError": "tdxverify.diagnostics",
    "Options": "tdxverify.questions.options",
    "Outcome": "tdxverify.answers.answer",
    "Run": "tdxverify.answers.run",
    "SpecError": "tdxverify.diagnostics",
    "Story": "tdxverify.telling.story",
    "Trace": "tdxverify.semantics.trace",
    "to_networkx": "tdxverify.outputs.graphs.build",
}

__all__ = [
    "Answer",
    "Diagnostic",
    "ExitStatus",
    "InternalError",
    "Options",
    "Outcome",
    "Run",
    "SpecError",
    "Story",
    "Trace",
    "__version__",
    "check",
    "to_networkx",
]


def check(
    path: str | PathLike[str],
    *,
    properties: Sequence[str] = (),
    engine: str = "auto",
    bound: int = 100,
    timeout: float | None = None,
    total_timeout: float | None = None,
    sizes: Mapping[str, int] | None = None,
    parameters: Mapping[str, bool | int | str] | None = None,
    configs: Sequence[str] = (),
) -> Run:
    """Run the checks of a spec, or of every spec below a directory.

    Mistakes in a spec are no exceptions: they are in `Run.diagnostics`, and the other specs are
    still checked. `properties` and `configs`: only checks of these properties, in these configurations;
    all for none. `timeout` (seconds) is per check, `total_timeout` for everything; `sizes` and
    `parameters` narrow every check further. Raises InternalError where the tool finds itself wrong.
    """
    from tdxverify.answers import checking
    from tdxverify.model.model import SizeRange
    from tdxverify.questions.options import Options

    options = Options(
        properties=tuple(properties),
        engine=engine,
        bound=bound,
        timeout=timeout,
        total_timeout=total_timeout,
        sizes=tuple(SizeRange(sort, size, size) for sort, size in (sizes or {}).items()),
        parameters=tuple((name, _written(value)) for name, value in (parameters or {}).items()),
        configs=tuple(configs),
    )
    return checking.check([path], options)


def _written(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tdxverify' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
