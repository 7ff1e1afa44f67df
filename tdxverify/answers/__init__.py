"""From questions to answers: search and certify; what is told; what a whole run amounts to."""
