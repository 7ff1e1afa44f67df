"""Proofs kept beside the specs: written once, checked again in no time, repaired when the spec moves."""
