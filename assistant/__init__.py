"""Answers and drafts over the corpus; the only package the interface and the API know."""

import corpus  # noqa: F401 - it sets the threads of numpy, which must not be imported before
