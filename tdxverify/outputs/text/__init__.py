"""What people read on a terminal: runs, traces, access tables, mistakes."""
