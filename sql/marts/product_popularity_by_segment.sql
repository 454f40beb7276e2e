-- What does each segment buy, and what more than others do? One row a product and segment with at least one policy.
-- Shares and ranks are within the segment; lift is the product's share of the segment's policies over its share of
-- all policies, so 1 is average and 2 is twice as popular here.
WITH
  sold AS (
    SELECT
      p.snapshot_date,
      l.segment_id,
      COALESCE(l.segment_name, 'Unclassified') AS segment_name,
      p.product_id,
      p.customer_id,
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
      COUNT(DISTINCT customer_id) AS n_customers,
      SUM(premium) AS total_premium
    FROM sold
    GROUP BY snapshot_date, segment_id, segment_name, product_id
  ),

  shared AS (
    SELECT
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      n_policies,
      n_customers,
      total_premium,
      SAFE_DIVIDE(n_policies, SUM(n_policies) OVER segment) AS policies_share,
      SAFE_DIVIDE(total_premium, SUM(total_premium) OVER segment) AS premium_share,
      SAFE_DIVIDE(SUM(n_policies) OVER product, SUM(n_policies) OVER whole) AS population_policies_share
    FROM grouped
    WINDOW
      whole AS (PARTITION BY snapshot_date),
      segment AS (PARTITION BY snapshot_date, segment_name),
      product AS (PARTITION BY snapshot_date, product_id)
  )

SELECT
  s.snapshot_date,
  s.segment_id,
  s.segment_name,
  s.product_id,
  COALESCE(r.product_name, s.product_id) AS product_name,
  r.product_type,
  r.category,
  s.n_policies,
  ROUND(100 * s.policies_share, 6) AS policies_pct,
  ROW_NUMBER() OVER (
    PARTITION BY s.snapshot_date, s.segment_name
    ORDER BY s.n_policies DESC, s.product_id
  ) AS policies_rank,
  s.n_customers,
  ROUND(s.total_premium, 2) AS total_premium,
  ROUND(100 * s.premium_share, 6) AS premium_pct,
  ROW_NUMBER() OVER (
    PARTITION BY s.snapshot_date, s.segment_name
    ORDER BY ROUND(s.total_premium, 2) DESC, s.product_id
  ) AS premium_rank,
  ROUND(100 * s.population_policies_share, 6) AS population_policies_pct,
  ROUND(SAFE_DIVIDE(s.policies_share, s.population_policies_share), 6) AS lift
FROM shared AS s
LEFT JOIN products AS r ON r.snapshot_date = s.snapshot_date AND r.product_id = s.product_id
