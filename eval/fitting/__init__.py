"""How the learned parts of an answer are fitted: which sentence answers, and how sure that is."""
