"""Documents and attachments."""

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.terms.base import Term


class Doc(Term):
    """The documents an agency issues in a case; what each must say stands in `documents`."""

    RECEIPT = "receipt", "登记回执"
    CORRECTION = "correction", "补正告知书"
    REASONS = "reasons", "说明理由告知书"
    EXTENSION = "extension", "延期答复告知书"
    CONSULT_THIRD_PARTY = "consult_third_party", "征求第三方意见书"
    CONSULT_APPLICANT = "consult_applicant", "征求意见告知书（致申请人）"
    NOTICE_THIRD_PARTY = "notice_third_party", "政府信息公开告知书（致第三方）"
    CONSULT_CO_PRODUCER = "consult_co_producer", "征求共同制作机关意见书"
    CONSULT_AGENCY = "consult_agency", "征求其他机关意见书"
    ASSIST = "assist", "协办函"
    FEE = "fee", "收费通知书"
    REPLY = "reply", "政府信息公开申请答复书"
    CLOSING = "closing", "结案告知书"
    SUPPLEMENT = "supplement", "补充、更正答复书"
    RECTIFICATION = "rectification", "更正申请处理决定书"
    COMPLAINT = "complaint", "投诉举报处理告知书"
    TRANSFER = "transfer", "转办函"
    ARCHIVE_INDEX = "archive_index", "卷内目录"


class DocumentForm(Term):
    """The two forms of a document: one to edit in Word or WPS, one to send and to keep (PDF/A-2b)."""

    DOCX = "docx", "可编辑的文字文档"
    PDF = "pdf", "用于发送和归档的版式文档"


class AttachmentKind(Term):
    """What a file put into a case is."""

    APPLICATION = "application", "申请表或者申请材料"
    ID_PROOF = "id_proof", "身份证明"
    AUTHORITY_LETTER = "authority_letter", "授权委托书"
    EVIDENCE = "evidence", "证据和检索材料"
    REDACTED = "redacted", "区分处理后提供的材料"
    DELIVERY_PROOF = "delivery_proof", "送达凭证"
    PAYMENT_RECEIPT = "payment_receipt", "缴费票据"
    OTHER = "other", "其他附件"


class FileType(Term):
    """The types of file a case takes in, told by content, not by name."""

    PDF = "pdf", "PDF 文档"
    DOCX = "docx", "Word 文档（docx）"
    XLSX = "xlsx", "Excel 表格（xlsx）"
    OFD = "ofd", "OFD 版式文档"
    JPG = "jpg", "JPEG 图片"
    PNG = "png", "PNG 图片"
    TXT = "txt", "纯文本"


MEDIA_TYPES: Mapping[FileType, str] = MappingProxyType(
    {
        FileType.PDF: "application/pdf",
        FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FileType.OFD: "application/ofd",
        FileType.JPG: "image/jpeg",
        FileType.PNG: "image/png",
        FileType.TXT: "text/plain",
    }
)


class Quality(Term):
    """The four things an electronic archive is tested for: 真实、完整、可用、安全."""

    AUTHENTICITY = "authenticity", "真实性"
    COMPLETENESS = "completeness", "完整性"
    USABILITY = "usability", "可用性"
    SAFETY = "safety", "安全性"
