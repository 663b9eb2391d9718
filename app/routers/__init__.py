"""The HTTP surface: each endpoint a few lines between a schema and a service."""
