"""A trace in the formats that other programs read."""
