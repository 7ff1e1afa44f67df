"""Answers to checks, and what a whole run of them amounts to."""
