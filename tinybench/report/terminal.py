"""x"""
from tinybench.document import Document
def lines(document: Document) -> list[str]:
    return [f"{r.id} {r.metrics} {r.labels}" for r in document.results.values()]
