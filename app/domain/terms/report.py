"""The annual report's tables."""

from app.domain.terms.base import Term


class ReportRow(Term):
    """The rows of the annual report's table three, in printed order (国办公开办函〔2021〕30号)."""

    NEW_RECEIVED = "new_received", "一、本年新收政府信息公开申请数量"
    CARRIED_OVER = "carried_over", "二、上年结转政府信息公开申请数量"
    GRANTED = "granted", "三(一)予以公开"
    PARTIALLY_GRANTED = "partially_granted", "三(二)部分公开"
    DENIED_STATE_SECRET = "denied_state_secret", "三(三)1 属于国家秘密"
    DENIED_LAW_FORBIDDEN = "denied_law_forbidden", "三(三)2 其他法律行政法规禁止公开"
    DENIED_SECURITY = "denied_three_security_one_stability", "三(三)3 危及“三安全一稳定”"
    DENIED_THIRD_PARTY_RIGHTS = "denied_third_party_rights", "三(三)4 保护第三方合法权益"
    DENIED_INTERNAL_AFFAIRS = "denied_internal_affairs", "三(三)5 属于三类内部事务信息"
    DENIED_PROCESS_INFO = "denied_process_info", "三(三)6 属于四类过程性信息"
    DENIED_ENFORCEMENT_FILE = "denied_enforcement_file", "三(三)7 属于行政执法案卷"
    DENIED_ADMIN_QUERY = "denied_admin_query", "三(三)8 属于行政查询事项"
    UNABLE_NOT_HELD = "unable_not_held", "三(四)1 本机关不掌握相关政府信息"
    UNABLE_NEEDS_CREATION = "unable_needs_creation", "三(四)2 没有现成信息需要另行制作"
    UNABLE_STILL_UNCLEAR = "unable_still_unclear", "三(四)3 补正后申请内容仍不明确"
    REJECTED_PETITION = "rejected_petition", "三(五)1 信访举报投诉类申请"
    REJECTED_REPEAT = "rejected_repeat", "三(五)2 重复申请"
    REJECTED_PUBLICATION = "rejected_publication", "三(五)3 要求提供公开出版物"
    REJECTED_EXCESSIVE = "rejected_excessive", "三(五)4 无正当理由大量反复申请"
    REJECTED_CONFIRM_OR_REISSUE = "rejected_confirm_or_reissue", "三(五)5 要求行政机关确认或重新出具已获取信息"
    OTHER_NO_CORRECTION = "other_no_correction", "三(六)1 逾期不补正不再处理"
    OTHER_NO_PAYMENT = "other_no_payment", "三(六)2 逾期不缴费不再处理"
    OTHER_OTHER = "other_other", "三(六)3 其他"
    RESULT_TOTAL = "result_total", "三(七)总计"
    CARRIED_FORWARD = "carried_forward", "四、结转下年度继续办理"


class ReportColumn(Term):
    """The columns of table three: the kinds of applicant and their total."""

    NATURAL_PERSON = "natural_person", "自然人"
    COMMERCIAL_ENTERPRISE = "commercial_enterprise", "商业企业"
    RESEARCH_INSTITUTION = "research_institution", "科研机构"
    PUBLIC_WELFARE_ORG = "public_welfare_org", "社会公益组织"
    LEGAL_SERVICE_ORG = "legal_service_org", "法律服务机构"
    OTHER_ORG = "other_org", "其他"
    TOTAL = "total", "总计"


class RemedyColumn(Term):
    """The columns of each block of table four: the outcomes and their total."""

    UPHELD = "upheld", "结果维持"
    CORRECTED = "corrected", "结果纠正"
    OTHER = "other", "其他结果"
    PENDING = "pending", "尚未审结"
    TOTAL = "total", "总计"


class ReportForm(Term):
    """Which printed form a report follows; that of 2019 has one row for 其他处理 where that of 2021 has three."""

    TRIAL_2019 = "2019", "2019年试行格式（国办公开办函〔2019〕60号）"
    FORM_2021 = "2021", "2021年格式（国办公开办函〔2021〕30号）"


class ReportScope(Term):
    """Whose cases a report counts."""

    OWN = "own", "本机关"
    SUBTREE = "subtree", "本机关及所属、下级机关"


class TableSource(Term):
    """Where the numbers of a table come from."""

    COUNTED = "counted", "由本服务登记的件实时统计"
    PUBLISHED = "published", "取自导入的已公布报表"


class SnapshotKind(Term):
    """What a kept report is."""

    FROZEN = "frozen", "由本服务统计并冻结"
    PUBLISHED = "published", "导入的已公布报表"


class RemedyTrack(Term):
    """The three blocks of the annual report's table four (国办公开办函〔2021〕30号)."""

    RECONSIDERATION = "reconsideration", "行政复议"
    LITIGATION_DIRECT = "litigation_direct", "行政诉讼：未经复议直接起诉"
    LITIGATION_AFTER_RECONSIDERATION = "litigation_after_reconsideration", "行政诉讼：复议后起诉"


class RemedyOutcome(Term):
    """The four outcomes within a block of table four; their sum is the block's total."""

    UPHELD = "upheld", "结果维持"
    CORRECTED = "corrected", "结果纠正"
    OTHER = "other", "其他结果"
    PENDING = "pending", "尚未审结"
