"""All cases, in the order of the table. A new one is a file with ``cases``, and a line here."""

from __future__ import annotations

from typing import Any

from case import Case

from . import attention, deep, mlp, recurrent

FILES = (mlp, deep, attention, recurrent)


def all_cases(dtype: Any) -> list[Case]:
    return [case for file in FILES for case in file.cases(dtype)]
