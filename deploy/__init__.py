"""Where it runs: deployments, images, pinned versions."""
