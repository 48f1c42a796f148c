"""The folder that firmware is built from: C code, the model as an array, settings, test vectors."""

from tinybench.export.folder import ExportError, replace
from tinybench.export.project import add_project
from tinybench.export.sources import Subject, files
from tinybench.export.subject import of_file, of_task

__all__ = ["ExportError", "Subject", "add_project", "files", "of_file", "of_task", "replace"]
