"""The contact form: a message leaves by mail while its writer waits, and nothing of it is kept anywhere."""
