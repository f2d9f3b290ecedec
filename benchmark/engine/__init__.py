"""Plan, decode, perturb, predict, write: the only step that touches audio or a model."""

import os

# Memory would grow with the corpus: pyarrow's other allocators give little back, and oneDNN keeps what it
# made for each length of a batch, by default for the last 1024. Both are read when they are first used.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
