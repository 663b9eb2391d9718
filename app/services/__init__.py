"""Use cases by noun: load rows, build facts, ask the domain, record its decision. Knows nothing of HTTP."""
