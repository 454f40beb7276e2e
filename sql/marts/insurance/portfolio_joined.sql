-- What is in the book, seen from any side? One row per policy with its customer, its product and its segment, for
-- slicing by hand: every filter and drill-down of a report can start here.
WITH
  lapse_deliveries AS (
    SELECT snapshot_date, COUNT(lapse_date) > 0 AS has_lapses
    FROM policies
    GROUP BY snapshot_date
  ),

  dated AS (
    SELECT
      p.snapshot_date,
      p.policy_id,
      p.customer_id,
      p.product_id,
      p.purchase_date,
      p.lapse_date,
      p.premium,
      p.coverage,
      ROUND(DATE_DIFF(p.snapshot_date, p.purchase_date, DAY) / 365, 2) AS tenure_years,
      -- Premiums were paid up to the lapse, not beyond it.
      ROUND(
        GREATEST(
          DATE_DIFF(IF(p.lapse_date <= p.snapshot_date, p.lapse_date, p.snapshot_date), p.purchase_date, DAY), 0
        ) / 365,
        2
      ) AS paid_years,
      IF(d.has_lapses, p.lapse_date IS NULL OR p.lapse_date > p.snapshot_date, NULL) AS is_in_force
    FROM policies AS p
    INNER JOIN lapse_deliveries AS d ON d.snapshot_date = p.snapshot_date
  )

SELECT
  p.snapshot_date,
  p.policy_id,
  p.customer_id,
  p.product_id,
  l.segment_id,
  COALESCE(l.segment_name, 'Unclassified') AS segment_name,
  p.purchase_date,
  p.lapse_date,
  p.is_in_force,
  p.tenure_years,
  CASE
    WHEN p.tenure_years < 1 THEN '<1'
    WHEN p.tenure_years < 3 THEN '1-3'
    WHEN p.tenure_years < 5 THEN '3-5'
    WHEN p.tenure_years < 10 THEN '5-10'
    WHEN p.tenure_years < 15 THEN '10-15'
    WHEN p.tenure_years < 20 THEN '15-20'
    ELSE '20+'
  END AS tenure_group,
  p.premium,
  p.coverage,
  ROUND(SAFE_DIVIDE(p.premium, p.coverage) * 100, 6) AS premium_to_coverage_pct,
  ROUND(p.premium * p.paid_years, 2) AS premium_to_date,
  COALESCE(r.product_name, p.product_id) AS product_name,
  r.product_type,
  r.category,
  c.age,
  CASE
    WHEN c.age IS NULL THEN 'Unknown'
    WHEN c.age < 18 THEN '<18'
    WHEN c.age <= 30 THEN '18-30'
    WHEN c.age <= 40 THEN '31-40'
    WHEN c.age <= 50 THEN '41-50'
    WHEN c.age <= 60 THEN '51-60'
    ELSE '61+'
  END AS age_group,
  c.gender,
  COALESCE(c.city, 'Unknown') AS city,
  c.marital_status,
  c.education,
  c.occupation,
  c.income,
  c.preferred_language,
  c.preferred_channel,
  c.preferred_time
FROM dated AS p
LEFT JOIN customers AS c ON c.snapshot_date = p.snapshot_date AND c.customer_id = p.customer_id
LEFT JOIN products AS r ON r.snapshot_date = p.snapshot_date AND r.product_id = p.product_id
LEFT JOIN labelled_customers AS l ON l.snapshot_date = p.snapshot_date AND l.customer_id = p.customer_id
