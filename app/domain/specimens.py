"""An example of each document, on which a template is tried out before it is used."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from app.domain import documents as d
from app.domain.terms import Doc, ReplyFamily

_DOCUMENT = {"agency": "海州市规划局", "case_no": "370600-GXJ-2026-000001", "dated": dt.date(2026, 3, 13)}
_LETTER = _DOCUMENT | {"contact": "海州市规划局政府信息公开工作机构，电话0535-0000000，地址：海州市规划路1号"}
_TO_APPLICANT = _LETTER | {"applicant": "张三", "you": "您", "received_on": dt.date(2026, 3, 2)}
_TO_PARTY = _LETTER | {"party": "海州某某有限公司"}
_ASKED = ("城东片区控制性详细规划的批复；文号：海政字〔2025〕12号", "该规划的图则")
_REMEDY = (
    "对本答复不服的，可以自收到本答复之日起60日内向海州市人民政府申请行政复议，"
    "或者自收到本答复之日起6个月内向海州市海东区人民法院提起行政诉讼。"
)

SPECIMENS: Mapping[Doc, d.Document] = MappingProxyType(
    {
        data.doc: data
        for data in (
            d.Receipt(
                **_TO_APPLICANT, channel="当面提交", asked=_ASKED, due_on=dt.date(2026, 3, 30), query_code="A2B3C4D5E6"
            ),
            d.Correction(
                **_TO_APPLICANT,
                asked=_ASKED,
                unclear="未指明所需规划文件的年度和区域。",
                required="请补充文件的年度、区域或者文号。",
                reply_within_workdays=10,
            ),
            d.Reasons(
                **_TO_APPLICANT,
                circumstances="您本月已向本机关提出46件申请，内容多有重复。",
                reply_within_workdays=10,
            ),
            d.Extension(
                **_TO_APPLICANT,
                due_before=dt.date(2026, 3, 30),
                workdays=20,
                due_on=dt.date(2026, 4, 28),
                reason="需调阅历年档案，二十个工作日内难以完成。",
            ),
            d.ConsultThirdParty(**_TO_PARTY, disclosing="建设工程规划许可证及附图。"),
            d.ConsultApplicant(**_TO_APPLICANT, consulted="第三方"),
            d.NoticeThirdParty(
                **_TO_PARTY,
                content="建设工程规划许可证。",
                public_interest="涉及周边居民采光权益和公共安全。",
                remedy=_REMEDY,
            ),
            d.ConsultCoProducer(**_TO_PARTY, disclosing="联合印发的规划文本。"),
            d.ConsultAgency(**_TO_PARTY, disclosing="所附文件中涉及贵机关职责的内容能否公开。"),
            d.Assist(**_TO_PARTY, question="请核实该批复是否由贵机关制作并提供文本。", answer_by=dt.date(2026, 3, 20)),
            d.Fee(
                **_TO_APPLICANT,
                basis="《中华人民共和国政府信息公开条例》第四十二条",
                method="按量计收",
                standard="30页以下（含30页）的，不收费；31—100页（含100页）的部分，10元/页",
                working=("第1页至第30页，30页×0元＝0元", "第31页至第45页，15页×10元＝150元"),
                amount_yuan=150,
                payment="凭通知书到市行政服务中心缴费窗口缴纳。",
            ),
            d.Reply(
                **_TO_APPLICANT,
                document_no="依申请复〔2026〕1号",
                channel="当面提交",
                family=ReplyFamily.PARTIAL,
                course=("2026年3月9日，本机关书面征求第三方的意见，所需时间不计算在答复期限内。",),
                items=(
                    d.ReplyItem(
                        no=1,
                        asked=_ASKED[0],
                        decision="予以公开。",
                        found="经检索，本机关保存有该批复。",
                        reason="该信息属于可以公开的政府信息。",
                        citations=("《中华人民共和国政府信息公开条例》第三十六条第（二）项",),
                        provision="随函提供该批复复印件1份。",
                    ),
                    d.ReplyItem(
                        no=2,
                        asked=_ASKED[1],
                        decision="经检索，该信息不存在，本机关无法提供。",
                        found="经检索业务科室和档案室，没有该图则。",
                        reason="该规划未编制图则。",
                        citations=("《中华人民共和国政府信息公开条例》第三十六条第（四）项",),
                    ),
                ),
                body="特此答复。",
                remedy=_REMEDY,
                attachments=("城东片区控制性详细规划的批复复印件1份",),
            ),
            d.Supplement(
                **_TO_APPLICANT,
                document_no="依申请复〔2026〕2号",
                way="补充",
                replied_on=dt.date(2026, 3, 12),
                replied_no="依申请复〔2026〕1号",
                reason="原答复遗漏附图一张。",
                content="现补充提供规划图则1张。",
                remedy=_REMEDY,
            ),
            d.Rectification(
                **_TO_APPLICANT,
                document_no="信公字〔2026〕1号",
                decision="予以更正。",
                record="婚姻登记档案中的出生日期",
                found="经核对原始登记档案，登记的出生日期有误。",
                reason="申请人提供的证据属实。",
                citations=("《中华人民共和国政府信息公开条例》第四十一条",),
                corrected="出生日期更正为1949年12月31日。",
                authority="海州市民政局，电话0535-0000001",
                remedy=_REMEDY.replace("本答复", "本决定"),
            ),
            d.Complaint(
                **_TO_APPLICANT,
                document_no="信公字〔2026〕2号",
                decision="投诉举报成立，本机关已督促被投诉的机关整改。",
                about="海州市自然资源局",
                grounds="逾期未答复政府信息公开申请。",
                found="经核查，被投诉机关收到申请后逾期未作答复。",
                reason="被投诉机关未在法定期限内答复。",
                citations=("《中华人民共和国政府信息公开条例》第四十七条第二款",),
                demand="自收到之日起5个工作日内依法答复申请人。",
                authority="海州市人民政府",
            ),
            d.Closing(
                **_TO_APPLICANT,
                facts="2026年3月9日，本机关告知补正。补正期限已于2026年3月24日届满，您无正当理由逾期未补正。",
                basis="《中华人民共和国政府信息公开条例》第三十条的规定",
                decision="视为放弃申请，本机关不再处理该申请。",
                remedy=_REMEDY,
            ),
            d.Transfer(
                **_TO_PARTY,
                applicant="张三",
                received_on=dt.date(2026, 3, 2),
                asked=_ASKED,
                reason="所需信息由贵机关制作，属贵机关负责公开的范围。",
            ),
            d.ArchiveIndex(
                **_DOCUMENT,
                applicant="张三",
                volume_no="2026-YSQ-0001",
                retention="10年",
                entries=(
                    d.IndexEntry(no=1, title="政府信息公开申请", reference="张三", on=dt.date(2026, 3, 2)),
                    d.IndexEntry(
                        no=2, title="政府信息公开申请答复书", reference="依申请复〔2026〕1号", on=dt.date(2026, 3, 13)
                    ),
                ),
            ),
        )
    }
)
