"""The step journal: what has to be done, step by step, surviving crashes. Its rows are the queue and the evidence."""
