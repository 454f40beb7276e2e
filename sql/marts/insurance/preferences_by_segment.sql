-- How does each segment wish to be addressed? One row per segment, preference (language, channel, time) and choice.
-- A blank is a choice of its own ("Unknown"), so the shares of a preference sum to 100 in every segment; lift is the
-- share in the segment over the share among all customers.
-- A choice that fewer customers than @min_group_size share stands under "Other" with the others of its preference. All
-- else is counted, and counts are told however small (`is_small`).
WITH
  preferred AS (
    SELECT snapshot_date, customer_id, 'language' AS preference, preferred_language AS choice
    FROM customers
    UNION ALL
    SELECT snapshot_date, customer_id, 'channel' AS preference, preferred_channel AS choice
    FROM customers
    UNION ALL
    SELECT snapshot_date, customer_id, 'time' AS preference, preferred_time AS choice
    FROM customers
  ),

  told AS (
    SELECT
      snapshot_date,
      customer_id,
      preference,
      CASE
        WHEN choice IS NULL THEN 'Unknown'
        WHEN COUNT(*) OVER (PARTITION BY snapshot_date, preference, choice) < @min_group_size THEN 'Other'
        ELSE choice
      END AS choice
    FROM preferred
  ),

  grouped AS (
    SELECT
      l.snapshot_date,
      l.segment_id,
      l.segment_name,
      p.preference,
      p.choice,
      COUNT(*) AS n_customers
    FROM labelled_customers AS l
    INNER JOIN told AS p ON p.snapshot_date = l.snapshot_date AND p.customer_id = l.customer_id
    GROUP BY l.snapshot_date, l.segment_id, l.segment_name, p.preference, p.choice
  ),

  shared AS (
    SELECT
      snapshot_date,
      segment_id,
      segment_name,
      preference,
      choice,
      n_customers,
      SAFE_DIVIDE(n_customers, SUM(n_customers) OVER segment) AS customers_share,
      SAFE_DIVIDE(SUM(n_customers) OVER chosen, SUM(n_customers) OVER whole) AS population_share
    FROM grouped
    WINDOW
      whole AS (PARTITION BY snapshot_date, preference),
      segment AS (PARTITION BY snapshot_date, preference, segment_name),
      chosen AS (PARTITION BY snapshot_date, preference, choice)
  )

SELECT
  snapshot_date,
  segment_id,
  segment_name,
  preference,
  choice,
  n_customers,
  ROUND(100 * customers_share, 6) AS customers_pct,
  ROW_NUMBER() OVER (
    PARTITION BY snapshot_date, preference, segment_name
    ORDER BY n_customers DESC, choice
  ) AS preference_rank,
  ROUND(100 * population_share, 6) AS population_pct,
  ROUND(SAFE_DIVIDE(customers_share, population_share), 6) AS lift,
  n_customers < @min_group_size AS is_small
FROM shared
