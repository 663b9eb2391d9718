"""Finding planted repeated requests among 20 000: `python -m benchmarks.similar [count]`.

Twenty thousand different requests to one agency: what is asked for, of which place, in which year; many differ in one
character only. One in forty is asked for again in other words. Prints precision and recall of what is hinted at, and of
what is counted as the same, and how long a look-up takes.
"""

import datetime as dt
import statistics
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from random import Random

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app import db
from app.domain.subject import document_numbers, grams, subject
from app.domain.terms import Channel, State
from app.migrate import migrate
from app.models import Agency, Subject, SubjectGram
from app.models.keyring import keyring_of
from app.services import likeness, topics
from benchmarks.sealed import RING, enter

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
NAMES = "竹溪 青石 柳塘 白沙 松岭 云溪 海滨 城东 城西 城北 东湖 西山 南河 北桥 石门 金沙 红旗 团结 新华 永安"
KINDS = ("镇", "片区", "街道", "村", "小区")
YEARS = range(2016, 2026)
THINGS = [
    "征地补偿安置方案",
    "控制性详细规划的批复",
    "房屋征收评估报告",
    "建设工程规划许可证",
    "国有土地出让合同",
    "环境影响评价批复",
    "村级财务收支明细",
    "低保名单统计",
    "义务教育招生范围划分依据",
    "医疗机构设置批准文件",
    "城管执法处罚决定书",
    "安全生产检查记录",
    "公路改建工程招标文件",
    "老旧小区改造竣工验收报告",
    "危险废物转移联单",
    "宅基地审批登记资料",
    "专项转移支付资金分配表",
    "物业维修资金使用明细",
    "食品抽检结果",
    "惠农补贴发放名单",
    "公租房分配名单",
    "停车场收费标准核定文件",
]
SHORT = {"控制性详细规划": "控规", "批复": "批复文件", "征收": "拆迁", "明细": "明细表", "方案": "方案全文"}
OPENINGS = (
    "申请公开{}", "请贵局依法公开{}", "根据《中华人民共和国政府信息公开条例》，本人申请获取{}的复印件",
    "关于{}的有关材料", "{}及附件", "请提供{}（加盖公章）", "{}",
)  # fmt: skip


def originals(rng: Random, count: int) -> list[str]:
    """Requests that all differ in thing, place or year."""
    places = [name + kind for name, kind in product(NAMES.split(), KINDS)]
    every = [f"{place}{year}年{thing}" for place, year, thing in product(places, YEARS, THINGS)]
    return rng.sample(every, count)


def again(rng: Random, title: str) -> str:
    """The same request as somebody else would write it."""
    place, _, rest = title.partition("年")
    name, year = place[:-4], place[-4:]
    said = rng.choice((f"{name}{year}年{rest}", f"{year}年{name}{rest}", f"{name}{rest}（{year}年度）"))
    for long, short in SHORT.items():
        if long in said and rng.random() < 0.5:
            said = said.replace(long, short)
    if rng.random() < 0.15:  # a slip of the pen, outside place and year
        at = rng.randrange(len(said) - 3, len(said))
        said = said[:at] + said[at + 1 :]
    return rng.choice(OPENINGS).format(said)


def fill(session: Session, titles: list[str]) -> None:
    session.add(Agency(id=1, code="A", name="某局", path="/1/", region="CN", settings={}))
    session.flush()
    common = {
        "version": 1, "agency_id": 1, "state": State.HANDLING, "channel": Channel.INTERNET, "query_code_digest": "-",
        "submitted_at": NOW, "received_on": NOW.date(), "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    cases = [common | {"id": n, "case_no": f"C{n}", "title": title} for n, title in enumerate(titles, 1)]
    rows = [
        {"case_id": n, "agency_id": 1, "text": subject(title), "document_no": next(iter(document_numbers(title)), None),
         "group_id": n}
        for n, title in enumerate(titles, 1)
    ]  # fmt: skip
    enter(session, cases, {Subject: rows})
    blind_pair = keyring_of(session).masters.blind_pair
    session.execute(
        insert(SubjectGram),
        [
            {"agency_id": 1, "gram": blind_pair(gram), "case_id": row["case_id"]}
            for row in rows
            for gram in grams(str(row["text"]))
        ],
    )


def main(count: int = 20_000) -> None:
    rng = Random(20)
    planted = count // 40
    titles = originals(rng, count - planted)
    twins = {count - planted + n: rng.randrange(count - planted) + 1 for n in range(1, planted + 1)}
    titles += [again(rng, titles[original - 1]) for original in twins.values()]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'similar.sqlite3'}"
        migrate(url, NOW)
        engine = db.everywhere(db.build_engine(url, keyring=RING))
        with db.writer(engine) as session:
            fill(session, titles)
            session.commit()
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("ANALYZE"))
        with db.reader(engine) as session:
            measure(session, titles, twins)
        engine.dispose()


def measure(session: Session, titles: list[str], twins: dict[int, int]) -> None:
    hits: dict[str, list[int]] = {"hinted": [0, 0], "same": [0, 0]}
    took = []
    for number, original in twins.items():
        right = {original} | {other for other, of in twins.items() if of == original and other != number}
        wanted = subject(titles[number - 1])
        began = time.perf_counter()
        found = topics.alike(session, 1, wanted, without=number)
        took.append(time.perf_counter() - began)
        for name, least in (("hinted", likeness.SIMILAR), ("same", topics.SAME)):
            shown = {one.case_id for one in found if one.score >= least}
            hits[name][0] += len(shown & right)
            hits[name][1] += len(shown - right)
    wanted_pairs = sum(1 + sum(of == original for of in twins.values()) - 1 for original in twins.values())
    print(f"{len(titles)} requests, {len(twins)} of them asked for again in other words")
    for name, (right_ones, wrong) in hits.items():
        precision = right_ones / (right_ones + wrong) if right_ones + wrong else 0
        print(f"{name:7} precision {precision:.3f}  recall {right_ones / wanted_pairs:.3f}")
    print(f"look-up median {1000 * statistics.median(took):.1f} ms, longest {1000 * max(took):.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
