"""The engine `explicit`: all reachable states, one after another."""
