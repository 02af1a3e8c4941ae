"""Answers and drafts over the corpus; the only package the interface and the API know."""
