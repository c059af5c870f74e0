"""The consent banner as the site serves it: one script, filled in from the policy. It has no tables."""
