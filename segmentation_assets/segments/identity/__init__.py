"""Which segments of a new model are those of the old one, and under which number each lives on."""
