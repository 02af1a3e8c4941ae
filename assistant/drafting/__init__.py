"""Official documents (公文): drafted from facts with their basis cited, laid out, and checked."""
