"""Host time: of one model, or of two in turns, with the conditions and the statistics."""
