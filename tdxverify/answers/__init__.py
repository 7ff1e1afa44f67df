"""From questions to answers: search, certify, reconcile."""
