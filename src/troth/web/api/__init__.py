"""The JSON API (``/api``): programs of the publisher enter requests, follow them, ask before they use data, and are
told by webhooks. A bearer token opens it, and nothing else: cookies are not even looked at."""
