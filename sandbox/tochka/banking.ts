// The bank's plain objects: companies and their accounts; and consents, which applications manage.
import type { Handler, Route } from "./call.ts";
import { companyOf } from "./companies.ts";
import { consentOf, createConsent, mustBeApplication, shownChildren, shownConsent } from "./consents.ts";
import { utcTime } from "./ids.ts";
import type { Company } from "./state.ts";

const shownCompany = (company: Company): object => ({
  customerCode: company.customerCode,
  customerType: company.customerType,
  isResident: true,
  fullName: company.fullName,
  shortName: company.shortName,
  taxCode: company.taxCode,
  ...(company.kpp === null ? {} : { kpp: company.kpp }),
  ...(company.customerOgrn === "" ? {} : { customerOgrn: company.customerOgrn }),
});

const customers: Handler = ({ tochka, companies }) => ({
  data: {
    Customer: tochka.state.companies
      .filter(({ customerCode }) => companies.includes(customerCode))
      .map((company) => shownCompany(company)),
  },
});

const customer: Handler = (call) => {
  const [customerCode = ""] = call.path;
  call.mustSee(customerCode);
  const company = companyOf(call.tochka.state, customerCode);
  return { data: company ? shownCompany(company) : {} };
};

const accounts: Handler = ({ tochka, companies }) => ({
  data: {
    Account: tochka.state.companies
      .filter(({ customerCode }) => companies.includes(customerCode))
      .flatMap(({ customerCode, shortName, accounts: own }) =>
        own.map(({ accountId, createdAt }) => ({
          customerCode,
          accountId,
          transitAccount: "",
          status: "Enabled",
          statusUpdateDateTime: utcTime(createdAt),
          currency: "RUB",
          accountType: "Business",
          accountSubType: "CurrentAccount",
          registrationDate: utcTime(createdAt).slice(0, 10),
          accountDetails: [{ schemeName: "RU.CBR.PAN", identification: accountId.slice(0, 20), name: shortName }],
        })),
      ),
  },
});

/** The specification's path answers with a list, the guide's with one object. */
const create =
  (asList: boolean): Handler =>
  ({ tochka, token, data }) => {
    mustBeApplication(token);
    const shown = shownConsent(tochka, createConsent(tochka, token, data));
    return { data: asList ? { Consent: [shown] } : shown };
  };

const list: Handler = ({ tochka, client, token }) => {
  mustBeApplication(token);
  const own = tochka.state.consents.filter(({ clientId }) => clientId === client.clientId);
  return { data: { Consent: own.map((consent) => shownConsent(tochka, consent, true)) } };
};

const readOne =
  (asList: boolean): Handler =>
  ({ tochka, client, path }) => {
    const shown = shownConsent(tochka, consentOf(tochka, client.clientId, path[0] ?? ""));
    return { data: asList ? { Consent: [shown] } : shown };
  };

const children: Handler = ({ tochka, client, path }) => ({
  data: { Consent: shownChildren(tochka, consentOf(tochka, client.clientId, path[0] ?? "")) },
});

const consentRoutes = (base: string, asList: boolean): Route[] => {
  const at = (tail: string): RegExp => new RegExp(`^${base.replaceAll(".", "\\.")}${tail}$`);
  const common = { permission: null, appToken: true };
  return [
    { ...common, method: "POST", path: at(""), operation: "consent_create", handler: create(asList) },
    { ...common, method: "GET", path: at(""), operation: "consent_list", handler: list },
    { ...common, method: "GET", path: at("/([0-9a-f-]+)"), operation: "consent_read", handler: readOne(asList) },
    { ...common, method: "GET", path: at("/([0-9a-f-]+)/child"), operation: "consent_child", handler: children },
  ];
};

const base = "/open-banking/v1\\.0";
export const bankingRoutes: Route[] = [
  ...consentRoutes("/consent/v1.0/consents", true),
  ...consentRoutes("/v1.0/consents", false),
  {
    method: "GET",
    path: new RegExp(`^${base}/customers$`),
    operation: "customers",
    permission: "ReadCustomerData",
    handler: customers,
  },
  {
    method: "GET",
    path: new RegExp(`^${base}/customers/([^/]+)$`),
    operation: "customer",
    permission: "ReadCustomerData",
    handler: customer,
  },
  {
    method: "GET",
    path: new RegExp(`^${base}/accounts$`),
    operation: "accounts",
    permission: "ReadAccountsBasic",
    handler: accounts,
  },
];
