"use strict";

// Written for browsers of ten years ago on a network without https: nothing here needs a secure context or newer syntax.
(function () {
  var root = document.body.getAttribute("data-root");
  var here = location.origin + root + "/board";
  var form = document.getElementById("choice");
  var signIn = document.getElementById("sign-in");
  var message = document.getElementById("message");
  var board = document.getElementById("board");
  var token = null; // in memory only: office computers are shared

  function say(text) { message.textContent = text; }

  function random() {
    var bytes = crypto.getRandomValues(new Uint8Array(32));
    return encoded(bytes);
  }

  function encoded(bytes) {
    return btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, "-").replace(/[/]/g, "_").replace(/=+$/, "");
  }

  // SHA-256 (FIPS 180-4): the browser's own is missing where the page came without https.
  function sha256(ascii) {
    var k = [], h = [], prime = 2, i, j;
    function fraction(x) { return ((x - Math.floor(x)) * 4294967296) | 0; }
    for (var found = 0; found < 64; prime += 1) {
      for (i = 2; i * i <= prime && prime % i; i += 1);
      if (prime > 2 && i * i <= prime) continue;
      if (found < 8) h[found] = fraction(Math.pow(prime, 1 / 2));
      k[found] = fraction(Math.pow(prime, 1 / 3));
      found += 1;
    }
    var bytes = ascii.split("").map(function (c) { return c.charCodeAt(0); });
    var bits = bytes.length * 8;
    bytes.push(128);
    while (bytes.length % 64 !== 56) bytes.push(0);
    for (i = 7; i >= 0; i -= 1) bytes.push(i > 3 ? 0 : (bits >>> (8 * i)) & 255);
    function turn(x, n) { return (x >>> n) | (x << (32 - n)); }
    for (var block = 0; block < bytes.length; block += 64) {
      var w = [];
      for (i = 0; i < 64; i += 1) {
        if (i < 16) {
          j = block + 4 * i;
          w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
        } else {
          var a = w[i - 15], b = w[i - 2];
          w[i] = (w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
        }
      }
      var s = h.slice();
      for (i = 0; i < 64; i += 1) {
        var t1 = (s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i]) | 0;
        var t2 = ((turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]))) | 0;
        s = [(t1 + t2) | 0, s[0], s[1], s[2], (s[3] + t1) | 0, s[4], s[5], s[6]];
      }
      for (i = 0; i < 8; i += 1) h[i] = (h[i] + s[i]) | 0;
    }
    var digest = [];
    h.forEach(function (word) { for (i = 3; i >= 0; i -= 1) digest.push((word >>> (8 * i)) & 255); });
    return digest;
  }

  function query(values) {
    return Object.keys(values).filter(function (name) { return values[name]; }).map(function (name) {
      return encodeURIComponent(name) + "=" + encodeURIComponent(values[name]);
    }).join("&");
  }

  function goAndSignIn() {
    var verifier = random(), state = random();
    sessionStorage.setItem("board", JSON.stringify({ verifier: verifier, state: state }));
    location.assign(root + "/oauth/authorize?" + query({
      response_type: "code", client_id: "board", redirect_uri: here, state: state,
      code_challenge: encoded(sha256(verifier)), code_challenge_method: "S256"
    }));
  }

  function signOut(text) {
    token = null;
    board.textContent = "";
    form.hidden = true;
    signIn.hidden = false;
    say(text || "");
  }

  function ask(path, options) {
    return fetch(root + path, options).then(function (answer) {
      if (answer.ok) return answer;
      if (answer.status === 401) signOut("登录已经失效，请重新登录");
      return answer.json().then(function (problem) { throw new Error(problem.detail || problem.title || problem.message); });
    });
  }

  function asSignedIn(path) {
    return ask("/api/v1" + path, { headers: { Authorization: "Bearer " + token } });
  }

  function chosen() {
    return { period: form.period.value.trim(), agency: form.agency.value.trim(), scope: form.subtree.checked ? "subtree" : "own" };
  }

  function show() {
    say("正在统计…");
    asSignedIn("/statistics/board?" + query(chosen())).then(function (answer) { return answer.text(); }).then(function (html) {
      board.innerHTML = html; // written by our own server, everything in it escaped
      say("");
      board.focus();
    }).catch(function (error) { say(error.message); });
  }

  function save(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  function take(code) {
    var kept = JSON.parse(sessionStorage.getItem("board") || "{}");
    var given = new URLSearchParams(location.search);
    sessionStorage.removeItem("board");
    history.replaceState(null, "", here);
    if (!kept.state || given.get("state") !== kept.state) { signOut("登录没有完成，请重新登录"); return; }
    ask("/oauth/token", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code", code: code, redirect_uri: here, client_id: "board", code_verifier: kept.verifier
      })
    }).then(function (answer) { return answer.json(); }).then(function (found) {
      token = found.access_token;
      form.hidden = false;
      signIn.hidden = true;
      show();
    }).catch(function (error) { signOut(error.message); });
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); show(); });
  signIn.addEventListener("click", goAndSignIn);
  document.getElementById("leave").addEventListener("click", function () {
    fetch(root + "/oauth/revoke", { method: "POST", body: new URLSearchParams({ token: token }) });
    signOut("已经退出");
  });
  document.addEventListener("click", function (event) {
    var file = event.target.getAttribute && event.target.getAttribute("data-file");
    var chart = event.target.getAttribute && event.target.getAttribute("data-save");
    if (file) {
      asSignedIn(file + "?" + query({ period: chosen().period })).then(function (answer) { return answer.blob(); })
        .then(function (blob) { save(blob, "通报" + file.slice(file.lastIndexOf("."))); })
        .catch(function (error) { say(error.message); });
    } else if (chart) {
      var drawing = document.querySelector("#" + chart + " svg");
      var text = new XMLSerializer().serializeToString(drawing);
      save(new Blob([text], { type: "image/svg+xml" }), drawing.querySelector("title").textContent + ".svg");
    }
  });

  var year = new Date().getFullYear();
  ["", "Q1", "Q2", "Q3", "Q4"].forEach(function (part) {
    [year, year - 1].forEach(function (y) {
      var option = document.createElement("option");
      option.value = y + part;
      document.getElementById("periods").appendChild(option);
    });
  });

  var code = new URLSearchParams(location.search).get("code");
  if (code) take(code); else signOut("请登录后查看");
})();
