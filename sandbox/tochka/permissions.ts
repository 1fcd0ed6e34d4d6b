// Words of consents and scopes.

/** Everything the consent call accepts. */
export const permissions = [
  "ReadAccountsBasic",
  "ReadAccountsDetail",
  "ReadBalances",
  "ReadStatements",
  "ReadTransactionsBasic",
  "ReadTransactionsCredits",
  "ReadTransactionsDebits",
  "ReadTransactionsDetail",
  "ReadCustomerData",
  "ReadSBPData",
  "EditSBPData",
  "CreatePaymentForSign",
  "CreatePaymentOrder",
  "ReadAcquiringData",
  "MakeAcquiringOperation",
  "ManageInvoiceData",
  "ManageWebhookData",
  "MakeCustomer",
  "ManageGuarantee",
] as const;

export type Permission = (typeof permissions)[number];

/** Every word a scope may have. */
export const scopes = ["accounts", "balances", "customers", "statements", "sbp", "payments", "acquiring"] as const;

/** What a permission lets an application do, as the bank's form says it. */
export const permissionTexts: Record<Permission, string> = {
  ReadAccountsBasic: "Просмотр счетов",
  ReadAccountsDetail: "Просмотр реквизитов счетов",
  ReadBalances: "Просмотр баланса",
  ReadStatements: "Просмотр выписок",
  ReadTransactionsBasic: "Просмотр операций",
  ReadTransactionsCredits: "Просмотр входящих операций",
  ReadTransactionsDebits: "Просмотр исходящих операций",
  ReadTransactionsDetail: "Просмотр деталей операций",
  ReadCustomerData: "Просмотр данных о компании",
  ReadSBPData: "Просмотр данных СБП",
  EditSBPData: "Управление СБП",
  CreatePaymentForSign: "Создание платежей на подпись",
  CreatePaymentOrder: "Создание платежей",
  ReadAcquiringData: "Просмотр операций эквайринга",
  MakeAcquiringOperation: "Проведение операций эквайринга",
  ManageInvoiceData: "Управление счетами на оплату",
  ManageWebhookData: "Управление вебхуками",
  MakeCustomer: "Создание клиентов",
  ManageGuarantee: "Управление гарантиями",
};
