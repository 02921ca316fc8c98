"""Array primitives, NumPy only: what the layers' mathematics is computed with."""
