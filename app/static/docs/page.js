"use strict";

// A file of its own, because the page's content security policy allows no inline script.
const root = document.getElementById("swagger-ui");
const settings = JSON.parse(root.dataset.settings);

showInChinese(root);

const ui = SwaggerUIBundle({
  domNode: root,
  url: settings.openapiUrl,
  oauth2RedirectUrl: new URL(settings.redirectUrl, window.location.href).href,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
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
