"use strict";

// A file of its own, because the page's content security policy allows no inline script.
const root = document.getElementById("swagger-ui");
const settings = JSON.parse(root.dataset.settings);

showInChinese(root);

// Swagger UI's own filter compares the names of the groups, which are ASCII for the sake of generated clients. A clerk types what
// stands on the page: the heading of a group (then all of it stays), or words of an operation, its address or its code.
const filterByWhatIsShown = {
  fn: {
    opsFilter: (groups, phrase) => {
      const wanted = phrase.trim().toLowerCase();
      const has = (...texts) => texts.some((text) => text && text.toLowerCase().includes(wanted));
      const ofOperation = (entry) =>
        has(entry.get("path"), entry.getIn(["operation", "summary"]), entry.getIn(["operation", "operationId"]));
      return groups
        .map((group, name) => {
          if (has(name, group.getIn(["tagDetails", "x-displayName"]))) return group;
          return group.update("operations", (operations) => operations.filter(ofOperation));
        })
        .filter((group) => group.get("operations").size > 0);
    },
  },
  statePlugins: {
    layout: {
      wrapSelectors: {
        // What is looked for should not hide in folded groups. `original` is bound to its state already: handed it again, it loops.
        isShown: (original) => (state, thing, ...more) => {
          const phrase = state.get("filter");
          const looking = typeof phrase === "string" && phrase !== "" && phrase !== "true";
          return (looking && thing.length === 2 && thing[0] === "operations-tag") || original(thing, ...more);
        },
      },
    },
  },
};

// Swagger UI reads the contract as YAML, and takes all of it to pieces again for every operation that is opened, because its
// references might lead to other sites: seconds each time on an office computer. Ours is JSON and refers to nothing but itself.
function inOnePiece(contract, node, page, within = []) {
  if (Array.isArray(node)) return node.map((item) => inOnePiece(contract, item, page, within));
  if (node === null || typeof node !== "object") return node;
  const { $ref: address, ...beside } = node;
  const own = Object.fromEntries(Object.entries(beside).map(([key, value]) => [key, inOnePiece(contract, value, page, within)]));
  if (typeof address !== "string") return own;
  if (within.includes(address)) return node; // a kind that holds its own kind
  const target = address.slice("#/".length).split("/").reduce((found, key) => found[key], contract);
  return { ...inOnePiece(contract, target, page, [...within, address]), ...own, $$ref: page + address };
}

const contractOfOneFile = {
  fn: {
    resolveSubtree: async (contract, path, { baseDoc }) => ({
      errors: [],
      spec: inOnePiece(contract, path.reduce((found, key) => found?.[key], contract), baseDoc),
    }),
  },
  statePlugins: {
    spec: {
      wrapActions: {
        parseToJson: (_original, { specActions }) => (text) => specActions.updateJsonSpec(JSON.parse(text)),
      },
    },
  },
};

// Whoever has signed in sees the operations of their own roles, and may ask for all of them again.
const bar = document.getElementById("who");
let own = null;

function showDocument(address) {
  ui.specActions.updateUrl(address);
  ui.specActions.download(address);
}

function button(label, onClick) {
  const made = document.createElement("button");
  made.textContent = label;
  made.addEventListener("click", onClick);
  return made;
}

// What only programmers read (the command for a terminal, headers, the form of answers once there is one) is left out for a clerk.
const details = button("", () => showDetails(root.classList.contains("plain")));

function showDetails(shown) {
  root.classList.toggle("plain", !shown);
  details.textContent = shown ? "隐藏技术细节" : "显示技术细节";
}

function say(text, label, onClick) {
  bar.replaceChildren(text);
  if (label) bar.append(button(label, onClick), details);
  bar.hidden = text === "";
}

function showOwn() {
  showDocument(own.address);
  say(`${own.who}，只列出您可以使用的操作。`, "显示全部操作", showAll);
}

function showAll() {
  showDocument(settings.openapiUrl);
  say(own ? `${own.who}，列出全部操作；没有权限的会被退回。` : "", own && "只显示我能用的", showOwn);
}

async function signedIn(headers) {
  if (!settings.meUrl) return;
  const answer = await fetch(settings.meUrl, { headers });
  if (!answer.ok) return;
  const me = await answer.json();
  const roles = me.roles.map((role) => role.code);
  const who = `${me.label}（${me.agency_name} ${me.roles.map((role) => role.label).join("、") || "没有角色"}）已登录`;
  if (own === null) showDetails(false);
  own = { who, address: `${settings.openapiUrl}?${new URLSearchParams(roles.map((code) => ["role", code]))}` };
  if (roles.length > 0) showOwn();
}

function signedOut() {
  if (own === null) return;
  own = null;
  showDetails(true);
  showAll();
}

const documentOfWhoeverIsSignedIn = {
  statePlugins: {
    auth: {
      wrapActions: {
        authorizeOauth2: (original) => (payload) => {
          const done = original(payload);
          if (payload.token?.access_token) signedIn({ Authorization: `Bearer ${payload.token.access_token}` });
          return done;
        },
        authorize: (original) => (payload) => {
          const done = original(payload);
          const key = payload.api_key?.value;
          if (typeof key === "string") signedIn({ "X-API-Key": key });
          return done;
        },
        logout: (original) => (payload) => {
          const done = original(payload);
          signedOut();
          return done;
        },
      },
    },
  },
};

// Swagger UI reads CSV and other text as UTF-8 and offers what it read as the file: the mark by which a table program knows UTF-8
// would be lost, and a text in GB18030 spoilt. A file is handed on byte for byte.
async function fetchFilesWhole(address, request) {
  const answer = await fetch(address, request);
  if (/^attachment/i.test(answer.headers.get("Content-Disposition") ?? "")) answer.text = () => answer.blob();
  return answer;
}

const ui = SwaggerUIBundle({
  domNode: root,
  url: settings.openapiUrl,
  oauth2RedirectUrl: new URL(settings.redirectUrl, window.location.href).href,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [() => contractOfOneFile, () => filterByWhatIsShown, () => documentOfWhoeverIsSignedIn],
  requestInterceptor: (request) => Object.assign(request, { userFetch: fetchFilesWhole }),
  validatorUrl: null, // would send the contract to another site
  persistAuthorization: false, // office computers are shared
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
});

ui.initOAuth({
  clientId: settings.clientId,
  scopes: settings.scopes,
  usePkceWithAuthorizationCodeGrant: true,
});
