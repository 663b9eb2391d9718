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

const ui = SwaggerUIBundle({
  domNode: root,
  url: settings.openapiUrl,
  oauth2RedirectUrl: new URL(settings.redirectUrl, window.location.href).href,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [() => filterByWhatIsShown],
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
