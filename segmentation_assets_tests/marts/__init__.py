"""Tests of the marts: golden rows worked out by hand, and the published data against pandas."""
