"""The only place where the stages are composed: paths in, a `Run` out."""

from tdxverify.checker.conditions import Condition, condition
from tdxverify.checker.options import Options, RunObserver, Silent
from tdxverify.checker.run import Broken, check
from tdxverify.checker.specs import load_model
from tdxverify.checker.tracing import Asked, FoundTrace, asked_in, find_traces

__all__ = [
    "Broken",
    "Condition",
    "Asked",
    "FoundTrace",
    "Options",
    "RunObserver",
    "Silent",
    "check",
    "condition",
    "asked_in",
    "find_traces",
    "load_model",
]
