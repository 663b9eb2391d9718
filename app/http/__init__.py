"""What happens to a request before FastAPI sees it, and to an answer after: sizes, strict JSON, headers, numbers."""
