"""Personal data, and who may go on with whose affairs."""

from app.domain.terms.base import Term


class Reassignment(Term):
    """What becomes of the people and keys of an agency that is merged into another."""

    MOVE = "move", "划转到承接机关"
    CLOSE = "close", "停用"


class PersonalField(Term):
    """A field of a case that is shown masked, and revealed one by one with a reason."""

    NAME = "name", "申请人姓名或者名称"
    ID_NUMBER = "id_number", "证件号码"
    PHONE = "phone", "联系电话"
    EMAIL = "email", "电子邮箱"
    ADDRESS = "address", "联系地址"
    POSTCODE = "postcode", "邮政编码"
    LEGAL_REPRESENTATIVE = "legal_representative", "法定代表人"
    CONTACT_PERSON = "contact_person", "联系人"
    AGENT_NAME = "agent_name", "代理人姓名"
    AGENT_PHONE = "agent_phone", "代理人联系电话"
    ASSISTANCE_NEEDED = "assistance_needed", "需要的帮助"
    RECEIVER = "receiver", "签收人"
    DELIVERY_ADDRESS = "delivery_address", "电子送达的地址"
    THIRD_PARTIES = "third_parties", "被征求意见方及其联系方式"
