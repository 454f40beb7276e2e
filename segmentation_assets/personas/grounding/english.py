"""English as the grounding of texts needs it: tokens, and the words that claim nothing, deny, compare or go too far.

What a portfolio's own words claim stands in the portfolio. The lists here are of the language alone: they hold for an
insurer's customers as for a bank's.
"""

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[£$€]?\d[\d.,]*\s?%?")
_CLAUSE_END = re.compile(r"[.;:!?,()]|\s-\s|[\u2013\u2014]")
_SHORT = 3
_JOINTS = frozenset({"and", "with", "who", "whose", "but", "while", "earn", "earning"})
PERCENT = frozenset({"percent", "cent"})


def _words(text: str) -> frozenset[str]:
    return frozenset(normal(word) for word in text.split())


def normal(word: str) -> str:
    """Return a word in lower case, in the singular and without a possessive s.

    >>> [normal(word) for word in ("Families", "Couples", "business", "Bachelor's", "Londoners'")]
    ['family', 'couple', 'business', 'bachelor', 'londoner']
    """
    plain = word.casefold().replace("\u2019", "'").removesuffix("'").removesuffix("'s")
    if plain.endswith("ies") and len(plain) > _SHORT + 1:
        return plain[:-3] + "y"
    if plain.endswith("s") and len(plain) > _SHORT and not plain.endswith(("ss", "us", "is")):
        return plain[:-1]
    return plain


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(normal(word) for word in phrase.split("-")) for phrase in text.split())


NEUTRAL_NAME_WORDS = _words(
    "customer client people person group circle crowd set base core community folk policyholder member middle "
    "mainstream typical everyday average general and the of with in on at for a an who or to"
)
"""What a name may hold that claims nothing."""

CONNECTING = _words("and the of with in on at for a an who or to")
"""Neutral words that cannot stand for a segment alone."""

OPENERS = _words(
    "customer client people they these this those a an the most mostly mainly many typically generally mixed varied "
    "average offer promote lead focus reach invite propose give use build reward keep show bundle provide target "
    "position recommend introduce start suggest present make develop deliver engage communicate highlight emphasise "
    "emphasize tailor encourage combine simplify maintain deepen strengthen support value seek want look prefer wish "
    "protect protecting security peace simple clear being having getting a their as with for"
)
"""How a text may begin, beside with words of the portfolio: elsewhere a capital tells a proper name."""

NEGATORS = _words(
    "not no never without non neither nor hardly barely scarcely few rarely seldom lack lacking cannot isn't aren't "
    "don't doesn't won't nobody none instead less"
)
KEEPING = _words(
    "keep keeping beside besides alongside beyond their existing present current build building renew renewing retain "
    "complement complementing"
)
"""What stands before a product that is not offered but had."""
HEDGES = _words("many often some several partly lean leaning tend tending frequently commonly notable sizeable")
INTENSIFIERS = _words(
    "very extremely highly ultra super exceptionally remarkably especially particularly hugely deeply"
)
UNIVERSALS = _words("all every everyone everybody only entirely exclusively always solely wholly completely purely")

HIGH_DEGREES = _words("high large big substantial strong long generous considerable great ample sizable sizeable heavy")
LOW_DEGREES = _words("low small modest little limited short weak tight minimal scant meagre slim light")
HIGHER_DEGREES = _words("higher larger bigger longer stronger greater more elevated above")
LOWER_DEGREES = _words("lower smaller shorter weaker less fewer reduced below lighter")

_FROM_TWO = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBER_WORDS = dict(zip((*_FROM_TWO, *_TENS), (*range(2, 20), *range(20, 100, 10)), strict=True))

NEVER = _phrases(
    # what a law protects, or ought to be nobody's business
    "ethnic ethnicity race racial black white asian african caribbean hispanic latino arab indian pakistani chinese "
    "european immigrant migrant foreign foreigner native religion religious christian muslim jewish hindu sikh "
    "buddhist catholic protestant atheist church mosque healthy unhealthy sick ill illness disease disabled disability "
    "diabetic obese overweight smoker smoking smoke drinker alcohol addicted addict depressed pregnant pregnancy "
    "gay lesbian bisexual heterosexual homosexual queer transgender sexual political conservative liberal socialist "
    "labour tory republican democrat criminal convicted "
    # what life holds and no column does
    "parent mother father mum dad child children kid baby son daughter family household grandparent newlywed bride "
    "retiree retired retirement pensioner elderly homeowner owner tenant renter landlord student commuter urban rural "
    "suburban suburb countryside village metropolitan pet dog cat traveller traveler tourist gamer athlete sporty "
    "fitness gym hobby vegan unemployed jobless employed freelancer farmer soldier veteran civil-servant executive "
    "startup founder investor saver borrower debt indebted bankrupt broke struggling needy deprived disadvantaged "
    "working-class middle-class upper-class blue-collar white-collar intelligent stupid clever smart educated "
    "uneducated illiterate lazy dishonest fraudulent fraudster risky dangerous reckless "
    # what portfolios usually have a column for; where one has, its words come first
    "wealth wealthy affluent rich poor poverty prosperous elite luxury upmarket posh well-off well-to-do well-heeled "
    "cash-rich millionaire billionaire frugal thrifty young youthful youth teenager teen millennial boomer zoomer "
    "gen-z gen-x generation ageing aging middle-aged midlife adolescent adult old older senior junior mature loyal "
    "richer poorer wealthier younger newer "
    "disloyal faithful long-standing longstanding married unmarried single divorced widowed separated spouse husband "
    "wife partner couple bachelor spinster woman women female man men male lady gentleman boy girl graduate "
    # comparisons between segments, which nobody checked
    "youngest oldest wealthiest richest poorest highest lowest largest smallest biggest longest shortest worst "
    "cheapest costliest busiest quietest top bottom half third quarter double twice triple dozen hundred unanimous"
)
"""What is unsupported wherever it stands, unless the portfolio has a word for it that the profile backs."""

OTHER_LANGUAGES = _words(
    "les des une est sont avec pour dans qui leur der die und mit von für sind ein eine nicht los las para que con una "
    "son il della sono che gli het een zijn voor os das uma com são och är med som jest są dla"
)
"""Little words of other languages, in which nothing can be checked."""


def clauses(text: str) -> list[list[str]]:
    """Return the words of each clause, as `normal` has them.

    >>> clauses("Loyal couples, aged about 50; two-car homes.")
    [['loyal', 'couple'], ['aged', 'about', '50'], ['two', 'car', 'home']]
    """
    found = [[normal(token) for token in _TOKEN.findall(part)] for part in _split(text)]
    return [tokens for tokens in found if tokens]


def parts(clause: Sequence[str]) -> list[list[str]]:
    """Cut a clause at the words that begin another thought, so that a number stands with what it is about.

    >>> parts(["aged", "27", "and", "60%", "single"])
    [['aged', '27'], ['and', '60%', 'single']]
    """
    found: list[list[str]] = [[]]
    for word in clause:
        if word in _JOINTS and found[-1]:
            found.append([])
        found[-1].append(word)
    return found


def tokens(text: str) -> tuple[str, ...]:
    """Return all words of a text, as `normal` has them."""
    return tuple(normal(token) for token in _TOKEN.findall(text))


def _split(text: str) -> list[str]:
    """Cut at the end of clauses, but not inside of a number."""
    protected = re.sub(r"(?<=\d)[.,](?=\d)", lambda m: "\0" if m[0] == "." else "\1", text)
    parts = _CLAUSE_END.split(protected)
    return [part.replace("\0", ".").replace("\1", ",") for part in parts]
