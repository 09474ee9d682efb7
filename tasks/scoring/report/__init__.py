"""The report of an evaluation: numbers as JSON, pictures as PNG, and one HTML page that needs nothing else."""

from tasks.scoring.report.analysis import Analysis, analyse
from tasks.scoring.report.data import PaperTable, ReportData, Run, Stage, Yield
from tasks.scoring.report.numbers import SECONDS, report_json
from tasks.scoring.report.page import render_report
from tasks.scoring.report.pictures import report_pictures
from tasks.scoring.report.summary import report_markdown
from tasks.scoring.report.vectors import Vectors, questions_to_embed, vectors_of
from tasks.scoring.report.words import sentences

__all__ = [
    "SECONDS",
    "Analysis",
    "PaperTable",
    "ReportData",
    "Run",
    "Stage",
    "Vectors",
    "Yield",
    "analyse",
    "questions_to_embed",
    "render_report",
    "report_json",
    "report_markdown",
    "report_pictures",
    "sentences",
    "vectors_of",
]
