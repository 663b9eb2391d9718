"""The demo city: a fictional place to try the service in, made by the service's own use cases."""
