"""Runs and proofs told for people."""
