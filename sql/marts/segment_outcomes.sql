-- What is each segment worth, and do its customers meet the outcome that the company fears more often than others?
-- One row per lens and segment, and one for the customers whom the lens could not place ("Unclassified"). @value and
-- @has_outcome are written out as the columns of customer_features that the portfolio names. "Others" are all customers
-- of the snapshot outside of the row.
-- Intervals are of 95 %: of a share by Wilson (1927), of the difference of two by Newcombe (Statistics in Medicine 17,
-- 1998, 873-890, method 10), which joins the Wilson intervals of both.
-- Where one to @min_group_size - 1 customers stand in a row, have a value other than 0, or are known by their outcome,
-- neither value nor outcome is told (`is_small`), nor are those of the next smallest row, or the first would follow
-- from the total.
WITH
  placed AS (
    SELECT snapshot_date, lens, customer_id, segment_id
    FROM customer_segments
  ),

  judged AS (
    SELECT snapshot_date, customer_id, CAST(@value AS FLOAT64) AS worth, @has_outcome AS has_outcome
    FROM customer_features
  ),

  grouped AS (
    SELECT
      p.snapshot_date,
      p.lens,
      p.segment_id,
      COUNT(*) AS n_customers,
      COUNT(j.worth) AS n_valued,
      COUNT(IF(j.worth != 0, j.customer_id, NULL)) AS n_holders,
      SUM(j.worth) AS total_value,
      COUNT(j.has_outcome) AS n_known,
      COUNT(IF(j.has_outcome, j.customer_id, NULL)) AS n_outcomes
    FROM placed AS p
    LEFT JOIN judged AS j ON j.snapshot_date = p.snapshot_date AND j.customer_id = p.customer_id
    GROUP BY p.snapshot_date, p.lens, p.segment_id
  ),

  named AS (
    SELECT
      g.snapshot_date,
      g.lens,
      g.segment_id,
      g.n_customers,
      g.n_valued,
      g.n_holders,
      g.total_value,
      g.n_known,
      g.n_outcomes,
      CASE
        WHEN g.segment_id IS NULL THEN 'Unclassified'
        ELSE COALESCE(n.segment_name, CONCAT('Segment ', CAST(g.segment_id AS STRING)))
      END AS segment_name
    FROM grouped AS g
    LEFT JOIN segment_labels AS n
      ON n.snapshot_date = g.snapshot_date AND n.lens = g.lens AND n.segment_id = g.segment_id
  ),

  weighed AS (
    SELECT
      *,
      SUM(n_known) OVER whole - n_known AS n_others,
      SUM(n_outcomes) OVER whole - n_outcomes AS n_others_outcomes,
      (
        n_customers < @min_group_size
        OR (
          MIN(n_customers) OVER whole < @min_group_size
          AND ROW_NUMBER() OVER (
            PARTITION BY snapshot_date, lens ORDER BY n_customers < @min_group_size, n_customers, segment_name
          ) = 1
        )
      )
      OR (
        n_holders > 0
        AND (
          n_holders < @min_group_size
          OR (
            MIN(IF(n_holders > 0, n_holders, NULL)) OVER whole < @min_group_size
            AND ROW_NUMBER() OVER (
              PARTITION BY snapshot_date, lens ORDER BY n_holders < @min_group_size, n_holders, segment_name
            ) = 1
          )
        )
      )
      OR (
        n_known > 0
        AND (
          n_known < @min_group_size
          OR (
            MIN(IF(n_known > 0, n_known, NULL)) OVER whole < @min_group_size
            AND ROW_NUMBER() OVER (
              PARTITION BY snapshot_date, lens ORDER BY n_known < @min_group_size, n_known, segment_name
            ) = 1
          )
        )
      ) AS is_small
    FROM named
    WINDOW whole AS (PARTITION BY snapshot_date, lens)
  ),

  told AS (
    SELECT
      *,
      SUM(n_customers) OVER whole AS n_all,
      SUM(total_value) OVER whole AS value_of_all,
      IF(is_small OR n_known = 0, NULL, n_outcomes) AS m,
      IF(is_small, NULL, n_known) AS n,
      IF(is_small OR n_others < @min_group_size, NULL, n_others_outcomes) AS m_others,
      n_others AS n_of_others
    FROM weighed
    WINDOW whole AS (PARTITION BY snapshot_date, lens)
  ),

  estimated AS (
    SELECT
      *,
      SAFE_DIVIDE(m, n) AS outcome_share,
      SAFE_DIVIDE(m_others, n_of_others) AS others_share,
      -- Wilson: (m + z^2 / 2 -+ z sqrt(m (n - m) / n + z^2 / 4)) / (n + z^2), z = 1.959963984540054.
      SAFE_DIVIDE(m + 1.920729410347062, n + 3.841458820694124) AS centre,
      SAFE_DIVIDE(
        1.959963984540054 * SQRT(SAFE_DIVIDE(m * (n - m), n) + 0.960364705173531), n + 3.841458820694124
      ) AS half_width,
      SAFE_DIVIDE(m_others + 1.920729410347062, n_of_others + 3.841458820694124) AS others_centre,
      SAFE_DIVIDE(
        1.959963984540054
        * SQRT(SAFE_DIVIDE(m_others * (n_of_others - m_others), n_of_others) + 0.960364705173531),
        n_of_others + 3.841458820694124
      ) AS others_half_width
    FROM told
  ),

  bounded AS (
    SELECT
      *,
      IF(outcome_share IS NULL, NULL, GREATEST(centre - half_width, 0)) AS low,
      IF(outcome_share IS NULL, NULL, LEAST(centre + half_width, 1)) AS high,
      IF(others_share IS NULL, NULL, GREATEST(others_centre - others_half_width, 0)) AS others_low,
      IF(others_share IS NULL, NULL, LEAST(others_centre + others_half_width, 1)) AS others_high
    FROM estimated
  ),

  compared AS (
    SELECT
      *,
      outcome_share - others_share AS difference,
      outcome_share - others_share
      - SQRT(POW(outcome_share - low, 2) + POW(others_high - others_share, 2)) AS difference_low,
      outcome_share - others_share
      + SQRT(POW(high - outcome_share, 2) + POW(others_share - others_low, 2)) AS difference_high
    FROM bounded
  )

SELECT
  snapshot_date,
  lens,
  segment_id,
  segment_name,
  n_customers,
  ROUND(100 * SAFE_DIVIDE(n_customers, n_all), 6) AS customers_pct,
  n_valued,
  IF(is_small, NULL, ROUND(total_value, 2)) AS total_value,
  IF(is_small, NULL, ROUND(100 * SAFE_DIVIDE(COALESCE(total_value, 0), value_of_all), 6)) AS value_pct,
  IF(is_small, NULL, ROUND(SAFE_DIVIDE(total_value, n_valued), 2)) AS mean_value,
  n_known,
  m AS n_outcomes,
  ROUND(100 * outcome_share, 6) AS outcome_pct,
  ROUND(100 * low, 6) AS outcome_ci_low_pct,
  ROUND(100 * high, 6) AS outcome_ci_high_pct,
  ROUND(100 * others_share, 6) AS others_outcome_pct,
  ROUND(100 * difference, 6) AS difference_pct,
  ROUND(100 * difference_low, 6) AS difference_ci_low_pct,
  ROUND(100 * difference_high, 6) AS difference_ci_high_pct,
  difference_low > 0 OR difference_high < 0 AS is_different,
  is_small
FROM compared
