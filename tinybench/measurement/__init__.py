"""What is measured of a variant: its quality and size here, and what it does on a board."""
