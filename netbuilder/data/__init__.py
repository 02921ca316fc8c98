"""Data sets: what is built in, what a file holds, and both made to suit a design."""

from netbuilder.data.catalogue import DatasetInfo, catalogue, describe
from netbuilder.data.dataset import Dataset, Part, Preprocessing
from netbuilder.data.errors import DataError, DataMisfit
from netbuilder.data.fitting import check_outputs, fit
from netbuilder.data.images import load_image
from netbuilder.data.loading import load

__all__ = [
    "DataError",
    "DataMisfit",
    "Dataset",
    "DatasetInfo",
    "Part",
    "Preprocessing",
    "catalogue",
    "check_outputs",
    "describe",
    "fit",
    "load",
    "load_image",
]
