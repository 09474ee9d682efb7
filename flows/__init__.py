"""What happens, in which order: Prefect flows, their parameters, the command line."""
