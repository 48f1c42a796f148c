"""The published page: one HTML file with every table, chart and figure, which needs no network."""

from tinybench.report.page.page import render

__all__ = ["render"]
