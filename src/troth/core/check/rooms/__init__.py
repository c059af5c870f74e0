"""The rules of ``troth check``, one module for each subject; ``registry.py`` lists them."""
