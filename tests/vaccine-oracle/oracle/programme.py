"""The rules as data: every number with the text it comes from.

LAW is the Enforcement Order of the Immunisation Act (予防接種法施行令), art. 3: who,
when. RULE is the Ministry's Rules on Practice (予防接種実施規則): how often, how far
apart. GUIDE is the Ministry's Practice Guide (定期接種実施要領): standard windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LAW = "予防接種法施行令 第3条 (令和6年政令116号; sn-hoki.co.jp YOBOUSESSHUHOU-REI20240329-116)"
RULE = "予防接種実施規則 (昭和33年厚生省令27号; jplaws.app/d/333M50000100027-m)"
GUIDE = "定期接種実施要領, as towns print it"


@dataclass(frozen=True)
class Simple:
    """A series of equal doses inside one window of months."""

    series: str
    products: tuple[str, ...]
    from_months: int
    to_months: int | None
    doses: int
    gap_days: int | None
    gap_months: int | None
    standard: tuple[int | None, int | None]
    sources: tuple[str, ...]


HEPB = Simple(
    "JP-HEPB", ("hepb",), 0, 12, 3, 27, None, (2, 9),
    (LAW + ": 一歳に至るまで", RULE + " 第21条: 27日以上で2回, 第1回から139日以上で1回",
     GUIDE + ": 生後2月から9月 (takasaki.city-hc.jp); 審議会 2016: 生後2, 3, 7-8か月を想定 (hotaka-heart-clinic 2016-04-25)",
     "chichibu 6662, kure b-kan: 平成28年10月1日から, 平成28年4月1日以後の出生; 以前の接種は受けたものとみなす"),
)
HEPB_THIRD_AFTER_FIRST = 139
HEPB_THIRD_AFTER_SECOND_DOUBT = 6  # Muko city asks for it; the Rules do not (city.muko.kyoto.jp 1471325625164)

BCG = Simple(
    "JP-BCG", ("bcg",), 0, 12, 1, None, None, (5, 8),
    (LAW + ": 一歳に至るまで", RULE + " 第16条", GUIDE + ": 生後5月から8月 (t-sakura.city-hc.jp)"),
)
VARICELLA = Simple(
    "JP-VAR", ("varicella",), 12, 36, 2, None, 3, (12, 15),
    (LAW + ": 生後十二月から生後三十六月に至るまで", RULE + " 第20条: 3月以上で2回",
     GUIDE + ": 1回目 12-15月, 2回目は6-12月後 (manno-town.city-hc.jp)",
     "expydoc.com/doc/7931185 (2014): 生後12月以降の接種を数える; 3月未満の2回は1回とみなす"),
)
VARICELLA_SECOND_STANDARD = (6, 12)
DT2 = Simple(
    "JP-DT2", ("dt",), 132, 156, 1, None, None, (132, 144),
    (LAW + ": 十一歳以上十三歳未満", RULE + " 第11条", GUIDE + ": 11歳に達した時から12歳に達するまで",
     "トリビック 添付文書 (2025-03): 11歳以上13歳未満の追加免疫; kuroyanagi-iida.com/news/930: DTの代わり, 任意"),
)
MUMPS = Simple(
    "JP-MUMPS", ("mumps",), 12, None, 2, 27, None, (12, None),
    ("任意接種; 日本小児科学会: 1歳, 2回目は就学前1年; 注射生ワクチン 27日",),
)

ROTA_SOURCES = (
    LAW + ": 出生六週零日後から二十四週零日後 / 三十二週零日後",
    "ロタウイルスワクチンQ&A (kansensho.jp QA20100204): 初回は14週6日まで, 以後は勧めない; 同じ製剤で",
)
ROTA_FROM = (6, 0)
ROTA_ADVISED = (14, 6)
ROTA_TO = {"rotarix": (24, 0), "rotateq": (32, 0)}
ROTA_DOSES = {"rotarix": 2, "rotateq": 3}
ROTA_GAP = 27
ROTA_FIRST_BIRTH = date(2020, 8, 1)  # 令和2年10月1日から, 令和2年8月1日以後に生まれた者; from memory

PNEUMO_SOURCES = (
    LAW + ": 生後二月から生後六十月に至るまで", RULE + " 第18条",
    "sanuki 3921: 平成25年4月1日から; itakura 20180625155045: 7-12月の標準は13月, muko 1148: 12月",
    "chails.jp, kasukabe.city-hc.jp, chippubetsu-town.city-hc.jp: 開始月齢と回数, 12月・24月を超えた場合",
)
PNEUMO_BOOSTER_GAP = 60
HIB_SOURCES = (
    LAW + ": 生後二月から生後六十月に至るまで", RULE + " 第17条: 27日(医師が必要と認めるときは20日)以上",
    "kansensho.jp VC00000005; higashikurume 1001186; chails.jp: 12月を超えた場合",
)
HIB_GAP = 27
HIB_GAP_DOCTOR = 20
HIB_BOOSTER_MONTHS = 7
HIB_BOOSTER_STANDARD = 13

COMBINED_SOURCES = (
    LAW + ": 生後二月から生後九十月に至るまで", RULE + " 第9条・第10条: 20日以上で3回, 終了後6月以上で1回",
    GUIDE + ": 生後2月から7月, 20-56日, 追加は6-18月 (hyogo-inami 0000006656; 四種は12-18月, utsunomiya 1004385)",
    "四種混合の販売終了: hirosaki 2025-0804, kasugai yonsyu (五種混合に変更, または三種+ポリオ)",
)
COMBINED_FROM, COMBINED_TO = 2, 90
COMBINED_GAP, COMBINED_STANDARD = 20, 56
COMBINED_BOOSTER = 6
FIVE_IN_ONE_START = date(2024, 4, 1)
QUADRUPLE_FROM_TWO_MONTHS = date(2023, 4, 1)  # 生後3月 before; the day is from memory

MR_SOURCES = (
    LAW + ": 生後十二月から生後二十四月; 小学校就学の始期に達する日の一年前の日から",
    "gyoda.saitama.med.or.jp Q3-[1] (国立感染症研究所 Q&A): 0歳の接種は数えない",
    "MRワクチンの偏在 (town.sayo 10922; nakagusuku 101256): 令和9年3月31日まで, 市町村長が認める者",
)
MR_EXTENDED = (date(2025, 4, 1), date(2027, 3, 31))
MR_NOTICE = date(2024, 4, 1)  # told in March 2025; a plan for an earlier day may know of it
MR1_EXTENDED_BIRTHS = (date(2022, 4, 2), date(2023, 4, 1))
MR2_EXTENDED_BIRTHS = (date(2018, 4, 2), date(2019, 4, 1))

JE_SOURCES = (
    LAW + ": 生後六月から生後九十月; 九歳以上十三歳未満", RULE + " 第14条・第15条: 6日以上で2回, 6月以上で1回",
    RULE + " 附則第2条・第3条; 平成23年厚生労働省令62号 (houko.com RINJI/03/H23/6/062)",
    "tajiri-town.city-hc.jp: 未接種の人は第1期の間隔に従う; paperzz 6119923: 残りは6日以上",
)
JE_SPECIAL_TO_20 = (date(1995, 4, 2), date(2007, 4, 1))
JE_SPECIAL_TO_13 = (date(2007, 4, 2), date(2009, 10, 1))
JE_SPECIAL_RULE = date(2011, 5, 20)

HPV_SOURCES = (
    LAW + ": 十二歳となる日の属する年度の初日から十六歳となる日の属する年度の末日", RULE + " 第19条",
    "kunitachi.city-hc.jp a9MKN5nrSiboSj6M; wic-net.com/material/document/8101/10: 間隔",
    "nycl.jp/topics/1836: 2価・4価の交互接種は認められない, 9価への変更のみ",
    "阿蘇市, 白岡市 6618: キャッチアップ 令和7年3月31日, 経過措置 令和8年3月31日まで",
    "令和8年4月1日から定期接種は9価のみ",
)
HPV_CATCH_UP_BIRTHS = (date(1997, 4, 2), date(2008, 4, 1))
HPV_CARRY_OVER_BIRTHS = (date(1997, 4, 2), date(2009, 4, 1))
HPV_CATCH_UP = (date(2022, 4, 1), date(2025, 3, 31))
HPV_CARRY_OVER_END = date(2026, 3, 31)
HPV_LICENSED_YEARS = {"hpv9": 9, "hpv4": 9, "hpv2": 10}

RSV_SOURCES = (
    "city.yamaguchi 188687, town.shiroishi 8377: 妊娠28週0日から36週6日, 令和8年4月1日以降, 妊娠ごとに1回",
    "アブリスボ 添付文書: 妊娠24-36週",
)
RSV_START = date(2026, 4, 1)

FLU_SOURCES = (
    "インフルエンザHAワクチン 添付文書: 13歳未満2回 (2-4週), 13歳以上1回; 1回目12歳なら2回目も (yuge-ent-clinic.com)",
    "フルミスト 添付文書: 2歳以上19歳未満, 1回; 日本ワクチン産業協会 Q&A集2024: どちらか一方",
)
FLU_GAP = 13
FLU_STANDARD_GAP = 28

LIVE_INJECTED = ("bcg", "mr", "mmr", "varicella", "mumps")
LIVE_GAP = 27
LIVE_SOURCE = "注射生ワクチン同士は27日以上 (2020-10-01から; shiogama 16911)"

LAUNCHED = {
    "rotarix": date(2011, 11, 21), "rotateq": date(2012, 7, 20), "pcv13": date(2013, 6, 18),
    "pcv15": date(2022, 9, 26), "pcv20": date(2024, 3, 26), "dpt_ipv_hib": date(2023, 3, 27),
    "dpt_ipv": date(2012, 7, 27), "ipv": date(2012, 4, 27), "hib": date(2007, 1, 26),
    "je": date(2009, 2, 23), "hpv2": date(2009, 10, 16), "hpv4": date(2011, 7, 1),
    "hpv9": date(2020, 7, 21), "rsv_maternal": date(2024, 1, 18), "flu_nasal": date(2023, 3, 27),
}
"""Approval days, from memory, not looked up: they only widen what is accepted, never what is called wrong."""
