"""Mails to account holders when a new version of the policy is published, as steps of the journal."""
