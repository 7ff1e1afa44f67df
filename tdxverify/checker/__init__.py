"""The only place where the stages are composed: paths in, a `Run` out."""

from tdxverify.checker.observers import RunObserver, Silent
from tdxverify.checker.run import Broken, check
from tdxverify.checker.tracing import FoundTrace, find_traces

__all__ = ["Broken", "FoundTrace", "RunObserver", "Silent", "check", "find_traces"]
