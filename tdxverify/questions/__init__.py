"""What is asked: a check of a spec with what the command line adds, and the problems that this makes."""
