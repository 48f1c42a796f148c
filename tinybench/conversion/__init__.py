"""The quantization variants, and how each is made from a task's one checkpoint."""
