"""Pictures of traces, state spaces and dependencies. The only user of networkx."""
