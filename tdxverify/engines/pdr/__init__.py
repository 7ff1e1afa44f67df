"""The engine `pdr`: IC3/PDR, and what the engine `any-size` takes from it."""
