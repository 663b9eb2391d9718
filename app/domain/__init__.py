"""The law as pure functions: standard library and pydantic only, no clock reading, no I/O."""
