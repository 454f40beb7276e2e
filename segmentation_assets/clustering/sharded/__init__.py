"""The same results over Parquet files that lie with Dask workers."""
