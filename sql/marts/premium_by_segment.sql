-- Which segments does the premium come from? One row a segment of the primary lens, and one for the customers who
-- could not be placed ("Unclassified"), so that the shares are of the whole and sum to 100.
WITH
  grouped AS (
    SELECT
      l.snapshot_date,
      l.segment_id,
      l.segment_name,
      COUNT(DISTINCT l.customer_id) AS n_customers,
      COUNT(p.policy_id) AS n_policies,
      COALESCE(SUM(p.premium), 0) AS total_premium,
      COALESCE(SUM(p.coverage), 0) AS total_coverage,
      AVG(SAFE_DIVIDE(p.premium, p.coverage) * 100) AS mean_policy_premium_to_coverage_pct,
      COUNT(p.lapse_date) AS n_lapse_dates,
      COALESCE(SUM(IF(p.lapse_date IS NULL OR p.lapse_date > p.snapshot_date, p.premium, 0)), 0) AS in_force_premium
    FROM labelled_customers AS l
    LEFT JOIN policies AS p ON p.snapshot_date = l.snapshot_date AND p.customer_id = l.customer_id
    GROUP BY l.snapshot_date, l.segment_id, l.segment_name
  )

SELECT
  snapshot_date,
  segment_id,
  segment_name,
  n_customers,
  ROUND(100 * SAFE_DIVIDE(n_customers, SUM(n_customers) OVER whole), 6) AS customers_pct,
  n_policies,
  IF(SUM(n_policies) OVER whole > 0, ROUND(total_premium, 2), NULL) AS total_premium,
  ROUND(100 * SAFE_DIVIDE(total_premium, SUM(total_premium) OVER whole), 6) AS premium_pct,
  ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY ROUND(total_premium, 2) DESC, segment_name) AS premium_rank,
  ROUND(SAFE_DIVIDE(total_premium, n_policies), 2) AS premium_per_policy,
  IF(
    SUM(n_policies) OVER whole > 0, ROUND(SAFE_DIVIDE(total_premium, n_customers), 2), NULL
  ) AS premium_per_customer,
  IF(SUM(n_policies) OVER whole > 0, ROUND(total_coverage, 2), NULL) AS total_coverage,
  ROUND(mean_policy_premium_to_coverage_pct, 6) AS mean_policy_premium_to_coverage_pct,
  IF(SUM(n_lapse_dates) OVER whole > 0, ROUND(in_force_premium, 2), NULL) AS in_force_premium
FROM grouped
WINDOW whole AS (PARTITION BY snapshot_date)
