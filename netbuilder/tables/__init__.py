"""Tables for papers and spreadsheets: what an analysis knows of a network, in rows and in the formats people paste."""

from .formats import FORMATS, as_csv, as_latex, as_markdown, as_text
from .summary import Row, Rows, Table, table

__all__ = ["FORMATS", "Row", "Rows", "Table", "as_csv", "as_latex", "as_markdown", "as_text", "table"]
