"""Graph -> Report: every layer's shape, weights, cost, receptive field and workings, and what is wrong with it."""

from .endings import training_problems
from .inference import analyze
from .receptive_field import Sight
from .report import LayerReport, Problem, Report, Severity, Totals

__all__ = ["LayerReport", "Problem", "Report", "Severity", "Sight", "Totals", "analyze", "training_problems"]
