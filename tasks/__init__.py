"""The steps: thin Prefect tasks here; engines, projection and scoring, free of Prefect, in the folders below."""
