"""Measurement: what a version of the assistant is worth, in numbers that can be made again."""
