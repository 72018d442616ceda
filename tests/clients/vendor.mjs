// The vendor's own client, unmodified: fetches a token and pages through the logs of one filter, as the pager of a
// screen would. Prints one JSON object: the total, the ids in order, the pages asked for, the first log.
import { createManagementApi } from "@logto/api/management";

const [tenant, baseUrl, query] = process.argv.slice(2);
const { apiClient } = createManagementApi(tenant, {
  clientId: "mock-app",
  clientSecret: "mock-secret",
  baseUrl,
});

const ids = [];
let page = 1;
let total = Infinity;
let first;
while (ids.length < total) {
  const { data, error, response } = await apiClient.GET("/api/logs", {
    params: { query: { ...JSON.parse(query), page, page_size: 20 } },
  });
  if (error) throw new Error(`${response.status} ${JSON.stringify(error)}`);
  total = Number(response.headers.get("Total-Number"));
  first ??= data[0];
  ids.push(...data.map((log) => log.id));
  if (!(response.headers.get("Link") ?? "").includes('rel="next"')) break;
  page += 1;
}
console.log(JSON.stringify({ total, ids, pages: page, first }));
