/** Kinds of identity, as the published API names them. */
export const idTypes = [
  'COOKIE',
  'CROSS_DEVICE',
  'DEVICE',
  'EMAIL',
  'MOBILE',
  'NON_PEOPLE',
  'PARTNER',
  'PHONE',
] as const;
export type IdType = (typeof idTypes)[number];

/** A namespace as the rules need it. `code` as registered; codes compare without regard to case. */
export interface Namespace {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly idType: IdType;
  readonly custom: boolean;
}

const builtIn = (id: number, code: string, idType: IdType, name: string, description: string): Namespace => ({
  id,
  code,
  name,
  description,
  idType,
  custom: false,
});

/** The namespaces every sandbox is born with (spec 04-identity). */
export const builtInNamespaces: readonly Namespace[] = [
  builtIn(0, 'CORE', 'COOKIE', 'CORE', 'Legacy device identity'),
  builtIn(4, 'ECID', 'COOKIE', 'ECID', 'Experience cloud identity: 38 digits'),
  builtIn(6, 'Email', 'EMAIL', 'Email', 'Email address'),
  builtIn(7, 'Phone', 'PHONE', 'Phone', 'Phone number'),
  builtIn(8, 'WAID', 'DEVICE', 'Windows AID', 'Windows advertising identity'),
  builtIn(9, 'TNTID', 'COOKIE', 'TNTID', 'Target identity'),
  builtIn(10, 'AAID', 'COOKIE', 'AAID', 'Analytics identity'),
  builtIn(11, 'Email_LC_SHA256', 'EMAIL', 'Emails (SHA256, lowercased)', 'Lower-case email address, hashed'),
  builtIn(15, 'Phone_SHA256', 'PHONE', 'Phone (SHA256)', 'Phone number, hashed'),
  builtIn(16, 'Phone_E.164', 'PHONE', 'Phone (E.164)', 'Phone number in E.164 form'),
  builtIn(411, 'AdCloud', 'COOKIE', 'AdCloud', 'Advertising cloud identity'),
  builtIn(20914, 'GAID', 'DEVICE', 'Google Ad ID', 'Google advertising identity'),
  builtIn(20915, 'IDFA', 'DEVICE', 'Apple IDFA', 'Apple advertising identity'),
];

/**
 * How strongly a namespace identifies a person: 3 a person, 2 a device, 1 a cookie, 0 no person at all (never linked).
 * Decides which identity is primary where nothing says so, and which gives way when a graph is full (spec 04-identity).
 */
export function strengthOf(idType: IdType): 0 | 1 | 2 | 3 {
  switch (idType) {
    case 'NON_PEOPLE':
    case 'PARTNER':
      return 0;
    case 'COOKIE':
      return 1;
    case 'DEVICE':
      return 2;
    case 'CROSS_DEVICE':
    case 'EMAIL':
    case 'MOBILE':
    case 'PHONE':
      return 3;
  }
}
