-- Which products sell, by policies and by premium? One row per product on sale, those without a policy included, and
-- one a product that was sold but is missing from `products`, under its key.
-- Where one to @min_group_size - 1 customers hold the policies, their amounts are not told (`is_small`), nor are those
-- of the next smallest row, or the first would follow from the total.
WITH
  product_keys AS (
    SELECT snapshot_date, product_id FROM products
    UNION DISTINCT
    SELECT snapshot_date, product_id FROM policies
  ),

  customer_totals AS (
    SELECT snapshot_date, COUNT(*) AS n_all_customers
    FROM customers
    GROUP BY snapshot_date
  ),

  sold AS (
    SELECT
      snapshot_date,
      product_id,
      COUNT(*) AS n_policies,
      COUNT(DISTINCT customer_id) AS n_customers,
      SUM(premium) AS total_premium
    FROM policies
    GROUP BY snapshot_date, product_id
  ),

  grouped AS (
    SELECT
      k.snapshot_date,
      k.product_id,
      COALESCE(r.product_name, k.product_id) AS product_name,
      r.product_type,
      r.category,
      c.n_all_customers,
      COALESCE(s.n_policies, 0) AS n_policies,
      COALESCE(s.n_customers, 0) AS n_customers,
      COALESCE(s.total_premium, 0) AS total_premium
    FROM product_keys AS k
    LEFT JOIN products AS r ON r.snapshot_date = k.snapshot_date AND r.product_id = k.product_id
    LEFT JOIN sold AS s ON s.snapshot_date = k.snapshot_date AND s.product_id = k.product_id
    LEFT JOIN customer_totals AS c ON c.snapshot_date = k.snapshot_date
  ),

  weighed AS (
    SELECT
      *,
      n_customers > 0
      AND (
        n_customers < @min_group_size
        OR (
          MIN(IF(n_customers > 0, n_customers, NULL)) OVER whole < @min_group_size
          AND ROW_NUMBER() OVER (
            PARTITION BY snapshot_date ORDER BY n_customers < @min_group_size, n_customers, product_id
          ) = 1
        )
      ) AS is_small
    FROM grouped
    WINDOW whole AS (PARTITION BY snapshot_date)
  )

SELECT
  snapshot_date,
  product_id,
  product_name,
  product_type,
  category,
  n_policies,
  ROUND(100 * SAFE_DIVIDE(n_policies, SUM(n_policies) OVER whole), 6) AS policies_pct,
  ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY n_policies DESC, product_id) AS policies_rank,
  n_customers,
  ROUND(100 * SAFE_DIVIDE(n_customers, n_all_customers), 6) AS penetration_pct,
  IF(is_small, NULL, ROUND(total_premium, 2)) AS total_premium,
  IF(is_small, NULL, ROUND(100 * SAFE_DIVIDE(total_premium, SUM(total_premium) OVER whole), 6)) AS premium_pct,
  IF(
    is_small,
    NULL,
    ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY is_small, ROUND(total_premium, 2) DESC, product_id)
  ) AS premium_rank,
  IF(is_small, NULL, ROUND(SAFE_DIVIDE(total_premium, n_policies), 2)) AS premium_per_policy,
  is_small
FROM weighed
WINDOW whole AS (PARTITION BY snapshot_date)
