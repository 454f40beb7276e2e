-- Which segments does the premium come from? One row per segment of the primary lens, and one for the customers who
-- could not be placed ("Unclassified"), so that the shares are of the whole and sum to 100.
-- Where one to @min_group_size - 1 customers hold the policies, their amounts are not told (`is_small`), nor are those
-- of the next smallest row, or the first would follow from the total. Premium in force and lapsed are told apart
-- where neither is that of so few.
WITH
  grouped AS (
    SELECT
      l.snapshot_date,
      l.segment_id,
      l.segment_name,
      COUNT(DISTINCT l.customer_id) AS n_customers,
      COUNT(p.policy_id) AS n_policies,
      COUNT(DISTINCT p.customer_id) AS n_holders,
      COUNT(DISTINCT IF(p.lapse_date IS NULL OR p.lapse_date > p.snapshot_date, p.customer_id, NULL)) AS n_in_force,
      COUNT(DISTINCT IF(p.lapse_date <= p.snapshot_date, p.customer_id, NULL)) AS n_lapsed,
      COALESCE(SUM(p.premium), 0) AS total_premium,
      COALESCE(SUM(p.coverage), 0) AS total_coverage,
      AVG(SAFE_DIVIDE(p.premium, p.coverage) * 100) AS mean_policy_premium_to_coverage_pct,
      COUNT(p.lapse_date) AS n_lapse_dates,
      COALESCE(SUM(IF(p.lapse_date IS NULL OR p.lapse_date > p.snapshot_date, p.premium, 0)), 0) AS in_force_premium
    FROM labelled_customers AS l
    LEFT JOIN policies AS p ON p.snapshot_date = l.snapshot_date AND p.customer_id = l.customer_id
    GROUP BY l.snapshot_date, l.segment_id, l.segment_name
  ),

  split AS (
    SELECT
      *,
      IF(n_in_force > 0 AND n_lapsed > 0, LEAST(n_in_force, n_lapsed), n_holders) AS n_of_part
    FROM grouped
  ),

  weighed AS (
    SELECT
      *,
      n_holders > 0
      AND (
        n_holders < @min_group_size
        OR (
          MIN(IF(n_holders > 0, n_holders, NULL)) OVER whole < @min_group_size
          AND ROW_NUMBER() OVER (
            PARTITION BY snapshot_date ORDER BY n_holders < @min_group_size, n_holders, segment_name
          ) = 1
        )
      ) AS is_small,
      n_of_part > 0
      AND (
        n_of_part < @min_group_size
        OR (
          MIN(IF(n_of_part > 0, n_of_part, NULL)) OVER whole < @min_group_size
          AND ROW_NUMBER() OVER (
            PARTITION BY snapshot_date ORDER BY n_of_part < @min_group_size, n_of_part, segment_name
          ) = 1
        )
      ) AS is_part_small
    FROM split
    WINDOW whole AS (PARTITION BY snapshot_date)
  )

SELECT
  snapshot_date,
  segment_id,
  segment_name,
  n_customers,
  ROUND(100 * SAFE_DIVIDE(n_customers, SUM(n_customers) OVER whole), 6) AS customers_pct,
  n_policies,
  IF(NOT is_small AND SUM(n_policies) OVER whole > 0, ROUND(total_premium, 2), NULL) AS total_premium,
  IF(is_small, NULL, ROUND(100 * SAFE_DIVIDE(total_premium, SUM(total_premium) OVER whole), 6)) AS premium_pct,
  IF(
    is_small,
    NULL,
    ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY is_small, ROUND(total_premium, 2) DESC, segment_name)
  ) AS premium_rank,
  IF(is_small, NULL, ROUND(SAFE_DIVIDE(total_premium, n_policies), 2)) AS premium_per_policy,
  IF(
    NOT is_small AND SUM(n_policies) OVER whole > 0, ROUND(SAFE_DIVIDE(total_premium, n_customers), 2), NULL
  ) AS premium_per_customer,
  IF(NOT is_small AND SUM(n_policies) OVER whole > 0, ROUND(total_coverage, 2), NULL) AS total_coverage,
  IF(is_small, NULL, ROUND(mean_policy_premium_to_coverage_pct, 6)) AS mean_policy_premium_to_coverage_pct,
  IF(
    NOT is_small AND NOT is_part_small AND SUM(n_lapse_dates) OVER whole > 0, ROUND(in_force_premium, 2), NULL
  ) AS in_force_premium,
  is_small
FROM weighed
WINDOW whole AS (PARTITION BY snapshot_date)
