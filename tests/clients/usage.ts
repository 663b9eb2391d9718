// What a front end writes against the generated types; compiled by the tests, never run.
import type { components, operations, paths } from "./schema";

type Json<Body> = Body extends { content: { "application/json": infer Value } } ? Value : never;
type Problem = components["schemas"]["Problem"];

const application: Json<operations["register_case"]["requestBody"]> = {
  agency_code: "370600-GXJ",
  channel: "in_person",
  submitted_at: "2026-03-02T09:00:00+08:00",
  applicant: { kind: "natural_person", name: "张三" },
  items: [{ title: "城东片区控制性详细规划的批复" }],
};

// @ts-expect-error -- a channel that is not in the list of codes
const wrong: typeof application = { ...application, channel: "pigeon" };

const path: keyof paths = "/api/v1/cases/{case_id}/accept";

function describe(found: Json<operations["get_case"]["responses"][200]>): string {
  const due: string | null = found.due_on;
  return `${found.case_no} ${found.state_label} ${due ?? "期限未起算"}`;
}

function refused(problem: Problem): string[] {
  return problem.reasons.map((reason) => reason.message);
}

export { application, describe, path, refused, wrong };
