-- How large is the business on each snapshot? One row per snapshot: the cards at the top of a dashboard.
-- Policies count whether or not they have lapsed; what is still in force stands beside, and is NULL (which is not
-- zero) where the snapshot delivered no lapse at all. Amounts are NULL where it delivered no policy.
WITH
  policy_totals AS (
    SELECT
      snapshot_date,
      COUNT(*) AS n_policies,
      COUNT(DISTINCT customer_id) AS n_policyholders,
      COUNT(DISTINCT product_id) AS n_products_sold,
      SUM(premium) AS total_premium,
      SUM(coverage) AS total_coverage,
      AVG(SAFE_DIVIDE(premium, coverage) * 100) AS mean_policy_premium_to_coverage_pct,
      AVG(ROUND(DATE_DIFF(snapshot_date, purchase_date, DAY) / 365, 2)) AS mean_policy_tenure_years,
      COUNT(lapse_date) AS n_lapse_dates,
      COUNT(IF(lapse_date IS NULL OR lapse_date > snapshot_date, policy_id, NULL)) AS n_policies_in_force,
      SUM(IF(lapse_date IS NULL OR lapse_date > snapshot_date, premium, 0)) AS in_force_premium
    FROM policies
    GROUP BY snapshot_date
  ),

  product_totals AS (
    SELECT snapshot_date, COUNT(*) AS n_products
    FROM products
    GROUP BY snapshot_date
  ),

  segment_totals AS (
    SELECT
      snapshot_date,
      COUNT(DISTINCT segment_id) AS n_segments,
      COUNT(segment_id) AS n_classified
    FROM labelled_customers
    GROUP BY snapshot_date
  ),

  customer_totals AS (
    SELECT
      snapshot_date,
      COUNT(*) AS n_customers,
      COUNT(DISTINCT city) AS n_cities,
      AVG(age) AS mean_age_years,
      AVG(income) AS mean_income
    FROM customers
    GROUP BY snapshot_date
  )

SELECT
  c.snapshot_date,
  c.n_customers,
  c.n_customers - COALESCE(s.n_classified, 0) AS n_unclassified,
  COALESCE(s.n_segments, 0) AS n_segments,
  COALESCE(p.n_policyholders, 0) AS n_policyholders,
  COALESCE(p.n_policies, 0) AS n_policies,
  COALESCE(r.n_products, 0) AS n_products,
  COALESCE(p.n_products_sold, 0) AS n_products_sold,
  c.n_cities,
  ROUND(p.total_premium, 2) AS total_premium,
  ROUND(p.total_coverage, 2) AS total_coverage,
  ROUND(SAFE_DIVIDE(p.total_premium, p.n_policies), 2) AS premium_per_policy,
  ROUND(SAFE_DIVIDE(p.total_coverage, p.n_policies), 2) AS coverage_per_policy,
  ROUND(SAFE_DIVIDE(p.total_premium, p.n_policyholders), 2) AS premium_per_policyholder,
  ROUND(p.mean_policy_premium_to_coverage_pct, 6) AS mean_policy_premium_to_coverage_pct,
  ROUND(p.mean_policy_tenure_years, 6) AS mean_policy_tenure_years,
  ROUND(c.mean_age_years, 6) AS mean_age_years,
  ROUND(c.mean_income, 2) AS mean_income,
  IF(p.n_lapse_dates > 0, p.n_policies_in_force, NULL) AS n_policies_in_force,
  IF(p.n_lapse_dates > 0, ROUND(p.in_force_premium, 2), NULL) AS in_force_premium
FROM customer_totals AS c
LEFT JOIN segment_totals AS s ON s.snapshot_date = c.snapshot_date
LEFT JOIN policy_totals AS p ON p.snapshot_date = c.snapshot_date
LEFT JOIN product_totals AS r ON r.snapshot_date = c.snapshot_date
