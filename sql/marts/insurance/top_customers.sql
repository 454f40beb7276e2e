-- Who are the most valuable customers? One row per customer among the 100 highest by yearly premium or the 100 highest
-- by premium paid to date (yearly premium x years held, the worth of loyalty). Filter on either rank; equal amounts
-- are ranked by customer key. Shares are of the whole book.
WITH
  held AS (
    SELECT
      snapshot_date,
      customer_id,
      product_id,
      premium,
      coverage,
      ROUND(DATE_DIFF(snapshot_date, purchase_date, DAY) / 365, 2) AS tenure_years,
      ROUND(
        GREATEST(
          DATE_DIFF(IF(lapse_date <= snapshot_date, lapse_date, snapshot_date), purchase_date, DAY), 0
        ) / 365,
        2
      ) AS paid_years
    FROM policies
  ),

  grouped AS (
    SELECT
      snapshot_date,
      customer_id,
      COUNT(*) AS n_policies,
      COUNT(DISTINCT product_id) AS n_products,
      SUM(premium) AS total_premium,
      SUM(coverage) AS total_coverage,
      AVG(tenure_years) AS tenure_years,
      SUM(premium * paid_years) AS premium_to_date
    FROM held
    GROUP BY snapshot_date, customer_id
  ),

  ranked AS (
    SELECT
      snapshot_date,
      customer_id,
      n_policies,
      n_products,
      total_premium,
      total_coverage,
      tenure_years,
      premium_to_date,
      SAFE_DIVIDE(total_premium, SUM(total_premium) OVER (PARTITION BY snapshot_date)) AS premium_share,
      ROW_NUMBER() OVER (
        PARTITION BY snapshot_date
        ORDER BY ROUND(total_premium, 2) DESC, customer_id
      ) AS premium_rank,
      ROW_NUMBER() OVER (
        PARTITION BY snapshot_date
        ORDER BY ROUND(premium_to_date, 2) DESC, customer_id
      ) AS premium_to_date_rank
    FROM grouped
  )

SELECT
  t.snapshot_date,
  t.premium_rank,
  t.premium_to_date_rank,
  t.customer_id,
  l.segment_id,
  COALESCE(l.segment_name, 'Unclassified') AS segment_name,
  c.age,
  c.occupation,
  c.income,
  COALESCE(c.city, 'Unknown') AS city,
  t.n_policies,
  t.n_products,
  ROUND(t.total_premium, 2) AS total_premium,
  ROUND(100 * t.premium_share, 6) AS premium_pct,
  ROUND(t.total_coverage, 2) AS total_coverage,
  ROUND(t.tenure_years, 6) AS tenure_years,
  ROUND(t.premium_to_date, 2) AS premium_to_date
FROM ranked AS t
LEFT JOIN customers AS c ON c.snapshot_date = t.snapshot_date AND c.customer_id = t.customer_id
LEFT JOIN labelled_customers AS l ON l.snapshot_date = t.snapshot_date AND l.customer_id = t.customer_id
WHERE t.premium_rank <= 100 OR t.premium_to_date_rank <= 100
