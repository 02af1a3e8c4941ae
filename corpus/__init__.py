"""Documents in, searchable clauses out; knows nothing of assistants."""

import os

# Before numpy is first imported: the products here are small, and threads of the linear algebra that
# wait for the next one take the processor from the encoder's own (answers 88 → 71 ms, eval/LOG.md).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
