"""The national layout of official documents (GB/T 9704-2012) as a Word document."""
