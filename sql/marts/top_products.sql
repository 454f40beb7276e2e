-- What are the five best products of each segment by premium? One row a segment and rank, at most five a segment;
-- equal premiums are ranked by product key. `premium_pct` is of the segment's whole premium, so the five need not
-- sum to 100.
WITH
  sold AS (
    SELECT
      p.snapshot_date,
      l.segment_id,
      COALESCE(l.segment_name, 'Unclassified') AS segment_name,
      p.product_id,
      p.premium
    FROM policies AS p
    LEFT JOIN labelled_customers AS l ON l.snapshot_date = p.snapshot_date AND l.customer_id = p.customer_id
  ),

  grouped AS (
    SELECT
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      COUNT(*) AS n_policies,
      SUM(premium) AS total_premium
    FROM sold
    GROUP BY snapshot_date, segment_id, segment_name, product_id
  ),

  ranked AS (
    SELECT
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      n_policies,
      total_premium,
      SUM(total_premium) OVER (PARTITION BY snapshot_date, segment_name) AS segment_premium,
      ROW_NUMBER() OVER (
        PARTITION BY snapshot_date, segment_name
        ORDER BY ROUND(total_premium, 2) DESC, product_id
      ) AS premium_rank
    FROM grouped
  )

SELECT
  s.snapshot_date,
  s.segment_id,
  s.segment_name,
  s.premium_rank,
  s.product_id,
  COALESCE(r.product_name, s.product_id) AS product_name,
  r.product_type,
  r.category,
  s.n_policies,
  ROUND(s.total_premium, 2) AS total_premium,
  ROUND(100 * SAFE_DIVIDE(s.total_premium, s.segment_premium), 6) AS premium_pct
FROM ranked AS s
LEFT JOIN products AS r ON r.snapshot_date = s.snapshot_date AND r.product_id = s.product_id
WHERE s.premium_rank <= 5
