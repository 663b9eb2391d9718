"""Applicants of every kind who do not exist. Their numbers pass the check digits and belong to nobody.

Identity numbers carry the area code 379900, which was never given to a place; telephone numbers lie in 1380000xxxx and
addresses in the reserved domain example.com.
"""

import datetime as dt
from random import Random

from app.domain.application import Agent, ApplicantIn
from app.domain.terms import ApplicantKind, IdType
from app.services.demo.city import STEMS, SURNAMES

_ORGANISATIONS: dict[ApplicantKind, tuple[str, tuple[str, ...]]] = {
    ApplicantKind.COMMERCIAL_ENTERPRISE: ("91", ("机械有限公司", "置业有限公司", "商贸有限公司", "环保科技有限公司")),
    ApplicantKind.RESEARCH_INSTITUTION: ("12", ("城乡发展研究院", "环境科学研究所", "社会调查研究中心")),
    ApplicantKind.PUBLIC_WELFARE_ORG: ("51", ("环境保护协会", "志愿者联合会", "助残服务中心")),
    ApplicantKind.LEGAL_SERVICE_ORG: ("31", ("律师事务所", "法律咨询服务所")),
    ApplicantKind.OTHER_ORG: ("54", ("村村民委员会", "社区居民委员会", "小区业主委员会")),
}
_BRANDS = ("云帆", "青禾", "远舟", "明澜", "沐川", "知行", "栖霞", "朗月")
_STREETS = ("幸福路", "示范街", "学苑路", "滨河路", "和平里")
_PLACES = ("海东区", "海西区", "云溪县", "松岭县")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRST_BIRTH = dt.date(1948, 1, 1)


def applicant(rng: Random, kind: ApplicantKind, *, reachable_by_mail: bool) -> ApplicantIn:
    """Make up an applicant of that kind, who has an e-mail box if the reply is to go there."""
    phone = f"1380000{rng.randrange(10_000):04d}"
    email = f"shenqing{rng.randrange(100_000):05d}@example.com" if reachable_by_mail or rng.random() < 0.4 else None
    address = f"海州市{rng.choice(_PLACES)}{rng.choice(_STREETS)}{rng.randint(1, 200)}号"
    if kind is ApplicantKind.NATURAL_PERSON:
        return _person(rng, phone, email, address)
    first, endings = _ORGANISATIONS[kind]
    return ApplicantIn(
        kind=kind,
        name=f"海州市{rng.choice(_BRANDS)}{rng.choice(endings)}（演示）",
        id_type=IdType.CREDIT_CODE,
        id_number=credit_code(first, rng),
        phone=phone,
        email=email,
        address=address,
        postcode="000000",
        legal_representative=_name(rng),
        contact_person=_name(rng),
    )


def _person(rng: Random, phone: str, email: str | None, address: str) -> ApplicantIn:
    chance = rng.random()
    if chance < 0.03:
        id_type, number = IdType.PASSPORT, f"E{rng.randrange(10**8):08d}"
    elif chance < 0.06:
        id_type, number = IdType.RESIDENCE_PERMIT_HMT, resident_id("810000", rng)
    else:
        id_type, number = IdType.RESIDENT_ID, resident_id("379900", rng)
    return ApplicantIn(
        kind=ApplicantKind.NATURAL_PERSON,
        name=_name(rng),
        id_type=id_type,
        id_number=number,
        phone=phone,
        email=email,
        address=address,
        postcode="000000",
        agent=Agent(name=_name(rng), phone=f"1380000{rng.randrange(10_000):04d}") if rng.random() < 0.08 else None,
        assistance_needed="申请人视力障碍，请提供大字版或者由工作人员宣读" if rng.random() < 0.02 else None,
    )


def _name(rng: Random) -> str:
    return f"{rng.choice(SURNAMES)}某{rng.choice(STEMS)}"


def resident_id(area: str, rng: Random) -> str:
    """Make up a resident number with a true check digit (GB 11643-1999)."""
    born = _FIRST_BIRTH + dt.timedelta(days=rng.randrange(20_000))
    body = f"{area}{born:%Y%m%d}{rng.randrange(1000):03d}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(_ID_WEIGHTS, body, strict=True)) % 11]


def credit_code(first: str, rng: Random) -> str:
    """Make up a unified social credit code with a true check character (GB 32100-2015)."""
    body = first + "379900" + "".join(rng.choice(_CREDIT_LETTERS) for _ in range(9))
    total = sum(_CREDIT_LETTERS.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _CREDIT_LETTERS[-total % 31]
