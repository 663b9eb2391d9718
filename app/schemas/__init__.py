"""What goes out and what lists ask: answers of the API. Inputs of actions are app.domain.commands."""
