"""What Prefect's UI shows of a run, as Markdown: made of plain figures and rows, every text of the data harmless."""
