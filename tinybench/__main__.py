"""`python -m tinybench`: the command where its script is not on PATH."""

import sys

from tinybench.cli import main

sys.exit(main())
