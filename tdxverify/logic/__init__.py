"""What formulas are and mean, without a front end and without a solver."""
