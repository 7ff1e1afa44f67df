"""A question with its sizes fixed, lowered to a set of bad states: what engines are asked."""
