"""A sample corpus: the documents of a city that does not exist, and the script that builds them."""
