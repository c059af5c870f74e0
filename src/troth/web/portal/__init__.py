"""Where people meet their requests."""
