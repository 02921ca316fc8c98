"""The training dock: what to train on and how, and the curves while it runs."""
