"""The policy as people read it, made from the file: pages, an HTML fragment, a machine-readable notice."""
