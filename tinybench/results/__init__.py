"""The result document, its schema, and baselines with their models."""
