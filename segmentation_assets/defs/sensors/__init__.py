"""Sensors, one a module: what happens in the warehouse that a run should follow from. All start stopped."""
