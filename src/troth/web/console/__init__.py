"""The console: staff see to requests, people, holds and the promises of the policy. Each look at a person's data, and
each change, is in the ledger before it is on the screen."""
