"""Marts: the views and tables that reports read, each with its SQL file of the same name and folder in `sql/marts`.

Those of any company lie here, those of one kind of company in a folder that is called after it and says in `KNOWN_BY`
by which input table one is known; which of them a portfolio takes is decided in `checking.marts`.

All segments are those of the primary lens, but in `segment_outcomes`, which has those of every lens; customers without
one stand under "Unclassified". Policies count whether or not they have lapsed, as in the features; what is in force has
columns of its own, NULL where a snapshot delivered no lapse. Money is rounded to 2 decimals and every other number to
6, so that the order in which an engine adds up changes nothing; percentages are of the snapshot's total unless the
column says otherwise.

A mart that holds no person tells no person's value either. An amount, a mean and a rank of amounts are NULL in a row of
fewer customers than the portfolio's `min_group_size`, and where another row's would follow from it and the total; a
text that as few share stands under "Other". Counts, and shares of counts, are told however small.
"""
