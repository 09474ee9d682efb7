"""What a step does with one shard: parts of the store in, parts of the store out. No Prefect inside."""
