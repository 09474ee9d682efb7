"""Files from elsewhere: fetched once, checked, bounded, unpacked with care."""
