-- What does each segment buy, and what more than others do? One row per product and segment with at least one policy.
-- Shares and ranks are within the segment; lift is the product's share of the segment's policies over its share of
-- all policies, so 1 is average and 2 is twice as popular here.
-- Where fewer customers than @min_group_size of a segment hold a product, their amounts are not told (`is_small`). So
-- that they do not follow from the totals, neither is one more product of the segment, nor one more segment of each of
-- these products, nor a product or segment whose own total is not told.
WITH
  sold AS (
    SELECT
      p.snapshot_date,
      l.segment_id,
      COALESCE(l.segment_name, 'Unclassified') AS segment_name,
      p.product_id,
      p.customer_id,
      p.premium,
      COUNT(DISTINCT p.customer_id) OVER (
        PARTITION BY p.snapshot_date, COALESCE(l.segment_name, 'Unclassified')
      ) AS n_holders
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
      SUM(premium) AS total_premium,
      MAX(n_holders) AS n_holders
    FROM sold
    GROUP BY snapshot_date, segment_id, segment_name, product_id
  ),

  spread AS (
    SELECT
      *,
      SUM(n_customers) OVER product AS n_buyers,
      COUNT(*) OVER segment AS n_products,
      COUNT(*) OVER product AS n_segments
    FROM grouped
    WINDOW
      segment AS (PARTITION BY snapshot_date, segment_name),
      product AS (PARTITION BY snapshot_date, product_id)
  ),

  -- Not told are few, and the segments and products of which premium_by_segment and product_popularity tell no amounts.
  split AS (
    SELECT
      *,
      n_customers < @min_group_size
      OR (
        MIN(n_holders) OVER whole < @min_group_size
        AND DENSE_RANK() OVER (
          PARTITION BY snapshot_date ORDER BY n_holders < @min_group_size, n_holders, segment_name
        ) = 1
      )
      OR (
        MIN(n_buyers) OVER whole < @min_group_size
        AND DENSE_RANK() OVER (
          PARTITION BY snapshot_date ORDER BY n_buyers < @min_group_size, n_buyers, product_id
        ) = 1
      ) AS is_untold
    FROM spread
    WINDOW whole AS (PARTITION BY snapshot_date)
  ),

  -- One more product of the segment: one that most segments hold, to have the same one in each.
  covered AS (
    SELECT
      *,
      is_untold
      OR (
        MIN(n_customers) OVER segment < @min_group_size
        AND ROW_NUMBER() OVER (
          PARTITION BY snapshot_date, segment_name
          ORDER BY is_untold, n_segments DESC, n_customers, product_id
        ) = 1
      ) AS is_covered
    FROM split
    WINDOW segment AS (PARTITION BY snapshot_date, segment_name)
  ),

  -- One more segment of the product, for the same reason one that holds most products.
  weighed AS (
    SELECT
      *,
      is_covered
      OR (
        COUNT(IF(is_covered, product_id, NULL)) OVER product > 0
        AND ROW_NUMBER() OVER (
          PARTITION BY snapshot_date, product_id
          ORDER BY is_covered, n_products DESC, n_holders, segment_name
        ) = 1
      ) AS is_small
    FROM covered
    WINDOW product AS (PARTITION BY snapshot_date, product_id)
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
      SAFE_DIVIDE(SUM(n_policies) OVER product, SUM(n_policies) OVER whole) AS population_policies_share,
      is_small
    FROM weighed
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
  IF(s.is_small, NULL, ROUND(s.total_premium, 2)) AS total_premium,
  IF(s.is_small, NULL, ROUND(100 * s.premium_share, 6)) AS premium_pct,
  IF(
    s.is_small,
    NULL,
    ROW_NUMBER() OVER (
      PARTITION BY s.snapshot_date, s.segment_name
      ORDER BY s.is_small, ROUND(s.total_premium, 2) DESC, s.product_id
    )
  ) AS premium_rank,
  ROUND(100 * s.population_policies_share, 6) AS population_policies_pct,
  ROUND(SAFE_DIVIDE(s.policies_share, s.population_policies_share), 6) AS lift,
  s.is_small
FROM shared AS s
LEFT JOIN products AS r ON r.snapshot_date = s.snapshot_date AND r.product_id = s.product_id
