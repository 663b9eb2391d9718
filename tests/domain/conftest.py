"""Settings of the domain tests: no time limit per example, for a busy machine is not a counter-example."""

from hypothesis import settings

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")
