"""Measurement: what a version of the assistant is worth, in numbers that can be made again."""

import corpus  # noqa: F401 - it sets the threads of numpy, which must not be imported before
