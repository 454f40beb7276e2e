-- One row per customer and snapshot, one column a feature of the insurance portfolio.
-- A feature whose input table was not delivered for a snapshot is NULL, which is not the same as zero.
-- Each table that is read is bounded by itself: what a join or EXISTS equates does not keep BigQuery from reading the
-- other days.
WITH
  delivered AS (
    SELECT
      d.snapshot_date,
      EXISTS(
        SELECT 1 FROM claims AS c
        WHERE c.snapshot_date = d.snapshot_date AND c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      ) AS has_claims,
      EXISTS(
        SELECT 1 FROM interactions AS i
        WHERE i.snapshot_date = d.snapshot_date AND i.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      ) AS has_interactions,
      EXISTS(
        SELECT 1 FROM policies AS p
        WHERE
          p.snapshot_date = d.snapshot_date
          AND p.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
          AND p.lapse_date IS NOT NULL
      ) AS has_lapses
    FROM (
      SELECT DISTINCT snapshot_date FROM customers
      WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot
    ) AS d
  ),

  policy_features AS (
    SELECT
      snapshot_date,
      customer_id,
      -- The published method: days / 365 to two decimals a policy, then the mean.
      AVG(ROUND(DATE_DIFF(snapshot_date, purchase_date, DAY) / 365, 2)) AS tenure_years,
      AVG(SAFE_DIVIDE(premium, coverage) * 100) AS premium_to_coverage,
      COUNT(*) AS n_policies,
      SUM(premium) AS total_premium,
      SUM(coverage) AS total_coverage,
      COUNTIF(lapse_date <= snapshot_date) = COUNT(*) AS has_lapsed
    FROM policies
    WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot
    GROUP BY snapshot_date, customer_id
  ),

  main_products AS (
    SELECT p.snapshot_date, p.customer_id, r.product_type AS main_product_type
    FROM policies AS p
    INNER JOIN products AS r ON r.snapshot_date = p.snapshot_date AND r.product_id = p.product_id
    WHERE
      p.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      AND r.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      AND r.product_type IS NOT NULL
    GROUP BY p.snapshot_date, p.customer_id, r.product_type
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY p.snapshot_date, p.customer_id
      ORDER BY SUM(p.premium) DESC, r.product_type
    ) = 1
  ),

  product_types AS (
    SELECT p.snapshot_date, p.customer_id, r.product_type, MIN(p.purchase_date) AS first_bought
    FROM policies AS p
    INNER JOIN products AS r ON r.snapshot_date = p.snapshot_date AND r.product_id = p.product_id
    WHERE
      p.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      AND r.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      AND r.product_type IS NOT NULL
    GROUP BY p.snapshot_date, p.customer_id, r.product_type
  ),

  products_bought AS (
    SELECT
      snapshot_date, customer_id, STRING_AGG(product_type, ' + ' ORDER BY product_type) AS products_bought
    FROM product_types
    GROUP BY snapshot_date, customer_id
  ),

  second_products AS (
    SELECT snapshot_date, customer_id, product_type AS second_product_type
    FROM product_types
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY snapshot_date, customer_id
      ORDER BY first_bought, product_type
    ) = 2
  ),

  claim_features AS (
    SELECT snapshot_date, customer_id, COUNT(*) AS claims_per_year
    FROM claims
    WHERE
      snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      AND claim_date > DATE_SUB(snapshot_date, INTERVAL 1 YEAR)
    GROUP BY snapshot_date, customer_id
  ),

  interaction_features AS (
    SELECT
      snapshot_date,
      customer_id,
      COUNTIF(interaction_type = 'visit') AS visits_per_year,
      COUNTIF(interaction_type IN ('call', 'email', 'text', 'complaint')) AS calls_per_year,
      SAFE_DIVIDE(
        COUNTIF(interaction_type = 'payment' AND days_late > 0), COUNTIF(interaction_type = 'payment')
      ) AS late_payment_share
    FROM interactions
    WHERE
      snapshot_date BETWEEN @first_snapshot AND @last_snapshot
      AND interaction_date > DATE_SUB(snapshot_date, INTERVAL 1 YEAR)
    GROUP BY snapshot_date, customer_id
  ),

  latest_answers AS (
    SELECT snapshot_date, customer_id, question, answer
    FROM survey_responses
    WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot AND answer IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY snapshot_date, customer_id, question
      ORDER BY survey_date DESC, response_id DESC
    ) = 1
  ),

  survey_features AS (
    SELECT
      snapshot_date,
      customer_id,
      MAX(IF(question = 'risk_appetite', answer, NULL)) AS risk_appetite,
      MAX(IF(question = 'price_sensitivity', answer, NULL)) AS price_sensitivity,
      MAX(IF(question = 'digital_affinity', answer, NULL)) AS digital_affinity,
      MAX(IF(question = 'brand_loyalty', answer, NULL)) AS brand_loyalty
    FROM latest_answers
    GROUP BY snapshot_date, customer_id
  )

SELECT
  c.snapshot_date,
  c.customer_id,
  CAST(c.age AS FLOAT64) AS age,
  c.income,
  p.tenure_years,
  p.premium_to_coverage,
  c.marital_status,
  c.gender,
  c.city,
  c.education,
  c.occupation,
  c.preferred_channel,
  CAST(COALESCE(p.n_policies, 0) AS FLOAT64) AS n_policies,
  COALESCE(p.total_premium, 0) AS total_premium,
  COALESCE(p.total_coverage, 0) AS total_coverage,
  m.main_product_type,
  b.products_bought,
  n.second_product_type,
  IF(d.has_lapses AND p.customer_id IS NOT NULL, IF(p.has_lapsed, 'lapsed', 'active'), NULL) AS policy_status,
  IF(d.has_claims, CAST(COALESCE(l.claims_per_year, 0) AS FLOAT64), NULL) AS claims_per_year,
  IF(d.has_interactions, CAST(COALESCE(i.visits_per_year, 0) AS FLOAT64), NULL) AS visits_per_year,
  IF(d.has_interactions, CAST(COALESCE(i.calls_per_year, 0) AS FLOAT64), NULL) AS calls_per_year,
  IF(d.has_interactions, COALESCE(i.late_payment_share, 0), NULL) AS late_payment_share,
  CAST(s.risk_appetite AS FLOAT64) AS risk_appetite,
  CAST(s.price_sensitivity AS FLOAT64) AS price_sensitivity,
  CAST(s.digital_affinity AS FLOAT64) AS digital_affinity,
  CAST(s.brand_loyalty AS FLOAT64) AS brand_loyalty
FROM customers AS c
INNER JOIN delivered AS d ON d.snapshot_date = c.snapshot_date
LEFT JOIN policy_features AS p ON p.snapshot_date = c.snapshot_date AND p.customer_id = c.customer_id
LEFT JOIN main_products AS m ON m.snapshot_date = c.snapshot_date AND m.customer_id = c.customer_id
LEFT JOIN products_bought AS b ON b.snapshot_date = c.snapshot_date AND b.customer_id = c.customer_id
LEFT JOIN second_products AS n ON n.snapshot_date = c.snapshot_date AND n.customer_id = c.customer_id
LEFT JOIN claim_features AS l ON l.snapshot_date = c.snapshot_date AND l.customer_id = c.customer_id
LEFT JOIN interaction_features AS i ON i.snapshot_date = c.snapshot_date AND i.customer_id = c.customer_id
LEFT JOIN survey_features AS s ON s.snapshot_date = c.snapshot_date AND s.customer_id = c.customer_id
WHERE c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
