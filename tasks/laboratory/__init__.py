"""The laboratory: a made-up world spoken of in made-up languages, small enough to compare systems in minutes."""
