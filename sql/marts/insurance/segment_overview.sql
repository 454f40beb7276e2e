-- Who is in each segment, and what is it worth? One row per segment of the primary lens with its name, its description
-- and its averages, a segment nobody is in at present included, and one row for the customers who could not be
-- placed. The comparison of a persona card, a radar chart or a board slide.
-- Where one to @min_group_size - 1 customers stand in a segment, or hold its policies, sums and means are not told
-- (`is_small`), nor are those of the next smallest segment, or the first would follow from the total. Nor is what is
-- most common, or a mean of age or income, where as few have it; that a mean of all can tell roughly.
WITH
  held AS (
    SELECT
      snapshot_date,
      customer_id,
      COUNT(*) AS n_policies,
      SUM(premium) AS total_premium,
      SUM(coverage) AS total_coverage,
      AVG(ROUND(DATE_DIFF(snapshot_date, purchase_date, DAY) / 365, 2)) AS tenure_years,
      AVG(SAFE_DIVIDE(premium, coverage) * 100) AS premium_to_coverage_pct,
      SUM(
        premium
        * ROUND(
          GREATEST(
            DATE_DIFF(IF(lapse_date <= snapshot_date, lapse_date, snapshot_date), purchase_date, DAY), 0
          ) / 365,
          2
        )
      ) AS premium_to_date
    FROM policies
    GROUP BY snapshot_date, customer_id
  ),

  primary_lenses AS (
    SELECT DISTINCT snapshot_date, lens FROM labelled_customers
  ),

  segments AS (
    SELECT snapshot_date, lens, segment_id, segment_name FROM labelled_customers
    UNION DISTINCT
    SELECT n.snapshot_date, n.lens, n.segment_id, n.segment_name
    FROM segment_labels AS n
    INNER JOIN primary_lenses AS l ON l.snapshot_date = n.snapshot_date AND l.lens = n.lens
  ),

  grouped AS (
    SELECT
      l.snapshot_date,
      l.segment_name,
      COUNT(*) AS n_customers,
      COUNT(h.customer_id) AS n_holders,
      COUNT(c.age) AS n_ages,
      COUNT(c.income) AS n_incomes,
      SUM(h.n_policies) AS n_policies,
      SUM(h.total_premium) AS total_premium,
      SUM(h.total_coverage) AS total_coverage,
      SUM(h.premium_to_date) AS premium_to_date,
      AVG(c.age) AS mean_age_years,
      AVG(c.income) AS mean_income,
      AVG(h.tenure_years) AS mean_tenure_years,
      AVG(h.premium_to_coverage_pct) AS mean_premium_to_coverage_pct,
      AVG(l.confidence) AS mean_confidence,
      COUNT(IF(l.is_outlier, l.customer_id, NULL)) AS n_outliers
    FROM labelled_customers AS l
    LEFT JOIN customers AS c ON c.snapshot_date = l.snapshot_date AND c.customer_id = l.customer_id
    LEFT JOIN held AS h ON h.snapshot_date = l.snapshot_date AND h.customer_id = l.customer_id
    GROUP BY l.snapshot_date, l.segment_name
  ),

  weighed AS (
    SELECT
      snapshot_date,
      segment_name,
      n_customers,
      n_policies,
      total_premium,
      total_coverage,
      premium_to_date,
      IF(n_ages >= @min_group_size, mean_age_years, NULL) AS mean_age_years,
      IF(n_incomes >= @min_group_size, mean_income, NULL) AS mean_income,
      mean_tenure_years,
      mean_premium_to_coverage_pct,
      mean_confidence,
      n_outliers,
      (
        n_holders > 0
        AND (
          n_holders < @min_group_size
          OR (
            MIN(IF(n_holders > 0, n_holders, NULL)) OVER whole < @min_group_size
            AND ROW_NUMBER() OVER (
              PARTITION BY snapshot_date ORDER BY n_holders < @min_group_size, n_holders, segment_name
            ) = 1
          )
        )
      )
      OR (
        n_customers < @min_group_size
        OR (
          MIN(n_customers) OVER whole < @min_group_size
          AND ROW_NUMBER() OVER (
            PARTITION BY snapshot_date ORDER BY n_customers < @min_group_size, n_customers, segment_name
          ) = 1
        )
      ) AS is_small
    FROM grouped
    WINDOW whole AS (PARTITION BY snapshot_date)
  ),

  marital_statuses AS (
    SELECT l.snapshot_date, l.segment_name, c.marital_status
    FROM labelled_customers AS l
    INNER JOIN customers AS c ON c.snapshot_date = l.snapshot_date AND c.customer_id = l.customer_id
    WHERE c.marital_status IS NOT NULL
    GROUP BY l.snapshot_date, l.segment_name, c.marital_status
    HAVING COUNT(*) >= @min_group_size
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY l.snapshot_date, l.segment_name
      ORDER BY COUNT(*) DESC, c.marital_status
    ) = 1
  ),

  cities AS (
    SELECT l.snapshot_date, l.segment_name, c.city
    FROM labelled_customers AS l
    INNER JOIN customers AS c ON c.snapshot_date = l.snapshot_date AND c.customer_id = l.customer_id
    WHERE c.city IS NOT NULL
    GROUP BY l.snapshot_date, l.segment_name, c.city
    HAVING COUNT(*) >= @min_group_size
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY l.snapshot_date, l.segment_name
      ORDER BY COUNT(*) DESC, c.city
    ) = 1
  ),

  product_types AS (
    SELECT l.snapshot_date, l.segment_name, r.product_type
    FROM labelled_customers AS l
    INNER JOIN policies AS p ON p.snapshot_date = l.snapshot_date AND p.customer_id = l.customer_id
    INNER JOIN products AS r ON r.snapshot_date = p.snapshot_date AND r.product_id = p.product_id
    WHERE r.product_type IS NOT NULL
    GROUP BY l.snapshot_date, l.segment_name, r.product_type
    HAVING COUNT(DISTINCT p.customer_id) >= @min_group_size
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY l.snapshot_date, l.segment_name
      ORDER BY ROUND(SUM(p.premium), 2) DESC, r.product_type
    ) = 1
  )

SELECT
  s.snapshot_date,
  s.lens,
  s.segment_id,
  s.segment_name,
  n.description,
  COALESCE(g.n_customers, 0) AS n_customers,
  ROUND(100 * SAFE_DIVIDE(COALESCE(g.n_customers, 0), SUM(g.n_customers) OVER whole), 6) AS customers_pct,
  CAST(COALESCE(g.n_policies, 0) AS INT64) AS n_policies,
  IF(
    NOT COALESCE(g.is_small, FALSE) AND SUM(g.n_policies) OVER whole > 0,
    ROUND(COALESCE(g.total_premium, 0), 2),
    NULL
  ) AS total_premium,
  IF(
    g.is_small, NULL, ROUND(100 * SAFE_DIVIDE(COALESCE(g.total_premium, 0), SUM(g.total_premium) OVER whole), 6)
  ) AS premium_pct,
  IF(
    NOT g.is_small AND SUM(g.n_policies) OVER whole > 0,
    ROUND(SAFE_DIVIDE(COALESCE(g.total_premium, 0), g.n_customers), 2),
    NULL
  ) AS premium_per_customer,
  IF(
    NOT COALESCE(g.is_small, FALSE) AND SUM(g.n_policies) OVER whole > 0,
    ROUND(COALESCE(g.total_coverage, 0), 2),
    NULL
  ) AS total_coverage,
  IF(
    NOT COALESCE(g.is_small, FALSE) AND SUM(g.n_policies) OVER whole > 0,
    ROUND(COALESCE(g.premium_to_date, 0), 2),
    NULL
  ) AS premium_to_date,
  IF(g.is_small, NULL, ROUND(g.mean_age_years, 6)) AS mean_age_years,
  IF(g.is_small, NULL, ROUND(g.mean_income, 2)) AS mean_income,
  IF(g.is_small, NULL, ROUND(g.mean_tenure_years, 6)) AS mean_tenure_years,
  IF(g.is_small, NULL, ROUND(g.mean_premium_to_coverage_pct, 6)) AS mean_premium_to_coverage_pct,
  m.marital_status AS most_common_marital_status,
  t.city AS most_common_city,
  IF(g.is_small, NULL, y.product_type) AS top_product_type,
  IF(g.is_small, NULL, ROUND(g.mean_confidence, 6)) AS mean_confidence,
  COALESCE(g.n_outliers, 0) AS n_outliers,
  COALESCE(g.is_small, FALSE) AS is_small
FROM segments AS s
LEFT JOIN weighed AS g ON g.snapshot_date = s.snapshot_date AND g.segment_name = s.segment_name
LEFT JOIN segment_labels AS n
  ON n.snapshot_date = s.snapshot_date AND n.lens = s.lens AND n.segment_id = s.segment_id
LEFT JOIN marital_statuses AS m ON m.snapshot_date = s.snapshot_date AND m.segment_name = s.segment_name
LEFT JOIN cities AS t ON t.snapshot_date = s.snapshot_date AND t.segment_name = s.segment_name
LEFT JOIN product_types AS y ON y.snapshot_date = s.snapshot_date AND y.segment_name = s.segment_name
WINDOW whole AS (PARTITION BY s.snapshot_date)
