"""Designs as other programs read and run them; the only room that knows ONNX."""
