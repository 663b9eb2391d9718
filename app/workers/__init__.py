"""What goes on besides the requests: sealing the journal, delivering webhooks, whatever has to happen by itself."""
