-- Where does the premium come from? One row a city of residence; customers without one stand under "Unknown".
WITH
  located AS (
    SELECT snapshot_date, customer_id, COALESCE(city, 'Unknown') AS city
    FROM customers
  ),

  grouped AS (
    SELECT
      c.snapshot_date,
      c.city,
      COUNT(DISTINCT c.customer_id) AS n_customers,
      COUNT(p.policy_id) AS n_policies,
      COALESCE(SUM(p.premium), 0) AS total_premium,
      COALESCE(SUM(p.coverage), 0) AS total_coverage,
      AVG(SAFE_DIVIDE(p.premium, p.coverage) * 100) AS mean_policy_premium_to_coverage_pct,
      COUNT(p.lapse_date) AS n_lapse_dates,
      COALESCE(SUM(IF(p.lapse_date IS NULL OR p.lapse_date > p.snapshot_date, p.premium, 0)), 0) AS in_force_premium
    FROM located AS c
    LEFT JOIN policies AS p ON p.snapshot_date = c.snapshot_date AND p.customer_id = c.customer_id
    GROUP BY c.snapshot_date, c.city
  )

SELECT
  snapshot_date,
  city,
  n_customers,
  ROUND(100 * SAFE_DIVIDE(n_customers, SUM(n_customers) OVER whole), 6) AS customers_pct,
  n_policies,
  IF(SUM(n_policies) OVER whole > 0, ROUND(total_premium, 2), NULL) AS total_premium,
  ROUND(100 * SAFE_DIVIDE(total_premium, SUM(total_premium) OVER whole), 6) AS premium_pct,
  ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY ROUND(total_premium, 2) DESC, city) AS premium_rank,
  ROUND(SAFE_DIVIDE(total_premium, n_policies), 2) AS premium_per_policy,
  IF(
    SUM(n_policies) OVER whole > 0, ROUND(SAFE_DIVIDE(total_premium, n_customers), 2), NULL
  ) AS premium_per_customer,
  IF(SUM(n_policies) OVER whole > 0, ROUND(total_coverage, 2), NULL) AS total_coverage,
  ROUND(mean_policy_premium_to_coverage_pct, 6) AS mean_policy_premium_to_coverage_pct,
  IF(SUM(n_lapse_dates) OVER whole > 0, ROUND(in_force_premium, 2), NULL) AS in_force_premium
FROM grouped
WINDOW whole AS (PARTITION BY snapshot_date)
