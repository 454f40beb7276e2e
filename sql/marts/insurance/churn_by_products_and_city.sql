-- Where do customers leave, and does holding more products keep them? One row per number of products (different ones,
-- lapsed or not) and city, over the customers who ever held a policy. A customer has churned when every policy had
-- lapsed by the snapshot. Where the snapshot delivered no lapse at all, churn is NULL: not known, rather than none.
-- The interval (Wilson, 95 %) says how far a small cell can be trusted.
-- Cities with fewer customers than @min_group_size stand under "Other", and of fewer customers (`is_small`) it is not
-- told how many left.
WITH
  held AS (
    SELECT
      snapshot_date,
      customer_id,
      COUNT(DISTINCT product_id) AS n_products,
      COUNT(lapse_date) AS n_lapse_dates,
      COUNT(IF(lapse_date <= snapshot_date, policy_id, NULL)) = COUNT(*) AS has_lapsed
    FROM policies
    GROUP BY snapshot_date, customer_id
  ),

  cities AS (
    SELECT
      snapshot_date,
      customer_id,
      CASE
        WHEN city IS NULL THEN 'Unknown'
        WHEN COUNT(*) OVER (PARTITION BY snapshot_date, city) < @min_group_size THEN 'Other'
        ELSE city
      END AS city
    FROM customers
  ),

  located AS (
    SELECT h.snapshot_date, h.n_products, h.n_lapse_dates, h.has_lapsed, COALESCE(c.city, 'Unknown') AS city
    FROM held AS h
    LEFT JOIN cities AS c ON c.snapshot_date = h.snapshot_date AND c.customer_id = h.customer_id
  ),

  grouped AS (
    SELECT
      snapshot_date,
      n_products,
      city,
      COUNT(*) AS n_customers,
      COUNT(IF(has_lapsed, city, NULL)) AS n_lapsed,
      SUM(n_lapse_dates) AS n_lapse_dates
    FROM located
    GROUP BY snapshot_date, n_products, city
  ),

  known AS (
    SELECT
      snapshot_date,
      n_products,
      city,
      n_customers,
      IF(
        n_customers >= @min_group_size AND SUM(n_lapse_dates) OVER (PARTITION BY snapshot_date) > 0, n_lapsed, NULL
      ) AS n_lapsed
    FROM grouped
  ),

  estimated AS (
    SELECT
      snapshot_date,
      n_products,
      city,
      n_customers,
      n_lapsed,
      SAFE_DIVIDE(n_lapsed, n_customers) AS churn_share,
      -- Wilson (1927): (m + z^2 / 2 -+ z sqrt(m (n - m) / n + z^2 / 4)) / (n + z^2), z = 1.959963984540054.
      SAFE_DIVIDE(n_lapsed + 1.920729410347062, n_customers + 3.841458820694124) AS centre,
      1.959963984540054 * SAFE_DIVIDE(
        SQRT(SAFE_DIVIDE(n_lapsed * (n_customers - n_lapsed), n_customers) + 0.960364705173531),
        n_customers + 3.841458820694124
      ) AS half_width
    FROM known
  )

SELECT
  snapshot_date,
  n_products,
  city,
  n_customers,
  n_lapsed,
  ROUND(100 * churn_share, 6) AS churn_pct,
  ROUND(GREATEST(100 * (centre - half_width), 0), 6) AS churn_ci_low_pct,
  ROUND(LEAST(100 * (centre + half_width), 100), 6) AS churn_ci_high_pct,
  n_customers < @min_group_size AS is_small
FROM estimated
