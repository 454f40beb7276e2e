"""Tables of the warehouse."""

from segmentation_assets.sources.places._place import Place
from segmentation_assets.sources.warehouse_table import WarehouseTables

PLACE = Place(words=lambda _: "tables of the warehouse", open=lambda _, portfolio: WarehouseTables(portfolio))
