// The bank's own sandbox, second mode: canned answers that ignore the request. It proves shapes, never payments.
import { apiRoutes } from "./api.ts";
import { envelope, errorBody } from "./reply.ts";
import type { Tochka } from "./tochka.ts";

const tokens = ["sandbox.jwt.token", "working_token"];
const customerCode = "1234567ab";
const operationId = "48232c9a-ce82-1593-3cb6-5c85a1ffef8f";
const qrcId = "AS100001ORTF4GAF80KPJ53K186D9A3G";
const payload = `https://qr.nspk.ru/${qrcId}?type=01&bank=100000000001&crc=0C8A`;
const paymentLink = `https://merch.example.com/order/?uuid=16ea4c54-bf1d-4e6a-a1ef-53ad55666e43`;

const link = {
  operationId,
  paymentLink,
  amount: 1234,
  purpose: "Футболка женская молочная",
  paymentMode: ["sbp", "card"],
  status: "CREATED",
  merchantId: "200000000001097",
};

const operation = {
  customerCode,
  createdAt: "2022-10-18T08:28:59+00:00",
  amount: 100,
  status: "APPROVED",
  operationId,
  paymentLink,
  Order: [],
  paymentType: "card",
  merchantId: "200000000001097",
};

const retailer = (merchantId: string, more: object = {}): object => ({
  status: "REG",
  isActive: true,
  mcc: "7200",
  rate: 2.5,
  name: "Тестовый магазин",
  url: "https://shop.example.com",
  merchantId,
  terminalId: "20025552",
  paymentModes: ["sbp", "card", "tinkoff", "dolyame"],
  ...more,
});

const company = {
  customerCode,
  customerType: "Business",
  isResident: true,
  fullName: 'Общество с ограниченной ответственностью "Тест"',
  shortName: 'ООО "Тест"',
  taxCode: "660000000000",
};

const answers: Record<string, (ids: string[]) => unknown> = {
  customers: () => ({ Customer: [company] }),
  customer: () => company,
  accounts: () => ({
    Account: [{ customerCode, accountId: "12345123451234512345/044525104", status: "Enabled", currency: "RUB" }],
  }),
  retailers: () => ({
    Retailer: [retailer("200000000001097"), retailer("200000000001148", { cashbox: "businessRu" })],
  }),
  create: () => link,
  create_with_receipt: () => link,
  read: () => ({ Operation: [operation] }),
  list: () => ({ Operation: [operation] }),
  capture: () => ({ result: true }),
  refund: () => ({ isRefund: true, operationId, amount: 100, date: "2022-10-18", orderId: "20" }),
  sbp_customer: () => ({
    status: "Active",
    legalId: "LF0000000001",
    customerCode,
    bankCode: "044525104",
    MerchantList: [{ merchantId: "MF0000000001", legalId: "LF0000000001", status: "Active", capabilities: "111" }],
    AccountList: [{ accountId: "12345123451234512345/044525104", status: "Active", legalId: "LF0000000001" }],
  }),
  qr_register: () => ({ qrcId, payload }),
  qr_read: () => ({ status: "Active", payload, qrcId, merchantId: "MF0000000001", qrcType: "01", amount: 0 }),
  qr_status: (ids) => ({
    paymentList: (ids[0] ?? "")
      .split(",")
      .map((id) =>
        id === qrcId
          ? { qrcId: id, code: "RQ00000", message: "Запрос обработан успешно", status: "NotStarted", trxId: "" }
          : { qrcId: id, code: "RQ05014", message: "QR-код не найден" },
      ),
  }),
  sbp_refund: () => ({ requestId: "openapi-7f2f", status: "Initiated" }),
  sbp_refund_status: () => ({ status: "Accepted", statusDescription: "" }),
};

const needsData = ["create", "create_with_receipt", "refund", "qr_register", "sbp_refund"];

/** Answers one call below `/tochka/sandbox/v2`. */
export async function cannedCall(tochka: Tochka, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/tochka\/sandbox\/v2/, "");
  const text = await request.text();
  const refuse = (status: number, errorCode: string, message: string): Response =>
    Response.json(errorBody(status, [{ errorCode, message }]), { status });
  const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const route = apiRoutes.find((one) => one.method === request.method && one.path.test(path));
  const canned = answers[route?.operation ?? ""];
  tochka.requests.push({
    at: tochka.clock.now(),
    method: request.method,
    path: `/sandbox/v2${path}${url.search}`,
    operation: route?.operation ?? null,
    verdict: canned && tokens.includes(token) ? "accepted" : "refused",
    reason: "canned",
    status: 0,
    client: null,
    customerCodeHeader: request.headers.get("customercode"),
    tls: url.protocol === "https:",
    body: text,
  });
  if (!route || !canned) return refuse(501, "Not Implemented", "Path is not available in the sandbox");
  if (!tokens.includes(token)) return refuse(403, "Forbidden", "Forbidden by consent");
  if (needsData.includes(route.operation)) {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return refuse(400, "Validation Error", "Field body : is not JSON");
    }
    const data = typeof body === "object" && body !== null && "Data" in body ? body.Data : undefined;
    if (typeof data !== "object" || data === null)
      return refuse(400, "Validation Error", "Field Data : field required");
    const names = route.operation === "qr_register" ? ["qrcType"] : ["amount"];
    const absent = names.find((name) => !(name in data));
    if (absent) return refuse(400, "Validation Error", `Field Data.${absent} : field required`);
  }
  const ids = (route.path.exec(path) ?? []).slice(1).map((part) => decodeURIComponent(part ?? ""));
  return Response.json(envelope(canned(ids), `https://enter.tochka.com/sandbox/v2${path}`));
}
