"""The suite: what is measured of every task and variant. `pytest --pyargs tinybench.bench` runs it.

It stands in `bench/` of the repository, and in an installed package in `tinybench/bench/`.
"""
