"""Keys of a test's `user_properties`, by which results reach the process that reports.

Values are JSON of results, as text: pytest-xdist sends plain types only.
"""

CASE = "tinybench-case"
"""What a test is about, whatever becomes of it."""
RECORDED = "tinybench"
"""What a test found."""
ANNOTATED = "tinybench-annotated"
"""What is compared and not written: other tests write it."""
OURS = (CASE, RECORDED, ANNOTATED)
