"""Documents in, searchable clauses out; knows nothing of assistants."""
