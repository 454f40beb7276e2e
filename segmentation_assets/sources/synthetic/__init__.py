"""A synthetic insurer with a history, planted segments and planted dirt.

>>> from segmentation_assets.sources.synthetic import SyntheticInsurer, TABLES
>>> TABLES
('customers', 'policies', 'products', 'claims', 'interactions', 'survey_responses', 'outreach')
"""

from segmentation_assets.sources.synthetic.drift import Drift
from segmentation_assets.sources.synthetic.insurer import TABLES, SyntheticInsurer

__all__ = ["TABLES", "Drift", "SyntheticInsurer"]
