"""The only place where the stages are composed: paths in, a `Run` out."""

from tdxverify.checker.options import Options, RunObserver, Silent
from tdxverify.checker.run import Broken, check
from tdxverify.checker.specs import load_model

__all__ = ["Broken", "Options", "RunObserver", "Silent", "check", "load_model"]
