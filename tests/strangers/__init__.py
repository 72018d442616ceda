"""Servers that were written from `openapi.yaml` alone, and the score of the judge against them.

Whoever writes one here reads the document, not the offences and not the probes. So the score says what the judge sees
of servers that its authors did not think of. `python -m tests.strangers` prints it.

Score of batches two to four (forbidden, senseless, honest), each written and committed before it was scored, and
scored before anything was changed:

=====================  =====================  =====================
batch                  quick                  full
=====================  =====================  =====================
two, as written        6/11, 4/5, 4/4         8/11, 4/5, 4/4
two, labels corrected  6/9, 5/7, 4/4          8/9, 5/7, 4/4
two, judge cured       9/9, 5/7, 4/4          9/9, 7/7, 4/4
three, as written      7/11, 2/5, 4/4         8/11, 2/5, 4/4
three, corrected       7/9, 4/7, 4/4          8/9, 4/7, 4/4
three, judge cured     8/9, 6/7, 4/4          9/9, 7/7, 4/4
four, as written       12/20, 8/10, 12/14     16/20, 8/10, 12/14
four, corrected        12/19, 9/11, 13/14     15/19, 9/11, 13/14
four, judge cured      18/19, 10/11, 14/14    19/19, 11/11, 14/14
=====================  =====================  =====================

Four of them return logs of a value that only resembles the one asked for. They were labelled forbidden, but the
document says no word about exactness, so they are senseless. In the fourth batch two labels were wrong: the document
does not say that no log is on two pages (`PaddedLastPage` is senseless), and where no log is seen, nothing can be
judged (`NoLogs` gets the exit code 2).
"""

from tests.strangers import (
    access,
    batch_eight,
    batch_eight_honest,
    batch_eight_more,
    batch_eleven,
    batch_eleven_honest,
    batch_eleven_more,
    batch_five,
    batch_five_honest,
    batch_five_more,
    batch_four,
    batch_four_rest,
    batch_fourteen,
    batch_fourteen_honest,
    batch_fourteen_more,
    batch_nine,
    batch_nine_honest,
    batch_nine_more,
    batch_seven,
    batch_seven_honest,
    batch_seven_more,
    batch_six,
    batch_six_honest,
    batch_six_more,
    batch_ten,
    batch_ten_honest,
    batch_ten_more,
    batch_thirteen,
    batch_thirteen_honest,
    batch_thirteen_more,
    batch_three,
    batch_twelve,
    batch_twelve_honest,
    batch_twelve_more,
    batch_two,
    forbidden,
    honest,
    honest_logs,
    reported,
    senseless,
    wire,
)
from tests.strangers.base import STRANGERS, Base, served

__all__ = [
    "STRANGERS", "Base", "access", "batch_eight", "batch_eight_honest", "batch_eight_more", "batch_eleven",
    "batch_eleven_honest", "batch_eleven_more", "batch_five", "batch_five_honest", "batch_five_more", "batch_four",
    "batch_four_rest", "batch_fourteen", "batch_fourteen_honest", "batch_fourteen_more", "batch_nine",
    "batch_nine_honest",
    "batch_nine_more", "batch_seven", "batch_seven_honest", "batch_seven_more", "batch_six", "batch_six_honest",
    "batch_six_more", "batch_ten", "batch_ten_honest", "batch_ten_more",
    "batch_thirteen", "batch_thirteen_honest", "batch_thirteen_more", "batch_three", "batch_twelve",
    "batch_twelve_honest", "batch_twelve_more", "batch_two",
    "forbidden", "honest", "honest_logs", "reported", "senseless", "served", "wire",
]  # fmt: skip
