"""What a policy promises, held against the law and against itself.

``rule.py`` says what a rule is, ``rooms`` hold them by subject, ``registry.py`` lists them all, ``run.py`` applies
them to one policy. Every number comes from ``core.law``; a rule holds none of its own.
"""
