"""Mistakes of the user as data, and bugs of ours as exceptions."""

from tdxverify.diagnostics.codes import Code
from tdxverify.diagnostics.diagnostic import Diagnostic, InternalError, Note, SpecError

__all__ = ["Code", "Diagnostic", "InternalError", "Note", "SpecError"]
