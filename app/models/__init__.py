"""SQLAlchemy mappings, one aggregate per file."""
