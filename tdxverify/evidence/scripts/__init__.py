"""What proofs have to show as SMT-LIB text, written by code that engines do not use."""
