"use strict";

// Swagger UI speaks English only and offers no translation. Its fixed texts are replaced where they appear on the page; what comes
// from the contract or from an answer is left alone.
const CHINESE = new Map(
  Object.entries({
    Authorize: "登录授权",
    Authorized: "已授权",
    Logout: "退出登录",
    "Apply given OAuth2 credentials": "登录授权",
    "Apply credentials": "登录授权",
    "Remove authorization": "退出登录",
    Close: "关闭",
    "Available authorizations": "登录方式",
    "Application:": "应用：",
    "Authorization URL:": "登录地址：",
    "Token URL:": "令牌地址：",
    "Flow:": "流程：",
    "Scopes:": "权限范围：",
    "Scopes are used to grant an application different levels of access to data on behalf of the end user. Each API may declare one or more scopes.":
      "权限范围决定本页面能以您的名义办理哪些事项。",
    "API requires the following scopes. Select which ones you want to grant to Swagger UI.": "请勾选要授予本页面的权限范围。",
    "select all": "全选",
    "select none": "全不选",
    "Name:": "名称：",
    "In:": "位置：",
    "Value:": "值：",
    "Try it out": "试一试",
    Cancel: "取消",
    Reset: "重置",
    Execute: "发送请求",
    Clear: "清空",
    Loading: "正在载入",
    Parameters: "参数",
    "No parameters": "没有参数",
    Name: "名称",
    Description: "说明",
    "Request body": "请求正文",
    "Send empty value": "发送空值",
    Add: "添加",
    Responses: "应答",
    Response: "应答",
    "Server response": "实际应答",
    "Response body": "应答正文",
    "Response headers": "应答头",
    "Request URL": "请求地址",
    "Request duration": "用时",
    Curl: "curl 命令",
    Code: "状态码",
    Details: "详情",
    Links: "链接",
    "No links": "无",
    "Media type": "媒体类型",
    Controls: "决定请求头",
    "header.": "的取值",
    "Example Value": "示例",
    "Edit Value": "填写",
    "Example Description": "示例说明",
    Examples: "示例",
    "Examples:": "示例：",
    Schema: "结构",
    Schemas: "数据结构",
    Download: "下载",
    "Download file": "下载文件",
    Errors: "错误",
    Hide: "收起",
    Servers: "服务器",
    "Expand operation": "展开",
    "Collapse operation": "收起",
    "Expand all": "全部展开",
    "Collapse all": "全部收起",
    Undocumented: "文档未列出",
    "Default value": "默认值",
    "Find more details": "更多说明",
    "Terms of service": "服务条款",
    "Skip to operations": "跳到接口列表",
    "Unrecognized response type; displaying content as text.": "应答类型未知，按文本显示。",
    "Failed to load API definition.": "接口定义载入失败。",
    "No operations defined in spec!": "没有接口。",
    "Please correct the following validation errors and try again.": "请改正下列问题后重试。",
    "Filter by tag": "按分类筛选",
    "Filter by tag or path": "按名称、分类或路径筛选",
    "authorization button locked": "已授权",
    "authorization button unlocked": "未授权",
    "Copy to clipboard": "复制",
    "Copy path to clipboard": "复制路径",
  }),
);
// Texts with something of the answer in them: the words around it are Swagger UI's.
const PATTERNS = [
  [/^Error: (?:.*)$/, () => "请求未成功，理由见应答正文"],
  [/^Copied!?$/, () => "已复制"],
  [/^ms$/, () => "毫秒"],
];
const ATTRIBUTES = ["placeholder", "title", "aria-label"];
const OF_THE_ANSWER = ".live-responses-table :is(.renderedMarkdown, .markdown, h5 + pre)";
const NOT_OURS = "pre, code, textarea, .markdown, .renderedMarkdown, .opblock-summary-path, .opblock-summary-description";

// Swagger UI writes "Error: Conflict" above the body of a refusal, and how long it took, as if they were texts of the contract.
function isOfTheAnswer(node) {
  return /^Error: |^ ms$/.test(node.nodeValue) && node.parentElement?.closest(OF_THE_ANSWER);
}

function showInChinese(root) {
  const translated = (english) => {
    const pattern = PATTERNS.find(([form]) => form.test(english));
    return CHINESE.get(english) ?? (pattern && english.replace(...pattern));
  };
  const text = (node) => {
    const chinese = translated(node.nodeValue.trim());
    if (chinese && (!node.parentElement?.closest(NOT_OURS) || isOfTheAnswer(node))) node.nodeValue = node.nodeValue.replace(node.nodeValue.trim(), chinese);
  };
  const attributes = (element) => {
    for (const name of ATTRIBUTES) {
      const chinese = CHINESE.get(element.getAttribute(name));
      if (chinese) element.setAttribute(name, chinese);
    }
  };
  const below = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return text(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    attributes(node);
    node.childNodes.forEach(below);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(below);
      else if (change.type === "characterData") text(change.target);
      else attributes(change.target);
    }
  }).observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES });
}
