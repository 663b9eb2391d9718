"""Figures counted from the cases, set-based: nobody fills in statistics by hand."""
