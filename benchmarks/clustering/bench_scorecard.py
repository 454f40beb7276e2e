"""Choosing k on the published table: python -m benchmarks.clustering.bench_scorecard.

k = 2 .. 9 with ten starts each and silhouettes, against kmodes with one start and
none. First our costs are checked to be no higher than kmodes' by more than 0.05 %.
"""

from kmodes.kprototypes import KPrototypes

from benchmarks.clustering.mixed_tables import published_customers
from benchmarks.timing import arguments, claim, figures, seconds, spell
from segmentation_assets.clustering import k_scorecard

K_RANGE = range(2, 10)


def theirs(table):
    values = table.to_numpy()
    return [KPrototypes(k, init="Cao", n_init=1, random_state=42).fit(values, categorical=[4]).cost_ for k in K_RANGE]


def main():
    table = published_customers()
    costs = k_scorecard(table, K_RANGE, n_bootstraps=0).table["cost"]
    for k, ours, their_cost in zip(K_RANGE, costs, theirs(table), strict=True):
        claim(ours <= their_cost * 1.0005, f"k = {k} costs {ours}, kmodes {their_cost}")
    their_time = seconds(lambda: theirs(table), 1, warm=False)
    rows = []
    for words, bootstraps, target in (("", 0, "0.2 s, 90 times"), (", 20 bootstraps a k", 20, "")):
        time = seconds(lambda bootstraps=bootstraps: k_scorecard(table, K_RANGE, n_bootstraps=bootstraps), 7)
        rows.append(
            [f"scorecard, {len(table):,} rows, k = 2 .. 9, 10 starts, silhouettes{words}", target, spell(time),
             f"kmodes, 1 start, none {spell(their_time)}", f"{their_time / time:,.0f}",
             "cost at any k at most +0.05 % of kmodes'"]
        )  # fmt: skip
    print(figures(rows))


if __name__ == "__main__":
    arguments()
    main()
