"""What commands share: their options, and how they speak on a terminal."""
