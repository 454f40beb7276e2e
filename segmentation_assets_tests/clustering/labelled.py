"""Labelled sets of the K-Modes and K-Prototypes papers: the rows without their labels, the labels, how many classes."""

from pathlib import Path

import pandas as pd
from scipy.optimize import linear_sum_assignment

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "benchmarks"


def accuracy(truth, labels):
    """Share of rows in agreement under the best pairing of clusters with classes."""
    table = pd.crosstab(truth, labels).to_numpy()
    rows, columns = linear_sum_assignment(-table)
    return table[rows, columns].sum() / len(truth)


def scaled(frame, numeric):
    """Min-max scaled numbers, and the rest as text in which a missing value is a category of its own."""
    numbers = frame[numeric].astype(float)
    spread = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    return pd.concat([spread, frame.drop(columns=numeric).astype(str)], axis=1)


def soybean():
    frame = pd.read_csv(FOLDER / "soybean_small.csv", header=None)
    return frame.iloc[:, :-1].astype(str), frame.iloc[:, -1], 4


def mushroom():
    frame = pd.read_csv(FOLDER / "mushroom.csv", keep_default_na=False)
    return frame.drop(columns="edibility"), frame["edibility"], 2


def credit():
    frame = pd.read_csv(FOLDER / "credit_approval.csv")
    frame = frame.fillna(frame[["A2", "A14"]].median())
    return scaled(frame.drop(columns="A16"), ["A2", "A3", "A8", "A11", "A14", "A15"]), frame["A16"], 2


def heart():
    frame = pd.read_csv(FOLDER / "heart_cleveland.csv")
    numeric = ["age", "trestbps", "chol", "thalach", "oldpeak"]
    return scaled(frame.drop(columns="num"), numeric), frame["num"] > 0, 2


SETS = (soybean, mushroom, credit, heart)
