"""What a reader sees of a result document: terminal summary, tables, figures, published folder."""
