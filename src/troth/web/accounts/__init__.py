"""Accounts of people on the site: sign-up, login, profile; their cookies are exactly those of the policy."""
