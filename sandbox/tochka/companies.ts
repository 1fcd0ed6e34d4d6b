// The bank's customers: companies with shops of internet acquiring and of SBP, and accounts.
import type { Company, Method, Retailer, TochkaState, Tsp } from "./state.ts";
import { methods } from "./state.ts";

/** The bank's own BIC. */
export const bankCode = "044525104";

const all: Method[] = [...methods];

/**
 * Gives a user of the internet bank two companies and a person: shops in every state, SBP in both. Numbers follow
 * from how many users there are, so the first user's are always the same.
 */
export function addUser(state: TochkaState, user: string, now: number): Company[] {
  const turn = new Set(state.companies.map((company) => company.user)).size;
  const code = (n: number): string => String(300_000_100 + turn * 10 + n);
  const account = (n: number): string => `4070281010${turn % 10}${String(500_000_000 + turn * 10 + n)}/${bankCode}`;
  const legal = (n: number): string => `LF${String(1 + turn * 10 + n).padStart(10, "0")}`;
  const company = (n: number, more: Partial<Company>): Company => ({
    customerCode: code(n),
    user,
    customerType: "Business",
    fullName: "",
    shortName: "",
    taxCode: String(7_700_000_001 + turn * 10 + n),
    kpp: "770101001",
    customerOgrn: String(1_197_700_000_001 + turn * 10 + n),
    legalId: legal(n),
    sbpStatus: "Active",
    accounts: [{ accountId: account(n), status: "Active", createdAt: now }],
    createdAt: now,
    ...more,
  });
  const made: Company[] = [
    company(1, {
      fullName: 'Общество с ограниченной ответственностью "Ромашка"',
      shortName: 'ООО "Ромашка"',
      accounts: [
        { accountId: account(1), status: "Active", createdAt: now },
        { accountId: account(4), status: "Suspended", createdAt: now },
      ],
    }),
    company(2, {
      fullName: "Индивидуальный предприниматель Василькова Анна Ивановна",
      shortName: "ИП Василькова А. И.",
      taxCode: String(770_000_000_002 + turn * 10),
      kpp: null,
      customerOgrn: String(319_770_000_000_002 + turn * 10),
    }),
    company(3, {
      customerType: "Personal",
      fullName: "Василькова Анна Ивановна",
      shortName: "Василькова А. И.",
      kpp: null,
      customerOgrn: "",
      legalId: null,
      accounts: [],
    }),
  ];
  state.companies.push(...made);

  let shop = 0;
  const retailer = (customerCode: string, more: Partial<Retailer>): void => {
    shop += 1;
    const number = turn * 100 + shop;
    state.retailers.push({
      key: `shop-${number}`,
      customerCode,
      status: "REG",
      isActive: true,
      mcc: "8299",
      rate: 2.5,
      name: `Магазин ${shop}`,
      url: `https://shop${shop}.example.test`,
      merchantId: String(200_000_000_010_000 + number),
      terminalId: String(20_000_000 + number),
      paymentModes: all,
      cashbox: null,
      ...more,
    });
  };
  const young = { merchantId: null, terminalId: null };
  retailer(code(1), { name: "С кассой", cashbox: "businessRu" });
  retailer(code(1), { name: "Без кассы" });
  retailer(code(1), { name: "Отключён", isActive: false });
  retailer(code(1), { name: "Без Долями", cashbox: "businessRu", paymentModes: ["sbp", "card", "tinkoff"] });
  retailer(code(1), { name: "Новый", status: "NEW", isActive: false, paymentModes: [], ...young });
  retailer(code(1), { name: "Адрес найден", status: "ADDRESS_DADATA", isActive: false, paymentModes: [], ...young });
  retailer(code(1), { name: "Счёт открыт", status: "OPEN_ACCOUNT", isActive: false, paymentModes: [], ...young });
  retailer(code(1), { name: "Отправлен", status: "TWPG_SENDED", isActive: false, terminalId: null });
  retailer(code(1), { name: "Создан", status: "RETAILER_CREATED", isActive: false, terminalId: null });
  retailer(code(1), { name: "Терминал создан", status: "TERMINAL_CREATED", isActive: false });
  retailer(code(1), { name: "Файл отправлен", status: "FILE_SENT", isActive: false });
  retailer(code(1), { name: "Закрыт", status: "CLOSE", isActive: false });
  // The one shop of its company: merchantId may be left out there.
  retailer(code(2), { name: "Единственный", cashbox: "businessRu" });

  const tsp = (n: number, of: number, more: Partial<Tsp>): void => {
    state.tsps.push({
      merchantId: `MF${String(100 + turn * 10 + n).padStart(10, "0")}`,
      legalId: legal(of),
      customerCode: code(of),
      status: "Active",
      brandName: `Магазин СБП ${n}`,
      mcc: "8299",
      capabilities: "111",
      contactPhoneNumber: "+79991112233",
      address: "ул. Лесная, д. 1",
      city: "Москва",
      countrySubDivisionCode: "45",
      zipCode: "101000",
      createdAt: now,
      ...more,
    });
  };
  tsp(1, 1, { brandName: "Ромашка" });
  tsp(2, 1, { brandName: "Ромашка старая", status: "Suspended" });
  tsp(3, 1, { brandName: "Только статика", capabilities: "001" });
  tsp(4, 2, { brandName: "Васильки" });
  return made;
}

/** Adds a shop of internet acquiring; what is not given is as at a registered shop without cash register. */
export function addRetailer(state: TochkaState, customerCode: string, given: Partial<Retailer>): Retailer {
  const number = 900 + state.retailers.length;
  const made: Retailer = {
    key: `shop-${number}-${state.retailers.length}`,
    customerCode,
    status: "REG",
    isActive: true,
    mcc: "8299",
    rate: 2.5,
    name: "Новый магазин",
    url: "https://shop.example.test",
    merchantId: String(200_000_000_500_000 + number),
    terminalId: String(25_000_000 + number),
    paymentModes: all,
    cashbox: null,
    ...given,
  };
  state.retailers.push(made);
  return made;
}

/** A shop that may take payments. */
export const usable = (retailer: Retailer): boolean => retailer.status === "REG" && retailer.isActive;

/** Company of a code. */
export const companyOf = (state: TochkaState, customerCode: string): Company | undefined =>
  state.companies.find((company) => company.customerCode === customerCode);
