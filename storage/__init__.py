"""What lasts: schemas, snapshots, the translation memory, downloads, models, errors."""
