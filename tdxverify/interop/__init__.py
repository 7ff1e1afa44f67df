"""A run or a trace in the formats that other programs read."""
