"""The rules of the checker, one file a family: F format, G kinds, P punctuation, N numbers, S safety, C citations."""
