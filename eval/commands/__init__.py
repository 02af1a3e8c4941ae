"""The commands of `python -m eval`, one module each: `add` its parser, run it."""
