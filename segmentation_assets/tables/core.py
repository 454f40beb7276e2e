"""Core tables: the seven input tables typed, keyed and cleaned, and the rows that were turned away.

A column that is `is_required` rejects its row when it is blank; any other blank is kept as NULL.
"""

from segmentation_assets.tables.schema import Table, boolean, day, integer, number, string, table

_CUSTOMER = string("customer_id", "The customer.", is_required=True, is_personal=True)

CUSTOMERS = table(
    "customers",
    "core",
    "One row a customer, typed and cleaned.",
    string("customer_id", "The customer's key, as delivered.", is_required=True, is_personal=True),
    integer("age", "Age at the snapshot.", unit="years", is_personal=True),
    string("gender", "Gender as the company records it.", is_personal=True),
    string("city", "City of residence.", is_about_person=True),
    string("marital_status", "Marital status.", is_personal=True),
    string("education", "Highest education.", is_about_person=True),
    string("occupation", "Occupation.", is_about_person=True),
    number("income", "Yearly income before tax.", unit="currency", is_personal=True),
    string("preferred_language", "Language the customer wishes to be addressed in.", is_about_person=True),
    string("preferred_channel", "Channel the customer wishes to be reached by.", is_about_person=True),
    string("preferred_time", "Time of day or week the customer wishes to be reached at.", is_about_person=True),
    key=("customer_id",),
    unit_of_row="customer",
)

POLICIES = table(
    "policies",
    "core",
    "One row a policy sold; the delivered file may be called sales.",
    string("policy_id", "The policy's key.", is_required=True),
    _CUSTOMER,
    string("product_id", "The product sold.", is_required=True),
    day("purchase_date", "Day the policy was bought.", is_required=True),
    number("premium", "Yearly premium.", unit="currency", is_required=True),
    number("coverage", "Sum insured.", unit="currency", is_required=True),
    day("lapse_date", "Day the policy lapsed or will; NULL where it does not end or lapses are not delivered."),
    key=("policy_id",),
    unit_of_row="policy",
)

PRODUCTS = table(
    "products",
    "core",
    "One row a product on sale.",
    string("product_id", "The product's key.", is_required=True),
    string("product_name", "Name on the leaflet.", is_required=True),
    string("product_type", "What it insures: Health, Life, Auto, Property."),
    string("category", "Whom it is for: Individual, Family, Group, Business."),
    key=("product_id",),
    unit_of_row="product",
)

CLAIMS = table(
    "claims",
    "core",
    "One row a claim on a policy.",
    string("claim_id", "The claim's key.", is_required=True),
    string("policy_id", "The policy claimed on.", is_required=True),
    _CUSTOMER,
    day("claim_date", "Day the claim was made.", is_required=True),
    number("amount", "Amount claimed.", unit="currency", is_required=True),
    string("status", "paid, declined or open."),
    key=("claim_id",),
    unit_of_row="claim",
)

INTERACTIONS = table(
    "interactions",
    "core",
    "One row a contact started by the customer, and one a payment.",
    string("interaction_id", "The interaction's key.", is_required=True),
    _CUSTOMER,
    day("interaction_date", "Day it happened.", is_required=True),
    string("interaction_type", "payment, visit, call, email, text, complaint, or the company's own.", is_required=True),
    string("channel", "Where it happened."),
    number("amount", "Amount paid; payments only.", unit="currency"),
    integer("days_late", "Days between due and paid, below zero where paid early; payments only.", unit="days"),
    key=("interaction_id",),
    unit_of_row="interaction",
)

SURVEY_RESPONSES = table(
    "survey_responses",
    "core",
    "One row an answer to one survey question.",
    string("response_id", "The answer's key.", is_required=True),
    _CUSTOMER,
    day("survey_date", "Day of the answer.", is_required=True),
    string("question", "Code of the question, such as risk_appetite.", is_required=True),
    integer("answer", "Agreement from 1 (not at all) to 5 (fully).", unit="points"),
    string("comment", "Free text; never leaves the warehouse.", is_personal=True),
    key=("response_id",),
    unit_of_row="answer",
)

OUTREACH = table(
    "outreach",
    "core",
    "One row a customer contacted, or held out, in a campaign.",
    string("outreach_id", "The contact's key.", is_required=True),
    string("campaign_id", "The campaign.", is_required=True),
    _CUSTOMER,
    day("outreach_date", "Day of the contact.", is_required=True),
    string("channel", "Channel used."),
    boolean("is_control", "True where the customer was held out on purpose.", is_required=True),
    boolean("has_responded", "True where the customer answered."),
    boolean("has_converted", "True where the customer bought."),
    key=("outreach_id",),
    unit_of_row="contact",
)

REJECTED_ROWS = table(
    "rejected_rows",
    "core",
    "One row a delivered row that broke a rule, whole, with the reason.",
    string("table_name", "Core table the row was meant for.", is_required=True),
    integer(
        "source_row",
        "Row of the delivery, counted from 1 after the header; in a sheet the row's own number.",
        is_required=True,
    ),
    string("row_key", "The row's key, or empty where it had none.", is_required=True, is_personal=True),
    string(
        "reason",
        "Code and words with the value, such as 'age_out_of_range: 410 not in [0, 120]'.",
        is_required=True,
        is_personal=True,
    ),
    string("row_json", "The row as delivered, as JSON.", is_required=True, is_personal=True),
    string("customer_id", "The customer whose row it is; NULL where it names none.", is_personal=True),
    key=("table_name", "source_row"),
    unit_of_row="rejected row",
)

OF_A_LATER_DAY = r"(?:^|; )future_date: "
"""Reasons of rows that lie after the snapshot: a past day may be made from a file that knows later ones."""

INPUT_TABLES: tuple[Table, ...] = (CUSTOMERS, PRODUCTS, POLICIES, CLAIMS, INTERACTIONS, SURVEY_RESPONSES, OUTREACH)
"""In an order in which every foreign key's table comes before the tables that use it."""

REQUIRED_INPUTS = frozenset({"customers"})
"""Input tables without which there is nothing to segment."""

OPTIONAL_COLUMNS = {"policies": frozenset({"lapse_date"}), "survey_responses": frozenset({"comment"})}
"""Columns a company may not have; where one is not delivered it is NULL."""

FOREIGN_KEYS = {
    "policies": {"customer_id": "customers", "product_id": "products"},
    "claims": {"customer_id": "customers", "policy_id": "policies"},
    "interactions": {"customer_id": "customers"},
    "survey_responses": {"customer_id": "customers"},
    "outreach": {"customer_id": "customers"},
}
"""table -> column -> the table whose key it must be found in (only where that table is provided)."""
