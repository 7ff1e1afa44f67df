"""Proofs that hold because of what never happens."""
