// What a front end writes against the generated types: compiled by the tests, and run against a service.
import type { operations, paths } from "./schema.js";

type Json<Body> = Body extends { content: { "application/json": infer Value } } ? Value : never;
type TakesJson = { requestBody?: { content: { "application/json": unknown } } };
type Posting = { [Path in keyof paths]: paths[Path]["post"] extends TakesJson ? Path : never }[keyof paths];
type Sent<Path extends Posting> = Json<NonNullable<paths[Path]["post"]["requestBody"]>>;
type Responses<Path extends Posting> = paths[Path]["post"]["responses"];
type Answer<Path extends Posting> = Responses<Path> extends { 200: infer Ok }
  ? Json<Ok>
  : Responses<Path> extends { 201: infer Made }
    ? Json<Made>
    : never;
type Case = Json<operations["get_case"]["responses"][200]>;
type Problem = operations["get_case"]["responses"][404]["content"]["application/problem+json"];

declare const process: { argv: string[] };
const [origin = "", tokens = "{}"] = process.argv.slice(2);
const secrets: Record<string, string> = JSON.parse(tokens);

class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.reasons.map((reason) => reason.message).join("；") || problem.title);
  }
}

function headers(who: string): Record<string, string> {
  const secret = secrets[who] ?? "";
  return secret.startsWith("dk_") ? { "X-API-Key": secret } : { Authorization: `Bearer ${secret}` };
}

async function post<Path extends Posting>(who: string, path: Path, body: Sent<Path>, seen?: Case): Promise<Answer<Path>> {
  const answer = await fetch(origin + path.replace("{case_id}", String(seen?.id)), {
    method: "POST",
    headers: {
      ...headers(who),
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
      ...(seen ? { "If-Match": `"${seen.version}"` } : {}),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Refused((await answer.json()) as Problem);
  return (await answer.json()) as Answer<Path>;
}

const application: Sent<"/api/v1/cases"> = {
  agency_code: "370600-GXJ",
  channel: "in_person",
  submitted_at: "2026-03-02T09:00:00+08:00",
  applicant: { kind: "natural_person", name: "张三", phone: "13800000000", address: "幸福路1号" },
  items: [{ title: "城东片区控制性详细规划的批复" }],
  carrier: "paper",
  delivery_method: "post",
};

// @ts-expect-error -- a channel that is not in the list of codes
export const wrong: typeof application = { ...application, channel: "pigeon" };

const of = "/api/v1/cases/{case_id}";
const registered = await post("portal", "/api/v1/cases", application);
let seen: Case = registered;
await post("portal", `${of}/accept`, {}, seen).catch((refused: Refused) => console.log(refused.problem.code));
seen = await post("dengji", `${of}/accept`, { note: "要件齐全" }, seen);
seen = await post("dengji", `${of}/assign`, { handler: "jingban", opinion: "请办理" }, seen);
seen = await post(
  "jingban",
  `${of}/submit`,
  {
    conclusions: [
      {
        item_no: 1,
        kind: "grant",
        found: "经检索，本机关保存有该批复",
        reason: "该信息属于可以公开的政府信息",
        citations: ["《政府信息公开条例》第三十六条第（二）项"],
        provision: "随函提供该批复复印件1份",
      },
    ],
  },
  seen,
);
seen = await post("shenhe", `${of}/endorse`, { opinion: "同意" }, seen);
seen = await post("baomi", `${of}/review_secrecy`, { cleared: true, opinion: "可以公开" }, seen);
seen = await post("lingdao", `${of}/sign`, {}, seen);
seen = await post("jingban", `${of}/deliver`, { method: "post", carrier: "中国邮政", tracking_no: "EX1" }, seen);
seen = await post("jingban", `${of}/confirm_delivery`, { proof: "postal_receipt", proof_ref: "EX1" }, seen);
seen = await post("guidang", `${of}/archive`, { volume_no: "2026-YSQ-1" }, seen);
console.log(seen.state);

const address = `${origin}/api/v1/cases/overdue`;
const first = await fetch(address, { headers: headers("duban") });
const again = await fetch(address, { headers: { ...headers("duban"), "If-None-Match": first.headers.get("etag") ?? "" } });
console.log(again.status);
