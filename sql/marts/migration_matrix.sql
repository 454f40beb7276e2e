-- Who moves between segments from one snapshot to the next? One row per pair of segments of the primary lens between a
-- snapshot and the latest one before it, on whose snapshot_date (= to_snapshot) the row stands. Customers who were not
-- there before come from "Joined", those who are there no more go to "Left"; the first snapshot has no rows. Shares are
-- of the segment left behind and sum to 100 for each. The names are those of either day, which two small tables tell.
WITH
  ways AS (
    SELECT
      snapshot_date,
      from_snapshot,
      to_snapshot,
      movement,
      from_segment_id,
      to_segment_id,
      n_customers,
      share,
      MAX(from_snapshot) OVER (PARTITION BY snapshot_date) AS latest_snapshot
    FROM segment_migration
    WHERE lens = @primary_lens
  ),

  names AS (
    SELECT snapshot_date, segment_id, segment_name
    FROM segment_labels
    WHERE lens = @primary_lens
  )

SELECT
  w.snapshot_date,
  w.from_snapshot,
  w.to_snapshot,
  w.from_segment_id,
  CASE
    WHEN w.movement = 'joined' THEN 'Joined'
    WHEN w.from_segment_id IS NULL THEN 'Unclassified'
    ELSE COALESCE(e.segment_name, CONCAT('Segment ', CAST(w.from_segment_id AS STRING)))
  END AS from_segment_name,
  w.to_segment_id,
  CASE
    WHEN w.movement = 'left' THEN 'Left'
    WHEN w.to_segment_id IS NULL THEN 'Unclassified'
    ELSE COALESCE(f.segment_name, CONCAT('Segment ', CAST(w.to_segment_id AS STRING)))
  END AS to_segment_name,
  w.movement,
  w.n_customers,
  ROUND(100 * w.share, 6) AS share_of_from_pct
FROM ways AS w
LEFT JOIN names AS e ON e.snapshot_date = w.from_snapshot AND e.segment_id = w.from_segment_id
LEFT JOIN names AS f ON f.snapshot_date = w.snapshot_date AND f.segment_id = w.to_segment_id
WHERE w.from_snapshot = w.latest_snapshot
