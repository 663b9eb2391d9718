"""Endpoints, a few lines each: read the request, call one use case, answer."""
