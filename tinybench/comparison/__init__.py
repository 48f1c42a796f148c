"""Two documents become verdicts, gates and a recommendation. Pure: no file is read here."""
