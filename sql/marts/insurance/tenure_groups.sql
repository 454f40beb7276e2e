-- How long have policies been held? One row per band of tenure (years since purchase, to the snapshot) that holds a
-- policy. A band includes its lower bound. Sort by `from_tenure_years`. A customer with policies in two bands counts
-- in both, so only the shares of policies and of premium sum to 100.
-- Where one to @min_group_size - 1 customers hold the policies, their amounts are not told (`is_small`), nor are those
-- of the next smallest row, or the first would follow from the total.
WITH
  held AS (
    SELECT
      snapshot_date,
      customer_id,
      premium,
      ROUND(DATE_DIFF(snapshot_date, purchase_date, DAY) / 365, 2) AS tenure_years,
      ROUND(
        GREATEST(
          DATE_DIFF(IF(lapse_date <= snapshot_date, lapse_date, snapshot_date), purchase_date, DAY), 0
        ) / 365,
        2
      ) AS paid_years
    FROM policies
  ),

  banded AS (
    SELECT
      snapshot_date,
      customer_id,
      premium,
      premium * paid_years AS premium_to_date,
      CASE
        WHEN tenure_years < 1 THEN '<1'
        WHEN tenure_years < 3 THEN '1-3'
        WHEN tenure_years < 5 THEN '3-5'
        WHEN tenure_years < 10 THEN '5-10'
        WHEN tenure_years < 15 THEN '10-15'
        WHEN tenure_years < 20 THEN '15-20'
        ELSE '20+'
      END AS tenure_group,
      CASE
        WHEN tenure_years < 1 THEN 0
        WHEN tenure_years < 3 THEN 1
        WHEN tenure_years < 5 THEN 3
        WHEN tenure_years < 10 THEN 5
        WHEN tenure_years < 15 THEN 10
        WHEN tenure_years < 20 THEN 15
        ELSE 20
      END AS from_tenure_years
    FROM held
  ),

  grouped AS (
    SELECT
      snapshot_date,
      tenure_group,
      from_tenure_years,
      COUNT(*) AS n_policies,
      COUNT(DISTINCT customer_id) AS n_customers,
      SUM(premium) AS total_premium,
      SUM(premium_to_date) AS premium_to_date
    FROM banded
    GROUP BY snapshot_date, tenure_group, from_tenure_years
  ),

  weighed AS (
    SELECT
      *,
      (
        n_customers < @min_group_size
        OR (
          MIN(n_customers) OVER whole < @min_group_size
          AND ROW_NUMBER() OVER (
            PARTITION BY snapshot_date ORDER BY n_customers < @min_group_size, n_customers, tenure_group
          ) = 1
        )
      ) AS is_small
    FROM grouped
    WINDOW whole AS (PARTITION BY snapshot_date)
  )

SELECT
  snapshot_date,
  tenure_group,
  CAST(from_tenure_years AS INT64) AS from_tenure_years,
  n_policies,
  ROUND(100 * SAFE_DIVIDE(n_policies, SUM(n_policies) OVER whole), 6) AS policies_pct,
  n_customers,
  IF(is_small, NULL, ROUND(total_premium, 2)) AS total_premium,
  IF(is_small, NULL, ROUND(100 * SAFE_DIVIDE(total_premium, SUM(total_premium) OVER whole), 6)) AS premium_pct,
  IF(is_small, NULL, ROUND(SAFE_DIVIDE(total_premium, n_policies), 2)) AS premium_per_policy,
  IF(is_small, NULL, ROUND(premium_to_date, 2)) AS premium_to_date,
  is_small
FROM weighed
WINDOW whole AS (PARTITION BY snapshot_date)
