"""What answers rest on: one module for each kind of evidence, one row for each in `kinds`."""
