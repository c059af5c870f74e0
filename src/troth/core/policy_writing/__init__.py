"""A first policy, written from a dozen answers: commented, in the publisher's languages, in order from the start."""
