"""What people ask the agencies of 海州市 for, and how the agencies answer, in words a clerk would write."""

from collections.abc import Mapping
from random import Random

from app.domain.application import ItemIn
from app.domain.commands import Conclusion
from app.domain.terms import ReplyKind

_PLACES = ("城东片区", "城西片区", "滨海新城", "竹溪镇", "青石镇", "柳塘镇", "白沙乡", "松岭镇", "老城区", "高铁片区")

_TITLES: Mapping[str, tuple[str, ...]] = {
    "government": (
        "{place}{year}年第{n}批次建设用地征地批复",
        "{year}年第{n}次政府常务会议纪要",
        "{place}棚户区改造房屋征收决定及补偿方案",
        "{year}年度重大行政决策事项目录",
        "{place}土地征收补偿安置公告",
    ),
    "planning": (
        "{place}控制性详细规划的批复",
        "{place}安置小区建设工程规划许可证",
        "{place}中学用地规划条件",
        "{place}地块{year}年规划调整论证报告",
        "{place}道路红线图",
    ),
    "projects": (
        "{place}污水处理厂可行性研究报告的批复",
        "{year}年市级重点建设项目清单",
        "{place}停车场收费标准核定文件",
        "{place}快速路项目核准批复",
    ),
    "finance": (
        "{year}年度部门预算明细",
        "{place}{year}年专项转移支付资金分配表",
        "{year}年度政府购买服务合同",
        "{year}年“三公”经费支出明细",
        "{place}拆迁补偿资金拨付凭证",
    ),
    "land": (
        "{place}集体土地征收批复文件",
        "{place}地块国有建设用地使用权出让合同",
        "{place}土地现状调查结果确认表",
        "{place}勘测定界图",
        "{place}宅基地审批登记资料",
    ),
    "environment": (
        "{place}化工企业环境影响评价文件及批复",
        "{year}年{place}空气质量监测数据",
        "{place}危险废物转移联单",
        "{place}企业排污许可证及执行报告",
        "{year}年{place}环境行政处罚决定书",
    ),
    "employment": (
        "{year}年事业单位公开招聘成绩及排名",
        "{place}企业{year}年稳岗补贴发放名单",
        "被征地农民养老保险资金到账情况（{place}）",
        "{year}年劳动监察案件处理情况",
    ),
    "housing": (
        "{place}房屋征收评估报告",
        "{place}小区物业专项维修资金使用明细",
        "{place}商品房预售许可资料",
        "{place}老旧小区改造竣工验收报告",
        "{year}年公共租赁住房分配名单",
    ),
    "transport": (
        "{place}公交线路调整依据",
        "{year}年出租汽车经营权配置方案",
        "{place}公路改建工程招标文件",
        "{place}电子警察设置依据",
    ),
    "welfare": (
        "{year}年{place}城乡低保名单统计",
        "{place}养老机构{year}年补贴发放明细",
        "{year}年{place}临时救助标准及人数",
        "{place}地名变更批准文件",
    ),
    "education": (
        "{year}年{place}义务教育招生范围划分依据",
        "{place}小学{year}年食堂经费收支情况",
        "{year}年教师招聘面试评分表",
        "{place}民办幼儿园办学许可资料",
    ),
    "health": (
        "{year}年{place}医疗机构设置批准文件",
        "{place}卫生院{year}年设备采购合同",
        "{year}年医疗事故鉴定统计",
    ),
    "market": (
        "{place}超市食品抽检结果（{year}年）",
        "{year}年{place}行政处罚依据和裁量基准",
        "{place}企业登记档案",
        "{place}电梯维保检验报告",
    ),
    "enforcement": (
        "{place}违法建筑认定书及执法依据",
        "{year}年{place}城管执法处罚决定书",
        "{place}户外广告设置审批资料",
        "{place}占道经营整治方案",
    ),
    "safety": (
        "{place}“{n}·{n}”火灾事故调查报告",
        "{year}年{place}安全生产检查记录",
        "{place}应急避难场所分布图",
    ),
    "township": (
        "{place}{year}年村级财务收支明细",
        "{place}村土地承包经营权确权登记表",
        "{place}房屋拆迁补偿协议及花名册",
        "{year}年惠农补贴发放名单",
        "{place}农村宅基地批准书",
    ),
}

_VAGUE = (
    "关于拆迁的有关材料，越全越好",
    "近几年本村的所有文件",
    "涉及本人权益的一切信息",
    "有关该项目的手续",
    "贵单位掌握的相关数据",
)


def item(topics: str, year: int, rng: Random) -> ItemIn:
    """Make up one thing asked for, described as far as applicants usually do."""
    title = rng.choice(_TITLES[topics]).format(
        place=rng.choice(_PLACES), year=year - rng.randrange(3), n=rng.randint(2, 9)
    )
    number = f"海政字〔{year - 1}〕{rng.randint(1, 300)}号" if rng.random() < 0.15 else None
    more = f"{title}的文本、附图及其签发日期" if rng.random() < 0.3 else None
    return ItemIn(title=title, document_no=number, description=more)


def vague_item(rng: Random) -> ItemIn:
    """Make up something asked for that nobody could look for (条例第30条)."""
    return ItemIn(title=None, document_no=None, description=rng.choice(_VAGUE))


_GRANT = "《政府信息公开条例》第三十六条第（二）项"

_ANSWERS: Mapping[ReplyKind, tuple[str, str, tuple[str, ...], str | None]] = {
    ReplyKind.GRANT_PUBLISHED: (
        "经检索，该信息已于形成后二十个工作日内在市政府门户网站公布",
        "申请获取的信息已经主动公开，任何人都可以自行查阅和下载，现告知获取该信息的方式和具体途径",
        ("《政府信息公开条例》第三十六条第（一）项",),
        "请访问 https://haizhou.example/zwgk 政府信息公开专栏，或者到市档案馆一楼查阅点查阅",
    ),
    ReplyKind.GRANT: (
        "经检索，本机关制作并保存有该信息",
        "该信息由本机关在履行职责过程中制作，不涉及国家秘密、商业秘密和个人隐私，属于可以公开的政府信息",
        (_GRANT,),
        "随函提供复印件1份",
    ),
    ReplyKind.PARTIAL: (
        "经检索，本机关保存有该信息，其中含有当事人的身份证号码、银行账号和家庭住址",
        "身份证号码、银行账号和家庭住址属于个人隐私，公开会损害当事人的合法权益，本机关作遮盖处理后提供其余部分",
        ("《政府信息公开条例》第三十七条", "《政府信息公开条例》第十五条"),
        "随函提供经区分处理的复印件1份",
    ),
    ReplyKind.DENY_STATE_SECRET: (
        "经检索，本机关保存有该信息，已依法确定密级且尚未解密",
        "该信息已由有权机关按照法定程序确定为国家秘密，现仍在保密期限之内，依法不能向申请人提供",
        ("《政府信息公开条例》第十四条", "《保守国家秘密法》第十三条"),
        None,
    ),
    ReplyKind.DENY_LAW: (
        "经检索，该信息为用人单位逐人申报的社会保险缴费明细",
        "法律规定社会保险行政部门和经办机构应当为用人单位和个人的信息保密，不得以任何形式向他人泄露",
        ("《政府信息公开条例》第十四条", "《社会保险法》第八十一条"),
        None,
    ),
    ReplyKind.DENY_SECURITY: (
        "经检索，该信息载有供水、供气设施的准确位置和防护参数",
        "公开重要管线的准确位置和防护参数，可能被用于破坏公共设施，危及城市运行安全和居民的生命财产安全",
        ("《政府信息公开条例》第十四条",),
        None,
    ),
    ReplyKind.DENY_THIRD_PARTY: (
        "经检索，该信息含有第三方企业的工艺参数，本机关已书面征求其意见，第三方不同意公开并说明了理由",
        "工艺参数和采购成本属于第三方采取保密措施的商业秘密，公开会削弱其竞争地位，第三方不同意公开的理由合理",
        ("《政府信息公开条例》第十五条", "《政府信息公开条例》第三十二条"),
        None,
    ),
    ReplyKind.DENY_INTERNAL: (
        "经检索，该信息为本机关内部的值班安排和车辆调度记录",
        "值班安排和车辆调度属于后勤管理方面的内部事务信息，对外不产生影响，公开还会妨碍日常工作的正常安排",
        ("《政府信息公开条例》第十六条第一款",),
        None,
    ),
    ReplyKind.DENY_PROCESS: (
        "经检索，该信息为专题讨论的发言记录，相关决策尚未作出",
        "发言记录是决策形成之前的讨论内容，其中的意见尚未成为正式结论，提前公开会妨碍参加人坦率地发表意见",
        ("《政府信息公开条例》第十六条第二款",),
        None,
    ),
    ReplyKind.DENY_ENFORCEMENT: (
        "经检索，该信息收在一宗行政处罚案件的卷宗之内",
        "询问笔录和现场照片是执法案卷的内容，含有举报人和证人的情况，法律、法规、规章没有应当公开的规定",
        ("《政府信息公开条例》第十六条第二款",),
        None,
    ),
    ReplyKind.DENY_QUERY: (
        "经审查，申请获取的是不动产登记簿和原始登记资料",
        "不动产登记资料的查询主体、查询范围和办理程序另有专门规定，请持有效证件到不动产登记机构办理查询",
        ("《政府信息公开条例》第三十六条第（七）项", "《不动产登记暂行条例》第二十七条"),
        "查询地点：海州市不动产登记中心，电话 0000-0000000",
    ),
    ReplyKind.UNABLE_NOT_EXIST: (
        "经以项目名称和年份为关键词检索办公系统、档案室和业务科室，没有检索到该信息",
        "该项目由其他层级机关办理，本机关在履行职责过程中没有制作，也没有从其他机关获取过这份文件",
        ("《政府信息公开条例》第三十六条第（四）项",),
        None,
    ),
    ReplyKind.UNABLE_NOT_OURS: (
        "经审查，该信息由海东区人民政府制作",
        "行政机关制作的政府信息由制作机关负责公开，这份文件由区政府组织制作和印发，本机关只是抄送单位之一",
        ("《政府信息公开条例》第三十六条第（五）项", "《政府信息公开条例》第十条"),
        "请向海东区人民政府提出，电话 0000-0000001",
    ),
    ReplyKind.UNABLE_CREATE: (
        "经检索，本机关只保存有各年度的原始台账，没有按申请要求的口径汇总的表格",
        "申请的分类汇总数据需要逐份翻阅多年的原始台账另行统计和分析，本机关没有现成的、可以直接提供的信息",
        ("《政府信息公开条例》第三十八条",),
        None,
    ),
    ReplyKind.UNABLE_UNCLEAR: (
        "本机关已告知补正，申请人补正后的内容仍为“一切有关材料”",
        "补正后的内容没有写明文件名称、文号、年份或者其他可供检索的特征，本机关无法据此确定所指向的政府信息",
        ("《政府信息公开条例》第三十条",),
        None,
    ),
    ReplyKind.REJECT_PETITION: (
        "经审查，申请的内容是反映邻里纠纷处理不公并要求追究有关人员责任",
        "申请人是以信息公开申请的形式反映诉求和举报，并非请求获取以一定形式记录、保存的信息，不作为申请处理",
        ("《政府信息公开条例》第三十九条第一款",),
        "可以向海州市信访局提出，地址：海州市示范街1号",
    ),
    ReplyKind.REJECT_REPEAT: (
        "经审查，申请人上年已就同一文件提出申请，本机关已作出答复并送达",
        "申请的文件名称、文号与前次完全一致，前次答复的文号和日期已告知申请人，内容没有变化，不再重复处理",
        ("《政府信息公开条例》第三十六条第（六）项",),
        None,
    ),
    ReplyKind.REJECT_PUBLICATION: (
        "经审查，申请获取的是公开出版发行的年鉴",
        "年鉴由出版社公开发行，任何人都可以购买或者在公共图书馆借阅，现告知获取这一出版物的途径",
        ("《政府信息公开条例》第三十九条第二款",),
        "可以到海州市图书馆二楼地方文献室借阅",
    ),
    ReplyKind.REJECT_EXCESSIVE: (
        "申请人两个月内提出内容相近的申请六十三件，本机关已要求说明理由",
        "申请人只说明“想了解情况”，所列六十三件的内容大量重叠，频次明显超过合理范围，所说明的理由不合理",
        ("《政府信息公开条例》第三十五条",),
        None,
    ),
    ReplyKind.REJECT_REISSUE: (
        "经审查，申请人已经持有该文件，要求本机关加盖公章确认其真实性",
        "申请人已经获取该信息，其请求是对文件效力作出确认并重新出具，本机关对此不予处理，可按原渠道办理核验",
        ("《政府信息公开条例》第二条",),
        None,
    ),
    ReplyKind.CLOSED_OTHER: (
        "经审查，申请获取的是党组织的内部文件",
        "该文件由党的机关制作和管理，不是行政机关在履行行政管理职能过程中制作或者获取的信息，作其他处理",
        ("《政府信息公开条例》第二条",),
        None,
    ),
}

ANSWERED = tuple(_ANSWERS)
"""Every kind of reply that is drafted; the two closings for want of an applicant's act are not."""


def conclusion(item_no: int, kind: ReplyKind) -> Conclusion:
    """Write what is concluded on one item."""
    found, reason, citations, provision = _ANSWERS[kind]
    return Conclusion(
        item_no=item_no, kind=kind, found=found, reason=reason, citations=list(citations), provision=provision
    )
