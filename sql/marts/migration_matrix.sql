-- Who moves between segments from one snapshot to the next? One row a pair of segments between a snapshot and the
-- latest one before it, on whose snapshot_date (= to_snapshot) the row stands. Customers who were not there before
-- come from "Joined", those who are there no more go to "Left"; the first snapshot has no rows. Shares are of the
-- segment left behind and sum to 100 for each.
WITH
  delivered AS (
    SELECT DISTINCT snapshot_date FROM labelled_customers
  ),

  snapshots AS (
    SELECT snapshot_date AS to_snapshot, LAG(snapshot_date) OVER (ORDER BY snapshot_date) AS from_snapshot
    FROM delivered
  ),

  earlier AS (
    SELECT s.from_snapshot, s.to_snapshot, l.customer_id, l.segment_id, l.segment_name
    FROM snapshots AS s
    INNER JOIN labelled_customers AS l ON l.snapshot_date = s.from_snapshot
  ),

  later AS (
    SELECT s.from_snapshot, s.to_snapshot, l.customer_id, l.segment_id, l.segment_name
    FROM snapshots AS s
    INNER JOIN labelled_customers AS l ON l.snapshot_date = s.to_snapshot
    WHERE s.from_snapshot IS NOT NULL
  ),

  paired AS (
    SELECT
      COALESCE(e.from_snapshot, f.from_snapshot) AS from_snapshot,
      COALESCE(e.to_snapshot, f.to_snapshot) AS to_snapshot,
      e.segment_id AS from_segment_id,
      IF(e.customer_id IS NULL, 'Joined', e.segment_name) AS from_segment_name,
      f.segment_id AS to_segment_id,
      IF(f.customer_id IS NULL, 'Left', f.segment_name) AS to_segment_name,
      CASE
        WHEN e.customer_id IS NULL THEN 'joined'
        WHEN f.customer_id IS NULL THEN 'left'
        WHEN COALESCE(e.segment_id, -1) = COALESCE(f.segment_id, -1) THEN 'stayed'
        ELSE 'moved'
      END AS movement
    FROM earlier AS e
    FULL OUTER JOIN later AS f ON f.to_snapshot = e.to_snapshot AND f.customer_id = e.customer_id
  ),

  grouped AS (
    SELECT
      from_snapshot,
      to_snapshot,
      from_segment_id,
      from_segment_name,
      to_segment_id,
      to_segment_name,
      movement,
      COUNT(*) AS n_customers
    FROM paired
    GROUP BY
      from_snapshot, to_snapshot, from_segment_id, from_segment_name, to_segment_id, to_segment_name, movement
  )

SELECT
  to_snapshot AS snapshot_date,
  from_snapshot,
  to_snapshot,
  from_segment_id,
  from_segment_name,
  to_segment_id,
  to_segment_name,
  movement,
  n_customers,
  ROUND(
    100 * SAFE_DIVIDE(n_customers, SUM(n_customers) OVER (PARTITION BY to_snapshot, from_segment_name)), 6
  ) AS share_of_from_pct
FROM grouped
