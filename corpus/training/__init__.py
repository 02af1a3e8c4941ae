"""How the embedded models are made: run once by hand, never by the program."""
