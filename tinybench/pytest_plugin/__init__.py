"""The pytest plugin: hooks, options, the `tinybench` fixture, gates. Thin on purpose."""
