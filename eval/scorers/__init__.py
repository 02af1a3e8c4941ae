"""Scorers: what an output is worth against its sample; one question a file."""
