"""Evidence checked by code that shares nothing with the engine that found it."""
