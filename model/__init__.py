"""The reader: features, network, objectives, training, prediction; `python -m model.job` runs it."""
