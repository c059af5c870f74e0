"""What visitors are asked before anything loads. Pure: the policy and a choice come in, what may load goes out."""
