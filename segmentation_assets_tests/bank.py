"""A bank of 240 borrowers with 20 columns of codes and amounts, and their instalments: tables of its own."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np

DAY = date(2025, 6, 1)
CODES = ("history", "savings", "employment", "housing", "job", "property", "plans", "debtors", "status", "purpose")
AMOUNTS = ("amount", "duration", "rate", "residence", "credits", "dependants", "limit_used")
BORROWERS = ["OBS#", "Age", *(name.upper() for name in CODES), *(name.title() for name in AMOUNTS), "Foreign"]

PORTFOLIO = f"""
name: bank
title: Borrowers
currency: EUR
customer_noun: borrowers
history_start: 2025-01-01
min_group_size: 5
tables:
  customers:
    description: One row per borrower, as the bank codes them.
    row: borrower
    key: customer_id
    columns:
      customer_id: {{type: text}}
      age: {{type: integer, unit: years, personal: true}}
{"".join(f"      {name}: {{type: text}}{chr(10)}" for name in CODES)}\
{"".join(f"      {name}: {{type: number}}{chr(10)}" for name in AMOUNTS)}\
      foreign: {{type: boolean, personal: true}}
  order:
    row: instalment
    key: order_id
    columns:
      order_id: {{type: text}}
      customer_id: {{type: text, references: customers, required: true}}
      guarantor: {{type: text, references: customers}}
      due: {{type: date, required: true}}
      paid: {{type: date, may_be_absent: true}}
      group: {{type: text}}
sources:
  customers:
    csv: GermanCredit.csv
    columns: {{customer_id: "OBS#"}}
    ranges: {{age: {{min: 18, max: 120}}, amount: {{above: 0}}}}
    categories: {{history: ["0", "1", "2"]}}
  order:
    csv: order.csv
    date_order: [birth <= due, due <= paid]
    categories: {{group: [in time]}}
    open_categories: [group]
features:
  age: {{kind: numeric, unit: years, description: Age., columns: [customers.age], personal: true}}
  amount: {{kind: numeric, unit: EUR, description: Amount lent., columns: [customers.amount]}}
  n_paid: {{kind: numeric, unit: instalments, description: Instalments paid., needs: [order], columns: [order.paid]}}
  history: {{kind: categorical, description: How earlier loans went., columns: [customers.history]}}
lenses:
  main: {{title: Main, primary: true, features: [age, amount], n_clusters: 2, describe_by: [n_paid, history]}}
value: {{feature: amount, label: amount lent, unit: EUR}}
outcome: {{feature: history, category: "2", label: paid late}}
"""
FEATURES = """
SELECT
  c.snapshot_date, c.customer_id, CAST(c.age AS FLOAT64) AS age, c.amount, c.history,
  CAST(COUNT(o.paid) AS FLOAT64) AS n_paid
FROM customers AS c
LEFT JOIN `order` AS o ON o.snapshot_date = c.snapshot_date AND o.customer_id = c.customer_id
WHERE c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
GROUP BY c.snapshot_date, c.customer_id, c.age, c.amount, c.history
"""
N_BORROWERS, N_INSTALMENTS = 240, 500


def borrowers() -> list[list[str]]:
    """Return the rows of the bank's own file; the first 100 are old and lent little."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(N_BORROWERS):
        age, amount = (60, 1_000) if i < 100 else (30, 9_000)
        codes = [str(code) for code in rng.integers(0, 3, len(CODES))]
        others = [str(number) for number in rng.integers(1, 9, len(AMOUNTS) - 1)]
        spread = [str(age + rng.integers(-3, 4)), *codes, str(amount + rng.integers(-300, 300)), *others]
        rows.append([str(i + 1), *spread, str(i % 2)])
    return rows


def instalments() -> list[list[str]]:
    """Return the rows of the instalments: who owes, who stands for them, when it was due and paid."""
    rows = []
    for i in range(N_INSTALMENTS):
        due = DAY - timedelta(days=i % 300 + 1)
        groups = "late" if i % 7 == 0 else "In Time"
        paid = due.isoformat() if i % 3 else ""
        rows.append([f"T{i}", str(i % N_BORROWERS + 1), str(i % 2 + 1), due.isoformat(), paid, groups])
    return rows


INSTALMENTS = ["order_id", "customer_id", "guarantor", "due", "paid", "group"]


def found_bank(at: Path, *, portfolio: str = PORTFOLIO) -> str:
    """Write the bank's portfolio, SQL and files into a folder; return the portfolio's path."""
    (at / "bank.yaml").write_text(portfolio)
    (at / "customer_features.sql").write_text(FEATURES)
    (at / "GermanCredit.csv").write_text(written([BORROWERS, *borrowers()]))
    (at / "order.csv").write_text(written([INSTALMENTS, *instalments()]))
    return str(at / "bank.yaml")


def written(rows: list[list[str]]) -> str:
    """Return rows as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
