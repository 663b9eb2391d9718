"use strict";

// The login page sends the browser back here, in the window that Swagger UI opened. Hands the code to Swagger UI and closes.
function finish() {
  const opener = window.opener && window.opener.swaggerUIRedirectOauth2;
  if (!opener) {
    document.getElementById("message").textContent = "接口文档的窗口已经关闭，请回到接口文档重新登录。";
    return;
  }
  const answer = new URLSearchParams(window.location.search);
  const refuse = (message) => opener.errCb({ authId: opener.auth.name, source: "auth", level: "error", message });
  if (answer.get("state") !== opener.state) {
    // Somebody else's answer: its code must not be exchanged (RFC 6749 第10.12节).
    refuse("登录未完成：返回的 state 与发出的不一致，请重新登录。");
  } else if (!answer.get("code")) {
    const reason = answer.get("error_description") || answer.get("error") || "没有收到授权码";
    refuse(`登录未完成：${reason}`);
  } else {
    delete opener.state;
    opener.auth.code = answer.get("code");
    opener.callback({ auth: opener.auth, redirectUrl: opener.redirectUrl });
  }
  window.close();
}

finish();
