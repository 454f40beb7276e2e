-- How do premium and its price (premium to coverage) change with age? One row an age group; customers without an
-- age stand under "Unknown". Sort by `from_age_years`, the group's lower bound.
WITH
  aged AS (
    SELECT
      snapshot_date,
      customer_id,
      CASE
        WHEN age < 18 THEN 0
        WHEN age <= 30 THEN 18
        WHEN age <= 40 THEN 31
        WHEN age <= 50 THEN 41
        WHEN age <= 60 THEN 51
        WHEN age > 60 THEN 61
      END AS from_age_years,
      CASE
        WHEN age IS NULL THEN 'Unknown'
        WHEN age < 18 THEN '<18'
        WHEN age <= 30 THEN '18-30'
        WHEN age <= 40 THEN '31-40'
        WHEN age <= 50 THEN '41-50'
        WHEN age <= 60 THEN '51-60'
        ELSE '61+'
      END AS age_group
    FROM customers
  ),

  grouped AS (
    SELECT
      c.snapshot_date,
      c.age_group,
      c.from_age_years,
      COUNT(DISTINCT c.customer_id) AS n_customers,
      COUNT(p.policy_id) AS n_policies,
      COALESCE(SUM(p.premium), 0) AS total_premium,
      COALESCE(SUM(p.coverage), 0) AS total_coverage,
      AVG(SAFE_DIVIDE(p.premium, p.coverage) * 100) AS mean_policy_premium_to_coverage_pct,
      COUNT(p.lapse_date) AS n_lapse_dates,
      COALESCE(SUM(IF(p.lapse_date IS NULL OR p.lapse_date > p.snapshot_date, p.premium, 0)), 0) AS in_force_premium
    FROM aged AS c
    LEFT JOIN policies AS p ON p.snapshot_date = c.snapshot_date AND p.customer_id = c.customer_id
    GROUP BY c.snapshot_date, c.age_group, c.from_age_years
  )

SELECT
  snapshot_date,
  age_group,
  CAST(from_age_years AS INT64) AS from_age_years,
  n_customers,
  ROUND(100 * SAFE_DIVIDE(n_customers, SUM(n_customers) OVER whole), 6) AS customers_pct,
  n_policies,
  IF(SUM(n_policies) OVER whole > 0, ROUND(total_premium, 2), NULL) AS total_premium,
  ROUND(100 * SAFE_DIVIDE(total_premium, SUM(total_premium) OVER whole), 6) AS premium_pct,
  ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY ROUND(total_premium, 2) DESC, age_group) AS premium_rank,
  ROUND(SAFE_DIVIDE(total_premium, n_policies), 2) AS premium_per_policy,
  IF(
    SUM(n_policies) OVER whole > 0, ROUND(SAFE_DIVIDE(total_premium, n_customers), 2), NULL
  ) AS premium_per_customer,
  IF(SUM(n_policies) OVER whole > 0, ROUND(total_coverage, 2), NULL) AS total_coverage,
  ROUND(mean_policy_premium_to_coverage_pct, 6) AS mean_policy_premium_to_coverage_pct,
  IF(SUM(n_lapse_dates) OVER whole > 0, ROUND(in_force_premium, 2), NULL) AS in_force_premium
FROM grouped
WINDOW whole AS (PARTITION BY snapshot_date)
