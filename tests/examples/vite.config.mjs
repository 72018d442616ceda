// Vite's development server hands the API to the mock, so that a page asks its own origin; links stay on it too.
//
// Keep `changeOrigin: false`: the short form, a text, changes the Host, and then Link headers lead past the proxy.
const mock = { target: "http://127.0.0.1:3001", changeOrigin: false };

export default { server: { proxy: { "/api": mock, "/oidc": mock } } };
