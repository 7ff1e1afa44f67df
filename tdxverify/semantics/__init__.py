"""What a step does, by the evaluator: the subject that engines search and that evidence is about."""
