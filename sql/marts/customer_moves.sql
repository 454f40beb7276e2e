-- Who moved from one segment to another, and when? One row a customer and lens on every snapshot (= snapshot_date) on
-- which the customer stands in another segment than on the latest one before it that had the customer. To be unplaced
-- is a place, with NULL for a segment. A move is certain where the customer was clearly inside the segment on both
-- days; a confidence of 0.1 or less means so near to a border that the customer may sway to and fro. Where a
-- further model came into force in between, it may be the border that moved.
WITH
  placed AS (
    SELECT
      snapshot_date,
      lens,
      customer_id,
      segment_id,
      confidence,
      model_id,
      LAG(snapshot_date) OVER (PARTITION BY lens, customer_id ORDER BY snapshot_date) AS from_snapshot,
      LAG(segment_id) OVER (PARTITION BY lens, customer_id ORDER BY snapshot_date) AS from_segment_id,
      LAG(confidence) OVER (PARTITION BY lens, customer_id ORDER BY snapshot_date) AS from_confidence,
      LAG(model_id) OVER (PARTITION BY lens, customer_id ORDER BY snapshot_date) AS from_model_id
    FROM customer_segments
  )

SELECT
  snapshot_date,
  lens,
  customer_id,
  from_snapshot,
  from_segment_id,
  segment_id AS to_segment_id,
  ROUND(from_confidence, 6) AS from_confidence,
  ROUND(confidence, 6) AS to_confidence,
  COALESCE(from_confidence > 0.1 AND confidence > 0.1, FALSE) AS is_certain,
  COALESCE(from_model_id, '') = COALESCE(model_id, '') AS is_same_model
FROM placed
WHERE from_snapshot IS NOT NULL AND COALESCE(from_segment_id, -1) != COALESCE(segment_id, -1)
