"""The assets that every portfolio has: a folder a stage, a file a table, with all that there is to say of it."""
