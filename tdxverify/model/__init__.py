"""Module to `Model`: every name is looked up, every node gets a sort, processes become actions."""
