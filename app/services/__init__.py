"""Use cases, one module per noun: load rows, ask the domain, record its decision. No web framework, no commit."""
