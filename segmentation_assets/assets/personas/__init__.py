"""What the segments look like, what they are called, and the customers under those names."""
