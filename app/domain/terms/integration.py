"""What is told to other systems of their own accord, and what may go wrong on the way."""

from app.domain.terms.base import Term


class WebhookStop(Term):
    """Why nothing is sent to a receiver any more."""

    BY_HAND = "by_hand", "人工停用"
    GONE = "gone", "接收方答复 410，表示不再接收"
    FAILING = "failing", "连续7天没有一次投递成功"
    KEY_ENDED = "key_ended", "订阅方的接口密钥已撤销或者期满"


class WebhookDeliveryState(Term):
    """How far an event has got on its way to one receiver."""

    PENDING = "pending", "待投递"
    DELIVERED = "delivered", "已投递"
    GIVEN_UP = "given_up", "已放弃"


class WebhookFailure(Term):
    """Why a try failed."""

    ADDRESS = "address", "域名指向不允许访问的地址"
    NAME = "name", "域名不能解析"
    CONNECTION = "connection", "不能建立连接"
    TLS = "tls", "证书不能验证"
    TIMEOUT = "timeout", "超过时限没有答复"
    PROTOCOL = "protocol", "答复不是有效的 HTTP"
    REDIRECT = "redirect", "接收方要求转向，不予跟随"
    REFUSED = "refused", "接收方拒绝（4xx）"
    OVERLOADED = "overloaded", "接收方要求稍后再试（429、503）"
    SERVER = "server", "接收方出错（5xx）"
    GONE = "gone", "接收方不再接收（410）"
    UNSIGNED = "unsigned", "密钥已不能使用，请更换回调密钥"
