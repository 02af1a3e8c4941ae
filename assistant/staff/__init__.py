"""The staff page: accounts and sessions, drafts on their way to signature, and their pages."""
