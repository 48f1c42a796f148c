"""From executed instructions to cycles and milliseconds: rules, one table a core; pure."""
