-- What are the five best products of each segment by premium? One row per segment and rank, at most five a segment;
-- equal premiums are ranked by product key. `premium_pct` is of the segment's whole premium, so the five need not
-- sum to 100. Listed and ranked are those whose premium product_popularity_by_segment tells, found in the same way.
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
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      n_policies,
      n_customers,
      total_premium,
      n_holders,
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
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      n_policies,
      n_customers,
      total_premium,
      n_holders,
      n_products,
      n_segments,
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
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      n_policies,
      n_customers,
      total_premium,
      n_holders,
      n_products,
      is_untold
      OR (
        MIN(n_customers) OVER segment < @min_group_size
        AND ROW_NUMBER() OVER (
          PARTITION BY snapshot_date, segment_name
          ORDER BY is_untold, n_segments DESC, n_customers, product_id
        ) = 1
      ) AS is_untold
    FROM split
    WINDOW segment AS (PARTITION BY snapshot_date, segment_name)
  ),

  -- One more segment of the product, for the same reason one that holds most products.
  weighed AS (
    SELECT
      snapshot_date,
      segment_id,
      segment_name,
      product_id,
      n_policies,
      n_customers,
      total_premium,
      is_untold
      OR (
        COUNT(IF(is_untold, product_id, NULL)) OVER product > 0
        AND ROW_NUMBER() OVER (
          PARTITION BY snapshot_date, product_id
          ORDER BY is_untold, n_products DESC, n_holders, segment_name
        ) = 1
      ) AS is_small
    FROM covered
    WINDOW product AS (PARTITION BY snapshot_date, product_id)
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
      is_small,
      ROW_NUMBER() OVER (
        PARTITION BY snapshot_date, segment_name
        ORDER BY is_small, ROUND(total_premium, 2) DESC, product_id
      ) AS premium_rank
    FROM weighed
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
WHERE s.premium_rank <= 5 AND NOT s.is_small
