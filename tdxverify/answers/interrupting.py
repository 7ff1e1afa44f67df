"""What is said of checks that an interruption (Ctrl-C) left without an answer, by every command."""

from __future__ import annotations

INTERRUPTED = "interrupted"  # of the check in hand
NOT_STARTED = "not started: the run was interrupted"
