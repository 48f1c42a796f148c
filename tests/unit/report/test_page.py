"""The page holds everything, is safe, small and always the same for the same document."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tinybench.document import Document, digest
from tinybench.report.tables import tables
from tests.unit.report.page_documents import HOSTILE, hostile, large, with_boards
