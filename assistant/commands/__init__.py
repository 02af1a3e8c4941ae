"""The commands of `python -m assistant`, one module each: `add` its parser, run it."""
